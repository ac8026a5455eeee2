//! Requests for another host are not ours (421): a poisoned `Host` must not reach links, caches
//! or signatures.

use super::refusal::Refusal;
use crate::domain::Urls;
use axum::extract::Request;
use http::{HeaderValue, header};

/// The host that requests must be for.
#[derive(Debug)]
pub(super) struct Expected {
    /// In lower case, without the port of the scheme: `veche.example`, `localhost:8080`.
    authority: String,
    default_port: &'static str,
    base: String,
}

impl Expected {
    pub(super) fn new(urls: &Urls) -> Self {
        let https = urls.base().starts_with("https:");
        Self {
            authority: urls.authority().to_ascii_lowercase(),
            default_port: if https { ":443" } else { ":80" },
            base: urls.base().to_owned(),
        }
    }

    /// Checks `Host` and the authority of the address; both where both are given. HTTP/2 gives
    /// only the latter, which becomes the `Host` that signatures cover.
    pub(super) fn check(&self, request: &mut Request, exempt: bool) -> Result<(), Refusal> {
        if exempt {
            return Ok(());
        }
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (host, more) = (hosts.next(), hosts.next());
        if more.is_some() {
            return Err(Refusal::new(400, "more than one Host"));
        }
        let given = request.uri().authority();
        let fits = match (host, given) {
            (None, None) => return Err(Refusal::new(400, "no Host")),
            (host, given) => {
                host.is_none_or(|h| h.to_str().is_ok_and(|h| self.is(h)))
                    && given.is_none_or(|a| self.is(a.as_str()))
            }
        };
        if !fits {
            let detail = format!("this is {}, which the request is not for", self.base);
            return Err(Refusal::new(421, detail));
        }
        if host.is_none()
            && let Ok(value) = HeaderValue::from_str(&self.authority)
        {
            request.headers_mut().insert(header::HOST, value);
        }
        Ok(())
    }

    fn is(&self, host: &str) -> bool {
        let host = host.strip_suffix(self.default_port).unwrap_or(host);
        // `veche.example.` and `veche.example.:8080` name the same host.
        let (name, port) = match host.rfind(':').filter(|_| !host.ends_with(']')) {
            Some(at) => host.split_at(at),
            None => (host, ""),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        self.authority.len() == name.len() + port.len()
            && self
                .authority
                .split_at_checked(name.len())
                .is_some_and(|(n, p)| n.eq_ignore_ascii_case(name) && p == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(url: &str) -> Expected {
        Expected::new(&Urls::new(&url.parse().unwrap()).unwrap())
    }

    #[test]
    fn only_our_own_host_is_answered_for() {
        let https = expected("https://veche.example");
        for host in ["veche.example", "VECHE.Example", "veche.example:443", "veche.example."] {
            assert!(https.is(host), "{host}");
        }
        for host in [
            "",
            "example",
            "veche.example:80",
            "veche.example:8443",
            "evil.example",
            "veche.example..",
            "veche.example@evil",
            "veche.example:",
            ":443",
            "xveche.example",
        ] {
            assert!(!https.is(host), "{host}");
        }
        let port = expected("http://127.0.0.1:8080");
        assert!(port.is("127.0.0.1:8080"));
        assert!(!port.is("127.0.0.1") && !port.is("127.0.0.1:80"));
        let six = expected("http://[::1]:8080");
        assert!(six.is("[::1]:8080") && !six.is("[::1]"));
        assert!(expected("http://[::1]").is("[::1]:80"));
        assert!(expected("http://[::1]").is("[::1]"));
    }

    #[test]
    fn http_2_gets_the_host_that_signatures_cover() {
        let https = expected("https://veche.example");
        let mut request = Request::get("https://veche.example/").body("".into()).unwrap();
        https.check(&mut request, false).unwrap();
        assert_eq!(request.headers()["host"], "veche.example");
        let mut request = Request::get("https://veche.example/")
            .header("host", "evil.example")
            .body("".into())
            .unwrap();
        https.check(&mut request, false).unwrap_err();
    }
}
