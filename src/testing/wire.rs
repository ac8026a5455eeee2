//! Requests byte by byte: what a well-behaved HTTP client would never send.
//!
//! [`Wire`] is a signed activity before it is signed; a test spoils its parts and sends it over a
//! bare connection. [`exchange`] sends any bytes at all.

use super::RemoteActor;
use super::server::real_now;
use crate::crypto::{self, SigningKey};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// Longer than any answer of ours may take.
const WAIT: Duration = Duration::from_mins(1);

/// A signed POST (draft-cavage) in its parts.
#[derive(Clone, Debug)]
pub struct Wire {
    /// Where the connection goes: host and port.
    pub to: String,
    pub method: String,
    /// As in the first line of the request.
    pub target: String,
    /// As in `(request-target)`, where that is something else.
    pub signed_target: Option<String>,
    pub key_id: String,
    pub key: Arc<SigningKey>,
    /// `algorithm`, without the quotes; none when empty.
    pub algorithm: String,
    /// Further parameters of the signature, each with a comma before it.
    pub parameters: String,
    /// The names that are signed, in order.
    pub covered: Vec<String>,
    /// The headers, in order, as they are signed.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came back. Status 0 when nothing did.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub text: String,
}

impl RemoteActor {
    /// A well-made request, to be spoilt.
    pub fn wire(&self, inbox: &str, activity: &Value) -> Wire {
        let url = Url::parse(inbox).expect("an address");
        let to = format!(
            "{}:{}",
            url.host_str().expect("a host"),
            url.port_or_known_default().expect("a port")
        );
        let body = activity.to_string().into_bytes();
        let pair = |name: &str, value: String| (name.to_owned(), value);
        Wire {
            headers: vec![
                pair("host", to.clone()),
                pair("date", real_now().to_http_date()),
                pair("digest", format!("SHA-256={}", crypto::sha256_base64(&body))),
                pair("content-type", "application/activity+json".to_owned()),
            ],
            to,
            method: "POST".to_owned(),
            target: url.path().to_owned(),
            signed_target: None,
            key_id: self.key().key_id.clone(),
            key: Arc::clone(self.key()),
            algorithm: "rsa-sha256".to_owned(),
            parameters: String::new(),
            covered: ["(request-target)", "host", "date", "digest"].map(str::to_owned).to_vec(),
            body,
        }
    }
}

impl Wire {
    /// Gives a header another value, which is then signed.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some(header) => header.1 = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }

    /// Another body, with the digest that belongs to it.
    pub fn carry(&mut self, body: impl Into<Vec<u8>>) {
        self.body = body.into();
        self.set("digest", format!("SHA-256={}", crypto::sha256_base64(&self.body)));
    }

    /// The `Signature` header over what is covered.
    pub fn signature(&self) -> String {
        let line = |name: &String| {
            if name == "(request-target)" {
                let target = self.signed_target.as_ref().unwrap_or(&self.target);
                return format!("{name}: {} {target}", self.method.to_lowercase());
            }
            if let Some(pseudo) = name.strip_prefix('(').and_then(|n| n.strip_suffix(')')) {
                let from = format!("{pseudo}=");
                let value = self.parameters.split(',').find_map(|p| p.strip_prefix(&from));
                return format!("{name}: {}", value.unwrap_or_default());
            }
            let value = self.headers.iter().find(|(known, _)| known == name);
            format!("{name}: {}", value.map(|(_, value)| value.as_str()).unwrap_or_default())
        };
        let text: Vec<String> = self.covered.iter().map(line).collect();
        let signed = self.key.sign_base64(text.join("\n").as_bytes()).expect("it can be signed");
        let algorithm = match self.algorithm.as_str() {
            "" => String::new(),
            name => format!("algorithm=\"{name}\","),
        };
        format!(
            "keyId=\"{}\",{algorithm}headers=\"{}\"{},signature=\"{signed}\"",
            self.key_id,
            self.covered.join(" "),
            self.parameters,
        )
    }

    /// All headers with the signature, to be edited before they are sent by [`Wire::send_lines`].
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines = self.headers.clone();
        lines.push(("signature".to_owned(), self.signature()));
        lines
    }

    /// Signs and sends.
    pub async fn send(self) -> RawAnswer {
        let lines = self.lines();
        self.send_lines(&lines).await
    }

    /// Sends these headers instead of its own.
    pub async fn send_lines(&self, lines: &[(String, String)]) -> RawAnswer {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in lines {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        let end = format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len());
        bytes.extend_from_slice(end.as_bytes());
        bytes.extend_from_slice(&self.body);
        exchange(&self.to, &bytes).await
    }
}

/// Sends bytes and reads until the other side closes.
pub async fn exchange(to: &str, bytes: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(to).await.expect("somebody listens");
    // The other side may have answered and closed before all of it was sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = timeout(WAIT, stream.read_to_end(&mut answer)).await;
    // A connection that is reset after the answer has given the answer.
    let _ = read.expect("the server closes in time");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    RawAnswer { status, text }
}
