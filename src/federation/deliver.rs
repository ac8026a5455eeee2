//! One activity to one inbox: sign, send, read the answer's meaning.

use super::knock;
use crate::app::App;
use crate::crypto::SigningKey;
use crate::domain::Timestamp;
use crate::net::{Failure, Reply};
use bytes::Bytes;
use url::Url;

/// What an attempt means for the delivery and for its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The other server took it.
    Delivered,
    /// It will never be taken: refused for good. The host is well.
    Refused { status: Option<u16>, reason: String },
    /// Nobody lives there any more (404 or 410): worth asking whether the actor is gone.
    Gone { status: u16 },
    /// This one should be tried again; the host answers otherwise.
    Retry { status: Option<u16>, reason: String, after_seconds: Option<i64> },
    /// The host as a whole should be left alone for a while.
    HostDown { status: Option<u16>, reason: String, after_seconds: Option<i64> },
}

/// The longest wait that another server may ask for.
const MAX_RETRY_AFTER: i64 = 24 * 60 * 60;

/// Signs and sends `body` (whose SHA-256 in base64 is `digest`) with a fresh date.
pub async fn deliver(
    app: &App,
    key: &SigningKey,
    inbox: &str,
    body: Bytes,
    digest: &str,
) -> Verdict {
    let refused = |reason: &str| Verdict::Refused { status: None, reason: reason.to_owned() };
    let Ok(url) = Url::parse(inbox) else { return refused("the inbox is not an address") };
    if let Err(failure) = app.client.check(&url) {
        return refused(&failure.to_string());
    }
    match knock::send(app, key, &url, Some((body, digest))).await {
        Ok(reply) => judge(&reply, app.now()),
        Err(Failure::Forbidden(reason)) => refused(&reason),
        // It was sent and answered; the answer is only too long to read.
        Err(Failure::TooLarge(_)) => Verdict::Delivered,
        Err(failure @ Failure::Unreachable { .. }) => {
            Verdict::HostDown { status: None, reason: failure.to_string(), after_seconds: None }
        }
    }
}

/// `Retry-After` in seconds from now; it may be a number or a date (RFC 9110, section 10.2.3).
fn seconds_of(text: &str, now: Timestamp) -> Option<i64> {
    let number = text.parse::<i64>().ok();
    number.or_else(|| Some(Timestamp::parse_http_date(text)?.seconds() - now.seconds()))
}

/// The meaning of an answer (`FEDERATION.md`, delivery).
fn judge(reply: &Reply, now: Timestamp) -> Verdict {
    let status = reply.status;
    let after_seconds = reply
        .header("retry-after")
        .and_then(|text| seconds_of(text.trim(), now))
        .map(|seconds| seconds.clamp(1, MAX_RETRY_AFTER));
    let reason = format!("it answered {status}");
    match status {
        200..=299 => Verdict::Delivered,
        404 | 410 => Verdict::Gone { status },
        429 | 503 => Verdict::HostDown { status: Some(status), reason, after_seconds },
        // Signatures fail for reasons that pass: a key not yet readable, a clock.
        401 | 408 | 500..=599 if status != 501 => {
            Verdict::Retry { status: Some(status), reason, after_seconds }
        }
        _ => Verdict::Refused { status: Some(status), reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    /// Wed, 02 Sep 2026 10:00:00 GMT
    const NOW: Timestamp = Timestamp::from_millis(1_788_343_200_000);

    #[test]
    fn answers_and_their_meaning() {
        let verdict = |status: u16, retry_after: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(text) = retry_after {
                headers.insert("retry-after", http::HeaderValue::from_static(text));
            }
            judge(&Reply { status, headers, body: Bytes::new(), remote: None }, NOW)
        };
        for status in [200, 202, 204] {
            assert_eq!(verdict(status, None), Verdict::Delivered);
        }
        for status in [301, 302, 400, 403, 405, 413, 422, 501] {
            assert!(matches!(verdict(status, None), Verdict::Refused { .. }), "{status}");
        }
        for status in [404, 410] {
            assert_eq!(verdict(status, None), Verdict::Gone { status });
        }
        for status in [401, 408, 500, 502, 504] {
            assert!(matches!(verdict(status, None), Verdict::Retry { .. }), "{status}");
        }
        for (text, expected) in [
            ("30", Some(30)),
            ("999999999", Some(MAX_RETRY_AFTER)),
            ("Wed, 02 Sep 2026 10:02:00 GMT", Some(120)),
            ("Wed, 02 Sep 2026 09:00:00 GMT", Some(1)),
            ("soon", None),
        ] {
            let found = verdict(429, Some(text));
            assert!(
                matches!(found, Verdict::HostDown { after_seconds, .. } if after_seconds == expected),
                "{found:?}"
            );
        }
    }
}
