//! `Delete` of a text, which leaves a tombstone, or of an actor by itself.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::comments::Deleted;
use crate::services::{self, Unit};

/// Something is gone.
#[derive(Debug)]
pub struct Act {
    actor: ActorId,
    actor_uri: String,
    activity: String,
    /// `None` when the actor deleted itself.
    object: Option<String>,
    relay: Option<String>,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    let Some(uri) = incoming.activity.uri("object") else {
        return super::Act::Nothing("a Delete without an object");
    };
    super::Act::Delete(Act {
        actor: incoming.actor,
        actor_uri: incoming.actor_uri.to_owned(),
        activity: incoming.id().to_owned(),
        object: (uri != incoming.actor_uri).then(|| uri.to_owned()),
        relay: incoming.relay(),
    })
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let Some(object) = &self.object else {
            return services::actors::remove_remote_in(unit, self.actor).await;
        };
        if services::comments::is_undone_in(unit, self.actor, &self.activity).await? {
            unit.without_effect("a deletion that was taken back before it came");
            return Ok(());
        }
        if services::quotes::receive_revocation_in(unit, self.actor, object).await? {
            return Ok(());
        }
        match services::comments::receive_delete_in(unit, self.actor, object).await? {
            Deleted::Buried { assembly, assembly_local: true } => {
                if let Some(raw) = self.relay {
                    services::outbox::relay_in(unit, assembly, raw).await?;
                }
            }
            Deleted::NotOwner => {
                let reason = "the object belongs to somebody else";
                let (actor, activity) = (&self.actor_uri, &self.activity);
                services::audit::refused_in(unit, "forbidden", actor, activity, reason).await?;
            }
            Deleted::Buried { .. } | Deleted::Nothing => {}
        }
        Ok(())
    }
}
