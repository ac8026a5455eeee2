//! The door for people: pages rendered here, without scripts.
//!
//! A handler takes `context::Ctx` (who asks, in which language), calls one service and hands a
//! template to `page`. Every change is a form that answers 303. Visible words come from the
//! Fluent files only.
//!
//! To add a page: its file here with a `router`, its template in `web/templates`, its words in
//! both languages, one line in [`router`].

mod account;
mod admin;
mod assembly;
mod assets;
mod ballot;
mod comment;
mod context;
mod error;
mod federation;
mod form;
mod home;
mod initiative;
mod interact;
mod moderation;
mod next;
mod page;
mod person;
mod profile;
mod quotes;
mod reaction;
mod reports;
mod search;
mod settings;
mod tags;
#[cfg(test)]
mod tests;
mod thread;
mod view;
mod write;

pub(in crate::http) use error::{Error, as_page};
pub(in crate::http) use next::NextPath;

use super::State;
use crate::domain::ObjectId;
use axum::Router;
use axum::extract::DefaultBodyLimit;

/// The routes of this door. It also answers whatever no door knows.
pub fn router() -> Router<State> {
    Router::new()
        .merge(home::router())
        .merge(assembly::router())
        .merge(initiative::router())
        .merge(ballot::router())
        .merge(comment::router())
        .merge(moderation::router())
        .merge(reaction::router())
        .merge(write::router())
        .merge(profile::router())
        .merge(account::router())
        .merge(admin::router())
        .merge(federation::router())
        .merge(interact::router())
        .merge(quotes::router())
        .merge(search::router())
        .merge(settings::router())
        .merge(reports::router())
        .merge(person::router())
        .merge(tags::router())
        .merge(assets::router())
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(form::MAX_BYTES))
}

/// The sign-in page, from which one comes back to `next`.
pub(in crate::http) fn sign_in_path(next: &NextPath) -> String {
    match next.as_str() {
        "/" => "/sign-in".to_owned(),
        _ => format!("/sign-in?next={}", next.encoded()),
    }
}

/// The id in a path. What is no id does not exist.
fn object_id(text: &str) -> Result<ObjectId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The page of an initiative.
fn initiative_path(id: ObjectId) -> String {
    format!("/p/{id}")
}
