//! Logs and figures: what the program says of itself while it runs.
//!
//! Logs go to standard error, one line or one JSON object per event, written by a thread of its own
//! (`telemetry/sink.rs`), so that nobody waits for whoever reads them; figures wait for Prometheus.
//! Neither may hold a network address of a person, a name, an e-mail address, a token or a text.

mod sink;

use crate::config::{Log, LogFormat};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Bounds of the histogram of request durations, in seconds.
const DURATIONS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// Begins to log. A second call changes nothing.
pub fn init(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(sink::line);
    let started = match log.format {
        LogFormat::Text => {
            use std::io::IsTerminal as _;
            builder.with_ansi(std::io::stderr().is_terminal()).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).try_init(),
    };
    if started.is_ok() {
        log_panics();
    }
}

/// Waits a moment until what was logged is written: for the end of the program.
pub fn flush() {
    sink::flush();
}

/// Panics become log lines like everything else.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or_default();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic: {message}");
    }));
}

/// Installs the recorder of figures for the whole process.
pub fn install_metrics() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATIONS)
        .map_err(|e| e.to_string())?;
    builder.install_recorder().map_err(|e| format!("cannot record metrics: {e}"))
}
