//! Two instances on this machine that federate with each other.

use super::Failure;
use std::process::ExitCode;

/// Runs the demonstration.
pub(super) async fn run() -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::general("the demonstration does not exist yet"))).await
}
