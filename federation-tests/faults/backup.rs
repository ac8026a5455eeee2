//! A backup that is taken under load, and restored (FLT-17, FLT-18). The database and the
//! configuration are all there is: nobody keeps files or secrets beside them.

use super::{Place, postgres_program, stop, system};
use crate::support::until;
use std::collections::BTreeSet;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{TestDb, text};

/// Copies a database in use with the tools of its engine, as `docs/RELIABILITY.md` says.
async fn back_up(from: &TestDb, to: &TestDb) {
    match from.engine() {
        Engine::Sqlite => {
            let path = |db: &TestDb| db.url().trim_start_matches("sqlite:").to_owned();
            let copy = format!("VACUUM INTO '{}'", path(to));
            system(&["sqlite3", "-cmd", ".timeout 10000", &path(from), &copy]).await;
        }
        Engine::Postgres => {
            let folder = tempfile::tempdir().expect("a folder can be made");
            let file = folder.path().join("dump").to_str().expect("a plain path").to_owned();
            let dump = postgres_program("pg_dump").await;
            system(&[&dump, "--no-owner", "--file", &file, from.url()]).await;
            let psql = postgres_program("psql").await;
            system(&[&psql, "-q", "-v", "ON_ERROR_STOP=1", "-f", &file, "-d", to.url()]).await;
        }
    }
}

async fn keys(db: &TestDb) -> Vec<Vec<serde_json::Value>> {
    db.rows("actor_keys", "key_id, public_pem", "WHERE private_der IS NOT NULL").await
}

async fn ids(db: &TestDb, kind: &str) -> BTreeSet<String> {
    let rows = db.rows("objects", "uri", &format!("WHERE kind = '{kind}'")).await;
    rows.iter().map(|row| text(&row[0])).collect()
}

both_engines! {
    async fn flt_17_a_backup_taken_under_load_is_whole_and_is_all_there_is(engine: Engine) {
        let (db, copy) = (TestDb::new(engine).await, TestDb::empty(engine).await);
        let place = Place::new(db.url()).await;
        let mut process = place.home.serve("web,worker");
        place.home.ready().await;
        let mut before = Vec::new();
        for n in 0..5 {
            assert_eq!(place.says(&format!("early-{n}")).await, 202);
            before.push(format!("{}/early-{n}", place.bob.id));
            assert_eq!(place.publishes(&format!("early-{n}")).await.0, 200);
        }
        let known = keys(&db).await;
        let load = async {
            for n in 0..10 {
                assert_eq!(place.says(&format!("late-{n}")).await, 202);
                assert_eq!(place.publishes(&format!("late-{n}")).await.0, 200);
            }
        };
        tokio::join!(back_up(&db, &copy), load);
        stop(&mut process).await;
        let lost = ids(&db, "initiative").await;

        // On another machine with the database and the configuration, and nothing else (FLT-18).
        let restored = place.restored(copy.url());
        restored.home.verify().await;
        let kept = keys(&copy).await;
        assert!(!known.is_empty() && known.iter().all(|key| kept.contains(key)), "it signs as before");
        if engine == Engine::Postgres {
            copy.expire_leases().await;
        }
        // Acts that were no activities yet get a name here that the lost server did not give them.
        let unnamed = copy.count("events", "WHERE federated_at IS NULL").await;
        process = restored.home.serve("web,worker");
        restored.home.ready().await;
        until(async || {
            let stored = ids(&copy, "comment").await;
            before.iter().all(|uri| stored.contains(uri))
        }).await;
        // What came after the backup is taken when it comes again, and changes nothing if it was
        // in it; what is made now has an address that nothing ever had.
        for n in 0..10 {
            assert_eq!(restored.says(&format!("late-{n}")).await, 202);
        }
        until(async || ids(&copy, "comment").await.len() == 15).await;
        let (status, made) = restored.publishes("restored").await;
        assert_eq!(status, 200);
        assert!(!lost.contains(&text(&made["uri"])), "an address was given twice");
        until(async || {
            restored.peer.posted("Announce").iter().any(|post| post.body["object"] == made["uri"])
                && copy.count("deliveries", "WHERE state = 'pending'").await == 0
        }).await;
        // What was on its way at the backup was sent again under its old name, and so known.
        let posts = restored.peer.posted("Announce");
        let pairs: BTreeSet<_> = posts
            .iter()
            .filter_map(|post| Some((post.body["object"].as_str()?, post.id())))
            .collect();
        let objects: BTreeSet<_> = pairs.iter().map(|(object, _)| *object).collect();
        let twice = pairs.len() - objects.len();
        assert!(twice <= unnamed, "{twice} acts became two activities, {unnamed} had none");
        stop(&mut process).await;
        restored.home.verify().await;
    }
}
