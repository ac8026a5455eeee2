//! SIG-14 to SIG-20, SIG-31, DOS-15: where keys come from, and what becomes of them.

use super::scene::Scene;
use crate::support::{activity, settled};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use veche::both_engines;
use veche::crypto::PublicKey;
use veche::storage::Engine;
use veche::testing::{Answer, RemoteActor, Software};

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 128 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).expect("a short length"));
            out.extend(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

/// An RSA key of this many bits that nobody has the other half of.
fn rsa(bits: usize, exponent: &[u8]) -> String {
    let mut modulus = vec![0, 0xc5];
    modulus.extend(std::iter::repeat_n(0xa7, bits / 8 - 2));
    modulus.push(0x35);
    let numbers = [der(2, &modulus), der(2, exponent)].concat();
    let kind = der(0x30, &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]);
    let inner = [vec![0], der(0x30, &numbers)].concat();
    pem("PUBLIC KEY", &der(0x30, &[kind, der(3, &inner)].concat()))
}

fn pem(name: &str, der: &[u8]) -> String {
    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", STANDARD.encode(der))
}

/// The same key in its older form (PKCS#1), without the wrapping.
fn older(pem_text: &str) -> String {
    let body: String = pem_text.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = STANDARD.decode(body).expect("base64");
    pem("RSA PUBLIC KEY", bytes.get(24..).expect("a wrapped key"))
}

#[test]
fn sig_16_keys_of_every_kind_and_size() {
    let started = Instant::now();
    let e = [1, 0, 1];
    for bits in [512, 1_024, 2_040, 8_200, 16_384, 65_536] {
        assert!(PublicKey::from_pem(&rsa(bits, &e)).is_err(), "{bits}");
    }
    assert!(PublicKey::from_pem(&rsa(2_048, &e)).is_ok());
    assert!(PublicKey::from_pem(&rsa(2_048, &[1])).is_err(), "an exponent of 1");
    assert!(PublicKey::from_pem(&rsa(2_048, &[4])).is_err(), "an even exponent");
    for text in [
        pem("PRIVATE KEY", &[0; 32]),
        pem("RSA PRIVATE KEY", &[0; 32]),
        pem("PUBLIC KEY", &[]),
        pem("PUBLIC KEY", &[0x30; 300]),
        pem("CERTIFICATE", &[0; 32]),
        "-----BEGIN PUBLIC KEY-----".to_owned(),
        "x".repeat(1_000_000),
    ] {
        assert!(
            PublicKey::from_pem(&text).is_err(),
            "{}",
            text.chars().take(40).collect::<String>()
        );
    }
    // All together: nothing here calculates with what was not measured first.
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

impl Scene {
    /// Somebody new of Mallory's neighbours, whose document is this.
    fn stranger(&self, change: impl Fn(&mut Value)) -> RemoteActor {
        let name = format!("p{}", self.number());
        let who = self.peer.actor(&name, Software::Mastodon);
        let mut document = who.document();
        change(&mut document);
        self.peer.serve(&who.path(), document);
        who
    }

    async fn status_of(&self, who: &RemoteActor) -> u16 {
        let like = self.like_of(who, &format!("likes/{}", self.number()));
        // Longer than any server waits for another one.
        who.wire(&self.inbox(), &like).send().await.status
    }
}

both_engines! {
    async fn sig_14_and_sig_15_a_document_that_is_not_the_key(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        // The key has an address of its own; what stands there is of somebody else.
        let gil = scene.peer.actor("gil", Software::GoToSocial);
        let pem = gil.document()["publicKey"]["publicKeyPem"].clone();
        let raw = |id: &str, owner: &str| {
            json!({ "id": id, "type": "CryptographicKey", "owner": owner, "publicKeyPem": pem })
        };
        let path = format!("{}/main-key", gil.path());
        let id = format!("{}/main-key", gil.id);
        for document in [
            scene.eve.document(), scene.mallory.document(),
            raw(&id, &scene.eve.id), raw(&id, &scene.mallory.id),
            raw(&scene.eve.key().key_id, &gil.id), json!({ "id": id, "type": "CryptographicKey" }),
        ] {
            scene.server.caches.refetched.invalidate_all();
            scene.server.caches.unreachable.invalidate_all();
            scene.peer.serve(&path, document.clone());
            assert_eq!(scene.status_of(&gil).await, 401, "{document}");
        }
        // Nothing of that was kept, neither as a key nor as an actor.
        settled(&scene.server).await;
        assert!(before == scene.effects().await);
        scene.server.caches.refetched.invalidate_all();
        scene.server.caches.unreachable.invalidate_all();
        scene.peer.serve(&path, raw(&id, &gil.id));
        assert_eq!(scene.status_of(&gil).await, 202);
    }

    async fn sig_16_keys_in_the_forms_in_which_they_come(engine: Engine) {
        let scene = Scene::new(engine).await;
        let list = scene.stranger(|document| {
            document["publicKey"] = json!([{ "id": "x" }, document["publicKey"], 7]);
        });
        assert_eq!(scene.status_of(&list).await, 202, "a list of keys");
        let old = scene.stranger(|document| {
            let pem = document["publicKey"]["publicKeyPem"].as_str().expect("a key").to_owned();
            document["publicKey"]["publicKeyPem"] = older(&pem).into();
        });
        assert_eq!(scene.status_of(&old).await, 202, "PKCS#1");
        for key in [
            json!(rsa(512, &[1, 0, 1])), json!(rsa(16_384, &[1, 0, 1])), json!("PRIVATE KEY"), json!(7), json!(null),
        ] {
            let who = scene.stranger(|document| document["publicKey"]["publicKeyPem"] = key.clone());
            assert_eq!(scene.status_of(&who).await, 401, "{key}");
        }
        // A key that names another owner, or is said to be the key of a neighbour.
        let foreign = scene.stranger(|d| d["publicKey"]["owner"] = scene.eve.id.clone().into());
        assert_eq!(scene.status_of(&foreign).await, 401);
        let thief = scene.stranger(|d| d["publicKey"]["id"] = scene.eve.key().key_id.clone().into());
        assert_eq!(scene.status_of(&thief).await, 401);
        assert_eq!(scene.status_of(&scene.eve).await, 202, "the neighbour keeps her key");
    }

    async fn sig_18_and_sig_19_a_key_that_was_changed(engine: Engine) {
        let scene = Scene::new(engine).await;
        let old = scene.wire("/inbox");
        let renewed = scene.bob.with_another_key();
        scene.peer.serve(&scene.bob.path(), renewed.document());
        scene.server.caches.refetched.invalidate_all();
        let asked = scene.peer.asked(&scene.bob.path());
        assert_eq!(scene.status_of(&renewed).await, 202);
        assert_eq!(scene.peer.asked(&scene.bob.path()), asked + 1);
        // The old key is worth nothing, and no failure makes us ask again within five minutes.
        for _ in 0..20 {
            assert_eq!(old.clone().send().await.status, 401);
            assert_eq!(scene.status_of(&scene.bob).await, 401);
        }
        assert_eq!(scene.peer.asked(&scene.bob.path()), asked + 1);
        assert_eq!(scene.status_of(&renewed).await, 202);
    }

    async fn sig_20_a_home_that_does_not_answer(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        for answer in [Answer::Status(500), Answer::Status(404), Answer::Status(401), Answer::Drip] {
            let who = scene.stranger(|_| {});
            scene.peer.always(&who.path(), answer.clone());
            for _ in 0..3 {
                assert!([401, 503].contains(&scene.status_of(&who).await), "{answer:?}");
            }
            // Once in five minutes; after 401 in the other form of signatures, too.
            let most = if matches!(answer, Answer::Status(401)) { 2 } else { 1 };
            assert_eq!(scene.peer.asked(&who.path()), most, "{answer:?}");
        }
        settled(&scene.server).await;
        assert!(before == scene.effects().await);
    }

    async fn sig_31_a_farewell_whose_key_is_gone_or_is_not(engine: Engine) {
        let scene = Scene::new(engine).await;
        let farewell = |who: &RemoteActor| activity(&format!("{}#delete", who.id), "Delete", &who.id, who.id.as_str());
        // Never heard of: 202 and nothing, whatever is at the address.
        let before = scene.effects().await;
        for status in [410, 404, 200] {
            let who = scene.stranger(|_| {});
            match status {
                410 => scene.peer.bury(&who.path()),
                404 => scene.peer.always(&who.path(), Answer::Status(404)),
                _ => {}
            }
            assert_eq!(who.send(&scene.inbox(), &farewell(&who)).await, 202, "{status}");
        }
        settled(&scene.server).await;
        assert!(before == scene.effects().await);
        // Known here: the signature decides, and nobody says it for another.
        let mut wire = scene.eve.wire(&scene.inbox(), &farewell(&scene.eve));
        wire.key = scene.eve.with_another_key().key().clone();
        assert_eq!(wire.send().await.status, 401);
        let mut unsigned = scene.eve.wire(&scene.inbox(), &farewell(&scene.eve));
        unsigned.covered.clear();
        assert_eq!(unsigned.send().await.status, 401);
        settled(&scene.server).await;
        assert!(before == scene.effects().await);
        assert_eq!(scene.eve.send(&scene.inbox(), &farewell(&scene.eve)).await, 202);
        settled(&scene.server).await;
        let gone = format!("WHERE uri = '{}' AND deleted_at IS NOT NULL", scene.eve.id);
        assert_eq!(scene.server.database.count("actors", &gone).await, 1);
    }

    async fn dos_15_a_flood_of_keys_that_do_not_exist(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        let nobody = scene.bob.with_another_key();
        let flood = (0..200).map(|n| {
            let mut wire = scene.wire("/inbox");
            wire.key = nobody.key().clone();
            wire.key_id = format!("{}/users/nobody{}#main-key", scene.peer.base(), n % 10);
            wire.send()
        });
        for answer in futures_util::future::join_all(flood).await {
            assert!([401, 503].contains(&answer.status), "{}", answer.text);
        }
        // Each key is asked for once; and what can be seen without the key asks nobody.
        let asked: usize = (0..10).map(|n| scene.peer.asked(&format!("/users/nobody{n}"))).sum();
        assert!(asked <= 10, "{asked}");
        let asked = scene.peer.received().len();
        for n in 0..20 {
            let mut wire = scene.wire("/inbox");
            wire.key_id = format!("{}/users/late{n}#main-key", scene.peer.base());
            match n % 4 {
                0 => wire.body.push(b' '),
                1 => wire.set("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
                2 => wire.covered.retain(|name| name != "digest"),
                _ => wire.carry(&b"{\"id\":1}"[..]),
            }
            assert!([400, 401].contains(&wire.send().await.status));
        }
        assert_eq!(scene.peer.received().len(), asked);
        assert!(before == scene.effects().await);
    }
}
