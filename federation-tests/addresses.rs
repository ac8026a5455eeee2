//! Addresses at another host than that of the actor's id: believed when both say so.

use crate::support::{activity, community, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::services::actors;
use veche::storage::Engine;
use veche::testing::{RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

/// `127.0.0.2:PORT`, which speaks for who lives at another place.
fn host_of(place: &ScriptedPeer) -> String {
    place.base().trim_start_matches("http://").to_owned()
}

/// What a host tells of `NAME@HOST`.
fn finger(place: &ScriptedPeer, asked: &str, subject: &str, actor: &str) {
    let jrd = json!({ "subject": format!("acct:{subject}"),
        "links": [{ "rel": "self", "type": "application/activity+json", "href": actor }] });
    place.serve(&format!("/.well-known/webfinger?resource=acct:{asked}"), jrd);
}

/// The actor's document, with a claim (FEP-2c59).
fn claims(place: &ScriptedPeer, who: &RemoteActor, address: &str) {
    let mut document = who.document();
    document["webfinger"] = address.into();
    place.serve(&who.path(), document);
}

both_engines! {
    async fn a_claim_counts_when_the_host_confirms_it(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let (home, example) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let inbox = format!("{}/inbox", server.base());
        let host = host_of(&example);
        let says = async |who: &RemoteActor| {
            let id = format!("{}/1", who.id);
            let said = note(&id, &who.id, &text(&made["uri"]), "I agree.");
            let create = activity(&format!("{id}/a"), "Create", &who.id, said);
            assert_eq!(who.send(&inbox, &create).await, 202);
            settled(&server).await;
            let seen = ana.comment_by_uri(&id_of(&made), &id).await.expect("it is here");
            (id_of(&seen), text(&seen["author"]["address"]))
        };
        let bob = home.actor("bob", Software::Mastodon);
        let address = format!("bob@{host}");
        claims(&home, &bob, &address);
        finger(&example, &address, &address, &bob.id);
        let (said, shown) = says(&bob).await;
        assert_eq!(shown, address);
        let known = actors::by_address(&server, "bob", &host).await.expect("the database answers");
        assert_eq!(known.expect("it is found").uri, bob.id);
        let elsewhere = actors::by_address(&server, "bob", &host_of(&home)).await;
        assert!(elsewhere.expect("the database answers").is_none());
        assert!(server.get(&format!("/p/{}", id_of(&made))).await.text().contains(&format!("@{address}")));
        // Whoever answers names him by it.
        ana.answer(&id_of(&made), &said, "Thank you.").await;
        settled(&server).await;
        let answer = home.posted("Create").pop().expect("he is told").body["object"].clone();
        assert_eq!(answer["tag"][0]["name"], format!("@{address}"));
        // Not confirmed: nobody there; somebody else there; another name; a name of ours.
        let ours = server.authority().to_owned();
        for (name, claimed, told) in [
            ("carol", format!("carol@{host}"), None),
            ("dan", format!("dan@{host}"), Some(bob.id.as_str())),
            ("eve", address.clone(), None),
            ("ana", format!("ana@{ours}"), None),
        ] {
            let who = home.actor(name, Software::Mastodon);
            claims(&home, &who, &claimed);
            if let Some(told) = told {
                finger(&example, &claimed, &claimed, told);
            }
            assert_eq!(says(&who).await.1, who.address(), "{claimed}");
        }
        // The host gives the name to somebody else.
        let heir = ScriptedPeer::at("127.0.0.3").await;
        let second = heir.actor("bob", Software::Mastodon);
        claims(&heir, &second, &address);
        finger(&example, &address, &address, &second.id);
        assert_eq!(says(&second).await.1, address);
        let known = actors::by_address(&server, "bob", &host).await.expect("the database answers");
        assert_eq!(known.expect("it is found").uri, second.id);
        let first = actors::by_uri(&server, &bob.id).await.expect("the database answers");
        assert_eq!(first.expect("he is known").address(), bob.address());
    }

    async fn who_is_looked_up_by_the_address_is_known_by_it_if_the_home_says_so(engine: Engine) {
        let server = TestServer::new(engine).await;
        let ana = server.citizen("ana").await;
        let (home, example) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let host = host_of(&example);
        for (name, home_agrees) in [("bob", true), ("carol", false)] {
            let who = home.actor(name, Software::Mastodon);
            let address = format!("{name}@{host}");
            finger(&example, &address, &address, &who.id);
            if home_agrees {
                finger(&home, &who.address(), &address, &who.id);
            }
            ana.follow(&address).await;
            settled(&server).await;
            let known = actors::by_uri(&server, &who.id).await.expect("the database answers");
            let expected = if home_agrees { address } else { who.address() };
            assert_eq!(known.expect("it is known").address(), expected);
        }
        // A rule about the home holds, whatever the address.
        let board_home = ScriptedPeer::at("127.0.0.4").await;
        let board = community(&server, &ana, &board_home).await;
        assert_eq!(actors::by_uri(&server, &board.id).await.expect("the database answers").map(|b| b.address()), Some(board.address()));
        let row = server.database.rows("actors", "host, acct_host", "WHERE handle = 'bob'").await;
        assert_eq!(row, [[Value::from(host_of(&home)), Value::from(host)]]);
    }
}
