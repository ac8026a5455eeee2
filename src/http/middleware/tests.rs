//! The frame through the router.

use super::wrap;
use crate::http::fixture::{Answer, Fixture};
use crate::storage::Engine;
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::Request;

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "veche.example");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// The frame around doors made for the test.
async fn framed(doors: Router) -> Fixture {
    let mut fixture = Fixture::new().await;
    fixture.router = wrap(doors, fixture.app.state());
    fixture
}

async fn ask(fixture: &Fixture, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    fixture.send(request(method, path, headers)).await
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let fixture = Fixture::new().await;
    for (path, host) in [
        ("/livez", "veche.example"),
        ("/nowhere", "veche.example"),
        ("/api/nowhere", "veche.example"),
        ("/", "evil.example"),
    ] {
        let answer = ask(&fixture, "GET", path, &[("host", host)]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("permissions-policy", "browsing-topics=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let csp = answer.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; style-src 'self'"), "{path}: {csp}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        let open = answer.header("access-control-allow-origin");
        assert_eq!(open == "*", path.starts_with("/api/"), "{path}");
    }
    let trial = Fixture::with(Engine::Sqlite, |config| {
        config.server.url = "http://localhost:8080".parse().unwrap();
        config.federation.allow_http = true;
    })
    .await;
    let answer = ask(&trial, "GET", "/", &[("host", "localhost:8080")]).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[tokio::test]
async fn other_hosts_are_misdirected() {
    let fixture = Fixture::new().await;
    for (host, status) in [
        ("evil.example", 421),
        ("veche.example:8443", 421),
        ("VECHE.example.:443", 404),
        ("veche.example", 404),
    ] {
        let answer = ask(&fixture, "GET", "/nowhere", &[("host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let twice = [("host", "veche.example"), ("host", "veche.example")];
    assert_eq!(ask(&fixture, "GET", "/nowhere", &twice).await.status, 400);
    let without = Request::get("/nowhere").body(Body::empty()).unwrap();
    assert_eq!(fixture.send(without).await.status, 400);
    for path in ["/livez", "/readyz", "/health", "/healthz"] {
        assert_eq!(ask(&fixture, "GET", path, &[("host", "10.0.0.1")]).await.status, 200);
    }
}

#[tokio::test]
async fn bodies_are_small_and_plain() {
    let doors =
        Router::new().route("/u/a/inbox", post(async |body: String| body.len().to_string()));
    let fixture = framed(doors).await;
    let send = async |body: Body| {
        let request =
            Request::post("/u/a/inbox").header("host", "veche.example").body(body).unwrap();
        fixture.send(request).await
    };
    let max = super::body::MAX_ACTIVITY;
    assert_eq!(send(Body::from(vec![b'x'; max])).await.text, max.to_string());
    assert_eq!(send(Body::from(vec![b'x'; max + 1])).await.status, 413);
    // A body that does not say how long it is, and never ends.
    let piece = || Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[b'x'; 1_000]));
    let endless = futures_util::stream::repeat_with(piece);
    let answer = send(Body::from_stream(endless)).await;
    assert_eq!((answer.status.as_u16(), answer.header("connection")), (413, "close"));
    for encoding in ["gzip", "br", "deflate", "gzip, identity"] {
        let answer = ask(&fixture, "POST", "/u/a/inbox", &[("content-encoding", encoding)]).await;
        assert_eq!(answer.status, 415, "{encoding}");
    }
    let plain = ask(&fixture, "POST", "/u/a/inbox", &[("content-encoding", "identity")]).await;
    assert_eq!(plain.status, 200);
}

#[tokio::test]
async fn flt_24_a_panic_is_an_answer() {
    async fn broken() {
        panic!("secret");
    }
    let doors = Router::new()
        .route("/broken", get(broken))
        .route("/api/broken", get(broken))
        .route("/fine", get(async || "fine"));
    let fixture = framed(doors).await;
    for path in ["/broken", "/api/broken"] {
        let answer = ask(&fixture, "GET", path, &[]).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    assert_eq!(ask(&fixture, "GET", "/fine", &[]).await.text, "fine");
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let few = |config: &mut crate::config::Config| config.limits.requests_per_5_minutes = 2;
    let fixture = Fixture::with(Engine::Sqlite, few).await;
    for status in [404, 404, 429] {
        let answer = ask(&fixture, "GET", "/api/civic/v1/nowhere", &[]).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("retry-after").is_empty(), status != 429);
    }
    assert_eq!(ask(&fixture, "GET", "/readyz", &[]).await.status, 200);
    // Nobody gets a new allowance by writing a header.
    let forged = [("x-forwarded-for", "198.51.100.7")];
    assert_eq!(ask(&fixture, "GET", "/", &forged).await.status, 429);
    let off = Fixture::with(Engine::Sqlite, |config| {
        few(config);
        config.limits.enabled = false;
    })
    .await;
    for _ in 0..5 {
        assert_eq!(ask(&off, "GET", "/nowhere", &[]).await.status, 404);
    }
}

#[tokio::test]
async fn rules_name_paths_that_exist() {
    let fixture = Fixture::new().await;
    for (path, rule) in super::limits::RULES {
        let answer = ask(&fixture, "POST", path, &[]).await;
        assert!(![404, 405].contains(&answer.status.as_u16()), "{rule:?} {path}");
    }
}

#[tokio::test]
async fn an_account_that_acts_too_often_waits() {
    let fixture = Fixture::with(Engine::Sqlite, |config| config.limits.acts_per_minute = 2).await;
    let (_, token) = fixture.account("ana").await;
    for status in [422, 422, 429] {
        let body = serde_json::json!({});
        let answer = fixture.call("POST", "/follows", &token, body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.header("retry-after").is_empty(), status != 429);
    }
    let reading = fixture.call("GET", "/me", &token, serde_json::Value::Null).await;
    assert_eq!(reading.status, 200);
}

#[tokio::test]
async fn browsers_may_call_the_api_from_other_pages() {
    let fixture = Fixture::new().await;
    let asks = [("origin", "https://other.example"), ("access-control-request-method", "PUT")];
    let answer = ask(&fixture, "OPTIONS", "/api/civic/v1/initiatives/1", &asks).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-headers").contains("authorization"));
    assert!(answer.header("access-control-allow-credentials").is_empty());
    let page = ask(&fixture, "OPTIONS", "/sign-in", &asks).await;
    assert_eq!(page.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_request_keeps_the_id_that_the_proxy_gave_it() {
    let fixture = Fixture::new().await;
    let answer = ask(&fixture, "GET", "/livez", &[("x-request-id", "abc-1")]).await;
    assert_eq!(answer.header("x-request-id"), "abc-1");
    let answer = ask(&fixture, "GET", "/livez", &[("x-request-id", "<b>")]).await;
    assert_ne!(answer.header("x-request-id"), "<b>");
}

#[tokio::test]
async fn readiness_names_what_fails() {
    let fixture = Fixture::new().await;
    let answer = ask(&fixture, "GET", "/readyz", &[]).await;
    let checks = serde_json::json!({ "database": "ok", "migrations": "ok", "queues": "ok" });
    assert_eq!(answer.json(), serde_json::json!({ "status": "ok", "checks": checks }));
    fixture.app.app.db.close().await;
    let answer = ask(&fixture, "GET", "/readyz", &[]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["checks"]["database"], "does not answer");
    assert_eq!(ask(&fixture, "GET", "/livez", &[]).await.status, 200);
}
