//! The client: one constructor, a resolver that checks what it hands out, no redirects of its
//! own, limits on size and time.

use super::address;
use super::names::{Names, Resolver};
use crate::config::Federation;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that is read of an answer, after decompression.
const BODY_LIMIT: usize = 1024 * 1024;

/// The one HTTP client.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    config: Arc<Federation>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Who answered.
    pub remote: Option<IpAddr>,
}

impl Reply {
    /// The text of a header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Why there was no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The address may not be reached. Trying again cannot help.
    #[error("{0} may not be reached from here")]
    Forbidden(String),
    /// No connection, no name, no answer in time.
    #[error("no answer from {host}: {reason}")]
    Unreachable { host: String, reason: String },
    /// The answer is longer than a document may be.
    #[error("the answer of {0} is too large")]
    TooLarge(String),
}

impl Client {
    /// Makes the client for this configuration.
    pub fn new(config: &Federation, user_agent: &str) -> Result<Self, reqwest::Error> {
        Self::with_names(config, user_agent, Names::System)
    }

    /// The same with another source of addresses, which tests may pass and nobody can configure.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes a client")]
    pub fn with_names(
        config: &Federation,
        user_agent: &str,
        names: Names,
    ) -> Result<Self, reqwest::Error> {
        let config = Arc::new(config.clone());
        let inner = reqwest::Client::builder()
            .user_agent(user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .pool_idle_timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(4)
            .tcp_nodelay(true)
            .no_proxy()
            .referer(false)
            .dns_resolver(Resolver { names, config: Arc::clone(&config) })
            .build()?;
        Ok(Self { inner, config })
    }

    /// Whether a request to `url` would be tried at all: scheme, port, no user name, and no
    /// forbidden address written as a number.
    pub fn check(&self, url: &Url) -> Result<(), Failure> {
        let forbidden = || Failure::Forbidden(url.as_str().chars().take(200).collect());
        let scheme_ok = match url.scheme() {
            "https" => true,
            "http" => self.config.allow_http,
            _ => false,
        };
        let port_ok = url.port().is_none() || self.config.allow_http;
        let no_user = url.username().is_empty() && url.password().is_none();
        let host_ok = match url.host() {
            None => false,
            Some(Host::Ipv4(v4)) => address::is_allowed(v4.into(), &self.config),
            Some(Host::Ipv6(v6)) => address::is_allowed(v6.into(), &self.config),
            Some(Host::Domain(name)) => {
                self.config.allow_http
                    || (name.contains('.') && !name.ends_with('.') && !name.ends_with(".localhost"))
            }
        };
        if scheme_ok && port_ok && no_user && host_ok { Ok(()) } else { Err(forbidden()) }
    }

    /// Sends one request and reads the answer, whatever its status, up to the limit.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Reply, Failure> {
        self.check(url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut request = self.inner.request(method, url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let unreachable = |error: &reqwest::Error| Failure::Unreachable {
            host: host.clone(),
            reason: innermost(error),
        };
        let mut response = request.send().await.map_err(|e| unreachable(&e))?;
        let status = response.status().as_u16();
        let remote = response.remote_addr().map(|address| address.ip());
        let headers = std::mem::take(response.headers_mut());
        let declared = headers
            .get(http::header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > BODY_LIMIT) {
            return Err(Failure::TooLarge(host));
        }
        let mut read = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| unreachable(&e))? {
            if read.len() + chunk.len() > BODY_LIMIT {
                return Err(Failure::TooLarge(host));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: read.freeze(), remote })
    }
}

/// The deepest cause, which is the one that says something ("connection refused").
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssrf_03_and_ssrf_07_crooked_addresses_are_refused_before_any_connection() {
        let client = Client::new(&Federation::default(), "test").unwrap();
        for text in [
            "http://example.org/",
            "https://example.org:8443/",
            "https://example.org:22/",
            "https://example.org:25/",
            "https://example.org:6379/",
            "https://user@example.org/",
            "https://:pass@example.org/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://example.org./",
            "https://example/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::ffff:7f00:1]/",
            "https://①②⑦.⓪.⓪.①/",
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST/",
            "https://a.localhost/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            let Ok(url) = Url::parse(text) else { continue };
            assert!(client.check(&url).is_err(), "{text}");
        }
        assert!(client.check(&Url::parse("https://example.org/a?b=c").unwrap()).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_at_connect_time() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Federation { allow_http: true, ..Federation::default() };
        let client = Client::new(&config, "test").unwrap();
        let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
        let outcome = client.send(Method::GET, &url, HeaderMap::new(), None).await;
        assert!(matches!(outcome, Err(Failure::Unreachable { .. })), "{outcome:?}");
        let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "the connection arrived");
    }
}
