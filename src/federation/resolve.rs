//! From what somebody typed — a handle or an address — to what it is, here or elsewhere.

use super::thread::{self, Climb};
use super::vocab::Node;
use super::{Budget, Error, actors, fetch, objects, questions, webfinger};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::urls::same_origin;
use crate::domain::{ActorKind, Address, LocalRef, ObjectId};
use crate::services::initiatives::RemoteInitiative;
use crate::services::{self, Unit};

/// What was found.
#[derive(Debug)]
pub enum Found {
    Actor(Box<Actor>),
    Initiative(Box<Initiative>),
    /// A ballot, by its id here.
    Ballot(ObjectId),
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
pub async fn lookup(app: &App, budget: &Budget, query: &str) -> Result<Found, Error> {
    let query = query.trim();
    if query.starts_with("https://") || query.starts_with("http://") {
        return match Box::pin(by_uri(app, budget, query)).await {
            // It arrived by itself in this very moment: now it is here.
            Err(Error::Service(services::Error::Conflict(_))) => by_uri(app, budget, query).await,
            outcome => outcome,
        };
    }
    let address = Address::parse(query)
        .ok_or_else(|| Error::invalid("write it as @name@host or as an address"))?;
    actor_by_address(app, budget, &address).await.map(|a| Found::Actor(Box::new(a)))
}

/// The actor of an address. The address is believed only if the actor's own server answers for
/// the actor's id.
pub async fn actor_by_address(
    app: &App,
    budget: &Budget,
    address: &Address,
) -> Result<Actor, Error> {
    if address.host() == app.urls.authority() {
        let handle = address.name().to_lowercase();
        let found = services::actors::local_by_handle(app, &handle).await?;
        return found.filter(|a| a.deleted_at.is_none()).ok_or(Error::Gone);
    }
    let known = services::actors::by_address(app, address.name(), address.host()).await?;
    if let Some(actor) = known {
        return Ok(actor);
    }
    let uri = webfinger::lookup(app, budget, address).await?;
    let actor = actors::require(app, budget, &uri).await?;
    let named_here =
        actor.host == address.host() && actor.handle.eq_ignore_ascii_case(address.name());
    if !named_here {
        // Another host speaks for it: that host must say the same of the actor's own address.
        let own = Address::parse(&actor.address()).ok_or(Error::Gone)?;
        let back = webfinger::document_of(app, budget, &own).await?;
        if back.actor() != Some(actor.uri.as_str()) {
            return Err(Error::invalid(format!("{address} and {} do not agree", actor.address())));
        }
        // And if the actor's own server calls it by this address, that is the one.
        if back.subject().as_ref() == Some(address)
            && address.name().eq_ignore_ascii_case(&actor.handle)
        {
            return Ok(services::actors::set_acct_host(app, &actor, address.host()).await?);
        }
    }
    Ok(actor)
}

async fn by_uri(app: &App, budget: &Budget, uri: &str) -> Result<Found, Error> {
    if let Some(local) = app.urls.parse(uri) {
        return local_thing(app, local).await;
    }
    if let Some(found) = known_object(app, uri).await? {
        return Ok(found);
    }
    if let Some(actor) = services::actors::by_uri(app, uri).await? {
        return Ok(Found::Actor(Box::new(actor)));
    }
    let document = fetch::document(app, budget, uri).await?;
    let node = Node(&document);
    if super::ownership::ACTOR_TYPES.contains(&node.kind()) {
        return Ok(Found::Actor(Box::new(actors::keep(app, budget, node, None).await?)));
    }
    let id = node.id().ok_or_else(|| Error::invalid("the document has no id"))?.to_owned();
    if let Some(found) = known_object(app, &id).await? {
        return Ok(found);
    }
    import(app, budget, &id).await
}

async fn local_thing(app: &App, local: LocalRef) -> Result<Found, Error> {
    match local {
        LocalRef::User(handle) | LocalRef::Assembly(handle) => {
            let found = services::actors::local_by_handle(app, &handle).await?;
            found.map(|a| Found::Actor(Box::new(a))).ok_or(Error::Gone)
        }
        LocalRef::InitiativeActor(id) => {
            let found = services::initiatives::open_group(app, id).await?;
            found.map(|a| Found::Actor(Box::new(a))).ok_or(Error::Gone)
        }
        LocalRef::Initiative(id) | LocalRef::Comment(id) | LocalRef::Ballot(id) => {
            let object = services::comments::object_by_id(app, id).await?;
            let uri = object.filter(|o| o.state.is_public()).ok_or(Error::Gone)?.uri;
            known_object(app, &uri).await?.ok_or(Error::Gone)
        }
        LocalRef::Instance | LocalRef::Activity(_) | LocalRef::Quote(_) => Err(Error::Gone),
    }
}

async fn known_object(app: &App, uri: &str) -> Result<Option<Found>, Error> {
    let Some(object) = services::comments::object_by_uri(app, uri).await? else { return Ok(None) };
    if object.id != object.root_id {
        if object.kind == "ballot" {
            return Ok(Some(Found::Ballot(object.id)));
        }
        return Ok(Some(Found::Comment { id: object.id, initiative: object.root_id }));
    }
    let initiative = services::initiatives::by_uri(app, uri).await?;
    Ok(initiative.map(|i| Found::Initiative(Box::new(i))))
}

/// Takes over what somebody looked for: an initiative, which must name an assembly of its own
/// origin, or an answer below one. The rest of its thread is read afterwards.
async fn import(app: &App, budget: &Budget, uri: &str) -> Result<Found, Error> {
    let (document, author) = objects::fetch_with_author(app, budget, uri).await?;
    let node = Node(&document);
    if node.is_private() {
        return Err(Error::Forbidden("it is not public".to_owned()));
    }
    let (initiative, comments) = if objects::is_reply(node) {
        let first = objects::comment(node, author.id, &author.uri, app.now())?;
        match thread::climb(app, budget, first).await? {
            Climb::Joined(comments) => (None, comments),
            Climb::Root { document, author, comments } => {
                (Some(read_initiative(app, budget, Node(&document), &author).await?), comments)
            }
            Climb::Nowhere(reason) => return Err(Error::invalid(reason)),
        }
    } else {
        (Some(read_initiative(app, budget, node, &author).await?), Vec::new())
    };
    let mut unit = Unit::begin(app).await?;
    if let Some(initiative) = &initiative {
        services::initiatives::put_remote_in(&mut unit, initiative).await?;
    }
    for comment in &comments {
        services::comments::receive_in(&mut unit, comment).await?;
    }
    unit.commit().await?;
    let id = node.id().unwrap_or(uri);
    let found = known_object(app, id).await?.ok_or(Error::Gone)?;
    let root = match &found {
        Found::Initiative(initiative) => initiative.id,
        Found::Comment { initiative, .. } => *initiative,
        Found::Actor(_) | Found::Ballot(_) => return Ok(found),
    };
    services::walks::begin(app, root).await?;
    Ok(found)
}

async fn read_initiative(
    app: &App,
    budget: &Budget,
    node: Node<'_>,
    author: &Actor,
) -> Result<RemoteInitiative, Error> {
    let named = ["audience", "to", "cc"].into_iter().flat_map(|key| node.uris(key));
    for candidate in named.filter(|c| same_origin(c, &author.uri)).take(5) {
        if let Ok(actor) = actors::require(app, budget, candidate).await
            && actor.kind == ActorKind::Assembly
        {
            return objects::initiative(node, author.id, &author.uri, actor.id, app.now());
        }
    }
    Err(Error::invalid("it is not an initiative of an assembly"))
}

/// Asks the home of a mirrored initiative for its tallies.
pub async fn refresh_tallies(app: &App, id: ObjectId) -> Result<(), Error> {
    let Some(object) = services::comments::object_by_id(app, id).await? else { return Ok(()) };
    if object.local || object.deleted_at.is_some() {
        return Ok(());
    }
    let document = fetch::document_uncached(app, &Budget::question(), &object.uri).await?;
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
    let document = fetch::document_uncached(app, &Budget::question(), &ballot.uri).await?;
    let (author, now) = (ballot.author_id, app.now());
    let remote = questions::ballot(Node(&document), author, &ballot.author_uri, now)?;
    let mut unit = Unit::begin(app).await?;
    services::ballots::report_in(&mut unit, &remote).await?;
    Ok(unit.commit().await?)
}
