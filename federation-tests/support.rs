//! What several kinds of tests need: waiting, two servers that know each other, activities.

use serde_json::{Value, json};
use std::time::Duration;
use veche::services::instance;
use veche::storage::Engine;
use veche::testing::{
    Citizen, RemoteActor, ScriptedPeer, Software, TestServer, text, wait_for, wait_until,
};

/// Whatever is waited for has happened by then on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Everybody (ActivityPub, 5.6).
pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Waits until the predicate holds.
#[track_caller]
pub(crate) fn until<P: Future<Output = bool>>(
    predicate: impl FnMut() -> P,
) -> impl Future<Output = ()> {
    wait_until(DEADLINE, predicate)
}

/// Waits for something.
#[track_caller]
pub(crate) fn found<T, P: Future<Output = Option<T>>>(
    look: impl FnMut() -> P,
) -> impl Future<Output = T> {
    wait_for(DEADLINE, look)
}

/// Waits until a server has nothing left to do: no act unsent, no arrival unread, no job.
#[track_caller]
pub(crate) fn settled(server: &TestServer) -> impl Future<Output = ()> {
    // Twice, because an arrival can become a job, and that a delivery, between two looks.
    until(async || is_idle(server).await && is_idle(server).await)
}

async fn is_idle(server: &TestServer) -> bool {
    let queues = instance::queues(server).await.expect("the database answers");
    queues.inbox_pending + queues.jobs_pending + queues.deliveries_pending == 0
}

/// A region with an assembly, and an NGO that mirrors it.
pub(crate) struct Town {
    pub(crate) region: TestServer,
    pub(crate) ngo: TestServer,
    /// A citizen of the region.
    pub(crate) ana: Citizen,
    /// A member of the NGO, who follows the assembly.
    pub(crate) vera: Citizen,
    /// The assembly's id at the NGO.
    pub(crate) followed: String,
}

impl Town {
    /// Both are running and the follow is accepted.
    pub(crate) async fn new(engine: Engine) -> Self {
        let (region, ngo) = (TestServer::new(engine).await, TestServer::new(engine).await);
        region.assembly("transport").await;
        let ana = region.citizen("ana").await;
        let vera = ngo.citizen("vera").await;
        let followed = follow(&vera, &region.address_of("transport")).await;
        Self { region, ngo, ana, vera, followed }
    }

    /// An initiative of the region as the NGO has it.
    pub(crate) async fn mirrored(&self, at_home: &Value) -> Value {
        let uri = text(&at_home["uri"]);
        found(async || self.vera.find(&uri).await).await
    }
}

/// A community elsewhere that somebody here follows.
pub(crate) async fn community(
    server: &TestServer,
    who: &Citizen,
    place: &ScriptedPeer,
) -> RemoteActor {
    let board = place.actor("board", Software::Lemmy);
    let mut group = board.document();
    group["type"] = "Group".into();
    place.serve(&board.path(), group);
    who.follow(&board.address()).await;
    let asked = found(async || place.posted("Follow").pop()).await;
    let accept = activity(&format!("{}/accept", board.id), "Accept", &board.id, asked.body);
    assert_eq!(board.send(&format!("{}/inbox", server.base()), &accept).await, 202);
    settled(server).await;
    board
}

/// Follows and waits until that is accepted; the actor's id on the follower's server.
pub(crate) async fn follow(who: &Citizen, actor: &str) -> String {
    let id = who.follow(actor).await;
    until(async || who.follow_state(actor).await == "accepted").await;
    id
}

/// An activity with the usual context.
pub(crate) fn activity(id: &str, kind: &str, actor: &str, object: impl Into<Value>) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id, "type": kind, "actor": actor, "object": object.into(), "to": [PUBLIC],
    })
}

/// A note that answers something.
pub(crate) fn note(id: &str, author: &str, parent: &str, content: &str) -> Value {
    json!({
        "id": id, "type": "Note", "attributedTo": author, "inReplyTo": parent,
        "content": format!("<p>{content}</p>"), "to": [PUBLIC], "cc": [format!("{author}/followers")],
        "published": "2026-11-23T10:00:00Z",
    })
}
