//! Speaking to the router as a browser and as a program do.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, header};
use std::collections::BTreeMap;
use tower::ServiceExt as _;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Response {
    /// Its status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's text; `None` when it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is text")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("the answer is not JSON ({e}): {}", self.text()))
    }

    /// Where it redirects to.
    pub fn location(&self) -> &str {
        self.header("location").expect("the answer is a redirect")
    }
}

pub(super) async fn send(router: Router, request: Builder, body: Body) -> Response {
    let request = request.body(body).expect("the request is well formed");
    let Ok(response) = router.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("the answer can be read");
    Response { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// A browser: keeps cookies, and repeats in its forms the token of the last page that had one.
#[derive(Clone, Debug)]
pub struct Browser {
    router: Router,
    origin: String,
    cookies: BTreeMap<String, String>,
    csrf: Option<String>,
}

impl Browser {
    pub(super) fn new(router: Router, origin: &str) -> Self {
        Self { router, origin: origin.to_owned(), cookies: BTreeMap::new(), csrf: None }
    }

    /// Opens a page. Redirects are not followed: a test should see them.
    pub async fn get(&mut self, path: &str) -> Response {
        let request = self.request(Method::GET, path);
        self.send(request, Body::empty()).await
    }

    /// Sends a form, with the token of the last page unless the fields carry one.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        if let Some(token) = self.csrf.as_ref().filter(|_| !fields.iter().any(|f| f.0 == "csrf")) {
            form.append_pair("csrf", token);
        }
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, &self.origin);
        self.send(request, Body::from(form.finish())).await
    }

    /// Signs in an account of the harness.
    pub async fn sign_in(&mut self, handle: &str) {
        self.get("/sign-in").await;
        let fields = [("login", handle), ("password", super::PASSWORD)];
        let answer = self.post_form("/sign-in", &fields).await;
        assert_eq!(answer.status(), 303, "{handle} cannot sign in: {}", answer.text());
        // The token of the session differs from the one of the form.
        self.get(answer.location()).await;
    }

    /// The token that the last page gave for its forms.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// Forgets the token, as a forged form would lack it.
    pub fn forget_csrf(&mut self) {
        self.csrf = None;
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    fn request(&self, method: Method, path: &str) -> Builder {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        request
    }

    async fn send(&mut self, request: Builder, body: Body) -> Response {
        let response = send(self.router.clone(), request, body).await;
        for cookie in response.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("the cookie is text"));
        }
        let is_page = response.header("content-type").is_some_and(|t| t.starts_with("text/html"));
        if let Some(token) = is_page.then(|| find_csrf(response.text())).flatten() {
            self.csrf = Some(token);
        }
        response
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        let ended = attributes.to_ascii_lowercase().split(';').any(|a| a.trim() == "max-age=0");
        if ended || value.is_empty() {
            self.cookies.remove(name.trim());
        } else {
            self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

/// The value of the first field named `csrf`.
fn find_csrf(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"csrf\"")?;
    let (_, rest) = rest.split_once("value=\"")?;
    rest.split_once('"').map(|(token, _)| token.to_owned())
}

/// A program that speaks JSON.
#[derive(Clone, Debug)]
pub struct Api {
    router: Router,
    token: Option<String>,
}

impl Api {
    pub(super) fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    /// Creates or does something.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Response {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Replaces something.
    pub async fn put_json(&self, path: &str, body: &serde_json::Value) -> Response {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Changes a part of something.
    pub async fn patch_json(&self, path: &str, body: &serde_json::Value) -> Response {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Removes something.
    pub async fn delete(&self, path: &str) -> Response {
        self.send(Method::DELETE, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&serde_json::Value>) -> Response {
        let mut request =
            Request::builder().method(method).uri(path).header(header::ACCEPT, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            None => Body::empty(),
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
        };
        send(self.router.clone(), request, body).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_form_is_found() {
        let page = "<form><input type=\"hidden\" name=\"csrf\" value=\"abc-1\"><button>Go</button>";
        assert_eq!(find_csrf(page).as_deref(), Some("abc-1"));
        assert_eq!(find_csrf("<form><input name=\"q\" value=\"x\">"), None);
    }

    #[test]
    fn cookies_are_kept_and_ended() {
        let mut browser = Browser::new(Router::new(), "http://veche.test");
        browser.keep("session=abc; Path=/; HttpOnly");
        browser.keep("lang=ru; Max-Age=100");
        assert_eq!(browser.cookie("session"), Some("abc"));
        browser.keep("session=; Path=/; Max-Age=0");
        assert_eq!(browser.cookie("session"), None);
        assert_eq!(browser.cookie("lang"), Some("ru"));
    }
}
