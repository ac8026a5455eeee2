//! Reports that a moderator sends on to the home of what they are about.

use super::outgoing;
use crate::app::App;
use crate::domain::ReportId;
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services::outbox::Outgoing;
use crate::services::{actors, reports};

pub(super) async fn forwarded(app: &App, report: ReportId) -> Result<Vec<Outgoing>, Failure> {
    let Some(case) = reports::get(app, report).await? else { return Ok(Vec::new()) };
    let Some(about) = case.remote() else { return Ok(Vec::new()) };
    let instance = actors::ensure_instance(app).await?;
    let theirs = case.targets.iter().filter(|t| t.actor.id == about.id);
    let objects: Vec<String> = theirs.map(|t| t.uri.clone()).collect();
    let inboxes = vec![about.delivery_inbox().to_owned()];
    let made = outgoing(app, instance.id, "Flag", false, inboxes, |id| {
        build::flag(id, &instance.uri, &about.uri, &objects, &case.report.content)
    });
    Ok(vec![made.await?])
}
