//! `veche serve`: everything in the order in which it must start and end.

use super::{Failure, load, output};
use crate::app::{App, Options};
use crate::config::Config;
use crate::http::{self, Server};
use crate::services::inbox::Intake;
use crate::services::{accounts, actors, policies};
use crate::{failpoint, jobs, telemetry};
use clap::{Args, ValueEnum};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What this process does; several processes may share one PostgreSQL database.
    #[arg(long, value_delimiter = ',', default_values = ["web", "worker"])]
    role: Vec<Role>,
}

/// What a process of an instance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Answers requests.
    Web,
    /// Works on the queues.
    Worker,
}

/// Serves until a signal. A second signal ends everything at once.
pub(super) async fn run(file: Option<&Path>, arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = load(file)?;
    failpoint::arm_all(&Config::failpoints());
    telemetry::init(&config.log);
    warn_about_trials(&config);
    let metrics = match config.metrics.listen {
        Some(_) => Some(telemetry::install_metrics().map_err(Failure::general)?),
        None => None,
    };
    let app = App::start(config, Options { metrics, ..Options::default() }).await?;
    let signals = app.shutdown.clone().on_signals();
    tokio::select! {
        served = serve(app, &arguments.role) => served.map(|()| ExitCode::SUCCESS),
        () = signals => Err(Failure::general("stopped before everything had ended")),
    }
}

async fn serve(app: App, roles: &[Role]) -> Result<(), Failure> {
    actors::ensure_instance(&app).await?;
    let intake = Intake::start(&app);
    policies::watch(&app);
    if roles.contains(&Role::Worker) {
        jobs::start(&app);
    } else {
        jobs::ring_for_others(&app);
    }
    if app.config.metrics.listen.is_some() {
        http::start_metrics(&app).await.map_err(|e| cannot_listen("[metrics] listen", &e))?;
    }
    if roles.contains(&Role::Web) {
        let listen = app.config.server.listen;
        let server = Server::bind(listen)
            .await
            .map_err(|e| cannot_listen(&format!("[server] listen {listen}"), &e))?;
        greet(&app, &server).await?;
        let state = http::State { app: app.clone(), intake };
        let router = http::router(&state);
        http::serve(server, router, state).await.map_err(|e| Failure::general(e.to_string()))?;
    } else {
        // Without its sender the writer of the intake ends, as it should.
        drop(intake);
        tracing::info!("working on the queues, without a listener");
        app.shutdown.begun().await;
    }
    app.shutdown.finish().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn cannot_listen(what: &str, error: &std::io::Error) -> Failure {
    Failure::general(format!("cannot listen on {what}: {error}"))
}

/// Says where the instance is and, as long as nobody administers it, how to become the admin.
async fn greet(app: &App, server: &Server) -> Result<(), Failure> {
    let base = app.urls.base();
    output::line(&format!("Veche {} serves {base} on {}", crate::app::VERSION, server.address));
    if !accounts::admin_exists(app).await? {
        let secret = accounts::make_setup_link(app).await?;
        // Standard output only: whoever reads the log later must not become the admin.
        output::line(&format!(
            "Nobody administers this instance yet. Within a day, open {}",
            app.urls.page(&format!("/setup/{secret}"))
        ));
    }
    Ok(())
}

/// Switches that must never be on in earnest are announced loudly.
fn warn_about_trials(config: &Config) {
    if config.federation.allow_http {
        tracing::warn!(
            "TRIAL MODE: [federation] allow_http is on, nothing is encrypted; use it for trials \
             and tests only"
        );
    }
    if !config.federation.allow_addresses.is_empty() {
        tracing::warn!(
            "TRIAL MODE: [federation] allow_addresses lets requests reach private networks; use \
             it for trials and tests only"
        );
    }
    if !config.limits.enabled {
        tracing::warn!("[limits] enabled is off: nobody is slowed down");
    }
}
