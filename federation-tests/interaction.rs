//! Taking part from one's own server: two servers of ours send each other's people to and fro, and
//! nobody is sent where a server does not say (SIG-44, DOS-14).

use crate::support::{Town, settled, until};
use serde_json::{Value, json};
use veche::both_engines;
use veche::federation::Budget;
use veche::federation::resolve;
use veche::storage::Engine;
use veche::testing::{Answer, ScriptedPeer, Software, TestServer, id_of, text};

both_engines! {
    async fn each_sends_the_other_s_people_home(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (uri, home) = (text(&made["uri"]), id_of(&made));
        // Vera reads the region's page without an account there.
        let mut visitor = town.region.browser();
        let page = visitor.get(&format!("/p/{home}")).await;
        assert!(page.text().contains("/interact?intent=Like&amp;uri=")
            || page.text().contains("/interact?intent=Like&#38;uri="), "{}", page.text());
        let encoded: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        let form = visitor.get(&format!("/interact?intent=Like&uri={encoded}")).await;
        assert_eq!(form.status(), 200, "{}", form.text());
        // By her handle and by her server alone.
        for typed in [town.ngo.address_of("vera"), town.ngo.authority().to_owned()] {
            let fields = [("uri", uri.as_str()), ("intent", "Like"), ("server", typed.as_str())];
            let sent = visitor.post_form("/interact", &fields).await;
            let place = format!("{}/authorize_interaction?intent=Like&uri={encoded}", town.ngo.base());
            assert_eq!((sent.status(), sent.location()), (303, place.as_str()), "{typed}");
        }
        // The server is remembered.
        let again = visitor.get(&format!("/interact?uri={encoded}")).await;
        assert!(again.text().contains(&format!("value=\"{}\"", town.ngo.authority())));
        // At home she signs in first, sees what it is, and does it.
        let place = format!("/authorize_interaction?intent=Like&uri={encoded}");
        let first = town.ngo.get(&place).await;
        assert!(first.location().starts_with("/sign-in?next=%2Fauthorize_interaction"));
        let mut vera = town.ngo.browser_of("vera").await;
        let shown = vera.get(&place).await;
        assert_eq!(shown.status(), 200);
        assert!(shown.text().contains("Night buses"), "{}", shown.text());
        let done = vera.post_form("/authorize_interaction", &[("uri", &uri), ("intent", "Like")]).await;
        assert_eq!(done.status(), 303);
        let likes = async |n: i64| town.ana.initiative(&home).await["tallies"]["fediverse"] == n;
        until(async || likes(1).await).await;

        // The other way: a citizen of the region follows an assembly of the NGO.
        town.ngo.assembly("watch").await;
        let group = format!("{}/g/watch", town.ngo.base());
        let mut stranger = town.ngo.browser();
        let encoded: String = url::form_urlencoded::byte_serialize(group.as_bytes()).collect();
        assert_eq!(stranger.get(&format!("/interact?uri={encoded}")).await.status(), 200);
        let me = town.region.address_of("ana");
        let fields = [("uri", group.as_str()), ("intent", "Follow"), ("server", me.as_str())];
        let sent = stranger.post_form("/interact", &fields).await;
        let path = sent.location().strip_prefix(town.region.base()).expect("to the region").to_owned();
        let mut ana = town.region.browser_of("ana").await;
        assert_eq!(ana.get(&path).await.status(), 200);
        let done = ana.post_form("/authorize_interaction", &[("uri", &group), ("intent", "Follow")]).await;
        assert_eq!(done.status(), 303);
        until(async || town.ana.follow_state(&town.ngo.address_of("watch")).await == "accepted").await;
        settled(&town.ngo).await;
    }

    async fn nobody_is_sent_where_a_server_does_not_say(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let uri = text(&ana.publish("transport", "Night buses").await["uri"]);
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let finger = format!("/.well-known/webfinger?resource=acct:{}", bob.address());
        let jrd = |template: &str| {
            let mut jrd = bob.webfinger();
            jrd["links"].as_array_mut().expect("links").push(
                json!({ "rel": "http://ostatus.org/schema/1.0/subscribe", "template": template }));
            jrd
        };
        let mut visitor = server.browser();
        let encoded: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        visitor.get(&format!("/interact?uri={encoded}")).await;
        let handle = bob.address();
        let good = format!("{}/authorize_interaction?uri={{uri}}", peer.base());
        let own = format!("{}/sign-out?uri={{uri}}", server.base());
        let rows: [(&str, u16); 7] = [
            (&good, 303),
            ("javascript:alert(1)//{uri}", 422),
            ("data:text/html,{uri}", 422),
            ("https://user:word@m.example/?uri={uri}", 422),
            ("https://{uri}", 422),
            ("//evil.example/{uri}", 422),
            (&own, 422),
        ];
        for (template, status) in rows {
            peer.serve(&finger, jrd(template));
            let fields = [("uri", uri.as_str()), ("intent", "Like"), ("server", handle.as_str())];
            let sent = visitor.post_form("/interact", &fields).await;
            assert_eq!(sent.status(), status, "{template}");
            if status == 303 {
                assert!(sent.location().starts_with(peer.base()), "{}", sent.location());
            } else {
                // What was typed stays in the form, with what is wrong.
                assert!(sent.text().contains(&format!("value=\"{handle}\"")), "{}", sent.text());
                assert!(sent.text().contains("role=\"alert\""));
            }
        }
        // What is no server, what is not known, what is not ours to talk about.
        for (server_typed, about, status) in [
            ("javascript:alert(1)", uri.as_str(), 422),
            ("", uri.as_str(), 422),
            ("bob@127.0.0.1:1", uri.as_str(), 422),
            (handle.as_str(), "https://evil.example/", 404),
        ] {
            let fields = [("uri", about), ("intent", "Like"), ("server", server_typed)];
            let sent = visitor.post_form("/interact", &fields).await;
            assert_eq!(sent.status(), status, "{server_typed} {about}");
        }
        // A form of another site is no form of ours.
        let mut other = server.browser();
        let fields = [("uri", uri.as_str()), ("intent", "Like"), ("server", handle.as_str()), ("csrf", "x")];
        assert_eq!(other.post_form("/interact", &fields).await.status(), 403);
    }

    async fn a_name_may_be_served_by_another_host(engine: Engine) {
        let server = TestServer::new(engine).await;
        let (peer, town) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let bob = peer.actor("bob", Software::Mastodon);
        let host = town.base().trim_start_matches("http://").to_owned();
        let finger = |of: &str| format!("/.well-known/webfinger?resource=acct:{of}@{host}");
        let far = format!("{}{}", peer.base(), finger("bob"));
        peer.serve(&finger("bob"), bob.webfinger());
        town.always(&finger("bob"), Answer::Header(301, "location", far));
        let find = async |name: &str| {
            resolve::lookup(&server, &Budget::person(), &format!("@{name}@{host}")).await
        };
        assert!(find("bob").await.is_ok());
        // Not without end, and not back to ourselves.
        town.always(&finger("loop"), Answer::Header(302, "location", finger("loop")));
        assert!(find("loop").await.is_err());
        assert_eq!(town.asked(&finger("loop")), 3);
        let own = format!("{}/.well-known/webfinger?resource=acct:x@y.example", server.base());
        town.always(&finger("back"), Answer::Header(302, "location", own));
        assert!(find("back").await.is_err());
        assert_eq!(town.asked(&finger("back")), 1);
    }

    async fn a_handle_is_believed_when_the_circle_closes(engine: Engine) {
        let server = TestServer::new(engine).await;
        let (peer, other) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let bob = peer.actor("bob", Software::Mastodon);
        let host = other.base().trim_start_matches("http://").to_owned();
        // The other host speaks for bob, but bob's own server speaks of nobody else.
        let finger = format!("/.well-known/webfinger?resource=acct:bob@{host}");
        other.serve(&finger, bob.webfinger());
        let find = async |handle: String| {
            resolve::lookup(&server, &Budget::person(), &handle).await
        };
        assert!(find(format!("@bob@{host}")).await.is_ok(), "his own server agrees");
        let mine = format!("/.well-known/webfinger?resource=acct:{}", bob.address());
        let stolen = ScriptedPeer::at("127.0.0.3").await;
        let far = stolen.base().trim_start_matches("http://").to_owned();
        let mut elsewhere = bob.webfinger();
        elsewhere["links"][0]["href"] = format!("{}/users/eve", other.base()).into();
        peer.serve(&mine, elsewhere);
        stolen.serve(&format!("/.well-known/webfinger?resource=acct:rob@{far}"), bob.webfinger());
        let before = peer.received().len();
        assert!(find(format!("@rob@{far}")).await.is_err(), "his own server says otherwise");
        // Two steps, and no third (DOS-14).
        assert!(peer.received().len() - before <= 2, "{:?}", peer.received());
        assert_eq!(stolen.received().len(), 1);
        assert!(other.received().iter().all(|r| r.path == finger));
    }

    async fn what_we_tell_of_ourselves(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.account("ana").await;
        let host = server.authority().to_owned();
        let ask = async |name: &str| {
            let path = format!("/.well-known/webfinger?resource=acct:{name}@{host}");
            server.get(&path).await
        };
        let jrd = ask("ana").await.json();
        let links = jrd["links"].as_array().expect("links").clone();
        let link = |rel: &str| links.iter().find(|l| l["rel"] == rel).cloned().unwrap_or_default();
        assert_eq!(link("self")["href"], format!("{}/u/ana", server.base()));
        assert_eq!(link("http://webfinger.net/rel/profile-page")["href"],
            format!("{}/u/ana", server.base()));
        for intent in ["Follow", "Like", "Announce", "Create", "Object"] {
            let it = link(&format!("https://w3id.org/fep/3b86/{intent}"));
            assert!(text(&it["template"]).starts_with(server.base()), "{intent}: {it}");
            assert_eq!(it["href"], it["template"]);
        }
        assert_eq!(link("http://ostatus.org/schema/1.0/subscribe")["template"],
            format!("{}/authorize_interaction?uri={{uri}}", server.base()));
        // Who knows only the server asks for it by its name.
        let name = host.split(':').next().expect("a host");
        let of_server = ask(name).await.json();
        assert_eq!(of_server["links"].as_array().map_or(Value::Null, |l| l
            .iter().find(|l| l["rel"] == "self").map_or(Value::Null, |l| l["href"].clone())),
            format!("{}/actor", server.base()));
        let nodeinfo = server.get("/.well-known/nodeinfo").await.json();
        let application = nodeinfo["links"].as_array().expect("links").iter()
            .find(|l| l["rel"] == "https://www.w3.org/ns/activitystreams#Application").cloned();
        assert_eq!(application.expect("the link of FEP-2677")["href"],
            format!("{}/actor", server.base()));
        for version in ["2.0", "2.1"] {
            let info = server.get(&format!("/nodeinfo/{version}")).await.json();
            assert_eq!((&info["version"], &info["software"]["name"]),
                (&version.into(), &"veche".into()));
            assert_eq!(info["usage"]["users"]["total"], 1);
            assert_eq!(info["metadata"]["federation"]["enabled"], true);
        }
    }

    async fn previews_elsewhere_know_what_a_page_is(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let said = ana.comment(&id_of(&made), "First.").await;
        let (base, host) = (server.base(), server.authority());
        let head = async |path: String| {
            let page = server.get(&path).await.text().to_owned();
            page.split_once("</head>").expect("a head").0.to_owned()
        };
        let (uri, at) = (text(&made["uri"]), text(&made["published_at"]));
        let of_initiative = head(format!("/p/{}", id_of(&made))).await;
        for line in [
            format!("<link rel=\"alternate\" type=\"application/activity+json\" href=\"{uri}\">"),
            "<meta property=\"og:title\" content=\"Night buses\">".to_owned(),
            "<meta property=\"og:type\" content=\"article\">".to_owned(),
            format!("<meta property=\"og:url\" content=\"{uri}\">"),
            "<meta property=\"og:locale\" content=\"en_US\">".to_owned(),
            "<meta property=\"og:description\" content=\"".to_owned(),
            "<meta property=\"og:site_name\" content=\"".to_owned(),
            format!("<meta property=\"article:published_time\" content=\"{at}\">"),
            format!("<meta name=\"fediverse:creator\" content=\"@ana@{host}\">"),
        ] {
            assert!(of_initiative.contains(&line), "{line}: {of_initiative}");
        }
        assert!(!of_initiative.contains("modified_time"), "{of_initiative}");
        ana.revise(&id_of(&made), "Night buses", "Two.").await;
        assert!(head(format!("/p/{}", id_of(&made))).await.contains("article:modified_time"));
        for (path, id, creator) in [
            (format!("/n/{}", id_of(&said)), text(&said["uri"]), "ana"),
            ("/u/ana".to_owned(), format!("{base}/u/ana"), "ana"),
            ("/g/transport".to_owned(), format!("{base}/g/transport"), "transport"),
        ] {
            let head = head(path.clone()).await;
            for line in [
                format!("<link rel=\"alternate\" type=\"application/activity+json\" href=\"{id}\">"),
                format!("<meta name=\"fediverse:creator\" content=\"@{creator}@{host}\">"),
                format!("<meta property=\"og:url\" content=\"{id}\">"),
            ] {
                assert!(head.contains(&line), "{path}: {line}: {head}");
            }
            let document = server.document("/u/ana").await.json();
            assert_eq!(document["attributionDomains"], json!([host]));
        }
    }
}
