//! An inbox answered 404 or 410: are the actors behind it gone? Each is asked for once more, and
//! forgotten only if its own server says so.

use super::work::Failure;
use crate::app::App;
use crate::federation::{Budget, Error, fetch};
use crate::services::{self, Unit, queue};

pub(super) async fn run(app: &App, inbox: &str) -> Result<(), Failure> {
    for actor in queue::actors_of_inbox(app, inbox).await? {
        match fetch::document_uncached(app, &Budget::question(), &actor.uri).await {
            Err(Error::Gone) => {
                let mut unit = Unit::begin(app).await?;
                services::actors::remove_remote_in(&mut unit, actor.id).await?;
                unit.commit().await?;
            }
            Err(error) if error.is_passing() => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}
