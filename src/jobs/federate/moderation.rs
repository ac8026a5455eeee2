//! What moderators here did: the activity of the moderator, and the assembly's announcement of it.

use super::{announced_whole, concerned, each_once, require, text_of};
use crate::app::App;
use crate::domain::moderation::{ModAct, Moderation, reason_key};
use crate::domain::{ActivityId, ActorId};
use crate::federation::build::{self, By};
use crate::i18n::Lang;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::moderation::Collection;
use crate::services::outbox::Outgoing;
use serde_json::Value;

pub(super) async fn moderated(app: &App, id: ActivityId) -> Result<Vec<Outgoing>, Failure> {
    let Some((act, ended)) = services::moderation::by_id(app, id).await? else {
        return Ok(Vec::new());
    };
    let moderator = require(app, act.moderator_id).await?;
    let assembly = require(app, act.assembly_id).await?;
    let Some(about) = About::read(app, &act).await? else { return Ok(Vec::new()) };
    let by = |id| By { id, moderator: &moderator.uri, assembly: &assembly.uri, at: act.created_at };
    let uri = app.urls.activity(id);
    let reason = reason_in_words(app, &act.reason);
    let (by_now, object) = (by(&uri), about.uri.as_str());
    let (kind, body): (&'static str, Value) = match act.act {
        ModAct::Pin | ModAct::Unpin => {
            let target = Collection::Featured.of(&assembly.uri);
            listed(by_now, act.act == ModAct::Pin, object, &target)
        }
        ModAct::Appoint | ModAct::Dismiss => {
            let target = Collection::Moderators.of(&assembly.uri);
            listed(by_now, act.act == ModAct::Appoint, object, &target)
        }
        ModAct::Remove => ("Delete", build::removal(by_now, object, about.former_type, &reason)),
        ModAct::Lock => ("Lock", build::lock(by_now, object)),
        ModAct::Ban => ("Block", build::ban(by_now, object, &reason, act.until)),
        ModAct::Unlock | ModAct::Unban | ModAct::Restore => {
            let begun = ended.as_ref().map_or_else(String::new, |e| e.activity_uri.clone());
            let past = by(&begun);
            let original = match (act.act, &ended) {
                (ModAct::Unban, Some(e)) => {
                    build::ban(past, object, &reason_in_words(app, &e.reason), e.until)
                }
                (ModAct::Unban, None) => build::ban(past, object, "", None),
                (ModAct::Restore, _) => {
                    let begun = ended.as_ref().map_or("", |e| e.reason.as_str());
                    let reason = reason_in_words(app, begun);
                    build::removal(past, object, about.former_type, &reason)
                }
                _ => build::lock(past, object),
            };
            ("Undo", build::undo(&uri, &moderator.uri, &original, act.created_at))
        }
    };
    let told = Outgoing {
        id,
        kind,
        body: body.to_string().into_bytes(),
        uri,
        actor: act.moderator_id,
        listed: true,
        inboxes: Vec::new(),
    };
    let mut whole = announced_whole(app, act.assembly_id, &text_of(&told)).await?;
    // Who is concerned is told even where nobody follows the assembly.
    whole.inboxes.extend(concerned(app, &[about.person]).await?);
    whole.inboxes = each_once(whole.inboxes);
    Ok(vec![told, whole])
}

fn listed(by: By<'_>, added: bool, object: &str, target: &str) -> (&'static str, Value) {
    (if added { "Add" } else { "Remove" }, build::listed(by, added, object, target))
}

/// A code in the words of the instance's language.
fn reason_in_words(app: &App, code: &str) -> String {
    let lang = Lang::parse(&app.config.instance.language).unwrap_or(Lang::En);
    reason_key(code).map_or_else(|| code.to_owned(), |key| lang.text(key))
}

/// What or whom an act is about.
struct About {
    uri: String,
    former_type: &'static str,
    /// The author, or the person.
    person: ActorId,
}

impl About {
    async fn read(app: &App, act: &Moderation) -> Result<Option<Self>, Failure> {
        if let Some(object) = act.object_id {
            let found = services::comments::object_by_id(app, object).await?;
            return Ok(found.map(|o| Self {
                former_type: if o.id == o.root_id { "Article" } else { "Note" },
                uri: o.uri,
                person: o.author_id,
            }));
        }
        let Some(person) = act.actor_id else { return Ok(None) };
        let actor = require(app, person).await?;
        Ok(Some(Self { uri: actor.uri, former_type: "Person", person }))
    }
}
