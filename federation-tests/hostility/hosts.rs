//! SIG-44, SIG-45, DOS-14, SSRF-09: who a handle belongs to, and what counts as one host.

use super::scene::Scene;
use serde_json::json;
use veche::both_engines;
use veche::domain::Address;
use veche::domain::urls::same_origin;
use veche::federation::{Budget, fetch, resolve, webfinger};
use veche::storage::Engine;
use veche::testing::{Answer, ScriptedPeer, Software};

fn finger(peer: &ScriptedPeer, name: &str) -> String {
    let host = peer.base().trim_start_matches("http://");
    format!("/.well-known/webfinger?resource=acct:{name}@{host}")
}

fn jrd(subject: &str, href: &str) -> Answer {
    let document = json!({ "subject": subject,
        "links": [{ "rel": "self", "type": "application/activity+json", "href": href }] });
    Answer::Typed("application/jrd+json", document.to_string())
}

both_engines! {
    async fn sig_44_a_handle_that_its_own_server_does_not_confirm(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        let host = |peer: &ScriptedPeer| peer.base().trim_start_matches("http://").to_owned();
        // Mallory's server says that a handle of its own is Eve, or one of ours, or nobody.
        for (n, href) in [
            scene.eve.id.clone(), format!("{}/u/ana", scene.server.base()), format!("{}/users/none", scene.peer.base()),
            "data:,x".to_owned(), "javascript:1".to_owned(), "file:///etc/passwd".to_owned(),
        ].into_iter().enumerate() {
            let name = format!("boss{n}");
            scene.far.always(&finger(&scene.far, &name), jrd(&format!("acct:{name}@{}", host(&scene.far)), &href));
            let query = format!("@{name}@{}", host(&scene.far));
            if let Ok(found) = resolve::lookup(&scene.server.app, &Budget::person(), &query).await {
                // Eve may be found; then she is shown under her own address.
                let resolve::Found::Actor(actor) = found else { panic!("{query} is no actor") };
                assert_eq!(actor.address(), scene.eve.address(), "{query}");
            }
        }
        // An actor of one server whose handle another server gives to somebody else.
        let liar = scene.far.actor("liar", Software::Mastodon);
        scene.far.always(&finger(&scene.far, "liar"), jrd("acct:eve@elsewhere.example", &scene.mallory.id));
        let found = resolve::lookup(&scene.server.app, &Budget::person(), &format!("@liar@{}", host(&scene.far))).await;
        if let Ok(resolve::Found::Actor(actor)) = found {
            assert_eq!(actor.uri, scene.mallory.id);
        }
        assert_ne!(liar.id, scene.mallory.id);
        assert_eq!(before, scene.effects().await);
    }

    async fn dos_14_handles_that_lead_in_a_circle(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        // The first server sends us to the second, whose actor's handle leads back to the first.
        let one = scene.far.base().trim_start_matches("http://").to_owned();
        let two = scene.home_of_board.actor("two", Software::Mastodon);
        scene.far.always(&finger(&scene.far, "one"), jrd(&format!("acct:one@{one}"), &two.id));
        scene.home_of_board.always(&finger(&scene.home_of_board, "two"), jrd("acct:one@x", &format!("{}/users/one", scene.far.base())));
        let asked = scene.far.received().len() + scene.home_of_board.received().len();
        let found = resolve::lookup(&scene.server.app, &Budget::person(), &format!("@one@{one}")).await;
        assert!(found.is_err(), "{found:?}");
        let asked = scene.far.received().len() + scene.home_of_board.received().len() - asked;
        assert!(asked <= 4, "{asked} requests");
        // A redirect of the question itself is followed twice at the most.
        scene.far.always(&finger(&scene.far, "far"), Answer::Header(302, "location", finger(&scene.far, "far")));
        assert!(resolve::lookup(&scene.server.app, &Budget::person(), &format!("@far@{one}")).await.is_err());
        assert!(scene.far.asked(&finger(&scene.far, "far")) <= 3);
        let gained = crate::hostility::scene::difference(&before, &scene.effects().await);
        assert!(gained.lines().all(|line| line.starts_with("+ actor")), "{gained}");
    }

    async fn ssrf_09_our_own_address_as_somebody_elses(engine: Engine) {
        let scene = Scene::new(engine).await;
        let app = &scene.server.app;
        let own = scene.server.authority();
        let (ip, port) = own.split_once(':').expect("a port");
        for uri in [
            format!("http://{own}/u/ana"), format!("http://{ip}.:{port}/u/ana"), format!("http://{own}/u/ana#x"),
            format!("HTTP://{own}/u/ana"), format!("http://u@{own}/u/ana"), format!("http://{own}?/u/ana"),
            format!("http://{own}\\u\\ana"), format!("http:/{own}/u/ana"), format!("http://{own}/../u/ana"),
            format!("http://2130706433:{port}/u/ana"), format!("http://0x7f.1:{port}/u/ana"),
        ] {
            let found = fetch::document(app, &Budget::person(), &uri).await;
            assert!(found.is_err(), "{uri}");
            // By every way in, too: nothing is fetched from us and nothing changes.
            scene.through(&uri, &[(crate::hostility::route::Route::AnnouncedById, &[202])], &scene.board, |_| json!(uri)).await;
        }
        // A redirect that leads back to us.
        scene.far.always("/back", Answer::Header(302, "location", format!("http://{own}/u/ana")));
        assert!(fetch::document(app, &Budget::person(), &format!("{}/back", scene.far.base())).await.is_err());
        let address = Address::parse(&format!("ana@{own}")).expect("an address");
        assert!(webfinger::lookup(app, &Budget::person(), &address).await.is_err(), "we asked ourselves");
    }
}

#[test]
fn sig_45_tricks_with_the_names_of_hosts() {
    let same = |a: &str, b: &str| same_origin(a, b);
    assert!(same("https://EXAMPLE.org/a", "https://example.org/b"));
    assert!(same("https://example.org:443/a", "https://example.org/b"));
    assert!(
        same("https://exam\u{ad}ple.org/a", "https://example.org/b"),
        "a soft hyphen is nothing"
    );
    assert!(same("https://xn--e1aybc.example/", "https://тест.example/"));
    for other in [
        "https://example.org./a",
        "http://example.org/a",
        "https://example.org:8443/a",
        "https://example.org@evil.example/a",
        "https://example.org.evil.example/a",
        "https://еxample.org/a",
        "https://example.org%2eevil.example/",
        "//example.org/a",
        "data:text/plain,https://example.org",
        "blob:https://example.org/1",
        "https://evil.example\\@example.org.evil.example/",
    ] {
        assert!(!same(other, "https://example.org/b"), "{other}");
    }
    for bad in [
        "a@b@c",
        "a@exa mple.org",
        "a@evil.example/x",
        "a@evil.example?x",
        "a@",
        "@b",
        "a@b#c",
        "a@user:pw@b",
    ] {
        assert!(Address::parse(bad).is_none(), "{bad}");
    }
    // One canonical form.
    let address = Address::parse("Ana@EXAMPLE.org").expect("an address");
    assert_eq!(address.host(), "example.org");
}
