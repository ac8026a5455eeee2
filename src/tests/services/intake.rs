//! The group commit of arrivals: what was answered is in the table.

use crate::both_engines;
use crate::services::{Error, queue};
use crate::testing::TestApp;
use crate::tests::fixtures::{number, stranger, texts};
use bytes::Bytes;
use futures_util::future::join_all;

fn uri(n: usize) -> String {
    format!("https://remote.example/a/{n}")
}

both_engines! {
    async fn many_at_once_are_all_answered_and_stored(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        let intake = app.state().intake.clone();
        let body = |n: usize| Bytes::from(format!("{{\"n\":{n}}}"));
        let all = (0..200).map(|n| intake.store(zoe.id, uri(n), body(n)));
        for outcome in join_all(all).await {
            outcome.unwrap();
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE state = 'pending'").await, 200);
        let rows = queue::claim_inbox(&app, 60, 500).await.unwrap();
        let mut bodies: Vec<_> = rows.into_iter().map(|row| row.body).collect();
        let mut expected: Vec<_> = (0..200).map(|n| body(n).to_vec()).collect();
        bodies.sort();
        expected.sort();
        assert_eq!(bodies, expected);
    }

    async fn the_same_id_is_stored_once_per_sender(app: TestApp) {
        let (zoe, max) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        let intake = app.state().intake.clone();
        let all = (0..60).map(|n| {
            let actor = if n % 2 == 0 { zoe.id } else { max.id };
            intake.store(actor, uri(n % 10), Bytes::from_static(b"{}"))
        });
        for outcome in join_all(all).await {
            outcome.unwrap();
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox").await, 10);
        // What was applied is still recognised.
        let rows = queue::claim_inbox(&app, 60, 500).await.unwrap();
        let ended: Vec<_> = rows.iter().map(|row| (row.id, None)).collect();
        let mut unit = crate::services::Unit::begin(&app).await.unwrap();
        queue::finish_inbox_in(&mut unit, &ended).await.unwrap();
        unit.commit().await.unwrap();
        intake.store(zoe.id, uri(0), Bytes::from_static(b"{}")).await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE state = 'done'").await, 10);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox").await, 10);
    }

    async fn one_that_cannot_be_stored_harms_no_other(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        let intake = app.state().intake.clone();
        let nobody = crate::domain::ActorId::from(1);
        let all = (0..50).map(|n| {
            let actor = if n == 20 { nobody } else { zoe.id };
            intake.store(actor, uri(n), Bytes::from_static(b"{}"))
        });
        let outcomes = join_all(all).await;
        let failed: Vec<_> =
            outcomes.iter().enumerate().filter(|(_, o)| o.is_err()).map(|(n, _)| n).collect();
        assert_eq!(failed, [20], "{:?}", outcomes[20]);
        assert!(matches!(outcomes[20], Err(Error::Unavailable(_))), "{:?}", outcomes[20]);
        assert_eq!(texts(&app, "SELECT activity_uri FROM inbox").await.len(), 49);
    }
}
