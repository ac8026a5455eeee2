//! The leave to answer something, at its own address.

use super::{Document, render, render_sealed};
use crate::app::App;
use crate::domain::ReplyId;
use crate::federation::{Error, build};
use crate::services;

/// The authorization of this id; a tombstone once what it is about is gone.
pub async fn reply_authorization(app: &App, id: ReplyId) -> Result<Document, Error> {
    let Some((leave, object)) = services::replies::authorization(app, id).await? else {
        return Ok(Document::Nothing);
    };
    let uri = app.urls.reply(id);
    if let Some(at) = object.deleted_at {
        return Ok(Document::Gone(render(&build::reply_authorization_tombstone(&uri, at))));
    }
    let author = services::actors::by_id(app, object.author_id).await?;
    let Some(author) = author else { return Ok(Document::Nothing) };
    let made = build::reply_authorization(&uri, &author.uri, &object.uri, &leave.instrument_uri);
    Ok(Document::Here(render_sealed(app, author.id, made).await?))
}
