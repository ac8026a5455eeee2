//! Finding an actor by what a person would write: a handle, an address, a link.

use super::Problem;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, Address};
use crate::federation::resolve::{Found, is_reference, lookup};
use crate::federation::{Budget, Error};
use crate::services::{self, actors};

/// The actor of this handle, address (`name@host`) or link, among those known here.
pub(super) async fn known(app: &App, text: &str) -> services::Result<Option<Actor>> {
    let text = text.trim();
    let found = if text.starts_with("https://") || text.starts_with("http://") {
        actors::by_uri(app, text).await?
    } else if let Some(address) = Address::parse(text) {
        if address.host() == app.urls.authority() {
            actors::local_by_handle(app, &address.name().to_lowercase()).await?
        } else {
            actors::by_address(app, address.name(), address.host()).await?
        }
    } else {
        let handle = text.trim_start_matches(['@', '!']).to_lowercase();
        actors::local_by_handle(app, &handle).await?
    };
    Ok(found.filter(|a| a.deleted_at.is_none() && a.kind != ActorKind::Instance))
}

/// As [`known`], and asks the actor's home where it is not known yet.
///
/// The one place from which the API reaches out to other servers.
pub(super) async fn anywhere(app: &App, text: &str) -> Result<Actor, Problem> {
    if let Some(actor) = known(app, text).await? {
        return Ok(actor);
    }
    let found = if is_reference(text) {
        lookup(app, &Budget::person(), text).await
    } else {
        Err(Error::Gone)
    };
    match found {
        Ok(Found::Actor(actor))
            if actor.deleted_at.is_none() && actor.kind != ActorKind::Instance =>
        {
            Ok(*actor)
        }
        Err(Error::Service(error)) => Err(error.into()),
        Err(error @ (Error::Unreachable(_) | Error::NeedsNetwork)) => {
            tracing::debug!(%error, "an actor could not be looked up");
            Err(Problem::field("actor", "unreachable", "actor: its home does not answer"))
        }
        _ => Err(Problem::field("actor", "not-found", "actor: was not found here or at its home")),
    }
}
