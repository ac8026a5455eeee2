//! Every order of a story's acts, through the inbox and its workers (FLT-08): one person elsewhere
//! for each order, all of them at the same time.

use crate::both_engines;
use crate::domain::ActorKind;
use crate::domain::initiative::Initiative;
use crate::jobs;
use crate::services::actors::{self, RemoteActor, ensure_instance};
use crate::services::{instance, verify};
use crate::testing::{Answer, ScriptedPeer, TestApp, wait_until};
use crate::tests::fixtures::{remote_actor, texts};
use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What one person does; each act belongs to what stands before it in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Create,
    CreateAgain,
    Update(u8),
    Delete,
    Answer,
    Like,
    Unlike,
    Boost,
    Unboost,
    Follow,
    Unfollow,
}
use Act::{
    Answer as Reply, Boost, Create, CreateAgain, Delete, Follow, Like, Unboost, Unfollow, Unlike,
    Update,
};

const STORIES: &[&[Act]] = &[
    &[Create, Update(1), Update(2), Delete, Like, Unlike],
    &[Create, CreateAgain, Update(1), Update(2), Boost, Unboost],
    &[Follow, Unfollow, Create, Reply, Boost],
    &[Create, Delete, CreateAgain],
    &[Create, Reply, Update(1), Like],
];

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for n in 0..count {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=n).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, n);
                    longer
                })
            })
            .collect();
    }
    all
}

struct World {
    app: TestApp,
    peer: ScriptedPeer,
    initiative: Initiative,
}

fn person(peer: &ScriptedPeer, n: usize) -> RemoteActor {
    let uri = format!("{}/users/z{n}", peer.base());
    RemoteActor {
        url: uri.clone(),
        inbox: format!("{uri}/inbox"),
        shared_inbox: Some(format!("{}/inbox", peer.base())),
        outbox: None,
        key_id: format!("{uri}#main-key"),
        acct_host: None,
        uri,
        ..remote_actor(&format!("z{n}"), ActorKind::Person)
    }
}

impl World {
    fn note(who: &str, name: &str, parent: &str, version: u8) -> Value {
        let mut note = json!({
            "id": format!("{who}/{name}"), "type": "Note", "attributedTo": who,
            "inReplyTo": parent, "content": format!("<p>Version {version}</p>"),
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "published": "2026-11-23T09:00:00Z",
        });
        if version > 0 {
            note["updated"] = format!("2026-11-23T09:1{version}:00Z").into();
        }
        note
    }

    fn activity(&self, who: &str, act: Act) -> Value {
        let said = |version| Self::note(who, "said", &self.initiative.uri, version);
        let about = &self.initiative.uri;
        let group = &self.initiative.assembly_uri;
        let (name, kind, object) = match act {
            Create => ("create", "Create", said(0)),
            CreateAgain => ("create-again", "Create", said(0)),
            Update(version) => (["", "u1", "u2"][usize::from(version)], "Update", said(version)),
            Delete => {
                ("delete", "Delete", json!({ "id": format!("{who}/said"), "type": "Tombstone" }))
            }
            Reply => {
                let answer = Self::note(who, "answer", &format!("{who}/said"), 0);
                ("answer-create", "Create", answer)
            }
            Like => ("like", "Like", about.as_str().into()),
            Unlike => ("unlike", "Undo", self.activity(who, Like)),
            Boost => ("boost", "Announce", about.as_str().into()),
            Unboost => ("unboost", "Undo", self.activity(who, Boost)),
            Follow => ("follow", "Follow", group.as_str().into()),
            Unfollow => ("unfollow", "Undo", self.activity(who, Follow)),
        };
        json!({ "id": format!("{who}/a/{name}"), "type": kind, "actor": who, "object": object })
    }

    async fn idle(&self) {
        wait_until(Duration::from_mins(1), async || {
            let queues = instance::queues(&self.app).await.unwrap();
            queues.inbox_pending + queues.jobs_pending == 0
        })
        .await;
    }

    /// What remains of each person: texts that stand, reactions, follows.
    async fn remains(&self) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for sql in [
            "SELECT a.handle || ' says ' || c.html || COALESCE((SELECT ' to ' || p.kind FROM objects p
             WHERE p.id = o.parent_id), '') FROM objects o JOIN comments c ON c.id = o.id
             JOIN actors a ON a.id = o.author_id WHERE o.deleted_at IS NULL",
            "SELECT a.handle || ' gives ' || r.kind FROM reactions r JOIN actors a ON a.id = r.actor_id",
            "SELECT a.handle || ' follows ' || f.state FROM follows f
             JOIN actors a ON a.id = f.follower_id",
        ] {
            for line in texts(&self.app, sql).await {
                let (who, what) = line.split_once(' ').unwrap();
                all.entry(who.to_owned()).or_default().push(what.to_owned());
            }
        }
        for lines in all.values_mut() {
            lines.sort();
        }
        all
    }
}

async fn check(app: TestApp, story: &[Act]) {
    let peer = ScriptedPeer::start().await;
    ensure_instance(&app).await.unwrap();
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    let world = World { app, peer, initiative };
    let orders = orders(story.len());
    assert_eq!(orders[0].len(), story.len());
    let right: Vec<usize> = (0..story.len()).collect();
    let right = orders.iter().position(|order| *order == right).unwrap();
    let mut people = Vec::new();
    for n in 0..orders.len() {
        let who = person(&world.peer, n);
        // What its home says when it is asked: what is true in the end.
        let path = format!("/users/z{n}/said");
        if story.contains(&Delete) {
            world.peer.always(&path, Answer::Status(410));
        } else {
            let newest = story.iter().filter_map(|act| match act {
                Update(version) => Some(*version),
                _ => None,
            });
            let version = newest.max().unwrap_or(0);
            world.peer.serve(&path, World::note(&who.uri, "said", &world.initiative.uri, version));
        }
        people.push((actors::put_remote(&world.app, &who).await.unwrap().id, who.uri));
    }
    jobs::start(&world.app);
    let intake = world.app.state().intake.clone();
    for turn in 0..story.len() {
        let arrivals = orders.iter().zip(&people).map(|(order, (id, who))| {
            let activity = world.activity(who, story[order[turn]]);
            let uri = activity["id"].as_str().unwrap().to_owned();
            intake.store(*id, uri, Bytes::from(activity.to_string()))
        });
        for stored in join_all(arrivals).await {
            stored.unwrap();
        }
        world.idle().await;
    }
    let remains = world.remains().await;
    let expected = remains.get(&format!("z{right}")).cloned().unwrap_or_default();
    for (n, order) in orders.iter().enumerate() {
        let found = remains.get(&format!("z{n}")).cloned().unwrap_or_default();
        let acts: Vec<Act> = order.iter().map(|at| story[*at]).collect();
        assert_eq!(found, expected, "{acts:?}");
    }
    if !story.contains(&Delete) {
        assert!(!expected.is_empty(), "the story leaves something");
    }
    let broken = verify::run(&world.app).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

both_engines! {
    async fn flt_08_every_order_of_edits_a_deletion_and_a_like_taken_back(app: TestApp) {
        check(app, STORIES[0]).await;
    }

    async fn flt_08_every_order_of_edits_a_repetition_and_a_boost_taken_back(app: TestApp) {
        check(app, STORIES[1]).await;
    }

    async fn flt_08_every_order_of_a_follow_taken_back_and_an_answer_before_its_parent(app: TestApp) {
        check(app, STORIES[2]).await;
    }

    async fn flt_08_a_deletion_outlives_every_creation(app: TestApp) {
        check(app, STORIES[3]).await;
    }

    async fn flt_08_every_order_of_an_answer_an_edit_and_a_like(app: TestApp) {
        check(app, STORIES[4]).await;
    }
}
