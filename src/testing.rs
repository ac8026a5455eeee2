//! The harness of the tests: real databases of both engines, the whole program with a clock that
//! tests move, a browser and an API client that go through the router.
//!
//! ```text
//! both_engines! {
//!     async fn a_like_is_counted_once(app: TestApp) {
//!         let ana = app.account("ana").await;
//!         app.assembly("transport").await;
//!         let initiative = app.initiative(&ana, "transport", "Night buses").await;
//!         …
//!     }
//! }
//! ```
//!
//! This becomes two tests, `a_like_is_counted_once::sqlite` and `::postgres`. Nothing here is
//! skipped: without PostgreSQL the second one fails and says what to install.
//!
//! It is compiled always, because the federation tests are a crate of their own; nothing in the
//! program uses it. Everything here panics where a test should fail.
//!
//! To add a helper: what builds a thing through its service goes to `app.rs`, what speaks HTTP to
//! `http.rs`. What drains the queues belongs into a `jobs.rs` beside them.

mod app;
mod citizen;
mod clock;
mod db;
pub mod fuzz;
mod hostile;
mod http;
mod look;
mod peer;
mod postgres;
mod server;
mod software;
mod wait;
mod wire;

pub use app::{Builder, PASSWORD, TestApp, shared_key};
pub use citizen::{Citizen, id_of, text};
pub use clock::TestClock;
pub use db::TestDb;
pub use hostile::RawPeer;
pub use http::{Api, Browser, Response};
pub use peer::{Answer, Received, ScriptedPeer};
pub use server::{Plan, TestServer, loopback_client, real_now, stopped_clock};
pub use software::{Recipe, RemoteActor, Software};
pub use wait::{wait_for, wait_until};
pub use wire::{RawAnswer, Wire, exchange};

use crate::storage::Engine;

/// What a test of [`both_engines!`](crate::both_engines) can ask for.
pub trait OnEngine: Sized {
    /// Makes one on this engine.
    fn on_engine(engine: Engine) -> impl Future<Output = Self>;
}

impl OnEngine for Engine {
    async fn on_engine(engine: Engine) -> Self {
        engine
    }
}

impl OnEngine for TestDb {
    async fn on_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

impl OnEngine for TestServer {
    async fn on_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

impl OnEngine for TestApp {
    async fn on_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

/// Runs a test to its end on a runtime of its own.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(test);
    runtime.shutdown_background();
}

/// Makes two tests of each function, one per engine: `NAME::sqlite` and `NAME::postgres`. Its one
/// argument is a [`TestApp`], a [`TestDb`] or the [`Engine`] itself (see [`OnEngine`]).
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($arg:ident: $kind:ty) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "short tests use little")]
            use super::*;

            async fn body($arg: $kind) $body

            async fn on(engine: $crate::storage::Engine) {
                let given = <$kind as $crate::testing::OnEngine>::on_engine(engine).await;
                Box::pin(body(given)).await;
            }

            #[test]
            fn sqlite() {
                $crate::testing::run(on($crate::storage::Engine::Sqlite));
            }

            #[test]
            fn postgres() {
                $crate::testing::run(on($crate::storage::Engine::Postgres));
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{accounts, initiatives};
    use std::time::Duration;

    both_engines! {
        async fn an_instance_starts_with_what_tests_need(app: TestApp) {
            let ana = app.account("ana").await;
            app.assembly("transport").await;
            app.body("office").await;
            let made = app.initiative(&ana, "transport", "Night buses").await;
            let seen = initiatives::get(&app, None, made.id).await.unwrap();
            assert_eq!((seen.title.as_str(), seen.author_handle.as_str()), ("Night buses", "ana"));
            assert!(!accounts::admin_exists(&app).await.unwrap());
            app.admin("olga").await;
            assert!(accounts::admin_exists(&app).await.unwrap());
            assert_eq!(app.get("/-/nothing-is-here").await.status(), 404);
        }

        async fn the_clock_moves_only_when_moved(app: TestApp) {
            let before = app.now();
            app.clock.advance(Duration::from_secs(90));
            assert_eq!(app.now(), before.plus_seconds(90));
        }

        async fn a_second_node_sees_the_first_ones_work(app: TestApp) {
            app.account("ana").await;
            let engine = app.database.engine();
            let second = TestApp::builder(engine).database(&app.database).clock(&app.clock).start().await;
            assert!(accounts::by_handle(&second, "ana").await.unwrap().is_some());
        }

        async fn tests_do_not_see_each_other(engine: Engine) {
            let (one, two) = (TestApp::new(engine).await, TestApp::new(engine).await);
            one.account("ana").await;
            assert!(accounts::by_handle(&two, "ana").await.unwrap().is_none());
        }
    }

    #[tokio::test]
    #[should_panic(expected = "did not happen")]
    async fn waiting_ends_at_the_deadline() {
        wait_until(Duration::from_millis(30), async || false).await;
    }
}
