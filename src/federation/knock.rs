//! One signed request, in the form of signatures that the host understands.
//!
//! The usual form is tried first; where it is refused, the other one, once, in the same attempt.
//! What a host took in the end is remembered, in memory and in the database, until it refuses that.
//! The draft's form is the usual one: who knows only that is many, and some answer the other with
//! 200 and drop it.

use super::signature::sign_request;
use crate::app::App;
use crate::crypto::SigningKey;
use crate::domain::SignatureScheme;
use crate::domain::urls::authority_of;
use crate::net::{Failure, Reply};
use crate::services;
use bytes::Bytes;
use http::Method;
use url::Url;

/// Answers that may mean "signed in a form that I do not understand".
const REFUSED: [u16; 3] = [400, 401, 403];

/// Sends a POST of a body (with its SHA-256 in base64), or a GET without one.
pub async fn send(
    app: &App,
    key: &SigningKey,
    url: &Url,
    body: Option<(Bytes, &str)>,
) -> Result<Reply, Failure> {
    let host = authority_of(url.as_str()).unwrap_or_default();
    let scheme = services::schemes::of(app, &host).await.unwrap_or_default();
    let first = send_as(app, scheme, key, url, body.clone()).await?;
    if !REFUSED.contains(&first.status) {
        return Ok(first);
    }
    let other = scheme.other();
    let Ok(second) = send_as(app, other, key, url, body).await else { return Ok(first) };
    if REFUSED.contains(&second.status) {
        return Ok(first);
    }
    if (200..300).contains(&second.status) {
        tracing::info!(host, scheme = other.as_str(), "a host takes another form of signatures");
        if let Err(error) = services::schemes::remember(app, &host, other).await {
            tracing::warn!(%error, host, "the form of signatures is not remembered");
        }
    }
    Ok(second)
}

async fn send_as(
    app: &App,
    scheme: SignatureScheme,
    key: &SigningKey,
    url: &Url,
    body: Option<(Bytes, &str)>,
) -> Result<Reply, Failure> {
    let (method, body, digest) = match body {
        Some((body, digest)) => (Method::POST, Some(body), Some(digest)),
        None => (Method::GET, None, None),
    };
    let headers = sign_request(scheme, key, url, digest, app.now())
        .ok_or_else(|| Failure::Forbidden(url.as_str().chars().take(200).collect()))?;
    app.client.send(method, url, headers, body).await
}
