//! What other servers look for at fixed places: WebFinger, host-meta, NodeInfo, and the meaning
//! of our own properties.

use crate::app::{App, SOFTWARE, VERSION};
use crate::federation::{interaction, webfinger};
use crate::http::State as Doors;
use crate::services;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) fn router() -> Router<Doors> {
    Router::new()
        .route("/.well-known/webfinger", get(finger))
        .route("/.well-known/host-meta", get(host_meta))
        .route("/.well-known/nodeinfo", get(nodeinfo_links))
        .route("/nodeinfo/{version}", get(nodeinfo))
        .route("/ns", get(namespace))
}

#[derive(Debug, Deserialize)]
struct FingerQuery {
    resource: Option<String>,
}

fn open(mut response: Response) -> Response {
    let name = HeaderName::from_static("access-control-allow-origin");
    response.headers_mut().insert(name, HeaderValue::from_static("*"));
    response
}

fn typed(kind: &'static str, value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            open(([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response())
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn finger(State(app): State<App>, Query(query): Query<FingerQuery>) -> Response {
    let Some(resource) = query.resource else {
        return open(
            (StatusCode::BAD_REQUEST, "ask with ?resource=acct:name@host").into_response(),
        );
    };
    match webfinger::document(&app, &resource).await {
        Ok(Some(document)) => {
            let mut jrd = without_nulls(json!(document));
            if let Some(links) = jrd.get_mut("links").and_then(Value::as_array_mut) {
                links.extend(interaction::links(&app.urls));
            }
            typed("application/jrd+json", &jrd)
        }
        Ok(None) => open(StatusCode::NOT_FOUND.into_response()),
        Err(error) => {
            tracing::warn!(%error, "a WebFinger question could not be answered");
            let retry = [(header::RETRY_AFTER, HeaderValue::from_static("30"))];
            open((StatusCode::SERVICE_UNAVAILABLE, retry).into_response())
        }
    }
}

/// The links without the members that they do not have (RFC 7033, 4.4.4 knows no null there).
fn without_nulls(mut jrd: Value) -> Value {
    let links = jrd.get_mut("links").and_then(Value::as_array_mut);
    for link in links.into_iter().flatten().filter_map(Value::as_object_mut) {
        link.retain(|_, value| !value.is_null());
    }
    jrd
}

async fn host_meta(State(app): State<App>) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" type=\"application/jrd+json\" template=\"{}\"/>\n</XRD>\n",
        app.urls.page("/.well-known/webfinger?resource={uri}")
    );
    let kind = HeaderValue::from_static("application/xrd+xml; charset=utf-8");
    open(([(header::CONTENT_TYPE, kind)], body).into_response())
}

async fn nodeinfo_links(State(app): State<App>) -> Json<Value> {
    let link = |version: &str| {
        json!({ "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
                "href": app.urls.page(&format!("/nodeinfo/{version}")) })
    };
    Json(json!({ "links": [
        link("2.0"),
        link("2.1"),
        // FEP-2677: who signs for the instance.
        { "rel": "https://www.w3.org/ns/activitystreams#Application",
          "href": app.urls.page("/actor") },
    ] }))
}

async fn nodeinfo(State(app): State<App>, Path(version): Path<String>) -> Response {
    if version != "2.0" && version != "2.1" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let figures = match services::instance::figures(&app).await {
        Ok(figures) => figures,
        Err(error) => {
            tracing::warn!(%error, "the figures of the instance could not be counted");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let mut software = json!({ "name": SOFTWARE, "version": VERSION });
    if let (true, Some(map)) = (version == "2.1", software.as_object_mut()) {
        map.insert("homepage".to_owned(), app.urls.base().into());
    }
    let document = json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": app.config.instance.registrations,
        "usage": {
            "users": { "total": figures.people },
            "localPosts": figures.initiatives,
            "localComments": figures.comments,
        },
        "metadata": {
            "nodeName": app.config.instance.name,
            "nodeDescription": app.config.instance.description,
            "federation": { "enabled": true },
        },
    });
    let kind = if version == "2.0" {
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\""
    } else {
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\""
    };
    typed(kind, &document)
}

/// The `civic:` properties that hold words, numbers or objects without an id.
const WORDS: [&str; 9] =
    ["stage", "revision", "digest", "problem", "proposal", "tally", "tier", "voters", "options"];
/// Those that hold an address. `FEDERATION.md` says what each means; a test compares.
const LINKS: [&str; 4] = ["addressee", "group", "initiative", "record"];

/// What the `civic:` properties mean, for whoever looks them up.
async fn namespace(State(app): State<App>) -> Response {
    let address = |name: &str| format!("{}{name}", app.urls.civic_context());
    let words = WORDS.map(|name| (name.to_owned(), json!({ "@id": address(name) })));
    let links =
        LINKS.map(|name| (name.to_owned(), json!({ "@id": address(name), "@type": "@id" })));
    let terms: Map<String, Value> = words.into_iter().chain(links).collect();
    typed("application/ld+json", &json!({ "@context": terms }))
}
