//! `/metrics` on a port of its own, so that the public one never shows it.

use crate::app::App;
use crate::services;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Duration;
use tokio::net::TcpListener;

/// How often what was measured is summed up when nobody asks.
const UPKEEP: Duration = Duration::from_secs(10);

/// Starts the listener of `[metrics] listen`, if there is one, until the program stops.
pub async fn start_metrics(app: &App) -> std::io::Result<()> {
    let Some(address) = app.config.metrics.listen else { return Ok(()) };
    let listener = TcpListener::bind(address).await?;
    let router = Router::new().route("/metrics", get(scrape)).with_state(app.clone());
    let shutdown = app.shutdown.clone();
    app.shutdown.spawn(async move {
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(async move { shutdown.begun().await })
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "the metrics listener ended");
        }
    });
    let keeper = app.clone();
    app.shutdown.spawn(async move {
        loop {
            tokio::select! {
                () = keeper.shutdown.begun() => break,
                () = tokio::time::sleep(UPKEEP) => {}
            }
            if let Some(handle) = &keeper.metrics {
                handle.run_upkeep();
            }
        }
    });
    Ok(())
}

async fn scrape(State(app): State<App>) -> Response {
    let Some(handle) = &app.metrics else { return StatusCode::NOT_FOUND.into_response() };
    match services::instance::queues(&app).await {
        Ok(queues) => {
            let rows = [
                ("jobs", queues.jobs_pending, queues.jobs_dead),
                ("inbox", queues.inbox_pending, queues.inbox_dead),
                ("deliveries", queues.deliveries_pending, queues.deliveries_dead),
            ];
            for (queue, pending, dead) in rows {
                gauge(queue, "pending", pending);
                gauge(queue, "dead", dead);
            }
            metrics::gauge!("queue_oldest_due_seconds")
                .set(to_float(queues.oldest_due_millis) / 1000.0);
        }
        // The other figures are still worth having.
        Err(error) => tracing::warn!(%error, "the queues could not be counted"),
    }
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], handle.render())
        .into_response()
}

fn gauge(queue: &'static str, state: &'static str, count: i64) {
    metrics::gauge!("queue_entries", "queue" => queue, "state" => state).set(to_float(count));
}

fn to_float(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
