//! Quotes: of what was written here by others, and of others by people here (FEP-044f).
//!
//! What is public may be quoted by anybody, with leave that its author or a moderator can take back
//! at any time. A quote is kept and shown whatever its state; the state says whether its author
//! agreed.

use super::{Error, Result, Unit, blocks, moderation};
use crate::app::App;
use crate::domain::comment::Comment;
use crate::domain::quote::{Quote, QuoteAuthorization, QuoteState};
use crate::domain::urls::same_origin;
use crate::domain::{ActorId, Event, LocalRef, ObjectId, QuoteId, State, Viewer};
use crate::storage::{self, objects::ObjectRow};

/// A quote as a text from elsewhere names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteQuote {
    pub target: String,
    /// Where it says that the authorization is.
    pub authorization: Option<String>,
}

/// Somebody elsewhere asks to quote something that was written here.
#[derive(Clone, Debug)]
pub struct Request {
    pub actor: ActorId,
    /// The id of the request.
    pub uri: String,
    pub object: String,
    /// The text that quotes.
    pub instrument: String,
    /// Whether that text is the asker's and quotes the object, as far as it could be read.
    pub sound: bool,
}

/// Answers a request: with leave where it is sound and what it is about stands, else with a
/// refusal. The same request again gets the same answer; what was revoked stays so.
pub async fn receive_request_in(unit: &mut Unit<'_>, request: &Request) -> Result<()> {
    let object = storage::objects::by_uri(&mut unit.conn(), &request.object).await?;
    let Some(object) = object.filter(|o| o.local && o.state != State::Draft) else {
        return Ok(());
    };
    let mut leave = None;
    let blocked = blocks::between_in(unit, object.author_id, request.actor).await?;
    if request.sound && stands(&object) && !blocked {
        let given = authorize_in(unit, &object, request.actor, &request.instrument).await?;
        leave = given.filter(|a| a.revoked_at.is_none() && a.actor_id == request.actor);
    }
    unit.record(&Event::QuoteAnswered {
        object: object.id,
        requester: request.actor,
        request: request.uri.clone(),
        instrument: request.instrument.clone(),
        authorization: leave.map(|a| a.id),
    })
    .await
}

fn stands(object: &ObjectRow) -> bool {
    object.state == State::Discussion && object.deleted_at.is_none()
}

async fn authorize_in(
    unit: &mut Unit<'_>,
    object: &ObjectRow,
    actor: ActorId,
    instrument: &str,
) -> Result<Option<QuoteAuthorization>> {
    let (id, now): (QuoteId, _) = (unit.app.id(), unit.now);
    storage::quotes::authorize(&mut unit.conn(), id, object.id, actor, instrument, now).await?;
    Ok(storage::quotes::authorization_for(&mut unit.conn(), object.id, instrument).await?)
}

/// The authorization of this id with what it is about, as long as that is public.
pub async fn authorization(
    app: &App,
    id: QuoteId,
) -> Result<Option<(QuoteAuthorization, ObjectRow)>> {
    let mut reader = app.db.read().await?;
    let Some(leave) = storage::quotes::authorization(&mut reader.conn(), id).await? else {
        return Ok(None);
    };
    let object = storage::objects::by_id(&mut reader.conn(), leave.object_id).await?;
    Ok(object.map(|object| (leave, object)))
}

/// The quotes of what somebody wrote that rest on their leave.
pub async fn of_author(app: &App, who: &Viewer) -> Result<Vec<QuoteAuthorization>> {
    let mut reader = app.db.read().await?;
    Ok(storage::quotes::given_by(&mut reader.conn(), who.id, 100).await?)
}

/// Takes leave back: by the author of what is quoted, or by a moderator. Once more changes
/// nothing.
pub async fn revoke(app: &App, who: &Viewer, id: QuoteId) -> Result<()> {
    let (_, object) = authorization(app, id).await?.ok_or(Error::NotFound("quote"))?;
    let own = object.author_id == who.id;
    if !own && !moderation::is_moderator(app, who, object.assembly_id).await? {
        return Err(Error::Forbidden(
            "only the author of what is quoted or a moderator may do this",
        ));
    }
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    if storage::quotes::revoke(&mut unit.conn(), id, now).await? {
        let uri = app.urls.quote(id);
        set_all_in(&mut unit, &uri, QuoteState::Revoked).await?;
        unit.record(&Event::QuoteRevoked { authorization: id }).await?;
    }
    unit.commit().await
}

/// Every quote that rests on an authorization stands otherwise now; those of our own are told to
/// others.
async fn set_all_in(unit: &mut Unit<'_>, uri: &str, state: QuoteState) -> Result<()> {
    let now = unit.now;
    for quote in storage::quotes::by_authorization(&mut unit.conn(), uri).await? {
        storage::quotes::set_state(&mut unit.conn(), quote.object_id, state, now).await?;
        changed_in(unit, quote.object_id).await?;
    }
    Ok(())
}

async fn changed_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<()> {
    if let Some(object) = storage::objects::by_id(&mut unit.conn(), id).await? {
        unit.changed(id);
        unit.changed(object.root_id);
        if object.local && object.deleted_at.is_none() {
            unit.record(&Event::CommentEdited { comment: id }).await?;
        }
    }
    Ok(())
}

/// A new comment of somebody here quotes `target`, which must be known and stand.
pub(super) async fn write_in(
    unit: &mut Unit<'_>,
    who: &Viewer,
    comment: ObjectId,
    target: &str,
) -> Result<()> {
    let object = storage::objects::by_uri(&mut unit.conn(), target).await?;
    let object = object.filter(stands).ok_or(Error::NotFound("quote"))?;
    let (own_uri, now) = (unit.app.urls.comment(comment), unit.now);
    let mut quote = Quote {
        object_id: comment,
        target_uri: object.uri.clone(),
        request_uri: None,
        authorization_uri: None,
        state: QuoteState::Pending,
    };
    if object.local {
        let leave = authorize_in(unit, &object, who.id, &own_uri).await?;
        quote.authorization_uri = leave.map(|a| unit.app.urls.quote(a.id));
        quote.state = QuoteState::Approved;
    } else {
        let request = unit.app.id();
        quote.request_uri = Some(unit.app.urls.activity(request));
        unit.record(&Event::QuoteRequested { comment, activity: request }).await?;
    }
    Ok(storage::quotes::put(&mut unit.conn(), &quote, now).await?)
}

/// A text that arrived quotes something. Whether its author agreed is checked where it can be.
pub(super) async fn receive_in(
    unit: &mut Unit<'_>,
    object: ObjectId,
    uri: &str,
    remote: &RemoteQuote,
) -> Result<()> {
    let now = unit.now;
    let mut quote = Quote {
        object_id: object,
        target_uri: remote.target.clone(),
        request_uri: None,
        authorization_uri: remote.authorization.clone(),
        state: QuoteState::Unasked,
    };
    let ours = remote.authorization.as_deref().map(|uri| unit.app.urls.parse(uri));
    match ours {
        Some(Some(LocalRef::Quote(id))) => {
            let leave = storage::quotes::authorization(&mut unit.conn(), id).await?;
            let target = storage::objects::by_uri(&mut unit.conn(), &remote.target).await?;
            let fits = leave
                .filter(|a| a.instrument_uri == uri && target.is_some_and(|t| t.id == a.object_id));
            quote.state = match fits {
                Some(a) if a.revoked_at.is_some() => QuoteState::Revoked,
                Some(_) => QuoteState::Approved,
                None => QuoteState::Unasked,
            };
        }
        Some(None) => {
            // Read at its home, later.
            quote.state = QuoteState::Pending;
            let dedupe = format!("verify_quote {object}");
            unit.enqueue("verify_quote", &object.to_string(), Some(&dedupe), now).await?;
        }
        _ => {}
    }
    storage::quotes::put(&mut unit.conn(), &quote, now).await?;
    unit.changed(object);
    Ok(())
}

/// A text that arrived again quotes something else now, or has leave now; whether that is new.
pub(super) async fn receive_change_in(
    unit: &mut Unit<'_>,
    object: ObjectId,
    uri: &str,
    remote: Option<&RemoteQuote>,
) -> Result<bool> {
    let known = storage::quotes::of_object(&mut unit.conn(), object).await?;
    match (known, remote) {
        (None, None) => Ok(false),
        (Some(known), Some(it))
            if known.target_uri == it.target && known.authorization_uri == it.authorization =>
        {
            Ok(false)
        }
        (known, remote) => {
            // Another quote begins anew.
            if known.is_some_and(|known| remote.is_none_or(|it| it.target != known.target_uri)) {
                storage::quotes::delete(&mut unit.conn(), object).await?;
            }
            if let Some(remote) = remote {
                receive_in(unit, object, uri, remote).await?;
            }
            Ok(true)
        }
    }
}

/// Whether the authorization of a quote from elsewhere was found to hold.
pub async fn set_verified(app: &App, object: ObjectId, holds: bool) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let state = if holds { QuoteState::Approved } else { QuoteState::Unasked };
    storage::quotes::set_state(&mut unit.conn(), object, state, now).await?;
    if let Some(row) = storage::objects::by_id(&mut unit.conn(), object).await? {
        unit.changed(object);
        unit.changed(row.root_id);
    }
    unit.commit().await
}

/// The author of what is quoted from here answered. Only they can; `authorization` must be at
/// their own origin.
pub async fn receive_answer_in(
    unit: &mut Unit<'_>,
    actor: ActorId,
    actor_uri: &str,
    request: &str,
    authorization: Option<&str>,
) -> Result<bool> {
    let Some(mut quote) = storage::quotes::by_request(&mut unit.conn(), request).await? else {
        return Ok(false);
    };
    let target = storage::objects::by_uri(&mut unit.conn(), &quote.target_uri).await?;
    if target.is_none_or(|t| t.author_id != actor) {
        return Err(Error::Forbidden("only the author of what is quoted can answer"));
    }
    let leave = authorization.filter(|uri| same_origin(uri, actor_uri)).map(str::to_owned);
    let state = if leave.is_some() { QuoteState::Approved } else { QuoteState::Refused };
    if quote.state == QuoteState::Revoked || (quote.state == state) {
        return Ok(true);
    }
    quote.state = state;
    quote.authorization_uri = leave;
    let now = unit.now;
    storage::quotes::put(&mut unit.conn(), &quote, now).await?;
    changed_in(unit, quote.object_id).await?;
    Ok(true)
}

/// An authorization elsewhere was deleted, by the actor who gave it; whether any quote rested on it.
pub async fn receive_revocation_in(
    unit: &mut Unit<'_>,
    actor: ActorId,
    authorization: &str,
) -> Result<bool> {
    let resting = storage::quotes::by_authorization(&mut unit.conn(), authorization).await?;
    let Some(first) = resting.first() else { return Ok(false) };
    let target = storage::objects::by_uri(&mut unit.conn(), &first.target_uri).await?;
    if target.is_none_or(|t| t.author_id != actor) {
        return Err(Error::Forbidden("only the author of what is quoted may take leave back"));
    }
    set_all_in(unit, authorization, QuoteState::Revoked).await?;
    Ok(true)
}

/// What a text quotes.
pub async fn of_object(app: &App, object: ObjectId) -> Result<Option<Quote>> {
    Ok(storage::quotes::of_object(&mut app.db.read().await?.conn(), object).await?)
}

/// What these texts of a thread quote; they are in the order of the thread.
pub async fn of_texts(app: &App, root: ObjectId, texts: &[Comment]) -> Result<Vec<Quote>> {
    let (Some(first), Some(last)) = (texts.first(), texts.last()) else { return Ok(Vec::new()) };
    let mut reader = app.db.read().await?;
    Ok(storage::quotes::of_root(&mut reader.conn(), root, first.id, last.id).await?)
}
