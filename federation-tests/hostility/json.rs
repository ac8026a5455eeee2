//! SIG-42, SIG-43, DOS-04, DOS-10: bodies that two readers could read differently, and bodies
//! that are only long.

use super::scene::Scene;
use crate::support::{activity, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;

both_engines! {
    async fn sig_42_json_of_two_minds(engine: Engine) {
        let scene = Scene::new(engine).await;
        let like = scene.like_of(&scene.bob, "two").to_string();
        let (start, rest) = like.split_at(1);
        let eve = scene.eve.id.as_str();
        let with = |key: &str, value: Value| {
            let mut like = scene.like_of(&scene.bob, "two");
            like[key] = value;
            like.to_string().into_bytes()
        };
        let wide: Vec<u8> = like.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (what, body) in [
            ("two actors", format!("{start}\"actor\":\"{eve}\",{rest}").into_bytes()),
            ("two actors, escaped", format!("{start}\"\\u0061ctor\":\"{eve}\",{rest}").into_bytes()),
            ("two ids", format!("{start}\"id\":\"{eve}/1\",{rest}").into_bytes()),
            ("two objects", format!("{start}\"object\":\"{eve}\",{rest}").into_bytes()),
            ("a byte order mark", [b"\xef\xbb\xbf", like.as_bytes()].concat()),
            ("UTF-16", wide),
            ("not a number", format!("{start}\"x\":NaN,{rest}").into_bytes()),
            ("half a letter", format!("{start}\"x\":\"\\ud800\",{rest}").into_bytes()),
            ("a bad byte", [b"{\"x\":\"\xff\",", rest.as_bytes()].concat()),
            ("two documents", format!("{like}{like}").into_bytes()),
            ("a list", format!("[{like}]").into_bytes()),
            ("a character that no text can hold", with("name", json!("a\0b"))),
            ("an id that is an object", with("id", json!({ "id": scene.bob.id }))),
            ("two actors in a list", with("actor", json!([scene.bob.id, eve]))),
            ("the other way", with("actor", json!([eve, scene.bob.id]))),
            ("no actor", with("actor", json!([]))),
            ("a number for an actor", with("actor", json!(7))),
            ("null for an actor", with("actor", json!(null))),
            ("null for a type", with("type", json!(null))),
            ("a number for a type", with("type", json!(7))),
        ] {
            scene.doors(what, &[400], |wire| wire.carry(body.clone())).await;
        }
        // Oddities that mean nothing are taken and have no effect.
        for object in [json!(null), json!(7), json!([]), json!({}), json!([[]]), json!({ "id": 7 }), json!("x")] {
            scene.everywhere(&format!("about {object}"), &[202, 400], &scene.bob, |id| {
                let mut like = activity(id, "Like", &scene.bob.id, "");
                like["object"] = object.clone();
                like
            }).await;
        }
    }

    async fn sig_43_names_that_mean_something_else(engine: Engine) {
        let scene = Scene::new(engine).await;
        let like = |change: &dyn Fn(&mut Value)| {
            let mut like = scene.like_of(&scene.bob, "meant");
            change(&mut like);
            like.to_string()
        };
        for name in ["@graph", "@reverse", "@included", "@id"] {
            for body in [
                like(&|like| like[name] = json!([])),
                like(&|like| like["object"] = json!({ name: scene.uri, "type": "Note" })),
            ] {
                scene.doors(name, &[400], |wire| wire.carry(body.clone())).await;
            }
        }
        // Under other names there is no actor, no id, no type.
        for (from, to) in [("actor", "as:actor"), ("id", "as:id"), ("type", "@type"), ("actor", "https://www.w3.org/ns/activitystreams#actor")] {
            let body = like(&|like| {
                let value = like[from].take();
                like.as_object_mut().expect("an object").remove(from);
                like[to] = value;
            });
            scene.doors(to, &[400], |wire| wire.carry(body.clone())).await;
        }
        // A context that renames: everything is read as it stands, so Bob is the one who likes.
        let renamed = like(&|like| {
            like["@context"] = json!({ "actor": "https://www.w3.org/ns/activitystreams#object",
                "object": "https://www.w3.org/ns/activitystreams#actor", "Like": "as:Delete" });
        });
        let mut wire = scene.wire("/inbox");
        wire.carry(renamed);
        assert_eq!(wire.send().await.status, 202);
        settled(&scene.server).await;
        let reactions = scene.server.database.rows("reactions", "kind, activity_uri", "").await;
        assert!(reactions.iter().any(|row| row[1] == format!("{}/meant", scene.bob.id)), "{reactions:?}");
    }

    async fn dos_10_an_activity_for_ten_thousand(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob;
        let said = |n: usize, key: &str, count: usize| {
            let id = format!("{}/notes/many{n}", bob.id);
            let mut said = note(&id, &bob.id, &scene.uri, "To many.");
            let entry = |n: usize| match key {
                "tag" => json!({ "type": "Mention", "href": format!("{}/users/m{n}", scene.far.base()) }),
                "attachment" => json!({ "type": "Image", "url": format!("{}/i{n}", scene.far.base()) }),
                "oneOf" => json!({ "type": "Note", "name": n.to_string() }),
                _ => json!(format!("{}/u{n}", scene.far.base())),
            };
            said[key] = (0..count).map(entry).collect::<Vec<_>>().into();
            if key == "cc" { said["to"] = json!([crate::support::PUBLIC]); }
            activity(&format!("{id}/act"), "Create", &bob.id, said)
        };
        let asked = scene.far.received().len();
        for (n, key) in ["tag", "attachment", "cc", "oneOf"].into_iter().enumerate() {
            // Far too many are refused; many are taken, and nobody is asked about them.
            assert_eq!(bob.send(&scene.inbox(), &said(n, key, 1_500)).await, 400, "{key}");
            assert_eq!(bob.send(&scene.inbox(), &said(n, key, 900)).await, 202, "{key}");
        }
        settled(&scene.server).await;
        assert!(scene.far.received().len() - asked <= 20, "{}", scene.far.received().len() - asked);
    }
}

#[test]
fn dos_04_long_and_deep_bodies_sqlite() {
    veche::testing::run(async {
        let scene = Scene::new(Engine::Sqlite).await;
        let like = scene.like_of(&scene.bob, "long").to_string();
        let rest = &like[1..];
        for (what, status, body) in [
            (
                "deep lists",
                400,
                format!("{{\"x\":{}{},{rest}", "[".repeat(120_000), "]".repeat(120_000)),
            ),
            (
                "deep objects",
                400,
                format!("{{\"x\":{}1{},{rest}", "{\"a\":".repeat(30_000), "}".repeat(30_000)),
            ),
            ("33 levels", 400, format!("{{\"x\":{}{},{rest}", "[".repeat(33), "]".repeat(33))),
            ("a long list", 400, format!("{{\"x\":[{}1],{rest}", "1,".repeat(120_000))),
            (
                "many names",
                400,
                format!(
                    "{{{}{rest}",
                    (0..20_000).map(|n| format!("\"{n}\":1,")).collect::<Vec<_>>().concat()
                ),
            ),
            ("a long number", 400, format!("{{\"x\":{},{rest}", "9".repeat(100_000))),
            (
                "a long id",
                400,
                json!({ "id": format!("{}/{}", scene.bob.id, "x".repeat(200_000)), "type": "Like",
                "actor": scene.bob.id, "object": scene.uri })
                .to_string(),
            ),
            ("a million elements", 413, format!("{{\"x\":[{}1],{rest}", "1,".repeat(1_000_000))),
        ] {
            let started = std::time::Instant::now();
            scene.doors(what, &[status], |wire| wire.carry(body.clone())).await;
            assert!(
                started.elapsed() < std::time::Duration::from_secs(10),
                "{what}: {:?}",
                started.elapsed()
            );
        }
    });
}
