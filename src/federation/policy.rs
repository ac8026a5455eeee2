//! The rules of this instance about other servers, at every place where one is met: who asks us,
//! whom we ask, whom we send to, and whose things are passed on.

use super::Error;
use crate::app::App;
use crate::domain::peerlog::one_line;
use crate::services::policies;

/// Why nothing is exchanged with the server of this address; `None` when something may be.
/// To be asked by whatever lets another server in or asks it for something.
pub fn refusal(app: &App, uri: &str) -> Option<&'static str> {
    let standing = policies::of_uri(app, uri);
    standing.is_rejected().then(|| standing.reason())
}

/// Whether the server of this address may be asked.
pub fn may_ask(app: &App, uri: &str) -> Result<(), Error> {
    match refusal(app, uri) {
        None => Ok(()),
        Some(reason) => Err(Error::Forbidden(format!("{reason} ({})", one_line(uri, 200)))),
    }
}

/// Whether reports of the server of this address are taken.
pub fn takes_reports(app: &App, uri: &str) -> bool {
    !policies::of_uri(app, uri).reject_reports
}
