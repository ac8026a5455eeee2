//! The leave to quote something, at its own address.

use super::{Document, render, render_sealed};
use crate::app::App;
use crate::domain::QuoteId;
use crate::federation::{Error, build};
use crate::services;

/// The authorization of this id; a tombstone once it was taken back or what it is about is gone.
pub async fn quote_authorization(app: &App, id: QuoteId) -> Result<Document, Error> {
    let Some((leave, object)) = services::quotes::authorization(app, id).await? else {
        return Ok(Document::Nothing);
    };
    let uri = app.urls.quote(id);
    if let Some(at) = leave.revoked_at.or(object.deleted_at) {
        return Ok(Document::Gone(render(&build::quote_tombstone(&uri, at))));
    }
    let author = services::actors::by_id(app, object.author_id).await?;
    let Some(author) = author else { return Ok(Document::Nothing) };
    let made = build::quote_authorization(&uri, &author.uri, &object.uri, &leave.instrument_uri);
    Ok(Document::Here(render_sealed(app, author.id, made).await?))
}
