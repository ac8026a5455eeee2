//! What a moderator of an assembly does, directly or passed on by the assembly: applied if
//! `services::moderation::may_act` says that they may, else nothing changes.

use super::update::Text;
use super::{Incoming, restore};
use crate::domain::ActorId;
use crate::domain::moderation::{ModAct, Order};
use crate::federation::moderation::{self, Ordered};
use crate::federation::{Error, actors};
use crate::services::{self, Unit};

/// An order of a moderator.
#[derive(Debug)]
pub struct Act {
    by: ActorId,
    order: Order,
    activity: String,
    undone: Option<String>,
    /// The text that stands again, as its home has it.
    text: Option<Text>,
    relay: Option<String>,
}

/// The act of a moderator; `None` when the activity is something else.
pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<Option<super::Act>, Error> {
    let app = incoming.app;
    let read = moderation::read(app, incoming.actor_uri, incoming.activity).await?;
    let Some(ordered) = read else { return Ok(None) };
    let (assembly, via) = (&ordered.assembly, incoming.via);
    if !services::moderation::may_act(app, assembly, incoming.actor_uri, via).await? {
        let actor = incoming.actor_uri;
        let reason = "only a moderator may do this";
        services::audit::refused(app, "forbidden", actor, incoming.id(), reason).await?;
        return Ok(Some(super::Act::Nothing("an order of somebody who is no moderator")));
    }
    let Some(order) = order(incoming, &ordered).await? else {
        return Ok(Some(super::Act::Nothing("an order about what is not here")));
    };
    let text = match ordered.act {
        ModAct::Restore => match restore::read(incoming, &ordered.about).await? {
            Some(text) => Some(text),
            None => return Ok(Some(super::Act::Nothing("a text that is erased or gone"))),
        },
        _ => None,
    };
    let relay = incoming.relay().filter(|_| assembly.local);
    Ok(Some(super::Act::Moderate(Box::new(Act {
        by: incoming.actor,
        order,
        activity: incoming.id().to_owned(),
        undone: ordered.undone,
        text,
        relay,
    }))))
}

async fn order(incoming: Incoming<'_>, ordered: &Ordered) -> Result<Option<Order>, Error> {
    let (app, about) = (incoming.app, ordered.about.as_str());
    let (mut object, mut actor) = (None, None);
    match ordered.act {
        ModAct::Pin
        | ModAct::Unpin
        | ModAct::Lock
        | ModAct::Unlock
        | ModAct::Remove
        | ModAct::Restore => {
            let known = services::comments::object_by_uri(app, about).await?;
            let inside = known.filter(|o| o.assembly_id == ordered.assembly.id);
            let Some(known) = inside else { return Ok(None) };
            object = Some(known.id);
        }
        ModAct::Ban | ModAct::Unban | ModAct::Appoint | ModAct::Dismiss => {
            let known = services::actors::by_uri(app, about).await?;
            let known = match known {
                Some(known) => known,
                None if app.urls.is_local(about) => return Ok(None),
                None => match actors::require(app, incoming.budget, about).await {
                    Ok(found) => found,
                    Err(Error::Gone | Error::Invalid(_)) => return Ok(None),
                    Err(error) => return Err(error),
                },
            };
            actor = Some(known.id);
        }
    }
    Ok(Some(Order {
        act: ordered.act,
        assembly: ordered.assembly.id,
        object,
        actor,
        reason: ordered.reason.clone(),
        until: ordered.until,
    }))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let (activity, undone) = (&self.activity, self.undone.as_deref());
        let (by, order, relay) = (self.by, &self.order, self.relay);
        let changed =
            services::moderation::receive_in(unit, by, order, activity, undone, relay).await?;
        match &self.text {
            Some(text) if changed => restore::stand_in(unit, text).await,
            _ => Ok(()),
        }
    }
}
