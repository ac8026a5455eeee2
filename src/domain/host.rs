//! The names of servers in one form, so that a rule about a server holds however its name is
//! written.
//!
//! Pure: nothing is resolved. The list of public suffixes is part of the program.

use std::net::IpAddr;
use url::Url;

/// A name as an admin or a file writes it, in its one form: lower case, punycode, no dot at the
/// end, no port that is the scheme's own. `None` for what is not a server's name.
pub fn canonical(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['/', '@', '?', '#', '\\', '%', '*']) {
        return None;
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    if url.path() != "/" || !url.username().is_empty() {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.');
    let well_formed = !host.is_empty() && !host.contains("..") && host.len() <= 253;
    well_formed.then(|| match url.port().filter(|port| *port != 80) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The server of an absolute http(s) address, in the same form. User names are refused: what
/// stands before an `@` is not where the address leads.
pub fn of_uri(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.');
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The name without its port.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // An IPv6 address without a port ends with its bracket.
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The name itself and all names above it, longest first; addresses have none above them.
pub fn and_above(host: &str) -> impl Iterator<Item = &str> {
    let name = without_port(host);
    let single = is_address(name);
    std::iter::successors(Some(name), move |found| {
        found.split_once('.').map(|(_, above)| above).filter(|_| !single)
    })
}

fn is_address(name: &str) -> bool {
    name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// The name that somebody registered: all servers under it are one's own to make, as many as one
/// likes. A name that is not below a public suffix stands for itself.
pub fn registrable(host: &str) -> &str {
    let name = without_port(host);
    if is_address(name) {
        return name;
    }
    psl::domain_str(name).unwrap_or(name)
}

/// The name with its middle hidden, for lists that everybody may read.
pub fn obfuscated(host: &str) -> String {
    let letters: Vec<char> = host.chars().collect();
    let hidden = letters.len() / 3..letters.len() - letters.len() / 3;
    let hide = |(at, letter): (usize, char)| {
        if hidden.contains(&at) && letter != '.' { '*' } else { letter }
    };
    letters.iter().copied().enumerate().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form() {
        for (text, expected) in [
            ("example.org", Some("example.org")),
            (" EXAMPLE.org. ", Some("example.org")),
            ("пример.рф", Some("xn--e1afmkfd.xn--p1ai")),
            ("XN--E1AFMKFD.xn--p1ai", Some("xn--e1afmkfd.xn--p1ai")),
            ("exam\u{ad}ple.org", Some("example.org")),
            ("ｅｘａｍｐｌｅ.org", Some("example.org")),
            ("example.org:443", Some("example.org")),
            ("example.org:80", Some("example.org")),
            ("example.org:8443", Some("example.org:8443")),
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("[2001:DB8::1]", Some("[2001:db8::1]")),
            ("", None),
            (".", None),
            ("a..b", None),
            ("us@evil.example", None),
            ("https://example.org", None),
            ("example.org/path", None),
            ("*.example.org", None),
            ("two words", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn addresses_lead_to_one_name() {
        for (uri, expected) in [
            ("https://Example.ORG./u/1", Some("example.org")),
            ("https://exam\u{ad}ple.org/", Some("example.org")),
            ("http://127.0.0.1:99/x", Some("127.0.0.1:99")),
            ("https://our.example@evil.example/", None),
            ("data:text/plain,x", None),
            ("example.org", None),
        ] {
            assert_eq!(of_uri(uri).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn names_above_a_name() {
        let above = |host| and_above(host).collect::<Vec<_>>();
        assert_eq!(
            above("a.b.example.org:8080"),
            ["a.b.example.org", "b.example.org", "example.org", "org"]
        );
        assert_eq!(above("127.0.0.1:80"), ["127.0.0.1"]);
        assert_eq!(above("[::1]"), ["[::1]"]);
    }

    #[test]
    fn what_somebody_registered() {
        for (host, expected) in [
            ("u1.evil.example", "evil.example"),
            ("a.b.c.org:8080", "c.org"),
            ("a.b.co.uk", "b.co.uk"),
            ("one.github.io", "one.github.io"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("localhost", "localhost"),
            ("org", "org"),
        ] {
            assert_eq!(registrable(host), expected, "{host}");
        }
    }

    #[test]
    fn a_hidden_name_keeps_its_ends() {
        assert_eq!(obfuscated("example.org"), "exa****.org");
        assert_eq!(obfuscated("a"), "*");
    }
}
