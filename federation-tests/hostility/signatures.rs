//! SIG-01 to SIG-12, SIG-17, SIG-21 to SIG-24, SIG-46: what is signed, and how. Rows about headers exist only
//! at the inboxes.

use super::h2_client;
use super::route::Route;
use super::scene::{Lines, Scene};
use crate::support::{activity, settled};
use serde_json::json;
use std::time::Duration;
use veche::both_engines;
use veche::crypto;
use veche::domain::Timestamp;
use veche::storage::Engine;
use veche::testing::{TestServer, exchange, real_now, stopped_clock};

const MINUTE: i64 = 60;

fn drop(lines: &mut Lines, name: &str) {
    lines.retain(|(known, _)| known != name);
}

/// Puts the header in once more, with another value, before or after the good one.
fn twice(lines: &mut Lines, name: &str, first: bool) {
    let other = (name.to_owned(), "x".to_owned());
    let at = lines.iter().position(|(known, _)| known == name).expect("the header is there");
    lines.insert(if first { at } else { at + 1 }, other);
}

both_engines! {
    async fn sig_01_no_signature_and_sig_02_no_digest(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.lines("no signature", &[401], |lines| drop(lines, "signature")).await;
        scene.lines("an empty signature", &[401], |lines| {
            drop(lines, "signature");
            lines.push(("signature".to_owned(), String::new()));
        }).await;
        scene.lines("no digest", &[401], |lines| drop(lines, "digest")).await;
        scene.doors("no digest, none covered", &[401], |wire| {
            wire.headers.retain(|(name, _)| name != "digest");
            wire.covered.retain(|name| name != "digest");
        }).await;
    }

    async fn sig_03_the_digest_of_another_body(engine: Engine) {
        let scene = Scene::new(engine).await;
        let other = scene.like_of(&scene.bob, "other").to_string();
        scene.doors("another body", &[401], |wire| wire.body = other.clone().into_bytes()).await;
        scene.doors("one more space", &[401], |wire| wire.body.push(b' ')).await;
    }

    async fn sig_04_a_header_that_decides_twice(engine: Engine) {
        let scene = Scene::new(engine).await;
        for name in ["digest", "date", "host", "signature", "content-type"] {
            for first in [true, false] {
                scene.lines(&format!("two {name}"), &[400], |lines| twice(lines, name, first)).await;
            }
        }
        // The very same twice is two as well.
        scene.lines("the same digest twice", &[400], |lines| {
            let digest = lines.iter().find(|(name, _)| name == "digest").expect("it is there").clone();
            lines.push(digest);
        }).await;
    }

    async fn sig_06_something_that_must_be_covered_is_not(engine: Engine) {
        let scene = Scene::new(engine).await;
        for name in ["(request-target)", "host", "date", "digest"] {
            scene.doors(&format!("without {name}"), &[401], |wire| wire.covered.retain(|n| n != name)).await;
        }
        scene.doors("a header that is not there", &[401], |wire| wire.covered.push("x-none".to_owned())).await;
    }

    async fn sig_07_strange_lists_of_what_is_covered(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.doors("covers nothing", &[400, 401], |wire| wire.covered.clear()).await;
        scene.doors("covers date twice", &[400, 401], |wire| wire.covered.push("date".to_owned())).await;
        scene.doors("covers 10 kB", &[400, 401], |wire| wire.covered.push("x".repeat(10_000))).await;
        scene.lines("a signature of 1 MB", &[400, 401, 431], |lines| {
            drop(lines, "signature");
            lines.push(("signature".to_owned(), format!("keyId=\"{}\"", "x".repeat(1_000_000))));
        }).await;
        for parameter in [",keyId=\"x\"", ",signature=\"x\"", ",headers=\"date\""] {
            scene.doors(&format!("{parameter} twice"), &[400, 401], |wire| {
                parameter.clone_into(&mut wire.parameters);
            }).await;
        }
    }

    async fn sig_08_times_that_are_not_now(engine: Engine) {
        let scene = Scene::new(engine).await;
        let off = |minutes: i64| real_now().plus_seconds(minutes * MINUTE).to_http_date();
        for date in [
            off(66), off(-66), "garbage".to_owned(), "Fri, 31 Dec 9999 23:59:59 GMT".to_owned(),
            "Thu, 01 Jan 1970 00:00:00 GMT".to_owned(), String::new(),
        ] {
            scene.doors(&date, &[401], |wire| wire.set("date", date.clone())).await;
        }
        let outside = Timestamp::from_millis(real_now().millis()).plus_seconds(66 * MINUTE).seconds();
        scene.doors("created ahead", &[401], |wire| {
            "(created)".clone_into(&mut wire.covered[2]);
            wire.parameters = format!(",created={outside}");
        }).await;
    }

    async fn sig_09_numbers_that_overflow(engine: Engine) {
        let scene = Scene::new(engine).await;
        for name in ["created", "expires"] {
            for value in [
                "-1", "18446744073709551615", "9223372036854775807", "-9223372036854775808",
                "1.5", "1e400", "", "0x10", "\"\"", "99999999999999999999999999",
            ] {
                scene.doors(&format!("{name}={value}"), &[400, 401], |wire| {
                    wire.covered[2] = format!("({name})");
                    wire.parameters = format!(",{name}={value}");
                }).await;
            }
        }
        scene.doors("expires before created", &[400, 401], |wire| {
            let now = real_now().seconds();
            wire.parameters = format!(",created={now},expires={}", now - 1);
        }).await;
        // Nobody's request was ended by it: the next one on a new connection is answered.
        let inbox = scene.wire("/inbox");
        assert_eq!(inbox.send().await.status, 202);
    }

    async fn sig_10_signed_for_another_host(engine: Engine) {
        let scene = Scene::new(engine).await;
        for host in ["other.example", "127.0.0.1", "127.0.0.1:1", "veche.test@127.0.0.1"] {
            scene.doors(host, &[421], |wire| wire.set("host", host)).await;
        }
    }

    async fn sig_12_and_sig_13_the_key_of_a_stranger_or_a_neighbour(engine: Engine) {
        let scene = Scene::new(engine).await;
        for other in [&scene.eve, &scene.mallory, &scene.carol] {
            scene.doors(&format!("the key of {}", other.name), &[401], |wire| {
                wire.key = other.key().clone();
                wire.key_id.clone_from(&other.key().key_id);
            }).await;
        }
        let own = scene.bob.with_another_key();
        scene.doors("another key under his name", &[401], |wire| wire.key = own.key().clone()).await;
        for key_id in ["", "x", "data:,x", "http://", "http://[", "//127.0.0.1/x", "javascript:1"] {
            scene.doors(&format!("the key {key_id}"), &[400, 401], |wire| {
                key_id.clone_into(&mut wire.key_id);
            }).await;
        }
        let ours = format!("{}/u/ana#main-key", scene.server.base());
        scene.doors("our own key", &[401], |wire| wire.key_id.clone_from(&ours)).await;
    }

    async fn sig_17_algorithms_of_another_kind(engine: Engine) {
        let scene = Scene::new(engine).await;
        for name in ["hmac-sha256", "none", "hmac-sha512", "rsa-sha1", "ed25519", "RSA-SHA256x"] {
            scene.doors(name, &[401], |wire| name.clone_into(&mut wire.algorithm)).await;
        }
    }

    async fn sig_21_the_same_again_and_again(engine: Engine) {
        let clock = stopped_clock();
        let scene = Scene::on(TestServer::plan(engine).clock(&clock).start().await).await;
        let wire = scene.wire("/inbox");
        assert_eq!(wire.clone().send().await.status, 202);
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
        let before = scene.server.database.record().await;
        for round in 0..20 {
            let many = (0..50).map(|n| {
                let mut again = wire.clone();
                // To each inbox in turn: what is signed for one does not fit another.
                let door = Route::DOORS[n % 5].path();
                door.clone_into(&mut again.target);
                again.send()
            });
            for answer in futures_util::future::join_all(many).await {
                assert_eq!(answer.status, 202, "{round}");
            }
        }
        clock.advance(Duration::from_hours(1));
        assert_eq!(wire.clone().send().await.status, 202);
        // The same bytes are too old after a month; signed anew they are known still.
        clock.advance(Duration::from_hours(24 * 30));
        assert_eq!(wire.clone().send().await.status, 401);
        let mut renewed = wire.clone();
        renewed.set("date", clock.now().to_http_date());
        assert!([202, 401].contains(&renewed.send().await.status));
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
        assert_eq!(before.lines().filter(|l| l.starts_with("reactions")).count(), 1);
        let after = scene.server.database.record().await;
        let reactions = |record: &str| record.lines().filter(|l| l.starts_with("reactions")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(reactions(&before), reactions(&after));
    }

    async fn sig_22_and_sig_23_one_id_for_two_bodies_and_two_inboxes(engine: Engine) {
        let scene = Scene::new(engine).await;
        let mine = scene.comment_of(&scene.bob).await;
        let first = scene.like_of(&scene.bob, "one-id");
        assert_eq!(scene.bob.send(&scene.inbox(), &first).await, 202);
        settled(&scene.server).await;
        let before = scene.server.database.record().await;
        // Under the known id something else, by every door.
        let other = activity(&format!("{}/one-id", scene.bob.id), "Delete", &scene.bob.id, mine);
        for door in Route::DOORS {
            let inbox = format!("{}{}", scene.server.base(), door.path());
            assert_eq!(scene.bob.send(&inbox, &other).await, 202, "{door:?}");
            assert_eq!(scene.bob.send(&inbox, &first).await, 202, "{door:?}");
        }
        settled(&scene.server).await;
        assert!(before == scene.server.database.record().await, "the second body had an effect");
    }

    async fn sig_24_ids_that_are_not_the_actors_own(engine: Engine) {
        let scene = Scene::new(engine).await;
        let own = |id: serde_json::Value| {
            let mut like = scene.like_of(&scene.bob, "x");
            like["id"] = id;
            like.to_string()
        };
        for id in [
            json!(format!("{}/1", scene.far.base())),
            json!(format!("{}/a/1", scene.server.base())),
            json!(scene.uri),
            json!(null), json!(""), json!(7), json!([scene.bob.id]), json!({ "id": scene.bob.id }),
            json!("urn:uuid:1"), json!("data:,x"), json!("/1"), json!("x".repeat(200_000)),
        ] {
            let body = own(id.clone());
            scene.doors(&id.to_string().chars().take(60).collect::<String>(), &[400, 401], |wire| {
                wire.carry(body.clone());
            }).await;
        }
    }

    async fn sig_46_a_second_signature_in_authorization(engine: Engine) {
        let scene = Scene::new(engine).await;
        for scheme in ["Signature", "signature", "SIGNATURE"] {
            scene.lines(scheme, &[400], |lines| {
                let good = lines.iter().find(|(n, _)| n == "signature").expect("signed").1.clone();
                lines.push(("authorization".to_owned(), format!("{scheme} {good}")));
            }).await;
        }
        scene.lines("only there", &[400], |lines| {
            let good = lines.pop().expect("signed").1;
            lines.push(("authorization".to_owned(), format!("Signature {good}")));
        }).await;
    }
}

/// Only form, no effect that a database could show: one engine.
#[test]
fn sig_05_digests_in_every_spelling_sqlite() {
    veche::testing::run(async {
        let scene = Scene::new(Engine::Sqlite).await;
        for (form, good) in [
            ("sha-256={s}", true),
            ("SHA-256={s}", true),
            ("SHA-256={s},SHA-512={l}", true),
            ("SHA-512={l}", true),
            ("SHA-256={s},SHA-512={s}", false),
            ("SHA-512={l},SHA-256={l}", false),
            ("md5=x", false),
            ("SHA-256=", false),
            ("SHA-256", false),
            ("SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false),
        ] {
            let mut wire = scene.wire("/inbox");
            let short = crypto::sha256_base64(&wire.body);
            let long = crypto::sha512_base64(&wire.body);
            wire.set("digest", form.replace("{s}", &short).replace("{l}", &long));
            let answer = wire.send().await;
            assert_eq!(answer.status, if good { 202 } else { 401 }, "{form}: {}", answer.text);
        }
    });
}

#[test]
fn sig_11_every_way_to_name_the_host_sqlite() {
    veche::testing::run(async {
        let scene = Scene::new(Engine::Sqlite).await;
        let base = scene.server.base().to_owned();
        let authority = scene.server.authority().to_owned();
        let port = authority.split_once(':').expect("a port").1.to_owned();
        // HTTP/1.1 with the whole address in the first line (RFC 9112, 3.2.2).
        for (target, host, status) in [
            (format!("{base}/inbox"), authority.clone(), 202),
            ("http://other.example/inbox".to_owned(), authority.clone(), 421),
            (format!("{base}/inbox"), "other.example".to_owned(), 421),
            (format!("http://u@{authority}/inbox"), authority.clone(), 421),
            ("/inbox".to_owned(), format!("127.0.0.1.:{port}"), 202),
            ("/inbox".to_owned(), format!("127.0.0.1:{port}."), 421),
            ("/inbox".to_owned(), "127.0.0.1".to_owned(), 421),
        ] {
            let mut wire = scene.wire("/inbox");
            wire.signed_target = Some("/inbox".to_owned());
            wire.target.clone_from(&target);
            wire.set("host", host.clone());
            let answer = wire.send().await;
            assert_eq!(answer.status, status, "{target} for {host}: {}", answer.text);
        }
        let without = "POST /inbox HTTP/1.1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(exchange(&authority, without.as_bytes()).await.status, 400);
        // HTTP/2 has no Host: its authority stands for it, also in what is signed.
        let ours = scene.wire("/inbox");
        assert_eq!(h2_client::post(&authority, &format!("{base}/inbox"), &ours).await, 202);
        let foreign = scene.wire("/inbox");
        let there = "http://other.example/inbox";
        assert_eq!(h2_client::post(&authority, there, &foreign).await, 421);
    });
}
