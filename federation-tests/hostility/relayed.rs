//! SIG-34: what an assembly passes on is read at its home, unless it is of its own server and
//! belongs to whom it names.

use super::route::Route;
use super::scene::Scene;
use crate::support::{activity, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;

const WAYS: [(Route, &[u16]); 2] = [(Route::AnnouncedWhole, &[202]), (Route::Backfilled, &[202])];

both_engines! {
    async fn sig_34_what_is_forged_inside_an_announcement(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (board, carol) = (&scene.board, &scene.carol);
        let dora = scene.home_of_board.actor("dora", veche::testing::Software::Mastodon);
        let hers = scene.comment_of(&dora).await;
        let like = scene.like_of(&dora, "like");
        assert_eq!(dora.send(&scene.inbox(), &like).await, 202);
        settled(&scene.server).await;
        let bobs = scene.comment_of(&scene.bob).await;
        let said = |id: &str, author: Value| {
            let mut said = note(id, "", &scene.uri, "FORGED");
            said["attributedTo"] = author;
            said
        };
        let both = json!([dora.id, carol.id]);
        let ours = format!("{}/u/ana", scene.server.base());
        // By neighbours of the assembly, whose own words it may bring.
        let acts = [
            ("Create", json!(carol.id), said(&format!("{}/f1", dora.id), json!(dora.id))),
            ("Create", json!(carol.id), said(&format!("{}/f2", carol.id), both.clone())),
            ("Create", both, said(&format!("{}/f3", dora.id), json!(dora.id))),
            ("Create", json!(carol.id), said(&format!("{}/f4", scene.peer.base()), json!(carol.id))),
            ("Create", json!(scene.bob.id), said(&format!("{}/f5", scene.bob.id), json!(scene.bob.id))),
            ("Create", json!(ours), said(&format!("{}/n/5", scene.server.base()), json!(ours))),
            ("Update", json!(carol.id), said(&hers, json!(carol.id))),
            ("Update", json!(carol.id), said(&hers, json!(dora.id))),
            ("Update", json!(carol.id), said(&hers, Value::Null)),
            ("Update", json!(scene.bob.id), said(&bobs, json!(scene.bob.id))),
            ("Update", json!(carol.id), said(&scene.uri, json!(carol.id))),
            ("Delete", json!(carol.id), json!(hers)),
            ("Delete", json!(carol.id), json!(dora.id)),
            ("Delete", json!(carol.id), json!(scene.uri)),
            ("Delete", json!(scene.bob.id), json!(bobs)),
            ("Delete", json!(scene.bob.id), json!(scene.bob.id)),
            ("Undo", json!(carol.id), like.clone()),
            ("Undo", json!(carol.id), like["id"].clone()),
            ("Like", json!(scene.bob.id), json!(scene.uri)),
            ("Like", json!(ours), json!(scene.uri)),
            ("Follow", json!(carol.id), json!(format!("{}/g/transport", scene.server.base()))),
            ("Accept", json!(carol.id), json!(scene.our_follow)),
            ("Announce", json!(carol.id), json!(scene.uri)),
        ];
        // The real words are at their homes.
        scene.peer.serve(bobs.trim_start_matches(scene.peer.base()), {
            let mut real = note(&bobs, &scene.bob.id, &scene.uri, "Mine.");
            real["content"] = "<p>Mine.</p>".into();
            real
        });
        for (n, (kind, actor, object)) in acts.iter().enumerate() {
            scene.through(&format!("{n} {kind} by {actor}"), &WAYS, board, |id| {
                let of = actor.as_str().or(actor[0].as_str()).expect("an actor");
                let made = format!("{of}/inner/{}", id.rsplit('/').next().expect("a number"));
                let mut inner = activity(&made, kind, of, object.clone());
                inner["actor"] = actor.clone();
                inner
            }).await;
        }
        assert!(!scene.effects().await.contains("FORGED"));
    }

    async fn sig_34_only_an_assembly_that_is_followed_is_believed(engine: Engine) {
        let scene = Scene::new(engine).await;
        let carol = &scene.carol;
        let inner = |n: usize| {
            let said = note(&format!("{}/notes/x{n}", carol.id), &carol.id, &scene.uri, "FORGED");
            activity(&format!("{}/notes/x{n}/act", carol.id), "Create", &carol.id, said)
        };
        // By a person of that server, by another server, and by an assembly that nobody follows.
        let mut group = scene.far.actor("club", veche::testing::Software::Mastodon).document();
        group["type"] = "Group".into();
        scene.far.serve("/users/club", group);
        let club = scene.far.actor("other", veche::testing::Software::Mastodon);
        for (n, who) in [carol, &scene.bob, &scene.mallory, &club].into_iter().enumerate() {
            for door in Route::DOORS {
                let before = scene.effects().await;
                let id = format!("{}/announce/{}", who.id, scene.number());
                let announce = activity(&id, "Announce", &who.id, inner(n));
                let inbox = format!("{}{}", scene.server.base(), door.path());
                assert_eq!(who.send(&inbox, &announce).await, 202);
                settled(&scene.server).await;
                let after = scene.effects().await;
                let news = crate::hostility::scene::difference(&before, &after);
                // Whoever was not known before is known afterwards.
                assert!(news.lines().all(|l| l.starts_with("+ actor")), "{}: {news}", who.name);
            }
        }
    }
}
