//! Sessions, forged forms and what people may not see.

use super::*;
use crate::services::initiatives;
use crate::testing::PASSWORD;
use axum::body::Body;
use http::{Request, header};
use tower::ServiceExt as _;

/// Every form of somebody signed in: a new one belongs here.
fn forms(initiative: &str, comment: &str) -> Vec<String> {
    let mut paths: Vec<String> =
        ["/write", "/settings", "/sign-out", "/admin/bodies", "/admin/assemblies", "/language"]
            .map(str::to_owned)
            .to_vec();
    for form in ["edit", "publish", "withdraw", "comments", "endorse", "boost"] {
        paths.push(format!("/p/{initiative}/{form}"));
    }
    for form in ["edit", "delete"] {
        paths.push(format!("/n/{comment}/{form}"));
    }
    paths.push("/remote/g/1/follow".to_owned());
    paths
}

async fn raw(app: &TestApp, path: &str, cookie: &str, body: String, extra: (&str, &str)) -> u16 {
    let request = Request::post(path)
        .header(header::HOST, "veche.test")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(extra.0, extra.1)
        .body(Body::from(body))
        .unwrap();
    let Ok(response) = app.router().oneshot(request).await;
    response.status().as_u16()
}

both_engines! {
    async fn forged_forms_change_nothing(app: TestApp) {
        let (ana, i) = with_initiative(&app).await;
        let comment = comments::post(&app, &ana, i.id, None, "Mine", "en").await.unwrap();
        let mut browser = app.browser_of("ana").await;
        browser.get("/").await;
        let token = browser.csrf().unwrap().to_owned();
        let cookie = format!("veche={}", browser.cookie("veche").unwrap());
        let fields = "text=x&title=x&problem=x&proposal=x&language=ru&on=1&name=x&action=publish";
        for path in forms(&i.id.to_string(), &comment.id.to_string()) {
            let good = format!("{fields}&csrf={token}");
            let none = ("x-nothing", "x");
            for (body, extra) in [
                (fields.to_owned(), none),
                (format!("{fields}&csrf="), none),
                (format!("{fields}&csrf=AAAA"), none),
                (good.clone(), ("origin", "https://evil.example")),
                (good.clone(), ("origin", "null")),
                (good.clone(), ("sec-fetch-site", "cross-site")),
                (good.clone(), ("sec-fetch-site", "same-site")),
            ] {
                let status = raw(&app, &path, &cookie, body, extra).await;
                assert_eq!(status, 403, "{path} {extra:?}");
            }
        }
        let now = initiatives::get(&app, None, i.id).await.unwrap();
        assert_eq!((now.revision, now.likes, now.replies), (1, 0, 1));
        assert_eq!(comments::get(&app, comment.id).await.unwrap().source, "Mine");
        assert!(browser.get("/").await.text().contains("<html lang=\"en\">"));
    }

    async fn forms_without_a_session_need_their_token(app: TestApp) {
        app.account("ana").await;
        let fields = format!("login=ana&password={}", PASSWORD.replace(' ', "+"));
        let none = ("x-nothing", "x");
        for path in ["/sign-in", "/register", "/setup/x"] {
            for (cookie, body) in [
                ("", fields.clone()),
                ("veche-form=abc", fields.clone()),
                ("veche-form=abc", format!("{fields}&csrf=abd")),
                ("", format!("{fields}&csrf=abc")),
            ] {
                assert_eq!(raw(&app, path, cookie, body, none).await, 403, "{path} {cookie}");
            }
        }
        let body = format!("{fields}&csrf=abc");
        assert_eq!(raw(&app, "/sign-in", "veche-form=abc", body.clone(), none).await, 303);
        let foreign = ("origin", "https://evil.example");
        assert_eq!(raw(&app, "/sign-in", "veche-form=abc", body, foreign).await, 403);
        let foreign = ("sec-fetch-site", "cross-site");
        let body = "language=ru".to_owned();
        assert_eq!(raw(&app, "/language", "", body, foreign).await, 403);
    }

    async fn signing_in_and_out(app: TestApp) {
        app.account("ana").await;
        let mut browser = app.browser();
        browser.get("/sign-in?next=/drafts").await;
        let wrong = [("login", "ana"), ("password", "not this one"), ("next", "/drafts")];
        let refused = browser.post_form("/sign-in", &wrong).await;
        assert_eq!(refused.status(), 422);
        check_page("/sign-in", &refused);
        assert!(refused.text().contains("value=\"ana\"") && !refused.text().contains("not this"));
        let unknown = [("login", "nobody"), ("password", "not this one")];
        let same = browser.post_form("/sign-in", &unknown).await;
        assert_eq!(same.status(), 422);
        let right = [("login", "@Ana"), ("password", PASSWORD), ("next", "/drafts")];
        let entered = browser.post_form("/sign-in", &right).await;
        assert_eq!((entered.status(), entered.location()), (303, "/drafts"));
        let cookies: Vec<_> = entered.headers().get_all("set-cookie").iter().collect();
        let session = cookies.iter().filter_map(|c| c.to_str().ok());
        let session = session.filter(|c| c.starts_with("veche=")).collect::<Vec<_>>();
        assert!(
            session.iter().all(|c| c.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age=")),
            "{session:?}"
        );
        let old = browser.cookie("veche").unwrap().to_owned();
        browser.get("/drafts").await;
        assert_eq!(browser.post_form("/sign-out", &[]).await.status(), 303);
        assert_eq!(browser.cookie("veche"), None);
        assert!(accounts::session(&app, &old).await.unwrap().is_none());
    }

    async fn nobody_is_sent_away(app: TestApp) {
        app.account("ana").await;
        for next in ["//evil.example", "/\\evil.example", "https://evil.example", "https:evil"] {
            let mut browser = app.browser();
            browser.get("/sign-in").await;
            let fields = [("login", "ana"), ("password", PASSWORD), ("next", next)];
            assert_eq!(browser.post_form("/sign-in", &fields).await.location(), "/", "{next}");
        }
    }

    async fn cookies_are_bound_to_the_host_where_there_is_tls(engine: crate::storage::Engine) {
        let app = TestApp::builder(engine)
            .config(|config| {
                config.federation.allow_http = false;
                config.federation.allow_addresses.clear();
            })
            .url("https://veche.test")
            .start()
            .await;
        app.account("ana").await;
        let mut browser = app.browser();
        browser.get("/sign-in").await;
        let entered =
            browser.post_form("/sign-in", &[("login", "ana"), ("password", PASSWORD)]).await;
        let cookies: Vec<_> =
            entered.headers().get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).collect();
        assert!(cookies.iter().all(|c| c.starts_with("__Host-veche") && c.contains("; Secure")));
        assert!(browser.cookie("__Host-veche").is_some());
    }

    async fn drafts_are_nobody_elses(app: TestApp) {
        let ana = app.account("ana").await;
        app.account("bob").await;
        app.assembly("transport").await;
        let form = initiatives::Form {
            title: "Secret plan".to_owned(),
            problem: "p".to_owned(),
            proposal: "q".to_owned(),
            language: "en".to_owned(),
            assembly: "transport".to_owned(),
            body: None,
        };
        let draft = initiatives::draft(&app, &ana, &form).await.unwrap();
        let mut bob = app.browser_of("bob").await;
        for path in ["", "/edit", "/withdraw", "/revisions", "/revisions/1"] {
            let path = format!("/p/{}{path}", draft.id);
            assert_eq!(bob.get(&path).await.status(), 404, "{path}");
        }
        for path in ["/", "/g/transport", "/u/ana", "/search?q=secret", "/drafts"] {
            assert!(!bob.get(path).await.text().contains("Secret plan"), "{path}");
        }
        bob.get("/").await;
        for form in ["publish", "withdraw", "endorse", "comments"] {
            let fields = [("on", "1"), ("text", "x"), ("language", "en")];
            let path = format!("/p/{}/{form}", draft.id);
            assert_eq!(bob.post_form(&path, &fields).await.status(), 404, "{path}");
        }
    }

    async fn markup_stays_text(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
        let i = app.initiative(&ana, "transport", evil).await;
        accounts::set_profile(&app, &ana, evil.get(..50).unwrap(), evil, "en").await.unwrap();
        comments::post(&app, &ana, i.id, None, evil, "en").await.unwrap();
        let mut browser = app.browser_of("ana").await;
        for path in [
            "/".to_owned(),
            format!("/p/{}", i.id),
            format!("/p/{}/edit", i.id),
            "/u/ana".to_owned(),
            "/settings".to_owned(),
            format!("/search?q={}", url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()),
        ] {
            let page = browser.get(&path).await;
            let html = page.text();
            assert!(!html.contains("<script") && !html.contains("<img"), "{path}: {html}");
        }
    }
}
