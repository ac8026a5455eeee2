//! The signed record of a thread, as a collection of whole activities.

use super::{Document, render};
use crate::app::App;
use crate::app::Rendered;
use crate::crypto;
use crate::domain::urls;
use crate::domain::{ActivityId, ObjectId};
use crate::federation::{CONTENT_TYPE, Error, build};
use crate::services;
use bytes::Bytes;
use serde_json::value::RawValue;

/// Activities on one page: each may be as large as an inbox takes them.
const PAGE: i64 = 20;

/// The record of an initiative from here or of one that is mirrored; `after` asks for a page.
pub async fn record(app: &App, id: ObjectId, after: Option<ActivityId>) -> Result<Document, Error> {
    let object = services::comments::object_by_id(app, id).await?;
    if object.is_none_or(|o| o.id != o.root_id || !o.state.is_public()) {
        return Ok(Document::Nothing);
    }
    let collection = urls::object::record(&app.urls.initiative(id));
    let Some(after) = after else {
        let total = services::record::count(app, id).await?;
        let first = format!("{collection}?after=0");
        return Ok(Document::Here(render(&build::ordered(&collection, total, Some(&first), None))));
    };
    let rows = services::record::page(app, id, after, PAGE).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|n| n >= PAGE);
    let next = rows.last().filter(|_| full).map(|(last, _)| format!("{collection}?after={last}"));
    let items: Vec<Box<RawValue>> = rows
        .into_iter()
        .filter_map(|(_, body)| RawValue::from_string(String::from_utf8(body).ok()?).ok())
        .collect();
    let page = format!("{collection}?after={after}");
    let body = build::record_page(&page, &collection, &items, next.as_deref())
        .map_err(|e| Error::invalid(e.to_string()))?;
    let body = Bytes::from(body);
    let etag = format!("\"{}\"", crypto::sha256_hex(&body).get(..16).unwrap_or_default());
    Ok(Document::Here(Rendered::new(CONTENT_TYPE, &etag, body)))
}
