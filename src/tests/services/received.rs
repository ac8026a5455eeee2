//! Comments from elsewhere.

use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::services::comments::{self, Deleted, Received};
use crate::services::initiatives;
use crate::testing::TestApp;
use crate::tests::fixtures::{in_unit, number, reply, stranger, texts};

async fn place(app: &TestApp) -> (Initiative, Actor) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    (app.initiative(&ana, "transport", "Night buses").await, stranger(app, "zoe").await)
}

const ONE: &str = "https://remote.example/n/1";

fn made_id(uri: &str) -> crate::domain::ObjectId {
    uri.rsplit('/').next().unwrap().parse().unwrap()
}

both_engines! {
    async fn a_reply_is_stored_once(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        let stored = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        let expected = Received::Stored { assembly: initiative.assembly_id, assembly_local: true };
        assert_eq!(stored, expected);
        let again = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert_eq!(again, Received::Ignored);
        let all = comments::of_initiative(&app, initiative.id, None, 10).await.unwrap();
        let shown: Vec<_> = all.iter().map(|c| (c.html.as_str(), c.local)).collect();
        assert_eq!(shown, [("<p>Yes</p>", false)]);
        assert_eq!(initiatives::get(&app, None, initiative.id).await.unwrap().replies, 1);
        let known = comments::object_by_uri(&app, ONE).await.unwrap().unwrap();
        assert_eq!(comments::object_by_id(&app, known.id).await.unwrap(), Some(known));
    }

    async fn a_reply_to_something_unknown_says_so(app: TestApp) {
        let (_, zoe) = place(&app).await;
        let comment = reply("2", zoe.id, ONE, "<p>And this</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert_eq!(outcome, Received::UnknownParent);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM comments").await, 0);
    }

    async fn a_reply_that_was_deleted_before_it_came_stays_dead(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let max = stranger(&app, "max").await;
        let early = in_unit!(app, unit => comments::receive_delete_in(unit, zoe.id, ONE)).unwrap();
        assert_eq!(early, Deleted::Nothing);
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert_eq!(outcome, Received::Ignored);
        // What somebody else said of an address does not count.
        let two = "https://remote.example/n/2";
        in_unit!(app, unit => comments::receive_delete_in(unit, max.id, two)).unwrap();
        let comment = reply("2", zoe.id, &initiative.uri, "<p>Yes</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert!(matches!(outcome, Received::Stored { .. }), "{outcome:?}");
    }

    async fn only_its_author_changes_or_deletes_it(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let max = stranger(&app, "max").await;
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        let forged = reply("1", max.id, &initiative.uri, "<p>No</p>");
        let outcome = in_unit!(app, unit => comments::receive_edit_in(unit, &forged)).unwrap();
        assert_eq!(outcome, None);
        let outcome = in_unit!(app, unit => comments::receive_delete_in(unit, max.id, ONE)).unwrap();
        assert_eq!(outcome, Deleted::NotOwner);
        assert_eq!(texts(&app, "SELECT html FROM comments").await, ["<p>Yes</p>"]);
        let edit = reply("1", zoe.id, &initiative.uri, "<p>Maybe</p>");
        let outcome = in_unit!(app, unit => comments::receive_edit_in(unit, &edit)).unwrap();
        assert_eq!(outcome, Some((initiative.assembly_id, true)));
        let same = in_unit!(app, unit => comments::receive_edit_in(unit, &edit)).unwrap();
        assert_eq!(same, None);
        let gone = in_unit!(app, unit => comments::receive_delete_in(unit, zoe.id, ONE)).unwrap();
        let buried = Deleted::Buried { assembly: initiative.assembly_id, assembly_local: true };
        assert_eq!(gone, buried);
        let twice = in_unit!(app, unit => comments::receive_delete_in(unit, zoe.id, ONE)).unwrap();
        assert_eq!(twice, Deleted::Nothing);
        let late = in_unit!(app, unit => comments::receive_edit_in(unit, &edit)).unwrap();
        assert_eq!(late, None);
        let again = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert_eq!(again, Received::Ignored);
        assert_eq!(texts(&app, "SELECT html FROM comments").await, [""]);
        assert_eq!(initiatives::get(&app, None, initiative.id).await.unwrap().replies, 0);
    }

    async fn answers_of_this_server_are_listed_first_and_each_once(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let ana = crate::services::accounts::by_handle(&app, "ana").await.unwrap().unwrap();
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for n in 0..7 {
            let remote = reply(&n.to_string(), zoe.id, &initiative.uri, "<p>Yes</p>");
            in_unit!(app, unit => comments::receive_in(unit, &remote)).unwrap();
            others.push(remote.uri);
            let text = format!("Mine {n}");
            let made = comments::post(&app, &ana, initiative.id, None, &text, "en").await.unwrap();
            own.push(made.uri);
        }
        let path = format!("/p/{}", initiative.id);
        let first = app.document(&path).await.json()["replies"]["first"].clone();
        assert_eq!(first["items"], serde_json::json!(own[..5]));
        let mut seen: Vec<String> = serde_json::from_value(first["items"].clone()).unwrap();
        let mut after = Some(comments::RepliesAfter::Own(made_id(&own[4])));
        for _ in 0..9 {
            let Some(from) = after else { break };
            let (uris, next) = comments::reply_uris(&app, initiative.id, from, 3).await.unwrap();
            seen.extend(uris);
            after = next;
        }
        assert_eq!((seen, after), ([own, others].concat(), None));
        // Its pages lead from one to the next.
        let mut next = first["next"].as_str().map(str::to_owned);
        let mut met = 5;
        for _ in 0..4 {
            let Some(page) = next else { break };
            let page = app.document(page.strip_prefix("http://veche.test").unwrap()).await.json();
            met += page["items"].as_array().unwrap().len();
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(met, 14);
    }

    async fn what_was_written_here_is_not_changed_from_outside(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let ana = crate::services::accounts::by_handle(&app, "ana").await.unwrap().unwrap();
        let own = comments::post(&app, &ana, initiative.id, None, "Mine", "en").await.unwrap();
        for author in [zoe.id, ana.id] {
            let mut forged = reply("1", author, &initiative.uri, "<p>No</p>");
            forged.uri.clone_from(&own.uri);
            let edit = in_unit!(app, unit => comments::receive_edit_in(unit, &forged)).unwrap();
            assert_eq!(edit, None);
            for uri in [&own.uri, &initiative.uri] {
                let outcome =
                    in_unit!(app, unit => comments::receive_delete_in(unit, author, uri)).unwrap();
                assert_eq!(outcome, Deleted::NotOwner);
            }
        }
        assert_eq!(comments::get(&app, own.id).await.unwrap().source, "Mine");
    }

    async fn a_closed_thread_takes_no_replies(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let ana = crate::services::accounts::by_handle(&app, "ana").await.unwrap().unwrap();
        initiatives::withdraw(&app, &ana, initiative.id).await.unwrap();
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert_eq!(outcome, Received::Ignored);
    }
}
