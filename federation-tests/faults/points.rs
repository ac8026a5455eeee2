//! The real program, ended at named points and by signals (FLT-01, FLT-02, FLT-16).

use super::{Place, stop, system};
use crate::support::{DEADLINE, until};
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Answer, TestDb, text, wait_until};

/// Where it ends, and how many times it passes before.
const POINTS: [&str; 9] = [
    "intake_before_commit*2",
    "intake_after_commit*2",
    "arrivals_before_commit*1",
    "arrivals_after_commit*1",
    "publish_before_commit*1",
    "publish_after_commit*1",
    "acts_between*2",
    "delivery_after_send*2",
    "delivery_results_before_commit*1",
];
const SIGABRT: i32 = 6;

both_engines! {
    async fn flt_01_kill_at_named_points(engine: Engine) {
        let db = TestDb::new(engine).await;
        let place = Place::new(db.url()).await;
        let (mut said, mut tried, mut published) = (Vec::new(), 0, 0);
        for point in POINTS {
            let variables = [("VECHE_FAILPOINTS", point)];
            let mut process = place.home.serve_in(&[], &variables, "web,worker");
            place.home.ready().await;
            let mut n = 0;
            let ended = loop {
                if let Some(status) = process.try_wait().expect("it can be asked") {
                    break status;
                }
                n += 1;
                assert!(n < 200, "{point} was not reached");
                let name = format!("{}-{n}", point.replace('*', "-"));
                tried += 1;
                if place.says(&name).await == 202 {
                    said.push(format!("{}/{name}", place.bob.id));
                }
                if place.publishes(&name).await.0 == 200 {
                    published += 1;
                } else {
                    // The client repeats what it got no answer to, after the restart.
                    break process.wait().await.expect("it ends");
                }
            };
            assert_eq!(ended.signal(), Some(SIGABRT), "{point}: {ended}");
            if engine == Engine::Postgres {
                db.expire_leases().await;
            }
            process = place.home.serve("web,worker");
            place.home.ready().await;
            let name = format!("{}-{n}", point.replace('*', "-"));
            let (status, made) = place.publishes(&name).await;
            assert_eq!(status, 200, "{point}: {made}");
            published += usize::from(published < count(&db, "initiative").await - 1);
            // FLT-02: one effect, whatever the first attempt had already done.
            assert_eq!(db.count("initiatives", &format!("WHERE title = '{name}'")).await, 1, "{point}");
            let again = place.publishes(&name).await;
            assert_eq!(again, (200, made), "{point}");
            until(async || waiting(&db).await == 0).await;
            stop(&mut process).await;
            place.home.verify().await;
        }
        // What was acknowledged is there, and at most what was under way at each end is more.
        let stored = db.rows("objects", "uri", "WHERE kind = 'comment'").await;
        let stored: BTreeSet<_> = stored.iter().map(|row| text(&row[0])).collect();
        assert!(said.iter().all(|uri| stored.contains(uri)), "acknowledged and lost");
        assert!(stored.len() <= said.len() + POINTS.len() && stored.len() <= tried);
        assert_eq!(count(&db, "initiative").await, published + 1);
        // One activity for one act, and each was sent.
        let posts = place.peer.posted("Announce");
        let pairs: BTreeSet<_> = posts
            .iter()
            .filter_map(|post| Some((post.body["object"].as_str()?, post.id())))
            .collect();
        let objects: BTreeSet<_> = pairs.iter().map(|(object, _)| *object).collect();
        assert_eq!((pairs.len(), objects.len()), (published + 1, published + 1));
        assert_eq!(db.count("deliveries", "WHERE state <> 'delivered'").await, 0);
    }

    async fn flt_16_a_stop_ends_what_is_under_way_and_loses_nothing(engine: Engine) {
        let db = TestDb::new(engine).await;
        let place = Place::new(db.url()).await;
        // Deliveries are under way when the signal comes.
        place.peer.always("/inbox", Answer::Late(Duration::from_secs(2), 202));
        let mut process = place.home.serve("web,worker");
        place.home.ready().await;
        assert_eq!(place.publishes("slow").await.0, 200);
        until(async || place.peer.posted("Announce").len() >= 4).await;
        let pid = process.id().expect("it runs").to_string();
        let talking = async {
            let mut said = Vec::new();
            for n in 0..10_000 {
                match place.says(&format!("s{n}")).await {
                    202 => said.push(n),
                    0 => break,
                    other => assert_eq!(other, 503),
                }
                if n == 10 {
                    system(&["kill", "-TERM", &pid]).await;
                }
            }
            said
        };
        let (said, status) = tokio::join!(talking, tokio::time::timeout(DEADLINE, process.wait()));
        let status = status.expect("it ends within half a minute").expect("it ends");
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(said.len() > 10);
        // What was under way came to its end: it is written down as delivered.
        assert_eq!(db.count("deliveries", "WHERE state = 'delivered' AND attempts = 1").await, 5);
        assert_eq!(db.count("inbox", "").await, said.len() + 1);
        place.peer.always("/inbox", Answer::Status(202));
        if engine == Engine::Postgres {
            db.expire_leases().await;
        }
        process = place.home.serve("web,worker");
        wait_until(Duration::from_mins(1), async || {
            db.count("objects", "WHERE kind = 'comment'").await == said.len() && waiting(&db).await == 0
        }).await;
        stop(&mut process).await;
        place.home.verify().await;
    }
}

async fn count(db: &TestDb, kind: &str) -> usize {
    db.count("objects", &format!("WHERE kind = '{kind}'")).await
}

/// What still waits in the queues.
async fn waiting(db: &TestDb) -> usize {
    let mut sum = 0;
    for table in ["inbox", "jobs", "deliveries"] {
        sum += db.count(table, "WHERE state = 'pending'").await;
    }
    sum
}
