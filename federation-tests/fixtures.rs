//! What each kind of server sends, signed as it signs: `fixtures/SOFTWARE/NAME.json`.
//!
//! A file holds `what` it is, the `body` of the activity with names in braces (see [`Scene::fill`]),
//! the `status` that must be answered and the `effect` it must have. Optional: the names of files
//! that come `after` one another, who sends it (`as`), `documents` that the sender serves, paths
//! that are `gone` by then, `we_follow` when the sender is followed from here first, and `group`
//! when the sender is a group, which accepts that. A `ballot`
//! is opened before it comes: its `options`, whether it is `multiple`, whether it is `over`.
//!
//! To add a form: a file. All files of a folder are played, each on a server of its own peer.

use crate::support::{activity, found, settled};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use veche::domain::ballot::Draft;
use veche::services::{assemblies, ballots};
use veche::storage::Engine;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/federation-tests/fixtures");

/// An initiative of its own for each file, and somebody elsewhere.
struct Scene<'a> {
    server: &'a TestServer,
    ana: &'a Citizen,
    folder: PathBuf,
    group: String,
    initiative: Value,
    peer: ScriptedPeer,
    bob: RemoteActor,
    instance: RemoteActor,
    our_follow: String,
    /// The ballot, where there is one.
    ballot: Value,
}

impl<'a> Scene<'a> {
    async fn new(server: &'a TestServer, ana: &'a Citizen, software: Software, n: usize) -> Self {
        let handle = format!("board_{n}");
        server.assembly(&handle).await;
        let peer = ScriptedPeer::start().await;
        let (bob, instance) = (peer.actor("bob", software), peer.actor("instance", software));
        Self {
            initiative: ana.publish(&handle, "Night buses").await,
            group: format!("{}/g/{handle}", server.base()),
            folder: Path::new(FOLDER).join(software.name()),
            our_follow: String::new(),
            ballot: Value::Null,
            server,
            ana,
            peer,
            bob,
            instance,
        }
    }

    /// Puts what is meant in the place of `{peer}`, `{bob}`, `{instance}`, `{group}`, `{ana}`,
    /// `{initiative}`, `{ballot}`, `{office}` and `{our_follow}`.
    fn fill(&self, value: &Value) -> Value {
        let ana = format!("{}/u/ana", self.server.base());
        let initiative = text(&self.initiative["uri"]);
        let mut filled = value.to_string();
        for (name, meant) in [
            ("{peer}", self.peer.base()),
            ("{bob}", &self.bob.id),
            ("{instance}", &self.instance.id),
            ("{group}", &self.group),
            ("{ana}", &ana),
            ("{initiative}", &initiative),
            ("{ballot}", self.ballot["uri"].as_str().unwrap_or_default()),
            ("{office}", &format!("{}/u/office", self.server.base())),
            ("{our_follow}", &self.our_follow),
        ] {
            filled = filled.replace(name, meant);
        }
        serde_json::from_str(&filled).expect("it is JSON still")
    }

    fn read(&self, name: &str) -> Value {
        let path = self.folder.join(format!("{name}.json"));
        let words =
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_str(&words).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    async fn play(&mut self, name: &str) {
        let fixture = self.read(name);
        for before in fixture["after"].as_array().into_iter().flatten() {
            Box::pin(self.play(&text(before))).await;
        }
        let is_group = fixture["group"] == true;
        if is_group {
            let mut group = self.bob.document();
            group["type"] = "Group".into();
            self.peer.serve(&self.bob.path(), group);
        }
        if fixture["we_follow"] == true {
            self.ana.follow(&self.bob.address()).await;
            let follow = found(async || self.peer.posted("Follow").pop()).await;
            follow.id().clone_into(&mut self.our_follow);
            if is_group {
                let (id, by) = (format!("{}/accept", self.bob.id), &self.bob.id);
                let accept = activity(&id, "Accept", by, follow.body.clone());
                let inbox = format!("{}/inbox", self.server.base());
                assert_eq!(self.bob.send(&inbox, &accept).await, 202);
                settled(self.server).await;
            }
        }
        if fixture["ballot"].is_object() && self.ballot.is_null() {
            self.open_ballot(&fixture["ballot"]).await;
        }
        for (path, document) in fixture["documents"].as_object().into_iter().flatten() {
            self.peer.serve(path, self.fill(document));
        }
        for path in fixture["gone"].as_array().into_iter().flatten() {
            self.peer.bury(&text(path));
        }
        let sender = if fixture["as"] == "instance" { &self.instance } else { &self.bob };
        let inbox = format!("{}/inbox", self.server.base());
        let body = self.fill(&fixture["body"]);
        let status = sender.send(&inbox, &body).await;
        assert_eq!(fixture["status"], status, "{}/{name}: {body}", self.folder.display());
        settled(self.server).await;
        self.check(name, &self.fill(&fixture["effect"])).await;
    }

    /// An initiative that is addressed to the office, with a ballot on it.
    async fn open_ballot(&mut self, wanted: &Value) {
        let handle = format!("{}_q", self.group.rsplit('/').next().expect("it ends in the handle"));
        let body = Some("office");
        assemblies::create(self.server, &handle, &handle, body).await.expect("an assembly");
        self.initiative = self.ana.publish(&handle, "Night buses").await;
        let options = wanted["options"].as_array().expect("options").iter().map(text).collect();
        let draft = Draft {
            question: "Night buses?".to_owned(),
            options,
            multiple: wanted["multiple"] == true,
            ends_at: self.server.now().plus_seconds(7_200),
            language: "en".to_owned(),
            ..Draft::default()
        };
        let about = id_of(&self.initiative).parse().expect("an id");
        let opened = ballots::open(self.server, None, about, &draft).await.expect("it opens");
        let id = opened.ballot.id;
        if wanted["over"] == true {
            ballots::close(self.server, None, id).await.expect("it can be closed");
            settled(self.server).await;
        }
        self.ballot = self.ana.ask(http::Method::GET, &format!("/ballots/{id}"), None).await;
    }

    /// What stands behind the options of the ballot now, and its verdicts.
    async fn tallies(&self) -> Value {
        let path = format!("/ballots/{}", id_of(&self.ballot));
        let now = self.ana.ask(http::Method::GET, &path, None).await;
        let options = now["options"].as_array().expect("options");
        let votes: Vec<_> = options.iter().map(|o| o["votes"]["fediverse"].clone()).collect();
        json!({ "votes": votes, "voters": now["voters"]["fediverse"], "verdicts": now["verdicts"] })
    }

    async fn check(&self, name: &str, effect: &Value) {
        let id = id_of(&self.initiative);
        let now = self.ana.initiative(&id).await;
        for (key, wanted) in effect.as_object().expect("an effect is stated") {
            let seen = match key.as_str() {
                "likes" => now["tallies"]["fediverse"].clone(),
                "boosts" | "comments" | "state" => now[key].clone(),
                "followers" => {
                    let handle = self.group.rsplit('/').next().expect("it ends in the handle");
                    let path = format!("/assemblies/{handle}");
                    self.ana.ask(http::Method::GET, &path, None).await["followers"].clone()
                }
                "following" => self.following().await,
                "reports" => {
                    let about = format!("WHERE object_uris LIKE '%{}%'", text(&now["uri"]));
                    self.server.database.count("reports", &about).await.into()
                }
                "votes" | "voters" => self.tallies().await[key].clone(),
                "late" | "second" | "refused" => self.tallies().await["verdicts"][key].clone(),
                "rejected" => self.peer.posted("Reject").len().into(),
                "note" => continue,
                "shows" | "deleted" => {
                    let uri = text(&effect["note"]);
                    let comment = self.ana.comment_by_uri(&id, &uri).await;
                    let comment = comment.unwrap_or_else(|| panic!("{name}: no comment {uri}"));
                    let shown = wanted.as_str().is_some_and(|w| text(&comment["html"]).contains(w));
                    assert!(key != "shows" || shown, "{name}: {comment}");
                    if key == "shows" {
                        wanted.clone()
                    } else {
                        (!comment["deleted_at"].is_null()).into()
                    }
                }
                other => panic!("{name}: no effect is called {other}"),
            };
            assert_eq!(&seen, wanted, "{}/{name}: {key}", self.folder.display());
        }
    }

    /// How our follow of the sender stands.
    async fn following(&self) -> Value {
        let about = format!("WHERE activity_uri = '{}'", self.our_follow);
        let rows = self.server.database.rows("follows", "state", &about).await;
        rows.first().map_or(Value::Null, |row| row[0].clone())
    }
}

async fn all_of(engine: Engine, software: Software) {
    let server = TestServer::new(engine).await;
    server.body("office").await;
    let ana = server.citizen("ana").await;
    let folder = Path::new(FOLDER).join(software.name());
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("each kind of server has a folder")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    // Of these only what others do not send is kept.
    let few = matches!(software, Software::PieFed | Software::Streams | Software::Bonfire);
    assert!(names.len() >= if few { 1 } else { 10 }, "{}", folder.display());
    for (n, name) in names.iter().enumerate() {
        Scene::new(&server, &ana, software, n).await.play(name).await;
    }
}

/// One test for each kind of server and engine.
macro_rules! each_software {
    ($($name:ident: $software:ident)+) => {$(
        mod $name {
            use super::{Engine, Software, all_of};

            #[test]
            fn sqlite() {
                veche::testing::run(all_of(Engine::Sqlite, Software::$software));
            }

            #[test]
            fn postgres() {
                veche::testing::run(all_of(Engine::Postgres, Software::$software));
            }
        }
    )+};
}

each_software! {
    mastodon: Mastodon
    gotosocial: GoToSocial
    lemmy: Lemmy
    misskey: Misskey
    mitra: Mitra
    pleroma: Pleroma
    piefed: PieFed
    streams: Streams
    bonfire: Bonfire
}
