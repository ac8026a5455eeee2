//! Who reads us: with `[federation] authorized_fetch` documents are given only to servers that
//! sign their requests.
//!
//! The instance actor is not asked for here, nor WebFinger and NodeInfo: whoever wants to verify
//! our own signature must be able to read them first, or two such servers would wait for each
//! other for ever.

use super::inbox::{Rejection, no_key};
use super::limits::Source;
use super::signature::inspect;
use super::{Error, keys, policy};
use crate::app::App;
use crate::domain::peerlog::Trace;
use http::{HeaderMap, Method, Uri};

/// Whether this reader may have a document. `uri` is the address as it was asked for.
pub async fn check(
    app: &App,
    source: &Source,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Rejection> {
    if !app.config.federation.authorized_fetch {
        return Ok(());
    }
    let trace = &mut Trace::default();
    let signed = inspect(&Method::GET, app.urls.base(), uri, headers, app.now(), trace)?;
    let refused = |reason: &str| Rejection::new(401, reason);
    if app.urls.is_local(&signed.key_id) {
        return Err(refused("the key is of this instance"));
    }
    if let Some(reason) = policy::refusal(app, &signed.key_id) {
        return Err(Rejection::new(403, reason));
    }
    let key = keys::current(app, source, &signed.key_id).await.map_err(no_key)?;
    if signed.is_signed_by(&key.key) {
        return Ok(());
    }
    match keys::again(app, Some(source), &signed.key_id).await {
        Ok(fresh) if signed.is_signed_by(&fresh.key) => Ok(()),
        Err(error @ (Error::Service(_) | Error::Busy { .. })) => Err(no_key(error)),
        Ok(_) | Err(_) => Err(refused("the signature does not fit the key")),
    }
}
