//! `Undo` of a follow, a block, an endorsement or a boost: with the original embedded, or by its id alone.

use super::Incoming;
use crate::domain::{ActorId, Reaction};
use crate::federation::vocab::{Node, uri_of};
use crate::services::{self, Unit};

/// Something is taken back.
#[derive(Debug)]
pub struct Act {
    actor: ActorId,
    activity: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Follow {
        target: Option<String>,
    },
    Block {
        target: Option<String>,
    },
    Reaction {
        reaction: Reaction,
        object: Option<String>,
    },
    /// Only the id is known.
    Unknown,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    let Some(object) = incoming.activity.get("object") else {
        return super::Act::Nothing("an Undo without an object");
    };
    let inner = Node(object);
    let about = inner.uri("object").map(str::to_owned);
    let what = match inner.kind() {
        "Follow" => What::Follow { target: about },
        "Block" if inner.get("target").is_some() => {
            return super::Act::Nothing("an Undo of the ban of a group or a site");
        }
        "Block" => What::Block { target: about },
        "Like" | "EmojiReact" => What::Reaction { reaction: Reaction::Like, object: about },
        "Announce" => What::Reaction { reaction: Reaction::Boost, object: about },
        "" => What::Unknown,
        _ => return super::Act::Nothing("an Undo of something that means nothing here"),
    };
    let activity = uri_of(object).unwrap_or_default().to_owned();
    super::Act::Undo(Act { actor: incoming.actor, activity, what })
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let (actor, activity) = (self.actor, self.activity.as_str());
        match self.what {
            What::Follow { target } => {
                services::follows::receive_undo_in(unit, actor, activity, target.as_deref())
                    .await?;
            }
            What::Block { target } => {
                services::blocks::receive_undo_in(unit, actor, activity, target.as_deref()).await?;
            }
            What::Reaction { reaction, object } => {
                let about = object.as_deref().map(|object| (reaction, object));
                services::reactions::receive_undo_in(unit, actor, activity, about).await?;
            }
            What::Unknown => {
                if !services::follows::receive_undo_in(unit, actor, activity, None).await?
                    && !services::blocks::receive_undo_in(unit, actor, activity, None).await?
                {
                    services::reactions::receive_undo_in(unit, actor, activity, None).await?;
                }
            }
        }
        Ok(())
    }
}
