//! Following one initiative: from the page for those who have an account here, by its address for
//! everybody else.

use crate::app::App;
use crate::domain::handle::of_initiative;
use crate::domain::initiative::Initiative;
use crate::federation::Budget;
use crate::federation::resolve::{Found, lookup};
use crate::http;
use crate::http::web::context::Ctx;
use crate::http::web::form::SignedPost;
use crate::http::web::{Error, initiative_path, object_id, page};
use crate::services::{follows, initiatives};
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/i/{id}", get(home)).route("/p/{id}/follow", post(follow))
}

/// What the page says about following.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// What to type into the search of another server: a handle, or the id on the wire.
    pub(super) address: String,
    /// How the visitor's own follow stands, in words.
    pub(super) state: Option<String>,
    /// Whether the visitor follows it or waits for that.
    pub(super) asked: bool,
}

impl Offer {
    pub(super) async fn read(app: &App, c: &Ctx, i: &Initiative) -> Result<Option<Self>, Error> {
        let Some(uri) = initiatives::group_uri(app, i).filter(|_| i.deleted_at.is_none()) else {
            return Ok(None);
        };
        let address = if i.local {
            format!("@{}@{}", of_initiative(i.id), app.urls.authority())
        } else {
            uri
        };
        let state = match c.viewer() {
            Some(viewer) => initiatives::follow_state(app, viewer, i).await?,
            None => None,
        };
        let asked = matches!(state.as_deref(), Some("pending" | "accepted"));
        let state = state.and_then(|state| c.follow_state(&state));
        Ok(Some(Self { address, state, asked }))
    }
}

/// The actor has no page of its own.
async fn home(Path(id): Path<String>) -> Result<Response, Error> {
    Ok(page::see_other(&initiative_path(object_id(&id)?)))
}

async fn follow(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let (app, viewer) = (&state.app, &form.session.viewer);
    let id = object_id(&id)?;
    let initiative = initiatives::get(app, Some(viewer), id).await?;
    if form.fields.get("on") == "1" {
        let uri = initiatives::group_uri(app, &initiative).ok_or(Error::NotFound)?;
        match lookup(app, &Budget::person(), &uri).await {
            Ok(Found::Actor(group)) if group.kind.is_group() => {
                follows::follow(app, viewer, group.id).await?;
            }
            Err(crate::federation::Error::Service(error)) => return Err(error.into()),
            _ => return Err(Error::NotFound),
        }
    } else if let Some(group) = initiatives::known_group(app, &initiative).await? {
        follows::unfollow(app, viewer, group.id).await?;
    }
    Ok(page::see_other(&format!("{}#follow", initiative_path(id))))
}
