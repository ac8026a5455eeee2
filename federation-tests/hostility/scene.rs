//! A server with one of everything, people elsewhere who are known to it, and an assembly
//! elsewhere that is followed from it.

use super::route::Route;
use crate::support::{activity, found, note, settled, until};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use veche::domain::ObjectId;
use veche::federation::Budget;
use veche::federation::resolve::{self, Found};
use veche::storage::Engine;
use veche::testing::{
    Citizen, RawAnswer, RemoteActor, ScriptedPeer, Software, TestServer, Wire, id_of, text,
};

/// What a header is replaced by.
pub(crate) type Lines = Vec<(String, String)>;

pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) ana: Citizen,
    /// The initiative of Ana, here and on the wire.
    pub(crate) id: String,
    pub(crate) uri: String,
    /// Where Bob and Eve are.
    pub(crate) peer: ScriptedPeer,
    pub(crate) bob: RemoteActor,
    pub(crate) eve: RemoteActor,
    /// Where the followed assembly and its neighbour Carol are.
    pub(crate) home_of_board: ScriptedPeer,
    pub(crate) board: RemoteActor,
    pub(crate) carol: RemoteActor,
    /// Where Mallory is, and what a foreign server says of others.
    pub(crate) far: ScriptedPeer,
    pub(crate) mallory: RemoteActor,
    /// Our request to follow the assembly.
    pub(crate) our_follow: String,
    /// The copy here of an initiative of the followed assembly.
    pub(crate) copy: Option<ObjectId>,
    next: AtomicUsize,
}

impl Scene {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::on(TestServer::new(engine).await).await
    }

    pub(crate) async fn on(server: TestServer) -> Self {
        server.assembly("transport").await;
        server.body("roads").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let (home_of_board, far) =
            (ScriptedPeer::at("127.0.0.2").await, ScriptedPeer::at("127.0.0.3").await);
        let board = home_of_board.actor("board", Software::Mastodon);
        let mut scene = Self {
            id: id_of(&made),
            uri: text(&made["uri"]),
            bob: peer.actor("bob", Software::Mastodon),
            eve: peer.actor("eve", Software::Mastodon),
            carol: home_of_board.actor("carol", Software::Mastodon),
            mallory: far.actor("mallory", Software::Mastodon),
            our_follow: String::new(),
            copy: None,
            next: AtomicUsize::new(0),
            server,
            ana,
            peer,
            home_of_board,
            board,
            far,
        };
        scene.our_follow = scene.follow_the_board().await;
        scene.copy = Some(scene.copy_of_an_initiative().await);
        for who in [&scene.bob, &scene.eve, &scene.carol, &scene.mallory] {
            let like = scene.like_of(who, "known");
            let undo = activity(&format!("{}/unknown", who.id), "Undo", &who.id, like.clone());
            for act in [like, undo] {
                assert_eq!(who.send(&scene.inbox(), &act).await, 202);
                settled(&scene.server).await;
            }
        }
        scene
    }

    async fn follow_the_board(&self) -> String {
        let mut group = self.board.document();
        group["type"] = "Group".into();
        self.home_of_board.serve(&self.board.path(), group);
        let empty = json!({ "id": format!("{}/outbox", self.board.id), "type": "OrderedCollection",
            "orderedItems": [] });
        self.home_of_board.serve(&format!("{}/outbox", self.board.path()), empty);
        self.ana.follow(&self.board.id).await;
        let follow = found(async || self.home_of_board.posted("Follow").pop()).await;
        let id = format!("{}/accepts/1", self.board.id);
        let accept = activity(&id, "Accept", &self.board.id, follow.id());
        assert_eq!(self.board.send(&self.inbox(), &accept).await, 202);
        until(async || self.ana.follow_state(&self.board.id).await == "accepted").await;
        settled(&self.server).await;
        follow.id().to_owned()
    }

    /// Carol has an initiative in the followed assembly, whose thread nobody has written in yet.
    async fn copy_of_an_initiative(&self) -> ObjectId {
        let uri = self.carols_initiative(&[]);
        let found = resolve::lookup(&self.server.app, &Budget::person(), &uri).await;
        let Ok(Found::Initiative(copy)) = found else { panic!("{found:?}") };
        settled(&self.server).await;
        copy.id
    }

    /// Serves Carol's initiative with these answers in its thread; its address.
    pub(crate) fn carols_initiative(&self, answers: &[Value]) -> String {
        let uri = format!("{}/p/1", self.home_of_board.base());
        let thread = format!("{uri}/replies");
        let article = json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": uri,
            "type": "Article", "attributedTo": self.carol.id, "name": "A bridge",
            "content": "<p>We want a bridge.</p>", "to": [crate::support::PUBLIC],
            "audience": self.board.id, "replies": thread });
        self.home_of_board.serve("/p/1", article);
        let list = json!({ "id": thread, "type": "OrderedCollection", "orderedItems": answers });
        self.home_of_board.serve("/p/1/replies", list);
        uri
    }

    /// The shared inbox.
    pub(crate) fn inbox(&self) -> String {
        format!("{}/inbox", self.server.base())
    }

    /// A number that no other call got.
    pub(crate) fn number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn like_of(&self, who: &RemoteActor, name: &str) -> Value {
        activity(&format!("{}/{name}", who.id), "Like", &who.id, self.uri.as_str())
    }

    /// A good `Like` of Bob, to be spoilt.
    pub(crate) fn wire(&self, path: &str) -> Wire {
        let like = self.like_of(&self.bob, &format!("likes/{}", self.number()));
        self.bob.wire(&format!("{}{path}", self.server.base()), &like)
    }

    /// A comment on Ana's initiative that `who` sent and that was taken; its id.
    pub(crate) async fn comment_of(&self, who: &RemoteActor) -> String {
        let id = format!("{}/notes/{}", who.id, self.number());
        let said = note(&id, &who.id, &self.uri, "Mine.");
        let create = activity(&format!("{id}/activity"), "Create", &who.id, said);
        assert_eq!(who.send(&self.inbox(), &create).await, 202);
        settled(&self.server).await;
        let found = self.ana.comment_by_uri(&self.id, &id).await;
        found.unwrap_or_else(|| panic!("{id} was not taken"));
        id
    }

    /// Serves a document at an address of Mallory's server; the address. It is the document's own
    /// where that is on this server, and another one otherwise.
    pub(crate) fn foreign(&self, document: &Value) -> String {
        let own = document["id"].as_str().and_then(|id| id.strip_prefix(self.far.base()));
        let path = own.map_or_else(|| format!("/forged/{}", self.number()), str::to_owned);
        self.far.serve(&path, document.clone());
        format!("{}{path}", self.far.base())
    }

    pub(crate) async fn likes(&self) -> Value {
        self.ana.initiative(&self.id).await["tallies"]["fediverse"].clone()
    }

    /// The civic record without the arrivals themselves.
    pub(crate) async fn effects(&self) -> String {
        let record = self.server.database.record().await;
        let lines = record.lines().filter(|line| !line.starts_with("inbox "));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Sends a spoilt `Like` to every inbox: each answers with one of these statuses, and nothing
    /// at all changes.
    pub(crate) async fn doors(&self, what: &str, statuses: &[u16], spoil: impl Fn(&mut Wire)) {
        let send = async |mut wire: Wire| {
            spoil(&mut wire);
            wire.send().await
        };
        self.each_door(what, statuses, send).await;
    }

    /// The same; the headers are spoilt after they were signed.
    pub(crate) async fn lines(&self, what: &str, statuses: &[u16], spoil: impl Fn(&mut Lines)) {
        let send = async |wire: Wire| {
            let mut lines = wire.lines();
            spoil(&mut lines);
            wire.send_lines(&lines).await
        };
        self.each_door(what, statuses, send).await;
    }

    /// The same; `send` does with a good `Like` what it wants.
    pub(crate) async fn each_door(
        &self,
        what: &str,
        statuses: &[u16],
        send: impl AsyncFn(Wire) -> RawAnswer,
    ) {
        let before = self.server.database.record().await;
        for door in Route::DOORS {
            let answer = send(self.wire(door.path())).await;
            let status = answer.status;
            assert!(statuses.contains(&status), "{what} at {door:?}: {}", answer.text);
        }
        settled(&self.server).await;
        let after = self.server.database.record().await;
        assert!(before == after, "{what} changed something: {}", difference(&before, &after));
    }

    /// Offers what `make` makes of a fresh id in every way. The inboxes answer with one of these statuses;
    /// nobody believes it.
    pub(crate) async fn everywhere(
        &self,
        what: &str,
        statuses: &[u16],
        who: &RemoteActor,
        make: impl Fn(&str) -> Value,
    ) {
        let doors = Route::DOORS.map(|route| (route, statuses));
        let inside = Route::INSIDE.map(|route| (route, &[202][..]));
        self.through(what, &[&doors[..], &inside[..]].concat(), who, make).await;
    }

    /// Offers it in these ways, each with the statuses that it may answer.
    pub(crate) async fn through(
        &self,
        what: &str,
        routes: &[(Route, &[u16])],
        who: &RemoteActor,
        make: impl Fn(&str) -> Value,
    ) {
        let before = self.effects().await;
        for (route, statuses) in routes {
            let given = make(&format!("{}/made/{}", who.id, self.number()));
            let status = self.offer(*route, who, &given).await;
            assert!(statuses.contains(&status), "{what} by {route:?}: {status} for {given}");
        }
        settled(&self.server).await;
        let after = self.effects().await;
        assert!(before == after, "{what} changed something: {}", difference(&before, &after));
    }
}

/// The lines that are only in one of two records.
pub(crate) fn difference(before: &str, after: &str) -> String {
    let gone = before.lines().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.lines().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect::<Vec<_>>().join("\n")
}
