//! The guard of our inboxes: what is stored with a 202, and what is refused with which status.
//!
//! Cheap checks come before expensive ones: form, signature header, digest, JSON; then the key, the
//! signature, and whether the sender may say what it says. Each is begun in a trace before it is
//! made, so that the log can tell how far a refused request came. The table of statuses is a
//! contract (`FEDERATION.md`): senders treat most 4xx as final and try again after 5xx.

use super::limits::{self, Source};
use super::ownership::{self, Refused};
use super::proof::{self, Standing};
use super::receive::is_readable_at_home;
use super::signature::{Refusal, SignedRequest, inspect};
use super::vocab::{Node, without_fragment};
use super::{Budget, Error, fetch, json, keys, policy};
use crate::app::{App, KnownKey};
use crate::domain::ActorId;
use crate::domain::host;
use crate::domain::peerlog::{Check, Trace, one_line};
use crate::domain::urls::same_origin;
use crate::services::refusals::NewRefusal;
use crate::services::{self, Unit};
use http::{HeaderMap, Method, Uri};
use serde_json::Value;
use std::sync::Arc;

/// What to do with an activity that may come in.
#[derive(Debug)]
pub enum Verdict {
    /// Store it, then answer 202.
    Store { actor: ActorId, activity_uri: String },
    /// Store it as something that `sender` passes on, and that is read at its home; then answer 202.
    StoreForwarded { sender: ActorId, activity_uri: String },
    /// Answer 202; there is nothing to do.
    Nothing,
}

/// A refusal: the status, and what the sender is told.
#[derive(Debug)]
pub struct Rejection {
    pub status: u16,
    pub reason: String,
    /// The checks passed, and the one that failed.
    pub trace: Trace,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<u64>,
}

impl Rejection {
    /// A refusal whose trace is filled in by who knows it.
    pub fn new(status: u16, reason: impl Into<String>) -> Self {
        let retry_after = (status == 503).then_some(30);
        Self { status, reason: reason.into(), trace: Trace::default(), retry_after }
    }

    /// The same, failed at this check before any other was made.
    #[must_use]
    pub fn at(mut self, check: Check) -> Self {
        self.trace.begin(check);
        self
    }

    /// What the log keeps of a refused request. The body is read again, since most requests are
    /// not refused.
    pub fn for_log(&self, body: &[u8]) -> NewRefusal {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let node = Node(&value);
        let actor = node.uri("actor").unwrap_or_default();
        NewRefusal {
            host: host::of_uri(actor).map(|h| one_line(&h, 300)).unwrap_or_default(),
            actor_uri: one_line(actor, 500),
            activity_uri: one_line(node.id().unwrap_or_default(), 500),
            kind: one_line(node.kind(), 50),
            status: self.status,
            trace: self.trace,
            reason: one_line(&self.reason, 500),
            bytes: body.len(),
            body: body.get(..NewRefusal::MAX_BODY).unwrap_or(body).to_vec(),
        }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed(reason) => Self::new(400, reason),
            Refusal::Unauthorized(reason) => Self::new(401, reason),
        }
    }
}

impl From<services::Error> for Rejection {
    fn from(error: services::Error) -> Self {
        tracing::warn!(%error, "an activity could not be checked");
        Self::new(503, "temporarily unavailable")
    }
}

/// Decides about a POST to one of our inboxes.
pub async fn check(
    app: &App,
    source: &Source,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Verdict, Rejection> {
    let mut trace = Trace::default();
    trace.begin(Check::Inbox);
    let outcome = guard(app, source, method, uri, headers, body, &mut trace).await;
    outcome.map_err(|rejection| Rejection { trace, ..rejection })
}

/// The checks in their order, each begun in the trace before it is made.
async fn guard(
    app: &App,
    source: &Source,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    trace: &mut Trace,
) -> Result<Verdict, Rejection> {
    trace.begin(Check::ContentType);
    check_content_type(headers)?;
    let signed = inspect(method, app.urls.base(), uri, headers, app.now(), trace);
    // Malformed headers are refused before anything is read from the body.
    if let Err(refusal @ Refusal::Malformed(_)) = signed {
        return Err(refusal.into());
    }
    let where_signed = *trace;
    trace.begin(Check::Json);
    let activity = parse(body)?;
    let node = Node(&activity);
    trace.begin(Check::Identity);
    let (id, actor) = identify(node)?;
    if is_farewell_of_a_stranger(app, node, actor).await? {
        return Ok(Verdict::Nothing);
    }
    let signed = signed.map_err(|refusal| {
        *trace = where_signed;
        Rejection::from(refusal)
    })?;
    trace.begin(Check::Digest);
    signed.check_digest(headers, body)?;
    trace.begin(Check::Origin);
    if !same_origin(id, actor) || app.urls.is_local(id) {
        return Err(Rejection::new(401, "the id of an activity must be of its actor's origin"));
    }
    // Before the key is asked for: a rejected server must not make us ask it. Nor may it pass on
    // what others said.
    trace.begin(Check::Policy);
    let both = [actor, signed.key_id.as_str()];
    if let Some(reason) = both.into_iter().find_map(|who| policy::refusal(app, who)) {
        return Err(Rejection::new(403, reason));
    }
    let word = match authenticate(app, source, &signed, actor, &activity, trace).await {
        Ok(word) => word,
        // Whoever is gone has taken the key along; then its home says what became of it.
        Err(rejection) if rejection.status == 401 && is_farewell(app, node, actor) => {
            return farewell(app, actor).await?.ok_or(rejection);
        }
        Err(rejection) => return Err(rejection),
    };
    // Whoever sent it pays: what carries a proof can be sent again and again by anybody.
    trace.begin(Check::Budget);
    limits::activity(app, &signed.key_id).map_err(no_key)?;
    trace.begin(Check::Ownership);
    if let Err(refused) = ownership::check(app, actor, node).await {
        return Err(match refused {
            Refused::NotAllowed(reason) => {
                services::audit::refused(app, "forbidden", actor, id, reason).await?;
                Rejection::new(403, reason)
            }
            Refused::Undecided(error) => error.into(),
        });
    }
    let activity_uri = id.to_owned();
    Ok(match word {
        Word::Own(key) => Verdict::Store { actor: key.actor, activity_uri },
        Word::PassedOn(key) => Verdict::StoreForwarded { sender: key.actor, activity_uri },
    })
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Rejection> {
    if headers.get_all(http::header::CONTENT_TYPE).iter().count() > 1 {
        return Err(Rejection::new(400, "a header that decides comes twice"));
    }
    let text = headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = text.and_then(|t| t.split(';').next()).unwrap_or_default().trim();
    if ["application/activity+json", "application/ld+json"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    Err(Rejection::new(415, "send application/activity+json"))
}

fn parse(body: &[u8]) -> Result<Value, Rejection> {
    json::parse(body).map_err(|e| Rejection::new(400, format!("the body cannot be read: {e}")))
}

fn identify(node: Node<'_>) -> Result<(&str, &str), Rejection> {
    let id = node.id().ok_or_else(|| Rejection::new(400, "the activity has no usable id"))?;
    if node.kind().is_empty() {
        return Err(Rejection::new(400, "the activity has no type"));
    }
    let actor = node
        .only_uri("actor")
        .ok_or_else(|| Rejection::new(400, "the activity needs exactly one actor"))?;
    if node.uri("object") == Some(id) {
        return Err(Rejection::new(400, "the activity is its own object"));
    }
    Ok((id, actor))
}

/// A known actor is said to be gone, and nothing can prove it but its home: 410 means that it is
/// so, 404 means nothing (a server that is being repaired), a document that the sender is not who
/// it says (`None`).
async fn farewell(app: &App, actor: &str) -> Result<Option<Verdict>, Rejection> {
    let asked = format!("farewell {actor}");
    if keys::asked_lately(app, &asked).is_some() {
        return Ok(None);
    }
    keys::note_asked(app, &asked, None);
    let budget = Budget::arrival();
    match fetch::document_uncached(app, &budget, actor).await {
        Ok(_) => Ok(None),
        Err(Error::Gone) => {
            if fetch::is_gone_for_good(app, &budget, actor).await.map_err(no_key)?
                && let Some(known) = services::actors::by_uri(app, actor).await?
            {
                let mut unit = Unit::begin(app).await?;
                services::actors::remove_remote_in(&mut unit, known.id).await?;
                unit.commit().await?;
            }
            Ok(Some(Verdict::Nothing))
        }
        Err(error) => Err(no_key(error)),
    }
}

fn is_farewell(app: &App, node: Node<'_>, actor: &str) -> bool {
    node.kind() == "Delete" && node.uri("object") == Some(actor) && !app.urls.is_local(actor)
}

/// A server that we never heard of says that one of its actors is gone. Its key is gone too, so
/// nothing could be verified; and there is nothing to forget.
async fn is_farewell_of_a_stranger(
    app: &App,
    node: Node<'_>,
    actor: &str,
) -> Result<bool, Rejection> {
    Ok(is_farewell(app, node, actor) && services::actors::by_uri(app, actor).await?.is_none())
}

/// Whose word an activity is, with the key that shows it.
enum Word {
    /// That of its actor.
    Own(Arc<KnownKey>),
    /// That of another server, which says that the actor said so.
    PassedOn(Arc<KnownKey>),
}

/// Finds out whose word this is: the signer's own or, where somebody else passes it on, that of
/// the actor whose proof it carries (FEP-8b32). Who passes it on must sign the request as well.
/// Without a proof it is taken from another server only if its object can be read at its home.
async fn authenticate(
    app: &App,
    source: &Source,
    signed: &SignedRequest,
    actor: &str,
    activity: &Value,
    trace: &mut Trace,
) -> Result<Word, Rejection> {
    trace.begin(Check::Owner);
    let foreign = || Rejection::new(401, "the key does not belong to the actor");
    let has_proof = activity.get("proof").is_some();
    let readable = is_readable_at_home(Node(activity));
    if app.urls.is_local(actor)
        || app.urls.is_local(&signed.key_id)
        || !has_proof && !readable && !same_origin(&signed.key_id, actor)
    {
        return Err(foreign());
    }
    let sender = signer(app, source, signed, trace).await?;
    let own = sender.actor_uri == without_fragment(actor) || sender.actor_uri == actor;
    // Nobody speaks for a neighbour on the same server.
    let passes_on = readable && !same_origin(&sender.actor_uri, actor);
    let unproven = || match (own, passes_on) {
        (true, _) => Ok(Word::Own(Arc::clone(&sender))),
        (false, true) => Ok(Word::PassedOn(Arc::clone(&sender))),
        (false, false) => Err(foreign()),
    };
    if !has_proof {
        trace.begin(Check::Owner);
        return unproven();
    }
    trace.begin(Check::Proof);
    let budget = Budget::arrival().because_of(&signed.key_id);
    match proof::check(app, activity, actor, &budget).await {
        Ok(Standing::Proven(key)) => Ok(Word::Own(key)),
        Ok(Standing::Unproven) => unproven(),
        Ok(Standing::Wrong(reason)) => Err(Rejection::new(401, reason)),
        Err(error) => Err(no_key(error)),
    }
}

/// The key that made the signature. One that was changed at its home is asked for once more.
async fn signer(
    app: &App,
    source: &Source,
    signed: &SignedRequest,
    trace: &mut Trace,
) -> Result<Arc<KnownKey>, Rejection> {
    trace.begin(Check::Key);
    let key = keys::current(app, source, &signed.key_id).await.map_err(no_key)?;
    trace.begin(Check::Signature);
    if signed.is_signed_by(&key.key) {
        return Ok(key);
    }
    let fresh = keys::again(app, Some(source), &signed.key_id).await.map_err(did_not_fit)?;
    if signed.is_signed_by(&fresh.key) {
        return Ok(fresh);
    }
    Err(Rejection::new(401, "the signature does not fit the key"))
}

/// What failed when a key was asked for once more.
fn did_not_fit(error: Error) -> Rejection {
    match error {
        Error::Busy { .. } => no_key(error),
        _ => Rejection::new(401, "the signature does not fit the key"),
    }
}

pub(super) fn no_key(error: Error) -> Rejection {
    match error {
        Error::Service(error) => error.into(),
        Error::Busy { seconds, .. } => {
            Rejection { retry_after: Some(seconds), ..Rejection::new(429, error.to_string()) }
        }
        // The sender may come again when the key's home answers; a 401 many take for the end.
        passing if passing.is_passing() => {
            let rejection = Rejection::new(503, format!("the key cannot be had now: {passing}"));
            Rejection { retry_after: Some(keys::PAUSE_SECONDS.unsigned_abs()), ..rejection }
        }
        other => Rejection::new(401, format!("the key cannot be had: {other}")),
    }
}
