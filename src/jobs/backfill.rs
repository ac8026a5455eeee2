//! Reading what happened before somebody here began to follow a remote assembly: its outbox, and
//! the thread of each initiative found there, within a budget.

use super::work::Failure;
use crate::app::App;
use crate::domain::ActorId;
use crate::federation::receive;
use crate::federation::vocab::{Node, uri_of};
use crate::federation::{Error, fetch, resolve};
use crate::services::{self, Unit};
use serde_json::{Value, json};

/// Pages of a collection that are read.
const MAX_PAGES: usize = 5;
/// Entries that are looked at.
const MAX_ENTRIES: usize = 200;

pub(super) async fn run(app: &App, payload: &str) -> Result<(), Failure> {
    let id: ActorId = payload.parse().map_err(|_| Failure::Fail("no actor".to_owned()))?;
    let Some(assembly) = services::actors::by_id(app, id).await? else { return Ok(()) };
    let Some(outbox) = assembly.outbox.as_deref().filter(|_| !assembly.local) else {
        return Ok(());
    };
    // Newest first on the wire; oldest first here, so that answers find what they answer.
    let mut entries = collect(app, outbox).await?;
    entries.reverse();
    for entry in &entries {
        let announce = as_announce(entry, &assembly.uri);
        let Some(announce) = announce else { continue };
        apply(app, id, &announce).await?;
    }
    for uri in initiatives_of(app, id).await? {
        thread(app, id, &assembly.uri, &uri).await?;
    }
    Ok(())
}

/// The entries of a collection, page by page.
async fn collect(app: &App, collection: &str) -> Result<Vec<Value>, Error> {
    let head = fetch::document_uncached(app, collection).await?;
    let mut entries = Vec::new();
    let mut page = match Node(&head).get("first") {
        Some(first) if first.is_object() => Some(first.clone()),
        Some(Value::String(first)) => Some(fetch::document_uncached(app, first).await?),
        _ => Some(head),
    };
    for _ in 0..MAX_PAGES {
        let Some(current) = page.take() else { break };
        for key in ["orderedItems", "items"] {
            if let Some(Value::Array(items)) = current.get(key) {
                entries.extend(items.iter().take(MAX_ENTRIES - entries.len()).cloned());
            }
        }
        let next = Node(&current).uri("next").map(str::to_owned);
        if let Some(next) = next.filter(|_| entries.len() < MAX_ENTRIES) {
            page = fetch::document_uncached(app, &next).await.ok();
        }
    }
    Ok(entries)
}

/// Outboxes hold announcements, creations, or bare addresses; all are read as if announced.
fn as_announce(entry: &Value, assembly: &str) -> Option<Value> {
    let node = Node(entry);
    let object = match node.kind() {
        "Announce" => node.get("object")?.clone(),
        "Create" | "Update" | "Delete" => entry.clone(),
        _ => Value::from(uri_of(entry)?),
    };
    let id = node.id().map_or_else(|| format!("{assembly}#backfill"), str::to_owned);
    Some(json!({ "id": id, "type": "Announce", "actor": assembly, "object": object }))
}

async fn apply(app: &App, assembly: ActorId, announce: &Value) -> Result<(), Failure> {
    let body = announce.to_string();
    // One entry that cannot be read does not end the others.
    match receive::prepare(app, assembly, body.as_bytes(), true).await {
        Ok(act) => {
            let mut unit = Unit::begin(app).await?;
            match act.apply(&mut unit).await {
                Ok(()) => Ok(unit.commit().await?),
                // It came another way in the same moment.
                Err(services::Error::Conflict(_)) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        Err(Error::Service(error)) => Err(error.into()),
        Err(_) => Ok(()),
    }
}

async fn initiatives_of(app: &App, assembly: ActorId) -> Result<Vec<String>, Failure> {
    let filter = services::initiatives::Filter {
        assembly: Some(assembly),
        ..services::initiatives::Filter::default()
    };
    let page = crate::domain::PageRequest::new(None, Some(50));
    let found = services::initiatives::list(app, None, filter, page).await?;
    Ok(found.items.into_iter().filter(|i| i.deleted_at.is_none()).map(|i| i.uri).collect())
}

/// The thread of an initiative: its `context` (FEP-7888), else its `replies`.
async fn thread(
    app: &App,
    assembly: ActorId,
    assembly_uri: &str,
    initiative: &str,
) -> Result<(), Failure> {
    let Ok(document) = fetch::document_uncached(app, initiative).await else { return Ok(()) };
    let node = Node(&document);
    let same = |uri: &&str| crate::domain::urls::same_origin(uri, initiative);
    // What its authors signed, first: it is kept here with their proofs.
    if let Some(record) = node.uri("civic:record").filter(same)
        && let Ok(entries) = collect(app, record).await
    {
        for announce in entries.iter().filter_map(|entry| as_announce(entry, assembly_uri)) {
            apply(app, assembly, &announce).await?;
        }
    }
    let collection = node.uri("context").filter(same).or_else(|| node.uri("replies").filter(same));
    let Some(collection) = collection else { return Ok(()) };
    let Ok(entries) = collect(app, collection).await else { return Ok(()) };
    for uri in entries.iter().filter_map(uri_of).filter(|uri| *uri != initiative) {
        let announce = as_announce(&Value::from(uri), assembly_uri);
        if let Some(announce) = announce {
            apply(app, assembly, &announce).await?;
        }
    }
    Ok(())
}

/// Asks the home of a mirrored initiative for its tallies.
pub(super) async fn refresh_tallies(app: &App, payload: &str) -> Result<(), Failure> {
    let id = payload.parse().map_err(|_| Failure::Fail("no initiative".to_owned()))?;
    // Not worth trying again: the next reader asks anew.
    match resolve::refresh_tallies(app, id).await {
        Err(Error::Service(error)) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
