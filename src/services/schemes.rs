//! Which form of signatures each host understands, as far as it differs from the usual one.

use super::{Result, Unit};
use crate::app::App;
use crate::domain::SignatureScheme;
use crate::storage;

/// How requests to this host (with its port) are signed. Read once per host and process.
pub async fn of(app: &App, host: &str) -> Result<SignatureScheme> {
    if let Some(known) = app.caches.schemes.get(host) {
        return Ok(known);
    }
    let name = storage::hosts::signature_scheme(&mut app.db.read().await?.conn(), host).await?;
    let scheme = name.map_or_else(SignatureScheme::default, |name| SignatureScheme::parse(&name));
    app.caches.schemes.insert(host.to_owned(), scheme);
    Ok(scheme)
}

/// Remembers what a host took after it had refused the other.
pub async fn remember(app: &App, host: &str, scheme: SignatureScheme) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    storage::hosts::set_signature_scheme(&mut unit.conn(), host, scheme.as_str()).await?;
    unit.commit().await?;
    app.caches.schemes.insert(host.to_owned(), scheme);
    Ok(())
}
