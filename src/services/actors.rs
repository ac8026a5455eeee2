//! Actors: making local ones, knowing remote ones.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::crypto::SigningKey;
use crate::domain::actor::Actor;
use crate::domain::handle::{INSTANCE_HANDLE, OFFICE_HANDLE, initiative_of};
use crate::domain::urls::{self, authority_of};
use crate::domain::{ActorId, ActorKind, Handle, Invalid, Profile};
use crate::storage;

/// A new key pair, made before the transaction begins because it takes long.
pub struct PreparedKey {
    public_pem: String,
    private_der: Vec<u8>,
}

impl PreparedKey {
    /// Makes a key.
    pub async fn new(app: &App) -> Result<Self> {
        let made = app.new_signing_key(String::new()).await;
        made.and_then(|(key, private_der)| {
            Some(Self { public_pem: key.public_pem()?, private_der })
        })
        .ok_or_else(|| Error::Internal("cannot make a key pair".to_owned()))
    }
}

/// Makes a local actor. `summary` is clean HTML.
pub async fn create_local_in(
    unit: &mut Unit<'_>,
    kind: ActorKind,
    handle: &str,
    name: &str,
    summary: &str,
    key: PreparedKey,
) -> Result<Actor> {
    if storage::actors::local_by_handle(&mut unit.conn(), handle).await?.is_some() {
        return Err(Invalid::new("handle", "taken").into());
    }
    let app_urls = &unit.app.urls;
    let uri = app_urls.actor(kind, handle);
    let actor = Actor {
        id: unit.app.id(),
        kind,
        local: true,
        handle: handle.to_owned(),
        host: app_urls.authority().to_owned(),
        name: name.to_owned(),
        summary: summary.to_owned(),
        url: app_urls.actor_page(kind, handle),
        inbox: urls::actor::inbox(&uri),
        shared_inbox: Some(app_urls.shared_inbox()),
        outbox: Some(urls::actor::outbox(&uri)),
        created_at: unit.now,
        updated_at: unit.now,
        fetched_at: unit.now,
        deleted_at: None,
        uri,
    };
    storage::actors::insert(&mut unit.conn(), &actor).await?;
    let key_id = urls::actor::main_key(&actor.uri);
    let now = unit.now;
    storage::actors::put_key(
        &mut unit.conn(),
        &key_id,
        actor.id,
        &key.public_pem,
        Some(&key.private_der),
        now,
    )
    .await?;
    super::proof_keys::make_in(unit, &actor).await?;
    Ok(actor)
}

/// Makes the instance actor if it does not exist yet.
pub async fn ensure_instance(app: &App) -> Result<Actor> {
    if let Some(actor) = local_by_handle(app, INSTANCE_HANDLE).await? {
        return Ok(actor);
    }
    let key = PreparedKey::new(app).await?;
    let mut unit = Unit::begin(app).await?;
    let name = app.config.instance.name.clone();
    let made =
        create_local_in(&mut unit, ActorKind::Instance, INSTANCE_HANDLE, &name, "", key).await;
    match made {
        Ok(actor) => {
            unit.commit().await?;
            Ok(actor)
        }
        // Another process of this instance was faster.
        Err(_) => local_by_handle(app, INSTANCE_HANDLE)
            .await?
            .ok_or_else(|| Error::Internal("the instance actor cannot be made".to_owned())),
    }
}

/// The body that speaks for the instance, made when it is first needed.
pub async fn ensure_office(app: &App) -> Result<Actor> {
    let spoken = |actor: &Actor| actor.kind == ActorKind::Body && actor.deleted_at.is_none();
    if let Some(actor) = local_by_handle(app, OFFICE_HANDLE).await?.filter(spoken) {
        return Ok(actor);
    }
    let key = PreparedKey::new(app).await?;
    let mut unit = Unit::begin(app).await?;
    let name = app.config.instance.name.clone();
    let made = create_local_in(&mut unit, ActorKind::Body, OFFICE_HANDLE, &name, "", key).await;
    if let Ok(actor) = made {
        unit.commit().await?;
        return Ok(actor);
    }
    // Another process was faster; or the name is an assembly's, and the instance speaks itself.
    drop(unit);
    match local_by_handle(app, OFFICE_HANDLE).await?.filter(spoken) {
        Some(actor) => Ok(actor),
        None => ensure_instance(app).await,
    }
}

/// Makes a body that can be addressed.
pub async fn create_body(app: &App, handle: &str, name: &str) -> Result<Actor> {
    let (handle, name) = parse_board(handle, name)?;
    let key = PreparedKey::new(app).await?;
    let mut unit = Unit::begin(app).await?;
    let actor =
        create_local_in(&mut unit, ActorKind::Body, handle.as_str(), &name, "", key).await?;
    unit.commit().await?;
    Ok(actor)
}

/// Checks the handle and the name of a body or an assembly.
pub(super) fn parse_board(handle: &str, name: &str) -> Result<(Handle, String)> {
    let handle = Handle::parse("handle", handle);
    let name = crate::domain::invalid::bounded("name", name, 100);
    match (handle, name) {
        (Ok(handle), Ok(name)) => Ok((handle, name)),
        (handle, name) => {
            Err(Error::Invalid([handle.err(), name.err()].into_iter().flatten().collect()))
        }
    }
}

/// The actor of this id.
pub async fn by_id(app: &App, id: ActorId) -> Result<Option<Actor>> {
    Ok(storage::actors::by_id(&mut app.db.read().await?.conn(), id).await?)
}

/// The actor with this id on the wire, if it is known here.
pub async fn by_uri(app: &App, uri: &str) -> Result<Option<Actor>> {
    Ok(storage::actors::by_uri(&mut app.db.read().await?.conn(), uri).await?)
}

/// Whether an actor of this host is known here.
pub async fn host_is_known(app: &App, host: &str) -> Result<bool> {
    Ok(storage::actors::host_is_known(&mut app.db.read().await?.conn(), host).await?)
}

/// The local actor of this handle, whatever its kind, also when it is gone. The actor of an
/// initiative is made when it is first asked for.
pub async fn local_by_handle(app: &App, handle: &str) -> Result<Option<Actor>> {
    let found = storage::actors::local_by_handle(&mut app.db.read().await?.conn(), handle).await?;
    match initiative_of(handle).filter(|_| found.is_none()) {
        Some(initiative) => super::initiatives::open_group(app, initiative).await,
        None => Ok(found),
    }
}

/// The actor known here under `handle@host`.
pub async fn by_address(app: &App, handle: &str, host: &str) -> Result<Option<Actor>> {
    Ok(storage::actors::by_address(&mut app.db.read().await?.conn(), handle, host).await?)
}

/// Local actors of a kind, by name.
pub async fn list_local(app: &App, kind: ActorKind) -> Result<Vec<Actor>> {
    Ok(storage::actors::list(&mut app.db.read().await?.conn(), kind, true).await?)
}

/// The bodies to which initiatives can be addressed, by name: all but the one that speaks for the
/// instance.
pub async fn list_addressable(app: &App) -> Result<Vec<Actor>> {
    let mut found = list_local(app, ActorKind::Body).await?;
    found.retain(|body| body.handle != OFFICE_HANDLE);
    Ok(found)
}

/// The id and PEM of an actor's public key.
pub async fn public_key(app: &App, id: ActorId) -> Result<Option<(String, String)>> {
    Ok(storage::actors::public_key_of(&mut app.db.read().await?.conn(), id).await?)
}

/// The private key of a local actor, parsed once and kept.
pub async fn signing_key(app: &App, id: ActorId) -> Result<std::sync::Arc<SigningKey>> {
    if let Some(key) = app.caches.signing.get(&id) {
        return Ok(key);
    }
    let row = storage::actors::private_key_of(&mut app.db.read().await?.conn(), id).await?;
    let (key_id, der) = row.ok_or(Error::NotFound("key"))?;
    let key = SigningKey::from_pkcs8(key_id, &der).map_err(|e| Error::Internal(e.to_string()))?;
    let key = std::sync::Arc::new(key);
    app.caches.signing.insert(id, std::sync::Arc::clone(&key));
    Ok(key)
}

/// What a remote actor says of itself, checked and cleaned.
#[derive(Clone, Debug)]
pub struct RemoteActor {
    pub uri: String,
    pub kind: ActorKind,
    pub handle: String,
    /// The host in its address, where that is not the host of its id and both said so.
    pub acct_host: Option<String>,
    pub name: String,
    /// Clean HTML.
    pub summary: String,
    pub url: String,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub outbox: Option<String>,
    pub key_id: String,
    pub public_pem: String,
    /// Fields, consent, aliases, and where it went.
    pub profile: Profile,
    /// Its Multikeys (FEP-521a): id and value.
    pub proof_keys: Vec<(String, String)>,
    /// Of an assembly: where its moderators are listed, and what it pinned.
    pub collections: (Option<String>, Option<String>),
}

/// Stores or refreshes a remote actor with its keys. What it does not name any more is forgotten
/// at once: whoever found an old key cannot use it.
pub async fn put_remote(app: &App, remote: &RemoteActor) -> Result<Actor> {
    let mut unit = Unit::begin(app).await?;
    let (actor, gone) = put_remote_in(&mut unit, remote).await?;
    unit.commit().await?;
    let named = remote.proof_keys.iter().map(|(id, _)| id).chain([&remote.key_id]);
    for key_id in named.chain(&gone) {
        app.caches.known_keys.invalidate(key_id);
    }
    Ok(actor)
}

async fn put_remote_in(unit: &mut Unit<'_>, remote: &RemoteActor) -> Result<(Actor, Vec<String>)> {
    let known = storage::actors::by_uri(&mut unit.conn(), &remote.uri).await?;
    if known.as_ref().is_some_and(|actor| actor.local) {
        return Err(Error::Forbidden("a local actor cannot be changed from outside"));
    }
    let host = authority_of(&remote.uri).unwrap_or_default();
    let now = unit.now;
    let mut actor = Actor {
        id: known.as_ref().map_or_else(|| unit.app.id(), |a| a.id),
        uri: remote.uri.clone(),
        kind: remote.kind,
        local: false,
        handle: remote.handle.clone(),
        host,
        name: remote.name.clone(),
        summary: remote.summary.clone(),
        url: remote.url.clone(),
        inbox: remote.inbox.clone(),
        shared_inbox: remote.shared_inbox.clone(),
        outbox: remote.outbox.clone(),
        created_at: known.as_ref().map_or(now, |a| a.created_at),
        updated_at: now,
        fetched_at: now,
        deleted_at: known.as_ref().and_then(|a| a.deleted_at),
    };
    if known.is_some() {
        storage::actors::refresh(&mut unit.conn(), &actor).await?;
        notice_new_key_in(unit, &actor, remote).await?;
    } else {
        storage::actors::insert(&mut unit.conn(), &actor).await?;
        if super::policies::of_host(unit.app, &actor.host).is_silenced() {
            storage::policies::set_actor_silenced(&mut unit.conn(), actor.id, true).await?;
        }
    }
    put_profile_in(unit, actor.id, known.is_some(), &remote.profile).await?;
    storage::actors::put_key(
        &mut unit.conn(),
        &remote.key_id,
        actor.id,
        &remote.public_pem,
        None,
        now,
    )
    .await?;
    let mut gone =
        storage::actors::drop_other_keys(&mut unit.conn(), actor.id, &remote.key_id).await?;
    if known.is_some() {
        for key_id in storage::proof_keys::ids_of(&mut unit.conn(), actor.id).await? {
            if !remote.proof_keys.iter().any(|(id, _)| *id == key_id) {
                storage::proof_keys::delete(&mut unit.conn(), &key_id).await?;
                gone.push(key_id);
            }
        }
    }
    for (key_id, multibase) in &remote.proof_keys {
        storage::proof_keys::put(&mut unit.conn(), key_id, actor.id, multibase, now).await?;
    }
    if actor.kind == ActorKind::Assembly {
        let (moderators, featured) = &remote.collections;
        let (moderators, featured) = (moderators.as_deref(), featured.as_deref());
        let conn = &mut unit.conn();
        storage::assemblies::insert(conn, actor.id, None).await?;
        storage::assemblies::set_collections(conn, actor.id, moderators, featured).await?;
    }
    let named = remote.acct_host.as_deref();
    if named.is_some() || known.is_some_and(|known| known.host != actor.host) {
        set_acct_host_in(unit, &actor, named).await?;
    }
    if let Some(host) = named {
        host.clone_into(&mut actor.host);
    }
    Ok((actor, gone))
}

/// Another host was found to speak for a remote actor, as the actor does for it: the address is
/// there.
pub async fn set_acct_host(app: &App, actor: &Actor, host: &str) -> Result<Actor> {
    let mut unit = Unit::begin(app).await?;
    set_acct_host_in(&mut unit, actor, Some(host)).await?;
    unit.commit().await?;
    Ok(Actor { host: host.to_owned(), ..actor.clone() })
}

async fn set_acct_host_in(unit: &mut Unit<'_>, actor: &Actor, host: Option<&str>) -> Result<()> {
    if let Some(host) = host {
        storage::actors::free_address(&mut unit.conn(), &actor.handle, host, actor.id).await?;
    }
    Ok(storage::actors::set_acct_host(&mut unit.conn(), actor.id, host).await?)
}

/// Others may want to know that an actor has another key than before: it leaves a trace.
async fn notice_new_key_in(unit: &mut Unit<'_>, actor: &Actor, remote: &RemoteActor) -> Result<()> {
    let old = storage::actors::public_key_of(&mut unit.conn(), actor.id).await?;
    let Some((key_id, pem)) = old else { return Ok(()) };
    if key_id == remote.key_id && pem == remote.public_pem {
        return Ok(());
    }
    unit.app.caches.known_keys.invalidate(&key_id);
    tracing::info!(actor = actor.uri, key = remote.key_id, "an actor has another key");
    let reason = "its home gave another key";
    super::audit::noted_in(unit, "key_changed", &actor.uri, reason).await
}

/// Keeps what a remote actor says of itself, if it says anything or did before.
async fn put_profile_in(
    unit: &mut Unit<'_>,
    id: ActorId,
    known: bool,
    profile: &Profile,
) -> Result<()> {
    let stored = if known {
        storage::profiles::by_id(&mut unit.conn(), id).await?.unwrap_or_default()
    } else {
        Profile::default()
    };
    let profile = Profile { moved_at: stored.moved_at, ..profile.clone() };
    if profile == stored {
        return Ok(());
    }
    let now = unit.now;
    storage::profiles::put(&mut unit.conn(), id, &profile, now).await?;
    super::identity::link_in(unit, id).await
}

/// A key with its owner.
pub use crate::storage::actors::KeyRow as KnownKeyRow;

/// The key of this id, of either kind, if it is known here.
pub async fn key_by_id(app: &App, key_id: &str) -> Result<Option<KnownKeyRow>> {
    let mut reader = app.db.read().await?;
    if let Some(row) = storage::actors::key_by_id(&mut reader.conn(), key_id).await? {
        return Ok(Some(row));
    }
    Ok(storage::proof_keys::by_id(&mut reader.conn(), key_id).await?)
}

pub use super::removal::remove_remote_in;
