//! Finding an actor by what a person would write: a handle, an address, a link.

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, Address};
use crate::services::{Result, actors};

/// The actor of this handle, address (`name@host`) or link, among those known here.
pub(super) async fn known(app: &App, text: &str) -> Result<Option<Actor>> {
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
pub(super) async fn anywhere(app: &App, text: &str) -> Result<Option<Actor>> {
    known(app, text).await
}
