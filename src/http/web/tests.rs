//! The pages through the router, on both engines.

mod ballots;
mod federation;
mod safety;
mod writing;

use crate::both_engines;
use crate::domain::Viewer;
use crate::domain::initiative::Initiative;
use crate::services::{accounts, comments};
use crate::testing::{Browser, Response, TestApp};

/// An assembly with an initiative by `ana`.
async fn with_initiative(app: &TestApp) -> (Viewer, Initiative) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    (ana, initiative)
}

/// What every page must be.
fn check_page(path: &str, page: &Response) {
    let html = page.text();
    assert!(html.starts_with("<!doctype html>"), "{path}: {html}");
    for forbidden in ["<script", " style=", "<style", "onclick=", "javascript:"] {
        assert!(!html.contains(forbidden), "{path} has {forbidden}");
    }
    assert_eq!(html.matches("<h1").count(), 1, "{path}: one heading");
    assert_eq!(html.matches("<main").count(), 1, "{path}");
    assert_eq!(page.header("vary"), Some("Accept, Cookie, Accept-Language"), "{path}");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    let mut ids: Vec<_> =
        html.split(" id=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{path} uses an id twice");
    for field in html.split(" aria-describedby=\"").skip(1).filter_map(|r| r.split('"').next()) {
        assert!(field.split(' ').all(|id| ids.contains(&id)), "{path}: {field} is not there");
    }
    for label in html.split("<label for=\"").skip(1).filter_map(|r| r.split('"').next()) {
        assert!(ids.contains(&label), "{path}: a label for {label}, which is not there");
    }
}

both_engines! {
    async fn pages_for_everybody(app: TestApp) {
        let (ana, i) = with_initiative(&app).await;
        let comment = comments::post(&app, &ana, i.id, None, "Yes", "en").await.unwrap();
        let paths = [
            "/".to_owned(),
            "/assemblies".to_owned(),
            "/g/transport".to_owned(),
            format!("/p/{}", i.id),
            format!("/p/{}?after=1", i.id),
            format!("/p/{}/revisions", i.id),
            format!("/p/{}/revisions/1", i.id),
            format!("/n/{}", comment.id),
            "/u/ana".to_owned(),
            "/search?q=NIGHT".to_owned(),
            "/about".to_owned(),
            "/privacy".to_owned(),
            "/follow".to_owned(),
            "/sign-in?next=/p/1".to_owned(),
            "/register".to_owned(),
        ];
        for path in paths {
            let page = app.get(&path).await;
            assert_eq!(page.status(), 200, "{path}");
            check_page(&path, &page);
        }
        let found = app.get("/search?q=NIGHT").await;
        assert!(found.text().contains("Night buses"));
    }

    async fn pages_for_those_signed_in(app: TestApp) {
        let (ana, i) = with_initiative(&app).await;
        let comment = comments::post(&app, &ana, i.id, None, "Yes", "en").await.unwrap();
        app.admin("olga").await;
        let (mut of_ana, mut of_olga) = (app.browser_of("ana").await, app.browser_of("olga").await);
        let paths = [
            "/".to_owned(),
            "/write?assembly=transport".to_owned(),
            "/drafts".to_owned(),
            "/settings".to_owned(),
            format!("/p/{}", i.id),
            format!("/p/{}?reply={}", i.id, comment.id),
            format!("/p/{}/edit", i.id),
            format!("/p/{}/withdraw", i.id),
            format!("/n/{}/edit", comment.id),
            format!("/n/{}/delete", comment.id),
        ];
        for path in &paths {
            let page = of_ana.get(path).await;
            assert_eq!(page.status(), 200, "{path}");
            check_page(path, &page);
        }
        check_page("/admin", &of_olga.get("/admin").await);
        assert_eq!(of_ana.get("/admin").await.status(), 403);
        for path in ["/write", "/drafts", "/settings", "/admin"] {
            let page = app.get(path).await;
            assert_eq!((page.status(), page.location().starts_with("/sign-in?next=%2F")), (303, true));
        }
    }

    async fn errors_have_pages(app: TestApp) {
        let (_, i) = with_initiative(&app).await;
        let mut ana = app.browser_of("ana").await;
        for path in ["/nothing", "/p/1", "/p/x", "/g/nobody", "/u/transport", "/n/1", "/setup/x"] {
            let page = app.get(path).await;
            assert_eq!(page.status(), 404, "{path}");
            check_page(path, &page);
        }
        let page = app.post_form("/about", &[]).await;
        assert_eq!(page.status(), 405);
        check_page("/about", &page);
        let huge = "x".repeat(600 * 1024);
        let page = ana.post_form("/write", &[("problem", &huge)]).await;
        assert_eq!(page.status(), 413);
        check_page("/write", &page);
        ana.get("/").await;
        let path = format!("/p/{}/withdraw", i.id);
        assert_eq!(ana.post_form(&path, &[]).await.status(), 303);
        let page = app.get(&format!("/p/{}", i.id)).await;
        assert_eq!(page.status(), 410);
        check_page(&path, &page);
        assert!(!page.text().contains("The last bus"));
        let page = ana.post_form(&path, &[]).await;
        assert_eq!(page.status(), 400 + 9);
    }

    async fn the_language_is_the_accounts_then_the_cookies_then_the_browsers(app: TestApp) {
        app.account("ana").await;
        let mut stranger = app.browser();
        assert!(stranger.get("/").await.text().contains("<html lang=\"en\">"));
        let answer = stranger.post_form("/language", &[("language", "ru"), ("next", "/about")]).await;
        assert_eq!((answer.status(), answer.location()), (303, "/about"));
        assert!(stranger.get("/").await.text().contains("<html lang=\"ru\">"));
        assert_eq!(stranger.post_form("/language", &[("language", "xx")]).await.status(), 400);
        let mut ana = app.browser_of("ana").await;
        ana.get("/").await;
        ana.post_form("/language", &[("language", "ru"), ("next", "//evil.example")]).await;
        assert!(ana.get("/").await.text().contains("<html lang=\"ru\">"));
        let mut elsewhere = app.browser_of("ana").await;
        assert!(elsewhere.get("/").await.text().contains("<html lang=\"ru\">"));
    }

    async fn a_page_with_250_comments_is_small(app: TestApp) {
        let (ana, i) = with_initiative(&app).await;
        let mut last = None;
        for n in 0..250 {
            let reply = if n % 3 == 0 { None } else { last };
            let text = format!("Reply number {n}");
            let made = comments::post(&app, &ana, i.id, reply, &text, "en").await.unwrap();
            last = Some(made.id);
        }
        let page = app.get(&format!("/p/{}", i.id)).await;
        assert_eq!(page.text().matches("Reply number").count(), 250);
        assert!(page.bytes().len() <= 60_000, "{} bytes", page.bytes().len());
    }

    async fn what_strangers_see_is_kept_until_it_changes(app: TestApp) {
        let (ana, i) = with_initiative(&app).await;
        let path = format!("/p/{}", i.id);
        let first = app.get(&path).await;
        assert_eq!(first.header("etag"), app.get(&path).await.header("etag"));
        comments::post(&app, &ana, i.id, None, "Something new", "en").await.unwrap();
        assert!(app.get(&path).await.text().contains("Something new"));
    }

    async fn the_first_admin_sets_the_instance_up(app: TestApp) {
        let secret = accounts::make_setup_link(&app).await.unwrap();
        let path = format!("/setup/{secret}");
        let mut browser: Browser = app.browser();
        check_page(&path, &browser.get(&path).await);
        let fields = [
            ("handle", "olga"),
            ("email", "olga@example.org"),
            ("password", "correct horse battery"),
        ];
        let answer = browser.post_form(&path, &fields).await;
        assert_eq!((answer.status(), answer.location()), (303, "/admin"));
        assert_eq!(browser.get("/admin").await.status(), 200);
        let body = [("handle", "office"), ("name", "Transport office")];
        assert_eq!(browser.post_form("/admin/bodies", &body).await.status(), 303);
        let board = [("handle", "roads"), ("name", "Roads"), ("body", "office")];
        assert_eq!(browser.post_form("/admin/assemblies", &board).await.status(), 303);
        let refused = browser.post_form("/admin/assemblies", &board).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().contains("href=\"#f-assembly-handle\""));
        check_page("/admin", &refused);
        assert!(app.get("/g/roads").await.text().contains("Transport office"));
        assert_eq!(app.get(&path).await.status(), 404);
    }
}
