//! A whole server in this process: listener, intake and workers, on a port of its own.

use super::{Citizen, TestApp, TestClock, TestDb};
use crate::app::KeySource;
use crate::config::{Config, Federation, Network};
use crate::crypto::SigningKey;
use crate::domain::{Role, Scope, Timestamp};
use crate::http::{self, Server};
use crate::jobs;
use crate::net::Client;
use crate::services::{accounts, actors};
use crate::storage::Engine;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Keys that servers and peers take in turn: different ones side by side, without waiting for a
/// new one in each test.
static KEYS: [OnceLock<Arc<[u8]>>; 4] = [const { OnceLock::new() }; 4];
static NEXT_KEY: AtomicUsize = AtomicUsize::new(0);

/// The next key, in PKCS#8. Whoever stands beside its holder gets another one.
pub(super) fn some_key() -> Arc<[u8]> {
    let turn = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
    let slot = KEYS.get(turn % KEYS.len()).expect("the remainder is in range");
    let generate = || SigningKey::generate(String::new()).expect("a key can be made").1.into();
    Arc::clone(slot.get_or_init(generate))
}

/// The present moment, for clocks that start with it.
pub fn real_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "where no App is, there is no clock of its own")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.expect("it is after 1970").as_millis();
    Timestamp::from_millis(i64::try_from(millis).expect("and before the year 292 million"))
}

/// A clock that shows the present moment and stands still.
pub fn stopped_clock() -> TestClock {
    let clock = TestClock::default();
    clock.set(real_now());
    clock
}

/// The client of tests: as the program's own, free to speak to this machine.
pub fn loopback_client() -> Client {
    let config = Federation {
        allow_http: true,
        authorized_fetch: false,
        allow_addresses: Network::parse("127.0.0.0/8").into_iter().collect(),
        ..Federation::default()
    };
    Client::new(&config, "veche-tests/1").expect("the client can be made")
}

/// A running server. Dereferences to its [`TestApp`].
#[derive(Debug)]
pub struct TestServer {
    app: TestApp,
    client: Client,
    plan: Plan,
}

/// How a server is to be started, once or again.
#[derive(Clone, Debug)]
pub struct Plan {
    engine: Engine,
    address: SocketAddr,
    clock: Option<TestClock>,
    limits: bool,
    workers: bool,
    key: Arc<[u8]>,
    db: Option<TestDb>,
    change: fn(&mut Config),
}

impl Plan {
    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: &TestClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Switches the rate limits on.
    #[must_use]
    pub fn with_limits(mut self, change: fn(&mut Config)) -> Self {
        self.limits = true;
        self.change = change;
        self
    }

    /// Changes anything else in the configuration.
    #[must_use]
    pub fn config(mut self, change: fn(&mut Config)) -> Self {
        self.change = change;
        self
    }

    /// Listens, and leaves the work to others.
    #[must_use]
    pub fn without_workers(mut self) -> Self {
        self.workers = false;
        self
    }

    /// Uses a database that the test holds.
    #[must_use]
    pub fn database(mut self, db: &TestDb) -> Self {
        self.db = Some(db.clone());
        self
    }

    /// Starts the server; after a stop on the same port with the same database.
    pub async fn start(mut self) -> TestServer {
        let listener = Server::bind(self.address).await.expect("the port is free");
        self.address = listener.address;
        let url = format!("http://{}", self.address);
        let mut builder =
            TestApp::builder(self.engine).url(&url).limits(self.limits).config(self.change);
        builder = builder.keys(KeySource::Shared(Arc::clone(&self.key)));
        builder = match &self.clock {
            Some(clock) => builder.clock(clock),
            None => builder.real_clock(),
        };
        if let Some(db) = &self.db {
            builder = builder.database(db);
        }
        let app = builder.start().await;
        self.db = Some(app.database.clone());
        actors::ensure_instance(&app).await.expect("the instance has an actor");
        if self.workers {
            jobs::start(&app);
        }
        let (router, state) = (app.router(), app.state().clone());
        app.shutdown.spawn(async move {
            http::serve(listener, router, state).await.expect("the listener works");
        });
        TestServer { app, client: loopback_client(), plan: self }
    }
}

impl std::ops::Deref for TestServer {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl TestServer {
    /// Starts a server with the usual settings.
    pub async fn new(engine: Engine) -> Self {
        Self::plan(engine).start().await
    }

    /// The usual settings, to be changed: system clock, no rate limits, listener and workers.
    pub fn plan(engine: Engine) -> Plan {
        Plan {
            engine,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: None,
            limits: false,
            workers: true,
            key: some_key(),
            db: None,
            change: |_| {},
        }
    }

    /// Where it is, without a slash at the end.
    pub fn base(&self) -> &str {
        self.app.urls.base()
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.app.urls.authority()
    }

    /// Stops it; the plan starts it again as it was.
    pub async fn stop(self) -> Plan {
        self.app.stop().await;
        self.plan
    }

    /// A new account with a token for everything, speaking through the API over HTTP.
    pub async fn citizen(&self, handle: &str) -> Citizen {
        self.account(handle).await;
        self.token_of(handle).await
    }

    /// A new administrator with a token.
    pub async fn official(&self, handle: &str) -> Citizen {
        self.admin(handle).await;
        accounts::set_roles(self, handle, &[Role::Admin, Role::Official]).await.expect("roles");
        self.token_of(handle).await
    }

    async fn token_of(&self, handle: &str) -> Citizen {
        let token = accounts::create_token(self, handle, &Scope::ALL).await.expect("a token");
        Citizen::new(self.client.clone(), self.base(), Some(token), handle)
    }

    /// Somebody without an account.
    pub fn stranger(&self) -> Citizen {
        Citizen::new(self.client.clone(), self.base(), None, "")
    }

    /// `NAME@HOST` of an actor here.
    pub fn address_of(&self, handle: &str) -> String {
        format!("{handle}@{}", self.authority())
    }

    /// The client of the tests.
    pub fn http(&self) -> &Client {
        &self.client
    }
}
