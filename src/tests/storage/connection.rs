//! Transactions, and errors by what can be done about them.

use crate::both_engines;
use crate::domain::{ActorId, Timestamp};
use crate::storage::{Conn, Engine, Error, accounts, assemblies, sessions, tokens};
use crate::testing::{TestApp, run};
use crate::tests::fixtures::{in_tx, number, reading};

/// SQLite rolls back by itself when the disk is full: the next transaction must not be taken for a
/// part of that one.
#[test]
fn flt_03_the_writer_goes_on_after_a_full_disk_sqlite() {
    run(async {
        let app = TestApp::new(Engine::Sqlite).await;
        let ana = app.account("ana").await;
        for turn in ["one", "another", "a third"] {
            let mut tx = app.app.db.begin().await.unwrap();
            let Conn::Sqlite(c) = &mut tx.conn() else { panic!("it is SQLite") };
            // The file may not grow beyond what it is: SQLITE_FULL, as on a full disk.
            sqlx::query("PRAGMA max_page_count = 1").execute(&mut **c).await.unwrap();
            let much = "x".repeat(1_000_000);
            let full = sqlx::query("UPDATE accounts SET password_hash = $1")
                .bind(&much)
                .execute(&mut **c)
                .await
                .map(|_| ())
                .map_err(Error::from);
            assert!(matches!(full, Err(Error::Unavailable(_))), "{full:?}");
            drop(tx);
            in_tx!(app, conn => accounts::set_password_hash(conn, ana.id, turn)).unwrap();
            let row = reading!(app, conn => accounts::by_id(conn, ana.id)).unwrap();
            assert_eq!(row.password_hash, turn);
        }
    });
}

both_engines! {
    async fn what_is_not_committed_never_happened(app: TestApp) {
        let ana = app.account("ana").await;
        let mut tx = app.app.db.begin().await.unwrap();
        accounts::set_roles(&mut tx.conn(), ana.id, "admin").await.unwrap();
        drop(tx);
        let row = reading!(app, conn => accounts::by_id(conn, ana.id)).unwrap();
        assert_eq!((row.roles.as_str(), row.email.as_str()), ("", "ana@example.org"));
        in_tx!(app, conn => accounts::set_password_hash(conn, ana.id, "new")).unwrap();
        let row = reading!(app, conn => accounts::by_id(conn, ana.id)).unwrap();
        assert_eq!(row.password_hash, "new");
        app.app.db.ping().await.unwrap();
    }

    async fn errors_are_told_apart(app: TestApp) {
        let ana = app.account("ana").await;
        let now = app.now();
        let email = "ana@example.org";
        let twice = in_tx!(app, c => accounts::insert(c, ana.id, email, "", "", "en", now));
        assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
        let nobody = ActorId::from(1);
        let orphan = in_tx!(app, c => tokens::insert(c, app.id(), "hash", nobody, "", now));
        assert!(matches!(orphan, Err(Error::MissingReference)), "{orphan:?}");
        let orphan = in_tx!(app, c => assemblies::insert(c, nobody, None));
        assert!(matches!(orphan, Err(Error::MissingReference)), "{orphan:?}");
    }

    async fn a_closed_database_is_not_available(app: TestApp) {
        app.app.db.close().await;
        let outcome = app.app.db.begin().await.map(|_| ());
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
        assert!(app.app.db.ping().await.is_err());
    }

    async fn readers_of_sqlite_cannot_write(app: TestApp) {
        let mut reader = app.app.db.read().await.unwrap();
        let (now, nobody) = (app.now(), ActorId::from(1));
        let outcome = sessions::insert(&mut reader.conn(), "x", nobody, "", now, now).await;
        match app.database.engine() {
            Engine::Sqlite => assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}"),
            // A reader of PostgreSQL is any connection: only the foreign key refuses.
            Engine::Postgres => {
                assert!(matches!(outcome, Err(Error::MissingReference)), "{outcome:?}");
            }
        }
    }

    async fn a_crash_loses_nothing_that_was_committed(app: TestApp) {
        // The settings on which that rests; the tests' cluster itself runs without flushing.
        let mut reader = app.app.db.read().await.unwrap();
        match &mut reader.conn() {
            Conn::Sqlite(c) => {
                let synchronous: i64 =
                    sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut **c).await.unwrap();
                assert_eq!(synchronous, 2);
            }
            Conn::Postgres(c) => {
                let source: String = sqlx::query_scalar(
                    "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'",
                )
                .fetch_one(&mut **c)
                .await
                .unwrap();
                assert_eq!(source, "configuration file", "the program must not set it itself");
            }
        }
    }

    async fn writers_wait_for_each_other(app: TestApp) {
        let ana = app.account("ana").await;
        let all = (0..30).map(|n| {
            let (app, id) = (&app, ana.id);
            async move {
                let mut tx = app.app.db.begin().await?;
                let row = accounts::by_id(&mut tx.conn(), id).await?;
                assert!(row.is_some());
                let hash = format!("hash {n}");
                sessions::insert(&mut tx.conn(), &hash, id, "", app.now(), Timestamp::default())
                    .await?;
                tx.commit().await
            }
        });
        for outcome in futures_util::future::join_all(all).await {
            outcome.unwrap();
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM sessions").await, 30);
    }
}
