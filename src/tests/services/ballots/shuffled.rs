//! Whatever votes come, however often and in whatever order: the tallies are the distinct votes
//! that count by the rules.

use super::Scene;
use crate::storage::Engine;
use crate::testing::{TestApp, run};
use crate::tests::fixtures::{number, stranger, texts};
use proptest::prelude::*;

/// One vote of a made-up story: who, for what, and when.
type Told = (usize, &'static str, i64);

const NAMES: [&str; 4] = ["Yes", "No", "Abstain", "Perhaps"];

/// What the votes come to, by the rules alone.
fn expected(told: &[Told], multiple: bool) -> (Vec<i64>, i64) {
    let mut chosen: Vec<(usize, &str)> = Vec::new();
    for (who, name, offset) in told {
        let known = NAMES.iter().take(3).any(|n| n == name);
        let has = chosen.iter().any(|(w, _)| w == who);
        if *offset < 0 && known && !chosen.contains(&(*who, name)) && (multiple || !has) {
            chosen.push((*who, name));
        }
    }
    let count = |name| i64::try_from(chosen.iter().filter(|(_, n)| *n == name).count()).unwrap();
    let mut voters: Vec<usize> = chosen.iter().map(|(who, _)| *who).collect();
    voters.sort_unstable();
    voters.dedup();
    (NAMES[..3].iter().map(|name| count(*name)).collect(), i64::try_from(voters.len()).unwrap())
}

async fn check(engine: Engine, told: &[Told], multiple: bool) {
    let scene = Scene::on(TestApp::new(engine).await, |d| d.multiple = multiple).await;
    let mut people = Vec::new();
    for n in 0..4 {
        people.push(stranger(&scene.app, &format!("bob{n}")).await);
    }
    let end = scene.poll.ballot.ends_at;
    for (who, name, offset) in told {
        let vote = scene.vote(&people[*who], name, end.plus_millis(*offset));
        scene.receive(&vote).await;
    }
    let (options, voters, not_counted) = scene.tallies().await;
    let counted: Vec<i64> = options.iter().map(|o| o.0).collect();
    assert_eq!((counted, voters.0), expected(told, multiple), "{told:?}");
    // The tallies are those of the rows.
    let rows = async |verdict: &str| {
        let all = texts(&scene.app, "SELECT verdict FROM ballot_votes").await;
        i64::try_from(all.iter().filter(|v| *v == verdict).count()).unwrap()
    };
    assert_eq!(rows("counted").await, options.iter().map(|o| o.0).sum::<i64>());
    assert_eq!((rows("late").await, rows("second").await, rows("refused").await), not_counted);
    let distinct = number(
        &scene.app,
        "SELECT COUNT(DISTINCT voter_id) FROM ballot_votes WHERE verdict = 'counted'",
    )
    .await;
    assert_eq!(distinct, voters.0);
}

fn shuffled(engine: Engine, cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let vote = (0_usize..4, proptest::sample::select(&NAMES[..]), -3_i64..3);
    let votes = proptest::collection::vec(vote, 1..16);
    proptest!(config, |((votes, multiple) in (votes, any::<bool>()))| {
        run(Box::pin(check(engine, &votes, multiple)));
    });
}

#[test]
fn tallies_are_the_distinct_votes_that_count_sqlite() {
    shuffled(Engine::Sqlite, 30);
}

#[test]
fn tallies_are_the_distinct_votes_that_count_postgres() {
    shuffled(Engine::Postgres, 4);
}
