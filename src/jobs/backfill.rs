//! Reading what happened before somebody here began to follow a remote assembly: its outbox, and
//! what it pinned, within a budget. Then the thread of each initiative is read (see `thread`).

use super::work::Failure;
use crate::app::App;
use crate::domain::initiative::Initiative;
use crate::domain::urls::same_origin;
use crate::domain::{ActorId, ActorKind};
use crate::federation::receive;
use crate::federation::vocab::{Node, uri_of};
use crate::federation::{Budget, Error, actors, collection, fetch, resolve, walk};
use crate::services::{self, Unit};
use serde_json::{Value, json};

/// Entries that are looked at.
const MAX_ENTRIES: usize = 200;
/// Pinned texts that are looked at.
const MAX_PINNED: usize = 50;

pub(super) async fn run(app: &App, payload: &str) -> Result<(), Failure> {
    let id: ActorId = payload.parse().map_err(|_| Failure::Fail("no actor".to_owned()))?;
    let Some(assembly) = services::actors::by_id(app, id).await? else { return Ok(()) };
    let Some(outbox) = assembly.outbox.as_deref().filter(|_| !assembly.local) else {
        return Ok(());
    };
    let budget = &Budget::portion();
    // Newest first on the wire; oldest first here, so that answers find what they answer.
    let mut entries = match collection::entries(app, budget, outbox, MAX_ENTRIES).await {
        Err(Error::Spent) => return Err(Failure::Again),
        other => other?,
    };
    entries.reverse();
    entries.extend(pinned(app, budget, &assembly.uri).await?);
    // What is known already asks nobody, so that another portion comes further.
    for announce in entries.iter().filter_map(|entry| as_announce(entry, &assembly.uri)) {
        apply(app, budget, id, &announce).await?;
    }
    let initiatives = if assembly.kind == ActorKind::Initiative {
        services::initiatives::of_group(app, &assembly.uri).await?
    } else {
        initiatives_of(app, id).await?.into_iter().map(|i| i.id).collect()
    };
    let mut unit = Unit::begin(app).await?;
    for initiative in initiatives {
        services::walks::ask_in(&mut unit, initiative).await?;
    }
    unit.commit().await?;
    if assembly.kind == ActorKind::Assembly {
        listed(app, budget, id).await?;
    }
    Ok(())
}

/// Who moderates the assembly, and what it pinned.
async fn listed(app: &App, budget: &Budget, id: ActorId) -> Result<(), Failure> {
    let Some((Some(moderators), featured)) = services::assemblies::collections(app, id).await?
    else {
        return Ok(());
    };
    let read = async |uri: &str| match collection::entries(app, budget, uri, MAX_PINNED).await {
        Ok(entries) => Ok(entries.iter().filter_map(uri_of).map(str::to_owned).collect()),
        Err(Error::Spent) => Err(Failure::Again),
        Err(Error::Service(error)) => Err(error.into()),
        Err(_) => Ok::<Vec<String>, Failure>(Vec::new()),
    };
    let mut people = Vec::new();
    for uri in read(&moderators).await? {
        match actors::require(app, budget, &uri).await {
            Ok(actor) => people.push(actor.id),
            Err(Error::Spent) => return Err(Failure::Again),
            Err(_) => {}
        }
    }
    let featured = match featured {
        Some(uri) => read(&uri).await?,
        None => Vec::new(),
    };
    Ok(services::moderation::set_listed(app, id, &people, &featured).await?)
}

/// What the assembly pinned, which may be older than what its outbox still shows.
async fn pinned(app: &App, budget: &Budget, assembly: &str) -> Result<Vec<Value>, Failure> {
    let read = async {
        let document = fetch::document_uncached(app, budget, assembly).await?;
        let featured = Node(&document).uri("featured").filter(|f| same_origin(f, assembly));
        match featured {
            Some(featured) => collection::entries(app, budget, featured, MAX_PINNED).await,
            None => Ok(Vec::new()),
        }
    };
    match read.await {
        Ok(entries) => Ok(entries.iter().filter_map(uri_of).map(Value::from).collect()),
        Err(Error::Spent) => Err(Failure::Again),
        Err(Error::Service(error)) => Err(error.into()),
        Err(_) => Ok(Vec::new()),
    }
}

/// Outboxes hold announcements, creations, or bare addresses; all are read as if announced. What
/// somebody else announced is not the assembly's.
fn as_announce(entry: &Value, assembly: &str) -> Option<Value> {
    let node = Node(entry);
    let object = match node.kind() {
        "Announce" if node.uri("actor").is_some_and(|actor| actor != assembly) => return None,
        "Announce" => node.get("object")?.clone(),
        "Create" | "Update" | "Delete" => entry.clone(),
        _ => Value::from(uri_of(entry)?),
    };
    // What follows from it is the assembly's act, under a name of the assembly's own server.
    let own = node.id().filter(|id| node.kind() == "Announce" && same_origin(id, assembly));
    let id = own.map_or_else(|| format!("{assembly}#backfill"), str::to_owned);
    Some(json!({ "id": id, "type": "Announce", "actor": assembly, "object": object }))
}

async fn apply(
    app: &App,
    budget: &Budget,
    assembly: ActorId,
    announce: &Value,
) -> Result<(), Failure> {
    let body = announce.to_string();
    match receive::prepare(app, assembly, body.as_bytes(), app.now(), budget).await {
        Ok(act) => walk::store(app, act).await.map(|_| ()).map_err(Into::into),
        Err(Error::Spent) => Err(Failure::Again),
        Err(Error::Service(error)) => Err(error.into()),
        // One entry that cannot be read does not end the others.
        Err(_) => Ok(()),
    }
}

async fn initiatives_of(app: &App, assembly: ActorId) -> Result<Vec<Initiative>, Failure> {
    let filter = services::initiatives::Filter {
        assembly: Some(assembly),
        ..services::initiatives::Filter::default()
    };
    let page = crate::domain::PageRequest::new(None, Some(50));
    let found = services::initiatives::list(app, None, filter, page).await?;
    Ok(found.items.into_iter().filter(|i| i.deleted_at.is_none()).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_gives_its_name_only_where_it_is_an_announcement_of_the_assembly() {
        let assembly = "https://a.example/g/board";
        for (kind, id, name) in [
            ("Announce", "https://a.example/1", "https://a.example/1"),
            ("Announce", "https://b.example/1", "https://a.example/g/board#backfill"),
            ("Create", "https://a.example/1", "https://a.example/g/board#backfill"),
            ("Note", "https://ours.example/n/1", "https://a.example/g/board#backfill"),
        ] {
            let entry = json!({ "id": id, "type": kind, "object": "https://a.example/n/1" });
            assert_eq!(as_announce(&entry, assembly).unwrap()["id"], name, "{kind} {id}");
        }
        let of_another = json!({ "id": "https://a.example/1", "type": "Announce",
            "actor": "https://a.example/u/carol", "object": "https://a.example/n/1" });
        assert_eq!(as_announce(&of_another, assembly), None);
    }
}
