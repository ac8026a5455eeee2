//! The whole program on a throw-away database.

use super::{Api, Browser, Response, TestClock, TestDb};
use crate::app::{App, Clock, KeySource, Options};
use crate::config::{Config, Network};
use crate::crypto::PasswordCost;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::{Role, Viewer};
use crate::http::{self, State};
use crate::net::Names;
use crate::services::accounts::{self, Registration};
use crate::services::inbox::Intake;
use crate::services::{actors, assemblies, initiatives};
use crate::storage::Engine;
use axum::Router;
use std::net::IpAddr;
use std::sync::Arc;

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "correct horse battery";

/// The address of an instance when a test does not choose one.
const URL: &str = "http://veche.test";

/// The key that all local actors of a test share, in PKCS#8; making one takes longer than a test.
pub fn shared_key() -> Arc<[u8]> {
    Arc::from(&include_bytes!("key.der")[..])
}

/// A running instance. Dereferences to its [`App`].
#[derive(Debug)]
pub struct TestApp {
    /// The program's shared state, as services take it.
    pub app: App,
    /// Moves the time of this instance; without effect after [`Builder::real_clock`].
    pub clock: TestClock,
    /// Its database, to open it a second time.
    pub database: TestDb,
    state: State,
    router: Router,
}

impl std::ops::Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// What a test wants otherwise.
#[derive(Debug)]
pub struct Builder {
    engine: Engine,
    config: Config,
    clock: TestClock,
    options: Options,
    db: Option<TestDb>,
}

impl Builder {
    fn new(engine: Engine) -> Self {
        let mut config = Config::default();
        config.server.url = URL.parse().expect("a constant that parses");
        config.federation.allow_http = true;
        config.federation.allow_addresses =
            ["127.0.0.0/8", "::1"].into_iter().filter_map(Network::parse).collect();
        config.limits.enabled = false;
        let clock = TestClock::default();
        let options = Options {
            clock: clock.source(),
            keys: KeySource::Shared(shared_key()),
            password_cost: PasswordCost::Trivial,
            ..Options::default()
        };
        Self { engine, config, clock, options, db: None }
    }

    /// The address of the instance, such as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(mut self, url: &str) -> Self {
        self.config.server.url = url.parse().expect("the address parses");
        self
    }

    /// Takes the time from the system.
    #[must_use]
    pub fn real_clock(mut self) -> Self {
        self.options.clock = Clock::System;
        self
    }

    /// Shares the clock of another instance.
    #[must_use]
    pub fn clock(mut self, clock: &TestClock) -> Self {
        self.options.clock = clock.source();
        self.clock = clock.clone();
        self
    }

    /// Switches the rate limits on or off.
    #[must_use]
    pub fn limits(mut self, on: bool) -> Self {
        self.config.limits.enabled = on;
        self
    }

    /// Changes anything else in the configuration.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Gives each actor a key of its own.
    #[must_use]
    pub fn own_keys(mut self) -> Self {
        self.options.keys = KeySource::Generate;
        self
    }

    /// Looks names up in a table of the test.
    #[must_use]
    pub fn names(
        mut self,
        table: impl Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Self {
        self.options.names = Names::Given(Arc::new(table));
        self
    }

    /// Takes keys from here.
    #[must_use]
    pub(super) fn keys(mut self, keys: KeySource) -> Self {
        self.options.keys = keys;
        self
    }

    /// Uses this database: a second node, or a restart.
    #[must_use]
    pub fn database(mut self, db: &TestDb) -> Self {
        self.db = Some(db.clone());
        self
    }

    /// Starts the instance.
    pub async fn start(mut self) -> TestApp {
        let db = match self.db {
            Some(db) => db,
            None => TestDb::new(self.engine).await,
        };
        db.url().clone_into(&mut self.config.database.url);
        self.config.validate().expect("the configuration is valid");
        let app = App::start(self.config, self.options).await.expect("the program starts");
        let state = State { intake: Intake::start(&app), app: app.clone() };
        let router = http::router(&state);
        TestApp { app, clock: self.clock, database: db, state, router }
    }
}

impl TestApp {
    /// An instance on this engine with everything as tests usually want it: a clock that stands
    /// still, one key for all, cheap password hashes, no rate limits, other servers on 127.0.0.1.
    pub async fn new(engine: Engine) -> Self {
        Self::builder(engine).start().await
    }

    /// The same, with changes.
    pub fn builder(engine: Engine) -> Builder {
        Builder::new(engine)
    }

    /// Ends its work as the program does at SIGTERM.
    pub(super) async fn stop(self) {
        let Self { app, state, router, .. } = self;
        // Without its senders the writer of the intake ends, as it should.
        drop((state, router));
        app.shutdown.begin();
        app.shutdown.finish().await;
        app.db.close().await;
    }

    /// What handlers are given.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything the public listener answers.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Registers an account with [`PASSWORD`] and the address `HANDLE@example.org`.
    pub async fn account(&self, handle: &str) -> Viewer {
        accounts::register(self, &registration(handle)).await.expect("the account is made")
    }

    /// Makes an account with all rights. (`root` and `admin` are reserved names.)
    pub async fn admin(&self, handle: &str) -> Viewer {
        let form = registration(handle);
        accounts::create(self, &form, &[Role::Admin]).await.expect("the account is made").0
    }

    /// Makes an assembly without a body.
    pub async fn assembly(&self, handle: &str) -> Actor {
        assemblies::create(self, handle, handle, None).await.expect("the assembly is made")
    }

    /// Makes a body.
    pub async fn body(&self, handle: &str) -> Actor {
        actors::create_body(self, handle, handle).await.expect("the body is made")
    }

    /// Writes and publishes an initiative in an assembly that exists.
    pub async fn initiative(&self, who: &Viewer, assembly: &str, title: &str) -> Initiative {
        let form = initiatives::Form {
            title: title.to_owned(),
            problem: "The last bus leaves at 22:00.".to_owned(),
            proposal: "Let one run every hour of the night.".to_owned(),
            language: "en".to_owned(),
            assembly: assembly.to_owned(),
            body: None,
        };
        let draft = initiatives::draft(self, who, &form).await.expect("the draft is accepted");
        initiatives::publish(self, who, draft.id).await.expect("the draft can be published")
    }

    /// A browser without any cookie.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router(), self.app.urls.base())
    }

    /// A browser in which this account is signed in.
    pub async fn browser_of(&self, handle: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(handle).await;
        browser
    }

    /// A program that acts by a bearer token.
    pub fn api(&self, token: &str) -> Api {
        Api::new(self.router(), Some(token.to_owned()))
    }

    /// Asks for a page as a stranger.
    pub async fn get(&self, path: &str) -> Response {
        self.browser().get(path).await
    }

    /// Asks for the ActivityPub document at this path.
    pub async fn document(&self, path: &str) -> Response {
        let request = axum::http::Request::get(path)
            .header("host", self.app.urls.authority())
            .header("accept", "application/activity+json");
        super::http::send(self.router(), request, axum::body::Body::empty()).await
    }

    /// Sends a form as a stranger.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.browser().post_form(path, fields).await
    }
}

fn registration(handle: &str) -> Registration {
    Registration {
        handle: handle.to_owned(),
        name: String::new(),
        email: format!("{handle}@example.org"),
        password: PASSWORD.to_owned(),
        language: "en".to_owned(),
    }
}
