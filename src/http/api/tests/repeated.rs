//! Requests that a client repeats under a key (FLT-02), and those that another transaction was in
//! the way of (FLT-05).

use super::{form, instance, published};
use crate::both_engines;
use crate::http::fixture::{Answer, Fixture};
use crate::services::once::{self, Request};
use crate::services::{comments, initiatives};
use crate::storage::{Conn, Engine};
use crate::tests::fixtures::number;
use axum::body::Body;
use serde_json::{Value, json};

async fn keyed(fixture: &Fixture, path: &str, token: &str, key: &str, body: &Value) -> Answer {
    let mut request = http::Request::post(format!("/api/civic/v1{path}"))
        .header("host", "veche.example")
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", key);
    let body = if body.is_null() {
        Body::empty()
    } else {
        request = request.header("content-type", "application/json");
        Body::from(body.to_string())
    };
    fixture.send(request.body(body).unwrap()).await
}

async fn execute(fixture: &Fixture, sql: &'static str) {
    let mut tx = fixture.app.app.db.begin().await.unwrap();
    match &mut tx.conn() {
        Conn::Sqlite(c) => drop(sqlx::raw_sql(sql).execute(&mut **c).await.unwrap()),
        Conn::Postgres(c) => drop(sqlx::raw_sql(sql).execute(&mut **c).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn flt_02_a_repeated_request_has_one_effect_and_one_answer(fixture: Fixture) {
        let token = instance(&fixture).await;
        let first = keyed(&fixture, "/initiatives", &token, "k1", &form("Night bus")).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let again = keyed(&fixture, "/initiatives", &token, "k1", &form("Night bus")).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        let id = first.json()["id"].as_str().unwrap().to_owned();
        let publish = format!("/initiatives/{id}/publish");
        let published = keyed(&fixture, &publish, &token, "k2", &Value::Null).await;
        assert_eq!(published.status, 200, "{}", published.text);
        // Without a key the second attempt would be a conflict.
        let again = keyed(&fixture, &publish, &token, "k2", &Value::Null).await;
        assert_eq!((again.status, &again.text), (published.status, &published.text));
        let path = format!("/initiatives/{id}/comments");
        let said = json!({ "text": "Yes" });
        for _ in 0..3 {
            assert_eq!(keyed(&fixture, &path, &token, "k3", &said).await.status, 201);
        }
        let app = &fixture.app;
        assert_eq!(number(app, "SELECT COUNT(*) FROM objects").await, 2);
        assert_eq!(number(app, "SELECT COUNT(*) FROM events").await, 2);
        // Another key is another comment.
        assert_eq!(keyed(&fixture, &path, &token, "k4", &said).await.status, 201);
        assert_eq!(number(app, "SELECT COUNT(*) FROM comments").await, 2);
    }

    async fn flt_02_a_key_is_for_one_request_of_one_account(fixture: Fixture) {
        let token = instance(&fixture).await;
        let (_, other) = fixture.account("bob").await;
        let path = format!("/initiatives/{}/comments", published(&fixture, &token, "Bus").await);
        let said = |text: &str| json!({ "text": text });
        assert_eq!(keyed(&fixture, &path, &token, "k", &said("Yes")).await.status, 201);
        let changed = keyed(&fixture, &path, &token, "k", &said("No")).await;
        assert_eq!(changed.status, 422, "{}", changed.text);
        let elsewhere = keyed(&fixture, "/initiatives", &token, "k", &form("Bus")).await;
        assert_eq!(elsewhere.status, 422);
        assert_eq!(keyed(&fixture, &path, &other, "k", &said("Yes")).await.status, 201);
        assert_eq!(keyed(&fixture, &path, "wrong", "k", &said("Yes")).await.status, 401);
        assert_eq!(keyed(&fixture, &path, &token, "a key", &said("Yes")).await.status, 400);
        // What was refused is not remembered: corrected, it may come under the same key.
        assert_eq!(keyed(&fixture, &path, &token, "n", &said("")).await.status, 422);
        assert_eq!(keyed(&fixture, &path, &token, "n", &said("Now")).await.status, 201);
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM comments").await, 3);
    }

    async fn flt_02_what_was_committed_before_a_kill_is_found_by_the_repetition(fixture: Fixture) {
        let token = instance(&fixture).await;
        let path = format!("/initiatives/{}/comments", published(&fixture, &token, "Bus").await);
        let said = json!({ "text": "Yes" });
        let first = keyed(&fixture, &path, &token, "k", &said).await;
        assert_eq!(first.status, 201);
        // As it is when the process ends between the commit and the answer.
        execute(&fixture, "UPDATE idempotency_keys SET status = NULL, location = NULL, body = NULL").await;
        let again = keyed(&fixture, &path, &token, "k", &said).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM comments").await, 1);
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM idempotency_keys WHERE status = 201").await, 1);
    }

    async fn flt_02_the_same_request_at_the_same_time_has_one_effect(fixture: Fixture) {
        let token = instance(&fixture).await;
        let path = format!("/initiatives/{}/comments", published(&fixture, &token, "Bus").await);
        let said = json!({ "text": "Yes" });
        let all = (0..8).map(|_| keyed(&fixture, &path, &token, "k", &said));
        let answers = futures_util::future::join_all(all).await;
        for answer in &answers {
            assert_eq!((answer.status, answer.json()), (answers[0].status, answers[0].json()));
        }
        assert_eq!(answers[0].status, 201);
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM comments").await, 1);
    }

    async fn flt_02_keys_are_forgotten_after_a_day(fixture: Fixture) {
        let token = instance(&fixture).await;
        assert_eq!(keyed(&fixture, "/initiatives", &token, "k", &form("Bus")).await.status, 201);
        let count = "SELECT COUNT(*) FROM idempotency_keys";
        let day = 24 * 60 * 60;
        let app = &fixture.app;
        app.clock.advance_seconds(day - 1);
        let forget = async || {
            let before = app.now().plus_seconds(-i64::try_from(day).unwrap());
            crate::services::queue::forget_requests(app, before).await.unwrap();
        };
        forget().await;
        assert_eq!(number(app, count).await, 1);
        app.clock.advance_seconds(2);
        forget().await;
        assert_eq!(number(app, count).await, 0);
    }

    async fn flt_02_the_key_and_the_effect_are_one_transaction(fixture: Fixture) {
        let token = instance(&fixture).await;
        let id: i64 = published(&fixture, &token, "Bus").await.parse().unwrap();
        let app = &fixture.app;
        let ana = crate::services::accounts::by_handle(app, "ana").await.unwrap().unwrap();
        let request = || Request { account: ana.id, key: "k".to_owned(), digest: "d".to_owned(), made: None };
        let post = || comments::post(app, &ana, id.into(), None, "Yes", "en");
        let made = once::within(request(), post()).await.unwrap();
        // A second one that knows nothing of the first is refused by the key and leaves nothing.
        let outcome = once::within(request(), post()).await;
        assert!(matches!(outcome, Err(crate::services::Error::Conflict(_))), "{outcome:?}");
        assert_eq!(number(app, "SELECT COUNT(*) FROM comments").await, 1);
        assert_eq!(initiatives::get(app, None, id.into()).await.unwrap().replies, 1);
        let known = Request { made: Some(made.id), ..request() };
        assert_eq!(once::within(known, post()).await.unwrap().id, made.id);
    }

    async fn flt_05_a_transaction_that_was_in_the_way_is_tried_again(fixture: Fixture) {
        if fixture.app.database.engine() == Engine::Sqlite {
            // One writer: nobody is ever in the way. Its own errors are told apart in `storage::error`.
            assert!(!fixture.app.db.is_postgres());
            return;
        }
        let token = instance(&fixture).await;
        let path = format!("/initiatives/{}/comments", published(&fixture, &token, "Bus").await);
        // A sequence is not rolled back, so it counts the attempts.
        execute(
            &fixture,
            "CREATE SEQUENCE attempts;
             CREATE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('attempts') % 6 <> 0 THEN
                     RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001';
                 END IF; RETURN NEW; END $$;
             CREATE TRIGGER in_the_way BEFORE INSERT ON comments
                 FOR EACH ROW EXECUTE FUNCTION in_the_way()",
        )
        .await;
        let said = json!({ "text": "Yes" });
        let made = fixture.call("POST", &path, &token, said.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(keyed(&fixture, &path, &token, "k", &said).await.status, 201);
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM comments").await, 2);
        assert_eq!(number(&fixture.app, "SELECT last_value FROM attempts").await, 12);
        // With one more in the way it is 503 with a time, and nothing has happened.
        execute(&fixture, "ALTER SEQUENCE attempts RESTART; SELECT nextval('attempts')").await;
        execute(
            &fixture,
            "CREATE OR REPLACE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$",
        )
        .await;
        let refused = fixture.call("POST", &path, &token, said).await;
        assert_eq!(refused.status, 503);
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(number(&fixture.app, "SELECT COUNT(*) FROM comments").await, 2);
    }
}
