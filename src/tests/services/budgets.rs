//! What another server may cause in a minute.

use crate::both_engines;
use crate::domain::ActorKind;
use crate::federation::limits::{self, Source};
use crate::federation::{Error, keys};
use crate::services::actors::put_remote;
use crate::testing::TestApp;
use crate::tests::fixtures::{number, remote_actor};

async fn limited(engine: crate::storage::Engine) -> TestApp {
    TestApp::builder(engine).limits(true).start().await
}

both_engines! {
    async fn dos_12_names_below_one_registered_name_share_a_budget(app: TestApp) {
        let app = limited(app.database.engine()).await;
        for n in 0..10 {
            let uri = format!("https://u{n}.evil.example/u/x");
            limits::new_actor(&app, &uri).await.unwrap();
        }
        let refused = limits::new_actor(&app, "https://u10.evil.example/u/x").await;
        assert!(matches!(refused, Err(Error::Busy { seconds: 1.., .. })), "{refused:?}");
        // Nobody else suffers, and it is written down once.
        limits::new_actor(&app, "https://other.example/u/x").await.unwrap();
        assert!(limits::new_actor(&app, "https://u11.evil.example/u/x").await.is_err());
        assert_eq!(number(&app, "SELECT COUNT(*) FROM audit WHERE kind = 'alarm'").await, 1);
    }

    async fn a_known_server_may_bring_more_people(app: TestApp) {
        let app = limited(app.database.engine()).await;
        put_remote(&app, &remote_actor("zoe", ActorKind::Person)).await.unwrap();
        for n in 0..50 {
            limits::new_actor(&app, &format!("https://remote.example/u/{n}")).await.unwrap();
        }
    }

    async fn who_names_keys_that_do_not_exist_is_asked_for_none(app: TestApp) {
        let app = limited(app.database.engine()).await;
        let source = Source::of("192.0.2.7".parse().unwrap());
        let neighbour = Source::of("192.0.2.8".parse().unwrap());
        let mut busy = 0;
        for n in 0..40 {
            // Addresses that may not be reached: they fail at once.
            let key = format!("http://10.0.0.{n}/u/x#main-key");
            let outcome = keys::current(&app, &source, &key).await;
            busy += usize::from(matches!(outcome, Err(Error::Busy { .. })));
        }
        assert!((5..=20).contains(&busy), "{busy}");
        let next = keys::current(&app, &neighbour, "http://10.0.1.1/u/x#k").await;
        assert!(matches!(next, Err(Error::Busy { .. })), "the network counts: {next:?}");
        let elsewhere = Source::of("198.51.100.7".parse().unwrap());
        let other = keys::current(&app, &elsewhere, "http://10.0.1.1/u/x#k").await;
        assert!(!matches!(other, Err(Error::Busy { .. })), "{other:?}");
    }
}
