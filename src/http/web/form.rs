//! Forms: reading them safely, showing them again with what is wrong.
//!
//! Reading is one way only: [`Posted`] and [`SignedPost`] refuse forms from other sites and forms
//! without the token of this visitor, before anything is looked at. Must not check what fields
//! mean; services do, and their [`Invalid`] codes become [`Problem`]s.
//!
//! To add a field to a page: a [`Field`] in its handler, `{{ field|safe }}` in its template.

use super::context::Ctx;
use crate::crypto;
use crate::domain::Invalid;
use crate::http::State;
use crate::http::extract::session::SignedIn;
use crate::http::middleware::check_act;
use crate::http::web::Error;
use crate::services::{self, accounts::Session};
use askama::Template;
use axum::RequestPartsExt as _;
use axum::extract::{FromRequest, RawForm, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, header};

/// The largest form, in bytes: an initiative of the longest texts, percent-encoded Cyrillic.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// The fields of a form as they were sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body);
        Self(pairs.map(|(name, value)| (name.into_owned(), tidy(&value))).collect())
    }

    /// The value of a field; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a field that can be sent several times.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let of = self.0.iter().filter(|(key, _)| key == name);
        of.map(|(_, value)| value.as_str()).collect()
    }
}

/// Line ends as one character; no control characters, which no text needs and PostgreSQL refuses.
fn tidy(value: &str) -> String {
    value.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || "\n\t".contains(*c)).collect()
}

/// A form of anybody: checked for where it came from and for its token.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) c: Ctx,
    pub(super) fields: Fields,
}

/// A form of somebody signed in: checked for where it came from and for the session's token.
#[derive(Debug)]
pub(super) struct SignedPost {
    pub(super) c: Ctx,
    pub(super) session: Session,
    pub(super) fields: Fields,
}

/// A form that changes nothing but a preference of this browser: checked for where it came from,
/// and for the token of the session where there is one.
#[derive(Debug)]
pub(super) struct Preference {
    pub(super) c: Ctx,
    pub(super) fields: Fields,
}

impl FromRequest<State> for Posted {
    type Rejection = Error;

    async fn from_request(request: Request, state: &State) -> Result<Self, Error> {
        let (mut parts, body) = open(request, state)?;
        let c: Ctx = parts.extract_with_state(state).await?;
        let fields = read(Request::from_parts(parts, body), state).await?;
        check_token(&c, &fields)?;
        Ok(Self { c, fields })
    }
}

impl FromRequest<State> for Preference {
    type Rejection = Error;

    async fn from_request(request: Request, state: &State) -> Result<Self, Error> {
        let (mut parts, body) = open(request, state)?;
        let c: Ctx = parts.extract_with_state(state).await?;
        let fields = read(Request::from_parts(parts, body), state).await?;
        if c.session.is_some() {
            check_token(&c, &fields)?;
        }
        Ok(Self { c, fields })
    }
}

impl FromRequest<State> for SignedPost {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = open(request, state).map_err(IntoResponse::into_response)?;
        let SignedIn(session) = parts.extract_with_state(state).await?;
        let c: Ctx = parts.extract_with_state(state).await.map_err(Error::into_response)?;
        let extensions = parts.extensions.clone();
        let fields = read(Request::from_parts(parts, body), state)
            .await
            .map_err(IntoResponse::into_response)?;
        check_token(&c, &fields).map_err(IntoResponse::into_response)?;
        check_act(&extensions, session.viewer.id).map_err(|seconds| {
            let mut response = Error::TooManyRequests.into_response();
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        })?;
        Ok(Self { c, session, fields })
    }
}

fn open(request: Request, state: &State) -> Result<(Parts, axum::body::Body), Error> {
    if is_foreign(request.headers(), state.app.urls.base()) {
        return Err(Error::ForeignForm);
    }
    Ok(request.into_parts())
}

async fn read(request: Request, state: &State) -> Result<Fields, Error> {
    use axum::extract::rejection::{BytesRejection, FailedToBufferBody, RawFormRejection};
    match RawForm::from_request(request, state).await {
        Ok(RawForm(body)) => Ok(Fields::parse(&body)),
        Err(RawFormRejection::BytesRejection(BytesRejection::FailedToBufferBody(
            FailedToBufferBody::LengthLimitError(_),
        ))) => Err(Error::TooLarge),
        Err(_) => Err(Error::BadRequest),
    }
}

/// Whether the browser says that a form came from another site.
fn is_foreign(headers: &HeaderMap, base: &str) -> bool {
    let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let fetched = text(header::HeaderName::from_static("sec-fetch-site"));
    let foreign_fetch = fetched.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let foreign_origin = text(header::ORIGIN).is_some_and(|o| !o.eq_ignore_ascii_case(base));
    foreign_fetch || foreign_origin
}

fn check_token(c: &Ctx, fields: &Fields) -> Result<(), Error> {
    let good = !c.csrf.is_empty() && crypto::same_secret(&c.csrf, fields.get("csrf"));
    if good { Ok(()) } else { Err(Error::ForeignForm) }
}

/// What is wrong with one field, for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field's name, or its id where two forms share a page.
    pub(super) field: String,
    /// The field's label, for the list above the form.
    pub(super) label: Option<String>,
    pub(super) text: String,
}

/// The key of a field's label. A field without one is named by its error alone.
pub(super) fn label_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "title" => "write-title",
        "problem" => "write-problem",
        "proposal" => "write-proposal",
        "assembly" => "write-assembly",
        "body" => "write-body",
        "language" => "language-of-text",
        "handle" => "register-handle",
        "name" => "register-name",
        "email" => "register-email",
        "password" => "register-password",
        "about" => "settings-about",
        "text" => "answer-title",
        "server" => "interact-server",
        "domain" => "policy-domain",
        "public_comment" => "policy-public-comment",
        "private_comment" => "policy-private-comment",
        "question" => "ballot-question",
        "options" => "ballot-options",
        "ends_at" => "ballot-length",
        _ => return None,
    })
}

impl Problem {
    /// The same problem, on a page where this form stands beside another.
    pub(super) fn within(mut self, form: &str) -> Self {
        self.field = format!("{form}-{}", self.field);
        self
    }
}

/// Everything that is wrong with a form.
pub(super) type Problems = Vec<Problem>;

/// The problems of a refused form; other errors stay errors.
pub(super) fn problems_of(c: &Ctx, error: services::Error) -> Result<Problems, Error> {
    match error {
        services::Error::Invalid(list) => Ok(list.iter().map(|i| c.problem(i)).collect()),
        other => Err(other.into()),
    }
}

/// One problem, for what only the page knows.
pub(super) fn problem(c: &Ctx, field: &'static str, code: &'static str) -> Problems {
    vec![c.problem(&Invalid::new(field, code))]
}

/// What a field looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Line(&'static str),
    Lines(u8),
    Choice(Vec<(String, String)>),
}

/// A labelled field with its hint and its error.
#[derive(Clone, Debug, Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    name: &'static str,
    /// Its name, with the form's before it where two forms share a page.
    id: String,
    label: String,
    kind: Kind,
    hint: Option<String>,
    value: String,
    error: Option<String>,
    autocomplete: Option<&'static str>,
    limit: Option<usize>,
    optional: Option<String>,
}

impl Field {
    fn new(name: &'static str, label: String, kind: Kind) -> Self {
        Self {
            name,
            id: name.to_owned(),
            label,
            kind,
            hint: None,
            value: String::new(),
            error: None,
            autocomplete: None,
            limit: None,
            optional: None,
        }
    }

    /// One line.
    pub(super) fn line(name: &'static str, label: String) -> Self {
        Self::new(name, label, Kind::Line("text"))
    }

    /// One line of a special type: `email`, `password`.
    pub(super) fn of_type(name: &'static str, label: String, kind: &'static str) -> Self {
        Self::new(name, label, Kind::Line(kind))
    }

    /// Several lines.
    pub(super) fn lines(name: &'static str, label: String, rows: u8) -> Self {
        Self::new(name, label, Kind::Lines(rows))
    }

    /// One of these: pairs of value and text.
    pub(super) fn choice(
        name: &'static str,
        label: String,
        options: Vec<(String, String)>,
    ) -> Self {
        Self::new(name, label, Kind::Choice(options))
    }

    /// Tells its ids from those of the other form on the page.
    pub(super) fn within(mut self, form: &str) -> Self {
        self.id = format!("{form}-{}", self.name);
        self
    }

    pub(super) fn hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    pub(super) fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Says beside the label that it may stay empty.
    pub(super) fn optional(mut self, c: &Ctx) -> Self {
        self.optional = Some(c.t("form-optional"));
        self
    }

    /// What was typed, and what was wrong with it.
    pub(super) fn filled(mut self, value: &str, problems: &Problems) -> Self {
        value.clone_into(&mut self.value);
        self.error = problems.iter().find(|p| p.field == self.name).map(|p| p.text.clone());
        self
    }

    /// The ids of what describes it.
    fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
