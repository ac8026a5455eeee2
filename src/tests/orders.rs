//! Whatever the order in which acts of other servers arrive, and however often, the outcome is
//! that of the order in which they happened.

mod inbox;

use super::fixtures::{in_unit, number, reacted_in, reply, stranger};
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::{Reaction, Viewer};
use crate::services::{comments, follows, initiatives, reactions};
use crate::storage::Engine;
use crate::testing::{TestApp, run};
use proptest::prelude::*;

/// Acts of one person elsewhere. What an act is about exists before it, in the right order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Create,
    Delete,
    Like,
    Unlike,
    Boost,
    Unboost,
    Follow,
    Unfollow,
}

use Act::{Boost, Create, Delete, Follow, Like, Unboost, Unfollow, Unlike};

/// Stories in the order in which they happened.
const STORIES: &[&[Act]] = &[
    &[Create, Delete],
    &[Like, Unlike],
    &[Boost, Unboost],
    &[Follow, Unfollow],
    &[Create, Like, Boost, Follow],
    &[Create, Like, Unlike, Boost, Delete],
    &[Create, Delete, Like, Unlike, Follow, Unfollow],
    &[Follow, Boost, Unboost, Create, Like],
];

struct World {
    app: TestApp,
    initiative: Initiative,
    zoe: Actor,
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    tallies: (i64, i64, i64),
    reactions: i64,
    followers: i64,
    standing_comments: i64,
}

async fn world(engine: Engine) -> World {
    let app = TestApp::new(engine).await;
    let ana: Viewer = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    let zoe = stranger(&app, "zoe").await;
    World { app, initiative, zoe }
}

impl World {
    async fn apply(&self, act: Act) {
        let (app, zoe) = (&self.app, self.zoe.id);
        let object = self.initiative.uri.as_str();
        let target = self.initiative.assembly_uri.as_str();
        let id = |name: &str| format!("https://remote.example/a/{name}");
        let about = |kind| Some((kind, object));
        match act {
            Create => {
                let comment = reply("1", zoe, object, "<p>Yes</p>");
                in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
            }
            Delete => {
                let uri = "https://remote.example/n/1";
                in_unit!(app, unit => comments::receive_delete_in(unit, zoe, uri)).unwrap();
            }
            Like | Boost => {
                let (kind, uri) = match act {
                    Like => (Reaction::Like, id("like")),
                    _ => (Reaction::Boost, id("boost")),
                };
                in_unit!(app, unit => reacted_in(unit, zoe, object, kind, &uri)).unwrap();
            }
            Unlike | Unboost => {
                let (kind, uri) = match act {
                    Unlike => (Reaction::Like, id("like")),
                    _ => (Reaction::Boost, id("boost")),
                };
                in_unit!(app, unit => {
                    reactions::receive_undo_in(unit, zoe, &uri, about(kind))
                })
                .unwrap();
            }
            Follow => {
                in_unit!(app, unit => follows::receive_in(unit, zoe, target, &id("follow")))
                    .unwrap();
            }
            Unfollow => {
                let uri = id("follow");
                in_unit!(app, unit => {
                    follows::receive_undo_in(unit, zoe, &uri, Some(target))
                })
                .unwrap();
            }
        }
    }

    async fn outcome(&self) -> Outcome {
        let app = &self.app;
        let now = initiatives::get(app, None, self.initiative.id).await.unwrap();
        let outcome = Outcome {
            tallies: (now.likes, now.boosts, now.replies),
            reactions: number(app, "SELECT COUNT(*) FROM reactions").await,
            followers: follows::counts(app, now.assembly_id).await.unwrap().0,
            standing_comments: number(
                app,
                "SELECT COUNT(*) FROM objects WHERE kind = 'comment' AND deleted_at IS NULL",
            )
            .await,
        };
        // The tallies are those of the rows, whatever happened.
        assert_eq!(now.likes + now.boosts, outcome.reactions);
        assert_eq!(now.replies, outcome.standing_comments);
        outcome
    }
}

async fn check(engine: Engine, story: &[Act], arrivals: &[Act]) {
    let (right, mixed) = (world(engine).await, world(engine).await);
    for act in story {
        right.apply(*act).await;
    }
    for act in arrivals {
        mixed.apply(*act).await;
    }
    assert_eq!(mixed.outcome().await, right.outcome().await, "{story:?} as {arrivals:?}");
}

/// A story, and its acts in any order with up to two of them repeated.
fn arrivals() -> impl Strategy<Value = (Vec<Act>, Vec<Act>)> {
    (0..STORIES.len()).prop_flat_map(|n| {
        let story = STORIES[n].to_vec();
        let repeated = proptest::collection::vec(proptest::sample::select(story.clone()), 0..=2);
        (Just(story), repeated).prop_flat_map(|(story, repeated)| {
            let all = [story.clone(), repeated].concat();
            (Just(story), Just(all).prop_shuffle())
        })
    })
}

fn shuffled(engine: Engine, cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((story, arrivals) in arrivals())| {
        run(Box::pin(check(engine, &story, &arrivals)));
    });
}

#[test]
fn flt_08_any_order_of_arrival_gives_the_same_outcome_sqlite() {
    shuffled(Engine::Sqlite, 40);
}

#[test]
fn flt_08_any_order_of_arrival_gives_the_same_outcome_postgres() {
    shuffled(Engine::Postgres, 5);
}
