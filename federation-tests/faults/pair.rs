//! Several processes on one queue: each job done once, or again after a crash (FLT-14, FLT-15).

use super::{Place, stop};
use crate::support::until;
use std::collections::BTreeMap;
use veche::storage::Engine;
use veche::testing::{TestDb, run};

const ACTS: usize = 12;

/// How often each activity came to the peer.
fn arrivals(place: &Place) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for kind in ["Announce", "Create"] {
        for post in place.peer.posted(kind) {
            *counts.entry(post.id().to_owned()).or_default() += 1;
        }
    }
    counts
}

async fn work(place: &Place, from: usize) {
    for n in from..from + ACTS {
        assert_eq!(place.publishes(&format!("number-{n}")).await.0, 200);
        assert_eq!(place.says(&format!("s{n}")).await, 202);
    }
}

#[test]
fn flt_14_two_workers_do_everything_once_postgres() {
    run(async {
        let db = TestDb::new(Engine::Postgres).await;
        let place = Place::new(db.url()).await;
        let mut web = place.home.serve("web");
        let mut workers = [place.home.serve("worker"), place.home.serve("worker")];
        place.home.ready().await;
        work(&place, 0).await;
        let idle = async || {
            let mut waiting = 0;
            for table in ["inbox", "jobs", "deliveries"] {
                waiting += db.count(table, "WHERE state = 'pending'").await;
            }
            waiting == 0
        };
        until(async || idle().await).await;
        let counts = arrivals(&place);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        // An initiative is announced in two forms, an answer in one; the first one is the place's.
        assert_eq!(counts.len(), 2 * (ACTS + 1) + ACTS);
        assert_eq!(db.count("comments", "").await, ACTS);
        assert_eq!(db.count("inbox", "WHERE attempts <> 1").await, 0);

        // FLT-15: one of them dies in the middle of work; when its leases have run out, the other
        // one does the rest. What had been sent may be sent again, what was not is not lost.
        let killing = async {
            until(async || arrivals(&place).len() > counts.len() + 3).await;
            stop(&mut workers[0]).await;
        };
        tokio::join!(work(&place, 100), killing);
        db.expire_leases().await;
        until(async || idle().await).await;
        let counts = arrivals(&place);
        assert_eq!(counts.len(), 2 * (2 * ACTS + 1) + 2 * ACTS);
        assert_eq!(db.count("comments", "").await, 2 * ACTS);
        for process in [&mut web, &mut workers[1]] {
            stop(process).await;
        }
        place.home.verify().await;
    });
}
