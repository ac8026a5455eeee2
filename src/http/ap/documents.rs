//! Documents and collections.

use crate::app::{App, Rendered};
use crate::domain::ActivityId;
use crate::domain::handle::{INSTANCE_HANDLE, of_initiative};
use crate::federation::documents::{self, ActorCollection, Document, ObjectCollection};
use crate::federation::{self};
use crate::http::extract::KnownReader;
use crate::services::comments::RepliesAfter;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::str::FromStr;

/// An answer of this door.
pub(super) struct Answer(Result<Document, federation::Error>, HeaderMap);

/// The answer for what has the id in the path; nothing has what is no id.
async fn by_id<I: FromStr>(
    id: &str,
    headers: HeaderMap,
    find: impl AsyncFnOnce(I) -> Result<Document, federation::Error>,
) -> Answer {
    let outcome = match id.parse() {
        Ok(id) => find(id).await,
        Err(_) => Ok(Document::Nothing),
    };
    Answer(outcome, headers)
}

const VARY: &str = "Accept, Signature";

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.0 {
            Ok(Document::Here(rendered)) => found(&rendered, &self.1),
            Ok(Document::Gone(rendered)) => with_body(StatusCode::GONE, &rendered),
            Ok(Document::Elsewhere(uri)) => match HeaderValue::from_str(&uri) {
                Ok(uri) => {
                    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, uri)]).into_response()
                }
                Err(_) => StatusCode::NOT_FOUND.into_response(),
            },
            Ok(Document::Nothing) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => {
                tracing::warn!(%error, "a document could not be made");
                let retry = HeaderValue::from_static("30");
                (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, retry)]).into_response()
            }
        };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static(VARY));
        let open = HeaderName::from_static("access-control-allow-origin");
        response.headers_mut().insert(open, HeaderValue::from_static("*"));
        response
    }
}

fn found(rendered: &Rendered, asked: &HeaderMap) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == &*rendered.etag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        insert_tag(&mut response, rendered);
        return response;
    }
    let mut response = with_body(StatusCode::OK, rendered);
    insert_tag(&mut response, rendered);
    // What was given to somebody who named themselves is for them.
    let fresh = HeaderValue::from_static(if asked.contains_key("signature") {
        "private, max-age=0, must-revalidate"
    } else {
        "max-age=0, must-revalidate"
    });
    response.headers_mut().insert(header::CACHE_CONTROL, fresh);
    response
}

fn insert_tag(response: &mut Response, rendered: &Rendered) {
    if let Ok(tag) = HeaderValue::from_str(&rendered.etag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn with_body(status: StatusCode, rendered: &Rendered) -> Response {
    let kind = HeaderValue::from_static(rendered.content_type);
    (status, [(header::CONTENT_TYPE, kind)], rendered.body.clone()).into_response()
}

/// `/` and `/actor`.
pub(super) async fn instance(State(app): State<App>, headers: HeaderMap) -> Answer {
    Answer(documents::actor(&app, "/actor", INSTANCE_HANDLE).await, headers)
}

/// `/u/{handle}`: a person or a body.
pub(super) async fn user(
    _reader: KnownReader,
    State(app): State<App>,
    Path(handle): Path<String>,
    headers: HeaderMap,
) -> Answer {
    Answer(documents::actor(&app, "/u/", &handle).await, headers)
}

/// `/g/{handle}`: an assembly.
pub(super) async fn assembly(
    _reader: KnownReader,
    State(app): State<App>,
    Path(handle): Path<String>,
    headers: HeaderMap,
) -> Answer {
    Answer(documents::actor(&app, "/g/", &handle).await, headers)
}

/// `/i/{id}`: the actor of an initiative.
pub(super) async fn initiative_actor(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    Answer(documents::actor(&app, "/i/", &initiative_handle(&id)).await, headers)
}

/// The handle behind `/i/{id}`; of what is no id one that nobody has.
fn initiative_handle(id: &str) -> String {
    id.parse().map_or_else(|_| String::new(), of_initiative)
}

/// `/p/{id}`.
pub(super) async fn initiative(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    by_id(&id, headers, async |id| documents::initiative(&app, id).await).await
}

/// `/n/{id}`.
pub(super) async fn comment(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    by_id(&id, headers, async |id| documents::comment(&app, id).await).await
}

/// `/q/{id}`.
pub(super) async fn ballot(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    by_id(&id, headers, async |id| documents::ballot(&app, id).await).await
}

/// `/a/{id}`.
pub(super) async fn activity(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    by_id(&id, headers, async |id| documents::activity(&app, id).await).await
}

/// `/quotes/{id}`: leave to quote something.
pub(super) async fn quote_authorization(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    by_id(&id, headers, async |id| documents::quote_authorization(&app, id).await).await
}

/// `/replies/{id}`: leave to answer something.
pub(super) async fn reply_authorization(
    _reader: KnownReader,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let outcome = match id.parse() {
        Ok(id) => documents::reply_authorization(&app, id).await,
        Err(_) => Ok(Document::Nothing),
    };
    Answer(outcome, headers)
}

/// Where a page of a collection begins.
#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    after: Option<i64>,
    /// Among the answers from elsewhere, which come after our own.
    others: Option<i64>,
    before: Option<i64>,
}

/// `/actor/{collection}`.
pub(super) async fn instance_collection(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Answer {
    Answer(of_actor(&app, "/actor", INSTANCE_HANDLE, &name, &page).await, headers)
}

/// `/u/{handle}/{collection}`.
pub(super) async fn user_collection(
    _reader: KnownReader,
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Answer {
    Answer(of_actor(&app, "/u/", &handle, &name, &page).await, headers)
}

/// `/g/{handle}/{collection}`.
pub(super) async fn assembly_collection(
    _reader: KnownReader,
    State(app): State<App>,
    Path((handle, name)): Path<(String, String)>,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Answer {
    Answer(of_actor(&app, "/g/", &handle, &name, &page).await, headers)
}

/// `/i/{id}/{collection}`.
pub(super) async fn initiative_actor_collection(
    _reader: KnownReader,
    State(app): State<App>,
    Path((id, name)): Path<(String, String)>,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Answer {
    let handle = initiative_handle(&id);
    Answer(of_actor(&app, "/i/", &handle, &name, &page).await, headers)
}

async fn of_actor(
    app: &App,
    place: &str,
    handle: &str,
    name: &str,
    page: &PageQuery,
) -> Result<Document, federation::Error> {
    let which = match name {
        "outbox" => ActorCollection::Outbox,
        "followers" => ActorCollection::Followers,
        "following" => ActorCollection::Following,
        "featured" => ActorCollection::Featured,
        "moderators" => ActorCollection::Moderators,
        _ => return Ok(Document::Nothing),
    };
    documents::actor_collection(app, place, handle, which, page.before).await
}

/// `/p/{id}/{collection}`, `/n/{id}/{collection}` and `/q/{id}/{collection}`.
pub(super) async fn object_collection(
    _reader: KnownReader,
    State(app): State<App>,
    Path((id, name)): Path<(String, String)>,
    Query(page): Query<PageQuery>,
    headers: HeaderMap,
) -> Answer {
    if name == "record" {
        let after = page.after.map(ActivityId::from);
        return by_id(&id, headers, async |id| documents::record(&app, id, after).await).await;
    }
    let which = match name.as_str() {
        "replies" => ObjectCollection::Replies,
        "context" => ObjectCollection::Context,
        "likes" => ObjectCollection::Likes,
        "shares" => ObjectCollection::Shares,
        _ => return Answer(Ok(Document::Nothing), headers),
    };
    let after = match (page.after, page.others) {
        (_, Some(id)) => Some(RepliesAfter::Others(id.into())),
        (Some(id), None) => Some(RepliesAfter::Own(id.into())),
        (None, None) => None,
    };
    let found = async |id| documents::object_collection(&app, id, which, after).await;
    by_id(&id, headers, found).await
}
