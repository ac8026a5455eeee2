//! Search: words in initiatives; for those signed in also addresses from elsewhere.

use super::context::Ctx;
use super::view::{Cards, actor_path};
use super::{Error, initiative_path, page};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, PageRequest};
use crate::federation::resolve::{self, Found, is_reference};
use crate::federation::{self, Budget};
use crate::http;
use crate::services::initiatives;
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/search", get(search))
}

/// The longest query that is looked for.
const MAX_QUERY: usize = 500;

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    c: &'a Ctx,
    query: &'a str,
    cards: Option<Cards>,
    /// A person or a body elsewhere that was found by address.
    person: Option<Actor>,
    /// Whether the query is an address that led nowhere.
    unknown_address: bool,
}

/// What an address stands for; its home is asked where needed. What cannot be found, because it
/// is not there or does not answer, is nothing.
async fn find(app: &App, query: &str) -> Result<Option<Found>, Error> {
    match resolve::lookup(app, &Budget::person(), query).await {
        Ok(found) => Ok(Some(found)),
        Err(federation::Error::Service(error)) => Err(error.into()),
        Err(error) => {
            tracing::info!(%error, "an address that was looked for led nowhere");
            Ok(None)
        }
    }
}

async fn search(Extract(state): Extract<http::State>, c: Ctx) -> Result<Response, Error> {
    let query = c.query("q").unwrap_or_default();
    let query: String = query.trim().chars().filter(|x| !x.is_control()).take(MAX_QUERY).collect();
    if is_reference(&query) {
        return found_by_address(&state, &c, &query).await;
    }
    let cards = if query.is_empty() {
        None
    } else {
        let filter = initiatives::Filter { text: Some(query.clone()), ..Default::default() };
        let request = PageRequest::new(c.query_number("before"), None);
        let found = initiatives::list(&state.app, None, filter, request).await?;
        Some(Cards::new(&c, &found, &search_path(&query)))
    };
    let shown = Search { c: &c, query: &query, cards, person: None, unknown_address: false };
    Ok(page::ok(&shown))
}

async fn found_by_address(state: &http::State, c: &Ctx, query: &str) -> Result<Response, Error> {
    // Asking other servers costs; it is for those who have an account here.
    let found = if c.session.is_some() { find(&state.app, query).await? } else { None };
    let person = match found {
        Some(Found::Initiative(i)) => return Ok(page::see_other(&initiative_path(i.id))),
        Some(Found::Ballot(id)) => return Ok(page::see_other(&format!("/q/{id}"))),
        Some(Found::Comment { id, .. }) => return Ok(page::see_other(&format!("/n/{id}"))),
        Some(Found::Actor(actor)) if actor.local || actor.kind == ActorKind::Assembly => {
            return Ok(page::see_other(&actor_path(c, &actor)));
        }
        Some(Found::Actor(actor)) => Some(*actor),
        None => None,
    };
    let unknown_address = person.is_none();
    Ok(page::ok(&Search { c, query, cards: None, person, unknown_address }))
}

fn search_path(query: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("/search?q={encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_stay_one_parameter() {
        assert_eq!(
            search_path("ночной & bus"),
            "/search?q=%D0%BD%D0%BE%D1%87%D0%BD%D0%BE%D0%B9+%26+bus"
        );
    }
}
