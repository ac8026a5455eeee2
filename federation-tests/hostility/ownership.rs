//! SIG-25 to SIG-36: who may say what about whom. Each act comes by every way in.

use super::route::Route;
use super::scene::Scene;
use crate::support::{activity, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::RemoteActor;

/// A note in the thread of Ana's initiative.
fn forged(scene: &Scene, id: &str, author: &Value) -> Value {
    let mut said = note(id, "", &scene.uri, "FORGED");
    said["attributedTo"] = author.clone();
    said
}

fn act(id: &str, kind: &str, who: &RemoteActor, object: impl Into<Value>) -> Value {
    activity(&format!("{id}/act"), kind, &who.id, object)
}

both_engines! {
    /// Each way leads in: the others show that it does not for what is forged.
    async fn every_way_in_takes_what_is_good(engine: Engine) {
        let scene = Scene::new(engine).await;
        let who = &scene.mallory;
        for route in Route::DOORS.into_iter().chain(Route::INSIDE) {
            // An assembly brings whole what was written on its own server.
            let who = if route == Route::AnnouncedWhole { &scene.carol } else { who };
            let id = format!("{}/good/{}", who.id, scene.number());
            let create = act(&id, "Create", who, note(&id, &who.id, &scene.uri, "Mine."));
            assert_eq!(scene.offer(route, who, &create).await, 202, "{route:?}");
            settled(&scene.server).await;
            let taken = scene.ana.comment_by_uri(&scene.id, &id).await;
            assert!(taken.is_some(), "{route:?} does not lead in");
        }
    }

    async fn sig_25_a_text_in_the_name_of_another(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob;
        for author in [
            json!(scene.eve.id), json!(scene.mallory.id), json!(scene.carol.id),
            json!([bob.id, scene.eve.id]), json!([scene.eve.id, bob.id]),
            json!({ "type": "Person", "id": scene.eve.id }), json!(7), json!({}), json!([]),
            json!(format!("{}/u/ana", scene.server.base())),
        ] {
            scene.everywhere(&format!("by {author}"), &[403], bob, |id| {
                act(id, "Create", bob, forged(&scene, id, &author))
            }).await;
        }
        // Without a name it is the actor's own.
        let mut plain = forged(&scene, &format!("{}/notes/own", bob.id), &Value::Null);
        plain["content"] = "Mine.".into();
        assert_eq!(bob.send(&scene.inbox(), &act(&format!("{}/own", bob.id), "Create", bob, plain)).await, 202);
        settled(&scene.server).await;
        let seen = scene.ana.comment_by_uri(&scene.id, &format!("{}/notes/own", bob.id)).await;
        assert_eq!(seen.expect("it is his")["author"]["address"], bob.address());
    }

    async fn sig_26_and_sig_27_a_text_at_the_address_of_another(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob;
        let hers = scene.comment_of(&scene.carol).await;
        let ours = scene.ana.comment(&scene.id, "Ours.").await["uri"].as_str().expect("a text").to_owned();
        settled(&scene.server).await;
        for at in [
            format!("{}/notes/1", scene.far.base()), hers, scene.uri.clone(), ours,
            format!("{}/u/ana", scene.server.base()),
            format!("{}/n/123456789", scene.server.base()),
        ] {
            for kind in ["Create", "Update"] {
                scene.everywhere(&format!("{kind} at {at}"), &[403], bob, |id| {
                    act(id, kind, bob, forged(&scene, &at, &json!(bob.id)))
                }).await;
            }
        }
    }

    async fn sig_28_an_update_of_anothers_text(engine: Engine) {
        let scene = Scene::new(engine).await;
        let hers = scene.comment_of(&scene.eve).await;
        for who in [&scene.bob, &scene.mallory] {
            for author in [json!(who.id), json!(scene.eve.id), Value::Null] {
                scene.everywhere(&format!("{} as {author}", who.name), &[403], who, |id| {
                    act(id, "Update", who, forged(&scene, &hers, &author))
                }).await;
            }
        }
        // What is not known here is read at its home, never taken from the activity.
        let bob = &scene.bob;
        let id = format!("{}/notes/new", bob.id);
        let mut real = forged(&scene, &id, &json!(bob.id));
        real["content"] = "<p>Real.</p>".into();
        scene.peer.serve(&format!("{}/notes/new", bob.path()), real);
        let update = act(&id, "Update", bob, forged(&scene, &id, &json!(bob.id)));
        assert_eq!(bob.send(&scene.inbox(), &update).await, 202);
        settled(&scene.server).await;
        let seen = scene.ana.comment_by_uri(&scene.id, &id).await.expect("it was read at its home");
        assert_eq!(seen["html"], "<p>Real.</p>");
        assert!(!scene.effects().await.contains("FORGED"));
    }

    async fn sig_29_an_actor_changes_only_as_its_home_says(engine: Engine) {
        let scene = Scene::new(engine).await;
        let changed = |who: &RemoteActor, key: &str, value: Value| {
            let mut document = who.document();
            document[key] = value;
            document
        };
        let other = scene.eve.with_another_key().document()["publicKey"].clone();
        for (key, value) in [
            ("name", json!("FORGED")), ("inbox", json!(scene.mallory.inbox())),
            ("publicKey", other), ("preferredUsername", json!("FORGED")),
        ] {
            for who in [&scene.bob, &scene.mallory] {
                scene.everywhere(&format!("{} changes Eve's {key}", who.name), &[403], who, |id| {
                    act(id, "Update", who, changed(&scene.eve, key, value.clone()))
                }).await;
            }
            // Of himself he may speak, and his home is asked: it says something else.
            let bob = &scene.bob;
            scene.everywhere(&format!("Bob's own {key}"), &[202], bob, |id| {
                act(id, "Update", bob, changed(bob, key, value.clone()))
            }).await;
        }
        // His home itself cannot send his mail elsewhere or give him Eve's name or key.
        let eves_key = scene.eve.document()["publicKey"].clone();
        for (key, value) in [
            ("inbox", json!(scene.mallory.inbox())), ("id", json!(scene.eve.id)),
            ("id", json!(scene.mallory.id)), ("publicKey", eves_key), ("type", json!("Note")),
        ] {
            scene.peer.serve(&scene.bob.path(), changed(&scene.bob, key, value));
            let bob = &scene.bob;
            let inbox = scene.inbox();
            scene.server.caches.unreachable.invalidate_all();
            let before = scene.effects().await;
            let id = format!("{}/update/{}", bob.id, scene.number());
            assert_eq!(bob.send(&inbox, &act(&id, "Update", bob, bob.document())).await, 202);
            settled(&scene.server).await;
            assert!(before == scene.effects().await, "his home changed {key}");
        }
    }

    async fn sig_30_a_deletion_of_what_is_anothers(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob;
        let hers = scene.comment_of(&scene.eve).await;
        let carols = scene.comment_of(&scene.carol).await;
        for object in [
            hers, carols, scene.uri.clone(), scene.eve.id.clone(), scene.carol.id.clone(),
            format!("{}/u/ana", scene.server.base()), format!("{}/g/transport", scene.server.base()),
        ] {
            for form in [json!(object), json!({ "id": object, "type": "Tombstone" }), json!([object])] {
                scene.everywhere(&format!("{form}"), &[403], bob, |id| act(id, "Delete", bob, form.clone())).await;
            }
        }
    }

    async fn sig_32_an_undo_of_anothers_act(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (bob, eve) = (&scene.bob, &scene.eve);
        let like = scene.like_of(eve, "like");
        let group = format!("{}/g/transport", scene.server.base());
        let follow = activity(&format!("{}/follow", eve.id), "Follow", &eve.id, group.as_str());
        for act in [&like, &follow] {
            assert_eq!(eve.send(&scene.inbox(), act).await, 202);
        }
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
        let mut stolen = like.clone();
        stolen["actor"] = bob.id.clone().into();
        for object in [like.clone(), follow.clone(), like["id"].clone(), follow["id"].clone(), stolen] {
            for who in [bob, &scene.mallory] {
                scene.everywhere(&format!("{} undoes {object}", who.name), &[403], who, |id| {
                    act(id, "Undo", who, object.clone())
                }).await;
            }
        }
        // What is not known (yet) is noted and changes nothing of others.
        let before = scene.likes().await;
        let unknown = act(&format!("{}/u", bob.id), "Undo", bob, format!("{}/nothing", bob.id));
        assert_eq!(bob.send(&scene.inbox(), &unknown).await, 202);
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, before);
    }

    async fn sig_33_an_answer_of_somebody_who_was_not_asked(engine: Engine) {
        let scene = Scene::new(engine).await;
        for kind in ["Accept", "Reject"] {
            for who in [&scene.bob, &scene.carol, &scene.mallory] {
                scene.everywhere(&format!("{kind} of {}", who.name), &[403], who, |id| {
                    act(id, kind, who, scene.our_follow.as_str())
                }).await;
                let whole = json!({ "id": scene.our_follow, "type": "Follow", "object": who.id,
                    "actor": format!("{}/u/ana", scene.server.base()) });
                scene.everywhere(&format!("{kind} of {} of a whole", who.name), &[403], who, |id| {
                    act(id, kind, who, whole.clone())
                }).await;
            }
        }
    }

    async fn sig_35_a_move_that_nobody_confirms(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (bob, board) = (&scene.bob, &scene.board);
        let moved = |id: &str, who: &RemoteActor, from: &str, to: &str| {
            let mut act = act(id, "Move", who, from);
            act["target"] = to.into();
            act
        };
        // By a third; of oneself to somebody who does not say so; to oneself; to one of ours.
        let ours = format!("{}/u/ana", scene.server.base());
        for (who, from, to) in [
            (bob, &board.id, &bob.id), (bob, &scene.eve.id, &bob.id), (board, &board.id, &scene.carol.id),
            (board, &board.id, &scene.mallory.id), (board, &board.id, &board.id), (bob, &ours, &bob.id),
            (board, &board.id, &ours),
        ] {
            scene.everywhere(&format!("{from} to {to}"), &[202, 400, 403], who, |id| moved(id, who, from, to)).await;
        }
        assert_eq!(scene.ana.follow_state(&board.id).await, "accepted");
    }

    async fn sig_36_additions_to_anothers_collection(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob;
        let hers = scene.comment_of(&scene.eve).await;
        let group = format!("{}/g/transport", scene.server.base());
        for kind in ["Add", "Remove"] {
            for target in [
                format!("{group}/featured"), format!("{group}/moderators"), format!("{}/featured", scene.board.id),
                format!("{}/moderators", scene.board.id), format!("{}/followers", scene.eve.id),
            ] {
                scene.everywhere(&format!("{kind} to {target}"), &[202, 403], bob, |id| {
                    let mut given = act(id, kind, bob, if kind == "Add" { bob.id.as_str() } else { hers.as_str() });
                    given["target"] = target.as_str().into();
                    given
                }).await;
            }
        }
    }
}
