//! Bringing an initiative: writing, preview, publishing, changing, taking back; one's drafts.

use super::context::Ctx;
use super::form::{Field, Fields, Problems, SignedPost, problems_of};
use super::view::{Cards, language_field};
use super::{Error, initiative_path, object_id, page};
use crate::domain::initiative::Initiative;
use crate::domain::{InitiativeText, ObjectId, PageRequest, State, Viewer};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::{actors, assemblies, initiatives};
use crate::text::Links;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/write", get(blank).post(create))
        .route("/drafts", get(drafts))
        .route("/p/{id}/edit", get(edit).post(save))
        .route("/p/{id}/publish", post(publish))
        .route("/p/{id}/withdraw", get(confirm).post(withdraw))
}

#[derive(Template)]
#[template(path = "write.html")]
struct Write<'a> {
    c: &'a Ctx,
    /// What is being changed; nothing when it is new.
    initiative: Option<&'a Initiative>,
    /// Whether it is public already, so that saving announces a revision.
    public: bool,
    problems: Problems,
    /// The text as it will look: title, language, HTML.
    preview: Option<(String, String, String)>,
    fields: Vec<Field>,
    no_assembly: bool,
}

/// Shows the form with what was typed.
async fn form_page(
    state: &http::State,
    c: &Ctx,
    initiative: Option<&Initiative>,
    form: &initiatives::Form,
    problems: Problems,
    preview: Option<InitiativeText>,
) -> Result<Response, Error> {
    let public = initiative.is_some_and(|i| i.state != State::Draft);
    let boards = if public { Vec::new() } else { assemblies::list_local(&state.app).await? };
    let bodies = actors::list_addressable(&state.app).await?;
    let mut fields = Vec::new();
    if !public {
        let first = (String::new(), c.t("write-assembly-choose"));
        let options = boards.iter().map(|a| (a.handle.clone(), a.name.clone()));
        let options = std::iter::once(first).chain(options).collect();
        fields.push(
            Field::choice("assembly", c.t("write-assembly"), options)
                .hint(c.t("write-assembly-hint"))
                .filled(&form.assembly, &problems),
        );
        let first = (String::new(), c.t("write-body-default"));
        let options = bodies.iter().map(|a| (a.handle.clone(), a.name.clone()));
        let options = std::iter::once(first).chain(options).collect();
        fields.push(
            Field::choice("body", c.t("write-body"), options)
                .hint(c.t("write-body-hint"))
                .optional(c)
                .filled(form.body.as_deref().unwrap_or_default(), &problems),
        );
    }
    fields.extend(text_fields(c, form, &problems));
    let links = Links { urls: &state.app.urls, people: &[] };
    let preview =
        preview.map(|t| (t.title.clone(), t.language.clone(), initiatives::render(&t, &links)));
    let no_assembly = !public && boards.is_empty();
    let failed = !problems.is_empty();
    let shown = Write { c, initiative, public, problems, preview, fields, no_assembly };
    Ok(page::form(failed, &shown))
}

fn text_fields(c: &Ctx, form: &initiatives::Form, problems: &Problems) -> [Field; 4] {
    [
        Field::line("title", c.t("write-title"))
            .hint(c.t("write-title-hint"))
            .limit(InitiativeText::MAX_TITLE)
            .filled(&form.title, problems),
        Field::lines("problem", c.t("write-problem"), 8)
            .hint(c.t("write-problem-hint"))
            .limit(InitiativeText::MAX_BODY)
            .filled(&form.problem, problems),
        Field::lines("proposal", c.t("write-proposal"), 8)
            .hint(c.t("write-proposal-hint"))
            .limit(InitiativeText::MAX_BODY)
            .filled(&form.proposal, problems),
        language_field(c.t("language-of-text"), &form.language, problems),
    ]
}

fn typed(fields: &Fields) -> initiatives::Form {
    initiatives::Form {
        title: fields.get("title").to_owned(),
        problem: fields.get("problem").to_owned(),
        proposal: fields.get("proposal").to_owned(),
        language: fields.get("language").to_owned(),
        assembly: fields.get("assembly").to_owned(),
        body: Some(fields.get("body").to_owned()).filter(|b| !b.is_empty()),
    }
}

fn stored(i: &Initiative) -> initiatives::Form {
    initiatives::Form {
        title: i.title.clone(),
        problem: i.problem.clone(),
        proposal: i.proposal.clone(),
        language: i.language.clone(),
        assembly: i.assembly_handle.clone(),
        body: i.body_handle.clone(),
    }
}

async fn blank(
    Extract(state): Extract<http::State>,
    SignedIn(_): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let form = initiatives::Form {
        assembly: c.query("assembly").unwrap_or_default(),
        language: c.lang.tag().to_owned(),
        ..Default::default()
    };
    form_page(&state, &c, None, &form, Problems::new(), None).await
}

/// A preview, or what is wrong with the texts.
async fn preview(
    state: &http::State,
    c: &Ctx,
    initiative: Option<&Initiative>,
    form: &initiatives::Form,
) -> Result<Response, Error> {
    match form.text() {
        Ok(text) => form_page(state, c, initiative, form, Problems::new(), Some(text)).await,
        Err(error) => {
            let problems = problems_of(c, error)?;
            form_page(state, c, initiative, form, problems, None).await
        }
    }
}

async fn create(Extract(state): Extract<http::State>, post: SignedPost) -> Result<Response, Error> {
    let (c, viewer, form) = (&post.c, &post.session.viewer, typed(&post.fields));
    let publish = match post.fields.get("action") {
        "publish" => true,
        "draft" => false,
        _ => return preview(&state, c, None, &form).await,
    };
    match initiatives::draft(&state.app, viewer, &form).await {
        Ok(made) => after_saving(&state, viewer, made.id, publish).await,
        Err(error) => form_page(&state, c, None, &form, problems_of(c, error)?, None).await,
    }
}

async fn after_saving(
    state: &http::State,
    viewer: &Viewer,
    id: ObjectId,
    publish: bool,
) -> Result<Response, Error> {
    if publish {
        initiatives::publish(&state.app, viewer, id).await?;
    }
    Ok(page::see_other(&initiative_path(id)))
}

/// The visitor's own initiative, which can still change.
async fn own(state: &http::State, viewer: &Viewer, id: &str) -> Result<Initiative, Error> {
    let found = initiatives::get(&state.app, Some(viewer), object_id(id)?).await?;
    found.standing().revise(viewer).map_err(crate::services::Error::from)?;
    Ok(found)
}

async fn edit(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let i = own(&state, &session.viewer, &id).await?;
    form_page(&state, &c, Some(&i), &stored(&i), Problems::new(), None).await
}

async fn save(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let (c, viewer, form) = (&post.c, &post.session.viewer, typed(&post.fields));
    let i = own(&state, viewer, &id).await?;
    let publish = match post.fields.get("action") {
        "publish" => i.state == State::Draft,
        "save" | "draft" => false,
        _ => return preview(&state, c, Some(&i), &form).await,
    };
    match initiatives::revise(&state.app, viewer, i.id, &form).await {
        Ok(made) => after_saving(&state, viewer, made.id, publish).await,
        Err(error) => form_page(&state, c, Some(&i), &form, problems_of(c, error)?, None).await,
    }
}

async fn publish(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    after_saving(&state, &post.session.viewer, object_id(&id)?, true).await
}

#[derive(Template)]
#[template(path = "withdraw.html")]
struct Withdraw<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    is_draft: bool,
}

async fn confirm(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let i = own(&state, &session.viewer, &id).await?;
    Ok(page::ok(&Withdraw { c: &c, i: &i, is_draft: i.state == State::Draft }))
}

async fn withdraw(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let left = initiatives::withdraw(&state.app, &post.session.viewer, id).await?;
    Ok(page::see_other(&left.map_or_else(|| "/drafts".to_owned(), |i| initiative_path(i.id))))
}

#[derive(Template)]
#[template(path = "drafts.html")]
struct Drafts<'a> {
    c: &'a Ctx,
    cards: Cards,
}

async fn drafts(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let viewer = &session.viewer;
    let filter = initiatives::Filter {
        author: Some(viewer.id),
        state: Some(State::Draft),
        ..Default::default()
    };
    let request = PageRequest::new(c.query_number("before"), None);
    let found = initiatives::list(&state.app, Some(viewer), filter, request).await?;
    Ok(page::ok(&Drafts { cards: Cards::new(&c, &found, "/drafts"), c: &c }))
}
