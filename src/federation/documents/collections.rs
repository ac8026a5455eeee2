//! Collections of an object: its answers, its thread, how many support it.

use super::{Document, PAGE, render};
use crate::app::App;
use crate::domain::ObjectId;
use crate::domain::urls;
use crate::federation::{Error, build};
use crate::services;
use crate::services::comments::RepliesAfter;
use serde_json::Value;

/// How many answers are in the first page, inside the document.
const INLINE_REPLIES: i64 = 5;

pub(super) async fn replies_value(
    app: &App,
    id: ObjectId,
    uri: &str,
    total: i64,
) -> Result<Value, Error> {
    let collection = urls::object::replies(uri);
    let start = RepliesAfter::nothing();
    // Most texts are never answered.
    let (items, next) = match total {
        0 => (Vec::new(), None),
        _ => services::comments::reply_uris(app, id, start, INLINE_REPLIES).await?,
    };
    let next = next.map(|next| replies_page(&collection, next));
    Ok(build::collection(&collection, total, &items, next.as_deref()))
}

fn replies_page(collection: &str, after: RepliesAfter) -> String {
    match after {
        RepliesAfter::Own(id) => format!("{collection}?after={id}"),
        RepliesAfter::Others(id) => format!("{collection}?others={id}"),
    }
}

fn next_page(collection: &str, rows: &[(ObjectId, String)], limit: i64) -> Option<String> {
    let full = i64::try_from(rows.len()).is_ok_and(|n| n >= limit);
    rows.last().filter(|_| full).map(|(last, _)| format!("{collection}?after={last}"))
}

/// Which collection of an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectCollection {
    Replies,
    Context,
    Likes,
    Shares,
}

/// A collection of a local object; `after` asks for a page of one that has pages.
pub async fn object_collection(
    app: &App,
    id: ObjectId,
    which: ObjectCollection,
    after: Option<RepliesAfter>,
) -> Result<Document, Error> {
    let object = services::comments::object_by_id(app, id).await?;
    let public = object.filter(|o| o.state.is_public() && o.local);
    let Some(object) = public else { return Ok(Document::Nothing) };
    let (likes, boosts, replies) = tallies(app, id, object.root_id).await?;
    let uri = &object.uri;
    let value = match (which, after) {
        (ObjectCollection::Likes, _) => build::counted(&urls::object::likes(uri), likes),
        (ObjectCollection::Shares, _) => build::counted(&urls::object::shares(uri), boosts),
        (ObjectCollection::Replies, None) => replies_value(app, id, uri, replies).await?,
        (ObjectCollection::Replies, Some(after)) => {
            let collection = urls::object::replies(uri);
            let (items, next) = services::comments::reply_uris(app, id, after, PAGE).await?;
            let next = next.map(|next| replies_page(&collection, next));
            let page = replies_page(&collection, after);
            build::collection_page(&page, &collection, &items, next.as_deref())
        }
        (ObjectCollection::Context, None) => {
            let collection = urls::object::context(uri);
            let first = format!("{collection}?after=0");
            let owner = services::actors::by_id(app, object.assembly_id).await?.map(|a| a.uri);
            let ballots = services::ballots::count(app, object.root_id).await?;
            build::ordered(&collection, replies + ballots + 1, Some(&first), owner.as_deref())
        }
        (ObjectCollection::Context, Some(RepliesAfter::Others(_))) => return Ok(Document::Nothing),
        (ObjectCollection::Context, Some(RepliesAfter::Own(after))) => {
            let collection = urls::object::context(uri);
            let rows = services::comments::thread_uris(app, object.root_id, after, PAGE).await?;
            let next = next_page(&collection, &rows, PAGE);
            let items: Vec<String> = rows.into_iter().map(|(_, uri)| uri).collect();
            let page = format!("{collection}?after={after}");
            build::ordered_page(&page, &collection, &items.into(), next.as_deref())
        }
    };
    Ok(Document::Here(render(&build::standalone(value))))
}

async fn tallies(app: &App, id: ObjectId, root: ObjectId) -> Result<(i64, i64, i64), Error> {
    if let Some(replies) = services::ballots::replies(app, id).await? {
        return Ok((0, 0, replies));
    }
    if id == root {
        let i = services::initiatives::get(app, None, id).await?;
        Ok((i.likes, i.boosts, i.replies))
    } else {
        let c = services::comments::get(app, id).await?;
        Ok((c.likes, c.boosts, c.replies))
    }
}
