//! `Undo` of a `Delete`: a text stands again, as its home has it now. Its words were erased here, so
//! they are read there again, and not taken from anybody. Only who deleted it can bring it back: its
//! author here, its moderators in `receive/moderate.rs`.

use super::Incoming;
use super::update::{self, Text};
use crate::domain::ActorId;
use crate::federation::vocab::Node;
use crate::federation::{Error, objects};
use crate::services::{self, Unit};

/// Its author takes a deletion back.
#[derive(Debug)]
pub struct Act {
    author: ActorId,
    /// The deletion, which may come later than its end.
    deletion: String,
    object: String,
    /// The text, if it was known here and stands at its home.
    text: Option<Text>,
    relay: Option<String>,
}

/// Of an `Undo` with the `Delete` embedded.
pub(super) async fn prepare(
    incoming: Incoming<'_>,
    deletion: Node<'_>,
) -> Result<super::Act, Error> {
    let Some(object) = deletion.uri("object") else {
        return Ok(super::Act::Nothing("a deletion of nothing is taken back"));
    };
    let app = incoming.app;
    let known = services::comments::object_by_uri(app, object).await?;
    if known.as_ref().is_some_and(|known| known.local || known.author_id != incoming.actor) {
        return Ok(super::Act::Nothing("a text of somebody else"));
    }
    let text = match known.filter(|known| known.deleted_at.is_some()) {
        Some(_) => read(incoming, object).await?,
        None => None,
    };
    Ok(super::Act::Restore(Box::new(Act {
        author: incoming.actor,
        deletion: deletion.id().unwrap_or_default().to_owned(),
        object: object.to_owned(),
        text,
        relay: incoming.relay(),
    })))
}

/// The text as its home has it; `None` where it is not there, or not public.
pub(super) async fn read(incoming: Incoming<'_>, object: &str) -> Result<Option<Text>, Error> {
    let app = incoming.app;
    let Some(known) = services::comments::object_by_uri(app, object).await? else {
        return Ok(None);
    };
    if known.local || known.kind == "ballot" {
        return Ok(None);
    }
    // It was gone a moment ago, and that may have been noted.
    app.caches.unreachable.invalidate(object);
    let (document, author) = match objects::fetch_with_author(app, incoming.budget, object).await {
        Err(Error::Gone) => return Ok(None),
        other => other?,
    };
    let node = Node(&document);
    if author.id != known.author_id || node.id() != Some(object) || node.is_private() {
        return Ok(None);
    }
    let (kind, assembly) = (known.kind.as_str(), known.assembly_id);
    update::text(app, node, kind, assembly, (author.id, &author.uri)).map(Some)
}

/// Makes the tombstone a text again. Whether that may be was decided before.
pub(super) async fn stand_in(unit: &mut Unit<'_>, text: &Text) -> services::Result<()> {
    match text {
        Text::Comment(comment) => services::comments::restore_in(unit, comment).await,
        Text::Initiative(initiative) => {
            services::initiatives::restore_remote_in(unit, initiative).await
        }
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let (author, deletion, object) = (self.author, &self.deletion, &self.object);
        let place = services::comments::undo_delete_in(unit, author, deletion, object).await?;
        let (Some((assembly, assembly_local)), Some(text)) = (place, &self.text) else {
            unit.without_effect(
                "a text that stands, that is gone at its home, or that moderators removed",
            );
            return Ok(());
        };
        stand_in(unit, text).await?;
        if let Some(raw) = self.relay.filter(|_| assembly_local) {
            services::outbox::relay_in(unit, assembly, raw).await?;
        }
        Ok(())
    }
}
