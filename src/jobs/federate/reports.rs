//! Reports that a moderator sends on to the home of what they are about.

use super::{each_once, outgoing};
use crate::app::App;
use crate::domain::ReportId;
use crate::domain::actor::Actor;
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services::outbox::Outgoing;
use crate::services::reports::Case;
use crate::services::{actors, comments, reports};

pub(super) async fn forwarded(app: &App, report: ReportId) -> Result<Vec<Outgoing>, Failure> {
    let Some(case) = reports::get(app, report).await? else { return Ok(Vec::new()) };
    let Some(about) = case.remote() else { return Ok(Vec::new()) };
    let instance = actors::ensure_instance(app).await?;
    let mut made = Vec::new();
    for (assembly, objects) in by_assembly(app, &case, about).await? {
        let mut inboxes = vec![about.delivery_inbox().to_owned()];
        if let Some(assembly) = &assembly {
            inboxes.push(assembly.delivery_inbox().to_owned());
        }
        let (inboxes, to) = (each_once(inboxes), assembly.as_ref().map(|a| a.uri.as_str()));
        let told = outgoing(app, instance.id, "Flag", false, inboxes, |id| {
            build::flag(id, &instance.uri, &about.uri, to, &objects, &case.report.content)
        });
        made.push(told.await?);
    }
    Ok(made)
}

/// What `about` is reported for, by the assembly elsewhere to which the texts belong; without one,
/// what belongs to none or to one of ours.
async fn by_assembly(
    app: &App,
    case: &Case,
    about: &Actor,
) -> Result<Vec<(Option<Actor>, Vec<String>)>, Failure> {
    let mut parts: Vec<(Option<Actor>, Vec<String>)> = Vec::new();
    for target in case.targets.iter().filter(|t| t.actor.id == about.id) {
        let text = comments::object_by_uri(app, &target.uri).await?;
        let assembly = match text.filter(|text| !text.assembly_local) {
            Some(text) => actors::by_id(app, text.assembly_id).await?,
            None => None,
        };
        let place = assembly.as_ref().map(|a| a.id);
        match parts.iter_mut().find(|(known, _)| known.as_ref().map(|a| a.id) == place) {
            Some((_, objects)) => objects.push(target.uri.clone()),
            None => parts.push((assembly, vec![target.uri.clone()])),
        }
    }
    Ok(parts)
}
