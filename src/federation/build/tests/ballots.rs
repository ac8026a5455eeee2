//! Ballots as they go over the wire.

use crate::domain::Timestamp;
use crate::domain::ballot::{Ballot, BallotOption, Poll};
use crate::federation::build::*;
use proptest::prelude::*;
use serde_json::Value;

const THEN: Timestamp = Timestamp::from_millis(1_788_343_200_000);
const LATER: Timestamp = Timestamp::from_millis(1_788_948_000_000);

fn urls() -> Urls {
    Urls::new(&url::Url::parse("https://veche.example").unwrap()).unwrap()
}

fn option(position: i64, name: &str, fediverse: i64, registered: i64) -> BallotOption {
    BallotOption {
        id: (position + 1).into(),
        ballot_id: 8.into(),
        position,
        name: name.to_owned(),
        fediverse,
        registered,
        reported: None,
    }
}

fn poll() -> Poll {
    let html = "<p><strong>Vote: Night buses on line 7?</strong></p><p>Straw poll, not binding. \
                About the initiative: <a href=\"https://veche.example/p/42\">Night buses on line \
                7</a></p><p>Open until 9 September 2026, 10:00 UTC.</p>";
    let office = "https://veche.example/u/office";
    let ballot = Ballot {
        id: 8.into(),
        uri: "https://veche.example/q/8".to_owned(),
        url: "https://veche.example/q/8".to_owned(),
        local: true,
        initiative_id: 42.into(),
        initiative_uri: "https://veche.example/p/42".to_owned(),
        question: "Night buses on line 7?".to_owned(),
        html: html.to_owned(),
        language: "en".to_owned(),
        multiple: false,
        hide_tallies: false,
        opened_at: THEN,
        ends_at: LATER,
        closes_at: LATER,
        closed_at: None,
        deleted_at: None,
        fediverse: 0,
        registered: 0,
        second: 0,
        late: 0,
        refused: 0,
        replies: 0,
        reported_voters: None,
        reported_at: None,
        author_id: 3.into(),
        author_uri: office.to_owned(),
        author_name: "Office".to_owned(),
        author_handle: "office".to_owned(),
        author_host: "veche.example".to_owned(),
        author_url: office.to_owned(),
    };
    let options = vec![option(0, "Yes", 0, 0), option(1, "No", 0, 0), option(2, "Abstain", 0, 0)];
    Poll { ballot, options }
}

fn voted() -> Poll {
    let mut poll = poll();
    (poll.ballot.fediverse, poll.ballot.registered) = (9, 2);
    poll.options = vec![option(0, "Yes", 6, 2), option(1, "No", 2, 0), option(2, "Abstain", 1, 0)];
    poll
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn a_ballot_is_opened_tallied_and_closed() {
    let id = "https://veche.example/a/1";
    insta::assert_snapshot!(
        "question_create",
        pretty(&create_question(&urls(), id, &poll(), THEN))
    );
    insta::assert_snapshot!("question", pretty(&question(&urls(), &voted())));
    insta::assert_snapshot!(
        "question_update",
        pretty(&update_question(&urls(), id, &voted(), THEN))
    );
    let mut closed = voted();
    closed.ballot.closed_at = Some(LATER);
    insta::assert_snapshot!(
        "question_closed",
        pretty(&update_question(&urls(), id, &closed, LATER))
    );
    let gone = delete_question(id, &closed.ballot, LATER);
    insta::assert_snapshot!("question_delete", pretty(&gone));
}

#[test]
fn votes_and_their_refusal() {
    let mut theirs = poll().ballot;
    theirs.uri = "https://m.example/polls/9".to_owned();
    theirs.author_uri = "https://m.example/users/office".to_owned();
    let ana = "https://veche.example/u/ana";
    let note = "https://veche.example/u/ana#votes/2";
    let sent = vote("https://veche.example/a/2", note, ana, &theirs, "Yes");
    insta::assert_snapshot!("vote", pretty(&sent));
    // Somebody who is not the author would make it public; a text would make it an answer.
    assert!(!sent.to_string().contains("Public") && sent["object"].get("content").is_none());
    let bob = "https://m.example/users/bob";
    let activity = "https://m.example/users/bob#votes/9/activity";
    let answer = reject_vote("https://veche.example/a/3", &poll().ballot, bob, activity);
    insta::assert_snapshot!("vote_reject", pretty(&answer));
}

/// The same without what may change.
fn frozen(mut question: Value, multiple: bool) -> String {
    let map = question.as_object_mut().unwrap();
    map.remove("votersCount");
    map.remove("civic:tally");
    map.remove("closed");
    for option in map[if multiple { "anyOf" } else { "oneOf" }].as_array_mut().unwrap() {
        let replies = option["replies"].as_object_mut().unwrap();
        assert!(replies.remove("totalItems").is_some_and(|n| n.is_i64() || n.is_u64()));
    }
    question.to_string()
}

proptest! {
    /// Whatever is counted and whenever it closes, everything else stays as it was, to the byte.
    #[test]
    fn only_totals_and_the_end_change(
        totals in proptest::collection::vec((0_i64..1_000_000, 0_i64..1_000_000), 3),
        early in 0_i64..604_800,
        closed: bool,
        multiple: bool,
        hidden: bool,
    ) {
        let mut before = poll();
        before.ballot.multiple = multiple;
        before.ballot.hide_tallies = hidden;
        let mut after = before.clone();
        for (option, (fediverse, registered)) in after.options.iter_mut().zip(&totals) {
            (option.fediverse, option.registered) = (*fediverse, *registered);
            after.ballot.fediverse += fediverse;
            after.ballot.registered += registered;
        }
        after.ballot.closes_at = after.ballot.ends_at.plus_seconds(-early);
        after.ballot.closed_at = closed.then_some(after.ballot.closes_at);
        let make = |poll: &Poll| update_question(&urls(), "https://veche.example/a/1", poll, THEN)["object"].clone();
        let (first, then) = (make(&before), make(&after));
        prop_assert!(first.get("updated").is_none() && then.get("updated").is_none());
        prop_assert_eq!(then.get("closed").is_some(), closed);
        prop_assert_eq!(&first["endTime"], &then["endTime"]);
        if hidden && !closed {
            prop_assert_eq!(&then["votersCount"], 0);
            prop_assert!(then.get("civic:tally").is_none());
        } else {
            prop_assert_eq!(&then["votersCount"], after.ballot.fediverse + after.ballot.registered);
        }
        prop_assert_eq!(frozen(first, multiple), frozen(then, multiple));
    }
}
