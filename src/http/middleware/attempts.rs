//! Requests that need more than one attempt: those that a client repeats under a key, and those
//! that another transaction was in the way of.
//!
//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on a POST of the API: the same key
//! with the same request gets the same answer and has one effect, even when the process was killed
//! in between; with another request it is 422. Keys belong to an account and are kept for a day.

use super::body::MAX;
use super::door::Door;
use super::panic;
use crate::app::App;
use crate::crypto;
use crate::http::api::Problem;
use crate::http::extract::bearer_of;
use crate::services::once::{self, Answer, Known};
use crate::services::{AGAIN, accounts};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY: usize = 255;

/// On a response that changed nothing because another transaction was in the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TryAgain;

/// Has a request answered by its handler; `Err` when that panicked.
pub(super) async fn answer(
    app: &App,
    doors: &Router,
    door: Door,
    request: Request,
) -> Result<Response, ()> {
    if door == Door::Api && request.method() == Method::POST && request.headers().contains_key(KEY)
    {
        return Box::pin(once(app, doors, request)).await;
    }
    // Arrivals have their own way, and on SQLite nobody is ever in the way.
    if request.method().is_safe() || door == Door::Ap || !app.db.is_postgres() {
        return panic::caught(doors.clone(), request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return Err(()) };
    insist(doors, &parts, &body).await
}

async fn insist(doors: &Router, parts: &Parts, body: &Bytes) -> Result<Response, ()> {
    for _ in 0..AGAIN {
        let response = panic::caught(doors.clone(), request(parts, body)).await?;
        if response.extensions().get::<TryAgain>().is_none() {
            return Ok(response);
        }
    }
    panic::caught(doors.clone(), request(parts, body)).await
}

fn request(parts: &Parts, body: &Bytes) -> Request {
    Request::from_parts(parts.clone(), Body::from(body.clone()))
}

async fn once(app: &App, doors: &Router, request: Request) -> Result<Response, ()> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX).await else { return Err(()) };
    let Some(key) = parts.headers.get(KEY).and_then(key_of) else {
        let detail = format!("Idempotency-Key: 1 to {MAX_KEY} visible characters");
        return Ok(Problem::new(StatusCode::BAD_REQUEST, detail).into_response());
    };
    let holder = match bearer_of(&parts.headers) {
        Some(token) => accounts::by_token(app, token).await,
        None => Ok(None),
    };
    let holder = match holder {
        Ok(Some(holder)) => holder,
        // The handler says what is wrong.
        Ok(None) => return insist(doors, &parts, &body).await,
        Err(error) => return Ok(Problem::from(error).into_response()),
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let asked = [parts.method.as_str().as_bytes(), target.as_bytes(), &body].join(&b'\n');
    let asked = once::Request {
        account: holder.viewer.id,
        key,
        digest: crypto::sha256_hex(&asked),
        made: None,
    };
    // Twice, for the case that the same request is under way at the same time: one of the two
    // takes effect, the other finds it.
    for last in [false, true] {
        let made = match once::look(app, &asked).await {
            Err(error) => return Ok(Problem::from(error).into_response()),
            Ok(Known::Answered(answer)) => return Ok(replayed(answer)),
            Ok(Known::Other) => {
                let detail = "this Idempotency-Key was used for another request";
                return Ok(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).into_response());
            }
            Ok(Known::Made(object)) => Some(object),
            Ok(Known::New) => None,
        };
        let now = once::Request { made, ..asked.clone() };
        let response = once::within(now, insist(doors, &parts, &body)).await?;
        if response.status() != StatusCode::CONFLICT || last {
            return keep(app, &asked, response).await;
        }
    }
    Err(())
}

/// Keeps a good answer before it is given; what failed may be tried again.
async fn keep(app: &App, asked: &once::Request, response: Response) -> Result<Response, ()> {
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return Err(()) };
    let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let answer = Answer {
        status: parts.status.as_u16(),
        location: location.map(str::to_owned),
        body: body.to_vec(),
    };
    if let Err(error) = once::keep(app, asked, &answer).await {
        tracing::warn!(%error, "an answer is not kept; its repetition is answered anew");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if answer.status != StatusCode::NO_CONTENT.as_u16() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(location) = answer.location.and_then(|text| text.parse().ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

fn key_of(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let good = (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        let key = |text: &str| key_of(&HeaderValue::from_str(text).unwrap());
        assert_eq!(key("8e03978e-40d5-43dd-bc93-6894a57f9324").unwrap().len(), 36);
        for bad in ["", "a b", &"x".repeat(256)] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }
}
