//! Who reads us: with `[federation] authorized_fetch` documents are given only to servers that
//! sign their requests.
//!
//! The instance actor is not asked for here, nor WebFinger and NodeInfo: whoever wants to verify
//! our own signature must be able to read them first, or two such servers would wait for each
//! other for ever.

use super::inbox::Rejection;
use super::signature::inspect;
use super::{Error, keys};
use crate::app::App;
use http::{HeaderMap, Method, Uri};

/// Whether this reader may have a document. `uri` is the address as it was asked for.
pub async fn check(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<(), Rejection> {
    if !app.config.federation.authorized_fetch {
        return Ok(());
    }
    let signed = inspect(&Method::GET, app.urls.base(), uri, headers, app.now())?;
    let refused = |reason: &str| Rejection { status: 401, reason: reason.to_owned() };
    if app.urls.is_local(&signed.key_id) {
        return Err(refused("the key is of this instance"));
    }
    let key = keys::current(app, &signed.key_id).await.map_err(no_key)?;
    if signed.is_signed_by(&key.key) {
        return Ok(());
    }
    match keys::again(app, &signed.key_id).await {
        Ok(fresh) if signed.is_signed_by(&fresh.key) => Ok(()),
        Err(Error::Service(error)) => Err(error.into()),
        Ok(_) | Err(_) => Err(refused("the signature does not fit the key")),
    }
}

fn no_key(error: Error) -> Rejection {
    match error {
        Error::Service(error) => error.into(),
        other => Rejection { status: 401, reason: format!("the key cannot be had: {other}") },
    }
}
