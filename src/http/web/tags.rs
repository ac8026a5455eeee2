//! The page of a hashtag: initiatives and comments that carry it, from here and from mirrors.

use super::context::Ctx;
use super::view::{Cards, person_path};
use super::{Error, page};
use crate::domain::{PageRequest, tag};
use crate::http;
use crate::services::tags;
use crate::text;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/tags/{name}", get(show))
}

/// Comments on the page; initiatives are paged, comments are the newest.
const COMMENTS: i64 = 20;

struct Said {
    path: String,
    author: String,
    author_path: String,
    when: String,
    excerpt: String,
    language: String,
}

#[derive(Template)]
#[template(path = "tag.html")]
struct Show<'a> {
    c: &'a Ctx,
    name: &'a str,
    cards: Cards,
    said: Vec<Said>,
    /// Where older comments are.
    more: Option<i64>,
    path: String,
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(name): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let name = tag::normal(&name).ok_or(Error::NotFound)?;
    let path = format!("/tags/{}", encoded(&name));
    let request = PageRequest::new(c.query_number("before"), None);
    let found = tags::initiatives(&state.app, &name, request).await?;
    let request = PageRequest::new(c.query_number("comments"), Some(COMMENTS));
    let comments = tags::comments(&state.app, &name, request).await?;
    let more = comments.next;
    let said = comments.items.into_iter().map(|comment| Said {
        path: format!("/n/{}", comment.id),
        author_path: person_path(
            &c,
            &comment.author_handle,
            &comment.author_host,
            &comment.author_url,
        ),
        excerpt: text::excerpt(&text::plain(comment.teaser()), 200),
        author: comment.author_name,
        when: c.moment(comment.claimed_at),
        language: comment.language,
    });
    let said = said.collect();
    let cards = Cards::new(&c, &found, &path);
    Ok(page::ok(&Show { c: &c, name: &name, cards, said, more, path }))
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}
