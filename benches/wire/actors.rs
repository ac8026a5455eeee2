//! People on other servers and what they send, signed.

use crate::peers;
use anyhow::Context as _;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;
use veche::crypto::SigningKey;
use veche::domain::Timestamp;
use veche::federation::signature::{digest, sign_post};

/// Keys that all actors share among them: making one takes longer than a thousand signatures.
const KEYS: usize = 4;

/// The keys.
pub(crate) struct Keys(Vec<Vec<u8>>);

impl Keys {
    pub(crate) fn make() -> anyhow::Result<Self> {
        let made = (0..KEYS).map(|_| SigningKey::generate(String::new()).map(|(_, der)| der));
        Ok(Self(made.collect::<Option<_>>().context("no keys")?))
    }

    /// The public halves, in PEM.
    pub(crate) fn public(&self) -> anyhow::Result<Vec<String>> {
        self.0
            .iter()
            .map(|der| SigningKey::from_pkcs8(String::new(), der)?.public_pem().context("no key"))
            .collect()
    }

    /// Actor number `index`, at home on a host of their own.
    pub(crate) fn actor(&self, index: usize, port: u16) -> anyhow::Result<Actor> {
        let host = peers::host(index, port);
        let uri = format!("http://{host}/u/a{index}");
        let der = self.0.get(index % self.0.len()).context("no key")?;
        let key = SigningKey::from_pkcs8(format!("{uri}#main-key"), der)?;
        Ok(Actor { uri, base: format!("http://{host}"), key })
    }
}

/// Somebody elsewhere.
pub(crate) struct Actor {
    pub(crate) uri: String,
    /// The address of their server.
    pub(crate) base: String,
    key: SigningKey,
}

impl Actor {
    /// A signed POST of an activity, as bytes.
    pub(crate) fn post(
        &self,
        inbox: &Url,
        activity: &serde_json::Value,
    ) -> anyhow::Result<Vec<u8>> {
        let body = activity.to_string();
        let headers = sign_post(&self.key, inbox, &digest(body.as_bytes()), now()?)
            .context("it cannot be signed")?;
        let mut request = format!("POST {} HTTP/1.1\r\n", inbox.path());
        for (name, value) in &headers {
            request.push_str(name.as_str());
            request.push_str(": ");
            request.push_str(value.to_str()?);
            request.push_str("\r\n");
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        Ok(request.into_bytes())
    }
}

/// The present moment.
pub(crate) fn now() -> anyhow::Result<Timestamp> {
    #[expect(clippy::disallowed_methods, reason = "the program's clock is in another process")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?))
}
