//! What the whole program shares: configuration, database, clock, ids, HTTP client, caches.
//! Built once, cheap to clone. Time, ids and random keys come from here, so that tests can
//! decide them.

mod budgets;
mod caches;
mod clock;
mod ids;
mod policies;
mod wake;

pub use budgets::{Budget, Budgets};
pub use caches::{Asked, Caches, Failed, KnownKey, Rendered};
pub use clock::Clock;
pub use policies::Policies;
pub use wake::Wake;

use crate::config::Config;
use crate::crypto::{PasswordCost, SigningKey};
use crate::domain::ids::Id;
use crate::domain::{Timestamp, Urls};
use crate::net::{Client, Names};
use crate::shutdown::Shutdown;
use crate::storage::{Db, MigrateError, SchemaState};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The program's name and version, as it introduces itself.
pub const SOFTWARE: &str = "veche";
/// See [`SOFTWARE`].
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The shared state.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The parts of [`App`], reached through `Deref`.
#[derive(Debug)]
pub struct Inner {
    pub config: Config,
    pub db: Db,
    pub urls: Urls,
    pub client: Client,
    pub caches: Caches,
    pub policies: Policies,
    pub budgets: Budgets,
    pub wake: Wake,
    pub shutdown: Shutdown,
    pub metrics: Option<metrics_exporter_prometheus::PrometheusHandle>,
    clock: Clock,
    ids: ids::Generator,
    keys: KeySource,
    password_cost: PasswordCost,
    hashing: Semaphore,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Where the keys of new actors come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// Each actor gets a key of its own.
    Generate,
    /// Actors share this key (PKCS#8). For tests, where making keys would take longer than the
    /// test.
    Shared(Arc<[u8]>),
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot open the database {url}: {source}")]
    Database { url: String, source: crate::storage::Error },
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("cannot create the folder {path}: {source}")]
    Folder { path: String, source: std::io::Error },
    #[error("[server] url has no host")]
    Url,
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

/// What tests decide and everybody else leaves as it is.
#[derive(Clone, Debug)]
pub struct Options {
    pub clock: Clock,
    pub keys: KeySource,
    pub password_cost: PasswordCost,
    pub metrics: Option<metrics_exporter_prometheus::PrometheusHandle>,
    /// Where the addresses of other servers come from.
    pub names: Names,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::System,
            keys: KeySource::Generate,
            password_cost: PasswordCost::Normal,
            metrics: None,
            names: Names::System,
        }
    }
}

impl App {
    /// Opens the database, brings it to the schema of this program and binds it to the domain.
    pub async fn start(config: Config, options: Options) -> Result<Self, StartError> {
        let urls = Urls::new(&config.server.url).ok_or(StartError::Url)?;
        let db = open_database(&config).await?;
        if db.schema_state().await? != SchemaState::Current {
            db.migrate().await?;
        }
        db.bind_domain(urls.authority()).await?;
        Self::on(db, urls, config, options).await
    }

    /// Opens a database that has the schema of this program and belongs to the domain, and changes
    /// nothing: for commands that only look.
    pub async fn open(config: Config, options: Options) -> Result<Self, StartError> {
        let urls = Urls::new(&config.server.url).ok_or(StartError::Url)?;
        let db = open_database(&config).await?;
        if let SchemaState::Behind(missing) = db.schema_state().await? {
            return Err(MigrateError::Behind(missing).into());
        }
        db.bind_domain(urls.authority()).await?;
        Self::on(db, urls, config, options).await
    }

    async fn on(db: Db, urls: Urls, config: Config, options: Options) -> Result<Self, StartError> {
        let newest = db.newest_id().await?;
        let user_agent = format!("Veche/{VERSION} (+{})", urls.base());
        let client = Client::with_names(&config.federation, &user_agent, options.names)
            .map_err(|e| StartError::Client(e.to_string()))?;
        let policies = Policies::default();
        policies
            .refresh(&db, config.federation.mode)
            .await
            .map_err(|e| StartError::Migrate(MigrateError::Storage(e)))?;
        let permits = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self(Arc::new(Inner {
            db,
            urls,
            client,
            caches: Caches::default(),
            policies,
            budgets: Budgets::new(&config.limits),
            wake: Wake::default(),
            shutdown: Shutdown::default(),
            metrics: options.metrics,
            ids: ids::Generator::after(newest),
            clock: options.clock,
            keys: options.keys,
            password_cost: options.password_cost,
            hashing: Semaphore::new(permits),
            config,
        })))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id, later than all before it.
    pub fn id<I: Id>(&self) -> I {
        I::from(self.ids.next(self.now()))
    }

    /// Runs a slow calculation (password hashes, key generation) on a blocking thread, no more
    /// at once than there are cores. `None` when the program is stopping.
    pub async fn calculate<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _permit = self.hashing.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// How much work password hashes take.
    pub fn password_cost(&self) -> PasswordCost {
        self.password_cost
    }

    /// A key for a new actor: the key and its PKCS#8 form.
    pub async fn new_signing_key(&self, key_id: String) -> Option<(SigningKey, Vec<u8>)> {
        match &self.keys {
            KeySource::Generate => self.calculate(move || SigningKey::generate(key_id)).await?,
            KeySource::Shared(der) => {
                SigningKey::from_pkcs8(key_id, der).ok().map(|key| (key, der.to_vec()))
            }
        }
    }
}

/// The file of an SQLite address.
pub fn sqlite_file(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?.split('?').next()?;
    Some(Path::new(path.trim_start_matches("//")))
}

/// Opens the database of the configuration; makes the folder of an SQLite file.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    let url = &config.database.url;
    if let Some(folder) = sqlite_file(url).and_then(Path::parent) {
        std::fs::create_dir_all(folder)
            .map_err(|source| StartError::Folder { path: folder.display().to_string(), source })?;
    }
    Db::open(url)
        .await
        .map_err(|source| StartError::Database { url: config.database.masked_url(), source })
}
