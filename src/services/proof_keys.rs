//! The Ed25519 keys with which local actors sign what others pass on. Each actor gets one when it
//! is made; actors from before there were such keys get theirs when it is first needed.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::crypto::ProofKey;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, urls};
use crate::storage;
use std::sync::Arc;

/// The key of a local actor.
pub async fn of(app: &App, id: ActorId) -> Result<Arc<ProofKey>> {
    if let Some(key) = app.caches.proof_signing.get(&id) {
        return Ok(key);
    }
    let mut row = storage::proof_keys::own(&mut app.db.read().await?.conn(), id).await?;
    if row.is_none() {
        let actor = super::actors::by_id(app, id).await?.filter(|actor| actor.local);
        let actor = actor.ok_or(Error::NotFound("key"))?;
        let mut unit = Unit::begin(app).await?;
        make_in(&mut unit, &actor).await?;
        // Another process may have been faster: what is stored counts.
        row = storage::proof_keys::own(&mut unit.conn(), id).await?;
        unit.commit().await?;
    }
    let (key_id, seed) = row.ok_or(Error::NotFound("key"))?;
    let key = ProofKey::from_seed(key_id, &seed).map_err(|e| Error::Internal(e.to_string()))?;
    let key = Arc::new(key);
    app.caches.proof_signing.insert(id, Arc::clone(&key));
    Ok(key)
}

/// Makes the key of a local actor, unless it has one.
pub(super) async fn make_in(unit: &mut Unit<'_>, actor: &Actor) -> Result<()> {
    let key_id = urls::actor::proof_key(&actor.uri);
    let (key, seed) = ProofKey::generate(key_id)
        .ok_or_else(|| Error::Internal("cannot make a key pair".to_owned()))?;
    let (multibase, now) = (key.public_multibase(), unit.now);
    storage::proof_keys::insert_own(
        &mut unit.conn(),
        &key.key_id,
        actor.id,
        &multibase,
        &seed,
        now,
    )
    .await?;
    Ok(())
}
