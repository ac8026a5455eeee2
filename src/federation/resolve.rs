//! From what somebody typed — a handle or an address — to what it is, here or elsewhere.

use super::vocab::Node;
use super::{Error, actors, fetch, objects, questions, webfinger};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::urls::same_origin;
use crate::domain::{Address, LocalRef, ObjectId};
use crate::services::{self, Unit};

/// What was found.
#[derive(Debug)]
pub enum Found {
    Actor(Box<Actor>),
    Initiative(Box<Initiative>),
    /// A comment, by its id here and the one of its initiative.
    Comment {
        id: ObjectId,
        initiative: ObjectId,
    },
}

/// Whether the text looks like something that can be looked up, rather than searched for.
pub fn is_reference(query: &str) -> bool {
    let query = query.trim();
    query.starts_with("https://")
        || query.starts_with("http://")
        || (query.starts_with(['@', '!']) || query.starts_with("acct:") || !query.contains(' '))
            && Address::parse(query).is_some()
}

/// Looks up a handle (`@name@host`, `!name@host`) or an address; asks its home where needed.
pub async fn lookup(app: &App, query: &str) -> Result<Found, Error> {
    let query = query.trim();
    if query.starts_with("https://") || query.starts_with("http://") {
        return by_uri(app, query).await;
    }
    let address = Address::parse(query)
        .ok_or_else(|| Error::invalid("write it as @name@host or as an address"))?;
    actor_by_address(app, &address).await.map(|a| Found::Actor(Box::new(a)))
}

/// The actor of an address. The address is believed only if the actor's own server answers for
/// the actor's id.
pub async fn actor_by_address(app: &App, address: &Address) -> Result<Actor, Error> {
    if address.host() == app.urls.authority() {
        let handle = address.name().to_lowercase();
        let found = services::actors::local_by_handle(app, &handle).await?;
        return found.filter(|a| a.deleted_at.is_none()).ok_or(Error::Gone);
    }
    let known = services::actors::by_address(app, address.name(), address.host()).await?;
    if let Some(actor) = known {
        return Ok(actor);
    }
    let uri = webfinger::lookup(app, address).await?;
    let actor = actors::require(app, &uri).await?;
    let named_here =
        actor.host == address.host() && actor.handle.eq_ignore_ascii_case(address.name());
    if !named_here {
        // Another host speaks for it: that host must say the same of the actor's own address.
        let own = Address::parse(&actor.address()).ok_or(Error::Gone)?;
        let back = webfinger::lookup(app, &own).await?;
        if back != actor.uri {
            return Err(Error::invalid(format!("{address} and {} do not agree", actor.address())));
        }
    }
    Ok(actor)
}

async fn by_uri(app: &App, uri: &str) -> Result<Found, Error> {
    if let Some(local) = app.urls.parse(uri) {
        return local_thing(app, local).await;
    }
    if let Some(found) = known_object(app, uri).await? {
        return Ok(found);
    }
    if let Some(actor) = services::actors::by_uri(app, uri).await? {
        return Ok(Found::Actor(Box::new(actor)));
    }
    let document = fetch::document(app, uri).await?;
    let node = Node(&document);
    if super::ownership::ACTOR_TYPES.contains(&node.kind()) {
        let remote = actors::parse(node, None)?;
        return Ok(Found::Actor(Box::new(services::actors::put_remote(app, &remote).await?)));
    }
    let id = node.id().ok_or_else(|| Error::invalid("the document has no id"))?.to_owned();
    if let Some(found) = known_object(app, &id).await? {
        return Ok(found);
    }
    import_initiative(app, &id).await
}

async fn local_thing(app: &App, local: LocalRef) -> Result<Found, Error> {
    match local {
        LocalRef::User(handle) | LocalRef::Assembly(handle) => {
            let found = services::actors::local_by_handle(app, &handle).await?;
            found.map(|a| Found::Actor(Box::new(a))).ok_or(Error::Gone)
        }
        LocalRef::Initiative(id) | LocalRef::Comment(id) | LocalRef::Ballot(id) => {
            let object = services::comments::object_by_id(app, id).await?;
            let uri = object.filter(|o| o.state.is_public()).ok_or(Error::Gone)?.uri;
            known_object(app, &uri).await?.ok_or(Error::Gone)
        }
        LocalRef::Instance | LocalRef::Activity(_) => Err(Error::Gone),
    }
}

async fn known_object(app: &App, uri: &str) -> Result<Option<Found>, Error> {
    let Some(object) = services::comments::object_by_uri(app, uri).await? else { return Ok(None) };
    if object.id != object.root_id {
        return Ok(Some(Found::Comment { id: object.id, initiative: object.root_id }));
    }
    let initiative = services::initiatives::by_uri(app, uri).await?;
    Ok(initiative.map(|i| Found::Initiative(Box::new(i))))
}

/// Takes over an initiative that somebody looked for. It must name an assembly of its own origin.
async fn import_initiative(app: &App, uri: &str) -> Result<Found, Error> {
    let (document, author) = objects::fetch_with_author(app, uri).await?;
    let node = Node(&document);
    let mut assembly = None;
    let named = ["audience", "to", "cc"].into_iter().flat_map(|key| node.uris(key));
    for candidate in named.filter(|c| same_origin(c, uri)).take(5) {
        if let Ok(actor) = actors::require(app, candidate).await
            && actor.kind == crate::domain::ActorKind::Assembly
        {
            assembly = Some(actor);
            break;
        }
    }
    let assembly =
        assembly.ok_or_else(|| Error::invalid("it is not an initiative of an assembly"))?;
    let remote = objects::initiative(node, author.id, &author.uri, assembly.id, app.now())?;
    let mut unit = Unit::begin(app).await?;
    services::initiatives::put_remote_in(&mut unit, &remote).await?;
    unit.commit().await?;
    known_object(app, &remote.uri).await?.ok_or(Error::Gone)
}

/// Asks the home of a mirrored initiative for its tallies.
pub async fn refresh_tallies(app: &App, id: ObjectId) -> Result<(), Error> {
    let Some(object) = services::comments::object_by_id(app, id).await? else { return Ok(()) };
    if object.local || object.deleted_at.is_some() {
        return Ok(());
    }
    let document = fetch::document_uncached(app, &object.uri).await?;
    let node = Node(&document);
    let (likes, boosts) = (node.total_of("likes"), node.total_of("shares"));
    services::initiatives::set_reported(app, id, likes, boosts).await?;
    Ok(())
}

/// Asks the home of a ballot for its totals.
pub async fn refresh_ballot(app: &App, id: ObjectId) -> Result<(), Error> {
    let poll = match services::ballots::get(app, id).await {
        Err(services::Error::NotFound(_)) => return Ok(()),
        other => other?,
    };
    let ballot = poll.ballot;
    if ballot.local || ballot.deleted_at.is_some() {
        return Ok(());
    }
    let document = fetch::document_uncached(app, &ballot.uri).await?;
    let (author, now) = (ballot.author_id, app.now());
    let remote = questions::ballot(Node(&document), author, &ballot.author_uri, now)?;
    let mut unit = Unit::begin(app).await?;
    services::ballots::report_in(&mut unit, &remote).await?;
    Ok(unit.commit().await?)
}
