//! What somebody passes on without a proof of its author: not a word of it is believed. What it is
//! about is read at its home, and what is found there counts (FEP-fe34).
//!
//! To add a kind of activity: a line in [`read`].

use super::{Act, Incoming, create, delete, restore, update};
use crate::domain::urls::same_origin;
use crate::federation::ownership::{self, Refused};
use crate::federation::vocab::Node;
use crate::federation::{Error, fetch};
use crate::services;

/// Activities of which only the address of a text is taken.
const ABOUT_TEXTS: [&str; 3] = ["Create", "Update", "Delete"];

const UNCONFIRMED: &str = "a foreign act that its home does not confirm";

/// Whether an activity is about a text that can be read at its home, so that it may be taken from
/// anybody.
pub fn is_readable_at_home(activity: Node<'_>) -> bool {
    let about = activity.uri("object");
    ABOUT_TEXTS.contains(&activity.kind()) && about.is_some() && about != activity.uri("actor")
}

/// Reads at its home what the activity is about. Its `actor` is only said to have made it.
pub(super) async fn read(incoming: Incoming<'_>) -> Result<Act, Error> {
    let Some(object) = incoming.activity.uri("object") else {
        return Ok(Act::Nothing("a foreign act about nothing"));
    };
    match incoming.activity.kind() {
        "Create" => create::from_address(incoming, object).await,
        "Update" => updated(incoming, object).await,
        "Delete" => deleted(incoming, object).await,
        "Like" | "EmojiReact" | "Undo" => reaction(incoming, object).await,
        _ => Ok(Act::Nothing("a foreign act that cannot be checked at its home")),
    }
}

async fn updated(incoming: Incoming<'_>, object: &str) -> Result<Act, Error> {
    let Some(known) = services::comments::object_by_uri(incoming.app, object).await? else {
        return create::from_address(incoming, object).await;
    };
    let Some(author) = services::actors::by_id(incoming.app, known.author_id).await? else {
        return Ok(Act::Nothing("a text without an author"));
    };
    if known.local {
        return Ok(Act::Nothing("a text of ours is changed here only"));
    }
    // As if only the address had come.
    let by_address = serde_json::json!({ "type": "Update", "object": object });
    let activity = Node(&by_address);
    let own = Incoming { actor: author.id, actor_uri: &author.uri, activity, ..incoming };
    update::prepare(own).await
}

async fn deleted(incoming: Incoming<'_>, object: &str) -> Result<Act, Error> {
    let Some(known) = services::comments::object_by_uri(incoming.app, object).await? else {
        return Ok(Act::Nothing("a text that is not here was deleted"));
    };
    let author = services::actors::by_id(incoming.app, known.author_id).await?;
    if known.local || author.is_none_or(|a| a.uri != incoming.actor_uri) {
        return Ok(Act::Nothing("a text of somebody else"));
    }
    let gone = match fetch::document_uncached(incoming.app, incoming.budget, object).await {
        Err(Error::Gone) => true,
        Ok(document) => Node(&document).kind() == "Tombstone",
        Err(error) => return Err(error),
    };
    if !gone {
        return Ok(Act::Nothing("a text that is still there"));
    }
    Ok(delete::prepare(Incoming { actor: known.author_id, ..incoming }))
}

/// A reaction or its end, which has a document of its own. What is not about anything here is not
/// asked for.
async fn reaction(incoming: Incoming<'_>, object: &str) -> Result<Act, Error> {
    if let Some(deletion) = incoming.activity.object("object").filter(|o| o.kind() == "Delete") {
        return restored(incoming, deletion).await;
    }
    let Some(id) = incoming.activity.id() else { return Ok(Act::Nothing(UNCONFIRMED)) };
    if !is_news(incoming, id, object).await? {
        return Ok(Act::Nothing("a reaction to what is not here, or one that is known already"));
    }
    let document = match fetch::document(incoming.app, incoming.budget, id).await {
        Ok(document) => document,
        Err(error) => return unconfirmed(error),
    };
    let told = Node(&document);
    let actor_uri = told.uri("actor").filter(|actor| same_origin(actor, id));
    let same = told.id() == Some(id) && told.kind() == incoming.activity.kind();
    let Some(actor_uri) = actor_uri.filter(|_| same) else {
        return Ok(Act::Nothing(UNCONFIRMED));
    };
    match ownership::check(incoming.app, actor_uri, told).await {
        Ok(()) => {}
        Err(Refused::NotAllowed(reason)) => return Ok(Act::Nothing(reason)),
        Err(Refused::Undecided(error)) => return Err(error.into()),
    }
    let actor = match create::author_of(incoming, actor_uri).await {
        Ok(actor) => actor,
        Err(error) => return unconfirmed(error),
    };
    let own = Incoming { actor, actor_uri, activity: told, raw: "", proven: false, ..incoming };
    Box::pin(super::read(own)).await
}

/// Its author's deletion is taken back: whether the text stands, its home says.
async fn restored(incoming: Incoming<'_>, deletion: Node<'_>) -> Result<Act, Error> {
    let Some(author) = services::actors::by_uri(incoming.app, incoming.actor_uri).await? else {
        return Ok(Act::Nothing(UNCONFIRMED));
    };
    let undone = deletion.uri("actor").is_none_or(|actor| actor == incoming.actor_uri);
    if !undone {
        return Ok(Act::Nothing(UNCONFIRMED));
    }
    restore::prepare(Incoming { actor: author.id, raw: "", ..incoming }, deletion).await
}

/// There are many reactions, and one is not worth a second request.
fn unconfirmed(error: Error) -> Result<Act, Error> {
    match error {
        Error::NeedsNetwork | Error::Service(_) => Err(error),
        _ => Ok(Act::Nothing(UNCONFIRMED)),
    }
}

/// Whether it would change anything: a reaction to what is here, or the end of one.
async fn is_news(incoming: Incoming<'_>, id: &str, object: &str) -> Result<bool, Error> {
    let app = incoming.app;
    if incoming.activity.kind() == "Undo" {
        let undone = incoming.activity.object("object").and_then(|inner| inner.uri("object"));
        return Ok(services::reactions::actor_of(app, object).await?.is_some()
            || match undone {
                Some(about) => services::comments::is_known(app, about).await?,
                None => false,
            });
    }
    Ok(services::comments::is_known(app, object).await?
        && services::reactions::actor_of(app, id).await?.is_none())
}
