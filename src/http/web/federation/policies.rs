//! The rules about other servers: stated one by one, or from a file, which first shows what it
//! would change.

use super::{actor_of, require_admin, words};
use crate::domain::policy::csv;
use crate::domain::policy::{DomainPolicy, Severity};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::http::web::context::Ctx;
use crate::http::web::form::{Field, Problem, Problems, SignedPost, problems_of};
use crate::http::web::{Error, page};
use crate::services::policies::{self, By, Change, Form, Plan};
use ::http::header;
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/admin/federation/policies", get(show).post(set))
        .route("/admin/federation/policies/unset", post(unset))
        .route("/admin/federation/policies/import", post(import))
        .route("/admin/federation/policies.csv", get(export))
        .route("/admin/federation/allowed.csv", get(export_allowed))
}

/// A file as it is shown again before it is applied.
struct Planned {
    changes: Vec<(String, String, String)>,
    unchanged: i64,
    file: String,
    replace: bool,
}

#[derive(Template)]
#[template(path = "admin_policies.html")]
struct Policies<'a> {
    c: &'a Ctx,
    allow_list: bool,
    rules: Vec<(DomainPolicy, String)>,
    problems: Problems,
    fields: [Field; 5],
    flags: [(&'static str, String, bool); 3],
    planned: Option<Planned>,
}

/// What was typed into the form: domain, severity, comments, reason, flags.
#[derive(Default)]
struct Typed {
    texts: [String; 5],
    flags: [bool; 3],
}

const NAMES: [&str; 5] = ["domain", "severity", "public_comment", "private_comment", "why"];
const FLAGS: [&str; 3] = ["reject_media", "reject_reports", "obfuscate"];

async fn whole(
    state: &http::State,
    c: &Ctx,
    typed: &Typed,
    problems: Problems,
    planned: Option<Planned>,
) -> Result<Response, Error> {
    let rules = policies::list(&state.app).await?;
    let rules = rules.into_iter().map(|r| (c.t(words::severity(r.severity)), r));
    let options = Severity::ALL.map(|s| (s.as_str().to_owned(), c.t(words::severity(s))));
    let [domain, severity, public, private, why] = &typed.texts;
    let failed = !problems.is_empty();
    let fields = [
        Field::line("domain", c.t("policy-domain"))
            .hint(c.t("policy-domain-hint"))
            .filled(domain, &problems),
        Field::choice("severity", c.t("policy-severity"), options.to_vec())
            .hint(c.t("policy-severity-hint"))
            .filled(severity, &problems),
        Field::line("public_comment", c.t("policy-public-comment"))
            .optional(c)
            .filled(public, &problems),
        Field::line("private_comment", c.t("policy-private-comment"))
            .optional(c)
            .filled(private, &problems),
        Field::line("why", c.t("fedlog-why")).filled(why, &problems),
    ];
    let labels = ["policy-reject-media", "policy-reject-reports", "policy-obfuscate"];
    let mut flags = typed.flags.iter();
    let flags = [0, 1, 2].map(|n: usize| {
        let name = FLAGS.get(n).copied().unwrap_or_default();
        let label = labels.get(n).map(|key| c.t(key)).unwrap_or_default();
        (name, label, flags.next().copied().unwrap_or_default())
    });
    let shown = Policies {
        c,
        allow_list: state.app.config.federation.mode == crate::domain::policy::Mode::AllowList,
        rules: rules.map(|(text, rule)| (rule, text)).collect(),
        problems,
        fields,
        flags,
        planned,
    };
    Ok(page::form(failed, &shown))
}

async fn show(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    let mut typed = Typed::default();
    let domain = c.query("domain").unwrap_or_default();
    let known = match domain.as_str() {
        "" => None,
        domain => policies::get(&state.app, domain).await.ok().flatten(),
    };
    if let Some(rule) = known {
        let severity = rule.severity.as_str().to_owned();
        let comments = (rule.public_comment, rule.private_comment);
        typed.texts = [rule.domain, severity, comments.0, comments.1, String::new()];
        typed.flags = [rule.reject_media, rule.reject_reports, rule.obfuscate];
    } else {
        typed.texts = [domain, "reject".into(), String::new(), String::new(), String::new()];
    }
    whole(&state, &c, &typed, Problems::new(), None).await
}

async fn set(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let f = &form.fields;
    let typed = Typed {
        texts: NAMES.map(|name| f.get(name).to_owned()),
        flags: FLAGS.map(|name| !f.get(name).is_empty()),
    };
    let severity = Severity::parse(f.get("severity")).ok_or(Error::BadRequest)?;
    let [reject_media, reject_reports, obfuscate] = typed.flags;
    let stated = Form {
        severity,
        reject_media,
        reject_reports,
        obfuscate,
        public_comment: f.get("public_comment").to_owned(),
        private_comment: f.get("private_comment").to_owned(),
    };
    let who = actor_of(&state, &form.session.viewer);
    let by = By { who: &who, why: f.get("why") };
    match policies::set(&state.app, by, f.get("domain"), &stated).await {
        Ok(_) => Ok(page::see_other("/admin/federation/policies")),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            whole(&state, &form.c, &typed, problems, None).await
        }
    }
}

async fn unset(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let f = &form.fields;
    let who = actor_of(&state, &form.session.viewer);
    policies::unset(&state.app, By { who: &who, why: f.get("why") }, f.get("domain")).await?;
    Ok(page::see_other("/admin/federation/policies"))
}

/// Shows what a list would change; with `apply`, changes it.
async fn import(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let f = &form.fields;
    let (file, replace) = (f.get("file"), !f.get("replace").is_empty());
    let typed = Typed::default();
    let plan = match Plan::new(&state.app, file, replace).await? {
        Ok(plan) => plan,
        Err(faults) => {
            let problem = |fault: &csv::Fault| Problem {
                field: "file".to_owned(),
                label: Some(form.c.t("policy-file")),
                text: fault.to_string(),
            };
            let problems = faults.iter().map(problem).collect();
            let planned =
                Planned { changes: Vec::new(), unchanged: 0, file: file.to_owned(), replace };
            return whole(&state, &form.c, &typed, problems, Some(planned)).await;
        }
    };
    if f.get("apply").is_empty() {
        let changes = plan.changes.iter().map(|change| shown(&form.c, change)).collect();
        let unchanged = i64::try_from(plan.unchanged).unwrap_or(0);
        let planned = Planned { changes, unchanged, file: file.to_owned(), replace };
        return whole(&state, &form.c, &typed, Problems::new(), Some(planned)).await;
    }
    let who = actor_of(&state, &form.session.viewer);
    plan.apply(&state.app, By { who: &who, why: f.get("why") }).await?;
    Ok(page::see_other("/admin/federation/policies"))
}

/// A change: the domain, what holds, what would hold.
fn shown(c: &Ctx, change: &Change) -> (String, String, String) {
    let text = |severity: Option<Severity>| match severity {
        Some(severity) => c.t(words::severity(severity)),
        None => c.t("policy-none"),
    };
    (change.domain.clone(), text(change.before), text(change.after))
}

async fn export(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    Ok(file(csv::write(&policies::list(&state.app).await?)))
}

async fn export_allowed(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    Ok(file(csv::write_allowed(&policies::list(&state.app).await?)))
}

fn file(text: String) -> Response {
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"domains.csv\"");
    ([kind, name], text).into_response()
}
