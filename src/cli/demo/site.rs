//! One instance of the demonstration.

use super::{Failure, PASSWORD};
use crate::app::{App, Options};
use crate::config::{Config, Network};
use crate::domain::{Role, Viewer};
use crate::http::{self, Server};
use crate::jobs;
use crate::services::accounts::{self, Registration};
use crate::services::actors;
use crate::services::inbox::Intake;
use std::net::SocketAddr;
use std::path::Path;
use url::Url;

/// A running instance.
pub(super) struct Site {
    pub(super) app: App,
}

impl Site {
    /// Starts an instance on `port` of this machine, or on a free port if that one is taken.
    pub(super) async fn start(
        folder: &Path,
        name: &str,
        title: &str,
        port: u16,
    ) -> Result<Self, Failure> {
        let no_port = |e: std::io::Error| Failure::general(format!("cannot listen: {e}"));
        let server = match Server::bind(SocketAddr::from(([127, 0, 0, 1], port))).await {
            Ok(server) => server,
            Err(_) => Server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(no_port)?,
        };
        let app = App::start(config(folder, name, title, &server)?, Options::default()).await?;
        actors::ensure_instance(&app).await?;
        let intake = Intake::start(&app);
        jobs::start(&app);
        let state = http::State { app: app.clone(), intake };
        let router = http::router(&state);
        app.shutdown.spawn(async move {
            if let Err(error) = http::serve(server, router, state).await {
                tracing::error!(%error, "the listener ended");
            }
        });
        Ok(Self { app })
    }

    /// Its address.
    pub(super) fn base(&self) -> &str {
        self.app.urls.base()
    }

    /// An account of the demonstration.
    pub(super) async fn account(
        &self,
        handle: &str,
        name: &str,
        language: &str,
        roles: &[Role],
    ) -> Result<Viewer, Failure> {
        let form = Registration {
            handle: handle.to_owned(),
            name: name.to_owned(),
            email: format!("{handle}@{handle}.example"),
            password: PASSWORD.to_owned(),
            language: language.to_owned(),
        };
        Ok(accounts::create(&self.app, &form, roles).await?.0)
    }

    /// Ends the instance.
    pub(super) async fn stop(self) {
        self.app.shutdown.begin();
        self.app.shutdown.finish().await;
        self.app.db.close().await;
    }
}

fn config(folder: &Path, name: &str, title: &str, server: &Server) -> Result<Config, Failure> {
    let wrong = |what: &str| Failure::general(format!("the demonstration's {what} is wrong"));
    let mut config = Config::default();
    config.server.listen = server.address;
    config.server.url =
        Url::parse(&format!("http://{}", server.address)).map_err(|_| wrong("address"))?;
    config.database.url = format!("sqlite:{}", folder.join(format!("{name}.db")).display());
    title.clone_into(&mut config.instance.name);
    config.federation.allow_http = true;
    config.federation.allow_addresses =
        vec![Network::parse("127.0.0.0/8").ok_or_else(|| wrong("network"))?];
    config.validate()?;
    Ok(config)
}
