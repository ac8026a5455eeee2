//! A ballot (interop forms F and H): a `Question` by a body, and what belongs to it — votes that
//! leave from here, the refusal of votes that came.
//!
//! All of it but the totals and `closed` is the same in every push, to the byte: no `updated`,
//! which other servers take for an edit.

use super::{plain_context, with_context};
use crate::domain::ballot::{Ballot, BallotOption, Poll};
use crate::domain::{Timestamp, Urls, urls};
use crate::federation::PUBLIC;
use serde_json::{Value, json};

/// The terms of a ballot, defined in place.
fn context(urls: &Urls) -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "toot": "http://joinmastodon.org/ns#",
            "votersCount": "toot:votersCount",
            "gts": "https://gotosocial.org/ns#",
            "interactionPolicy": { "@id": "gts:interactionPolicy", "@type": "@id" },
            "canQuote": { "@id": "gts:canQuote", "@type": "@id" },
            "automaticApproval": { "@id": "gts:automaticApproval", "@type": "@id" },
            "civic": urls.civic_context(),
        }
    ])
}

/// The document of a local ballot.
pub fn question(urls: &Urls, poll: &Poll) -> Value {
    with_context(context(urls), bare_question(poll))
}

fn bare_question(poll: &Poll) -> Value {
    let (ballot, uri) = (&poll.ballot, &poll.ballot.uri);
    let seen = ballot.shows_tallies();
    let total = |fediverse: i64, registered: i64| if seen { fediverse + registered } else { 0 };
    let options: Vec<Value> = poll
        .options
        .iter()
        .map(|option| {
            json!({
                "type": "Note",
                "name": option.name,
                "replies": {
                    "type": "Collection",
                    "totalItems": total(option.fediverse, option.registered),
                },
            })
        })
        .collect();
    let mut question = json!({
        "id": uri,
        "type": "Question",
        "attributedTo": ballot.author_uri,
        "name": ballot.question,
        "content": ballot.html,
        "contentMap": { ballot.language.as_str(): ballot.html },
        "url": ballot.url,
        "to": [PUBLIC],
        "cc": [urls::actor::followers(&ballot.author_uri)],
        "attachment": [],
        "tag": [],
        "sensitive": false,
        "published": ballot.opened_at.to_rfc3339(),
        "endTime": ballot.ends_at.to_rfc3339(),
        "votersCount": total(ballot.fediverse, ballot.registered),
        "context": urls::object::context(&ballot.initiative_uri),
        "replies": urls::object::replies(uri),
        "civic:initiative": ballot.initiative_uri,
        "interactionPolicy": { "canQuote": { "automaticApproval": [PUBLIC] } },
    });
    if let Some(map) = question.as_object_mut() {
        let key = if ballot.multiple { "anyOf" } else { "oneOf" };
        map.insert(key.to_owned(), options.into());
        if seen {
            map.insert("civic:tally".to_owned(), tally(poll));
        }
        if let Some(closed) = ballot.closed_at {
            map.insert("closed".to_owned(), closed.to_rfc3339().into());
        }
    }
    question
}

/// The totals by origin, which `totalItems` has no place for.
fn tally(poll: &Poll) -> Value {
    let part = |name: &str, voters: i64, of: fn(&BallotOption) -> i64| {
        let options: Vec<i64> = poll.options.iter().map(of).collect();
        json!({ "civic:tier": name, "civic:voters": voters, "civic:options": options })
    };
    json!([
        part("fediverse", poll.ballot.fediverse, |o| o.fediverse),
        part("registered", poll.ballot.registered, |o| o.registered),
    ])
}

/// `Create` of a ballot, to everybody and to those who follow its body; not to the assembly.
pub fn create_question(urls: &Urls, id: &str, poll: &Poll, at: Timestamp) -> Value {
    whole(urls, "Create", id, poll, at)
}

/// `Update` of a ballot: its totals, or its end. Voters get it too, but are not named in it: a
/// list of them is for nobody.
pub fn update_question(urls: &Urls, id: &str, poll: &Poll, at: Timestamp) -> Value {
    whole(urls, "Update", id, poll, at)
}

fn whole(urls: &Urls, kind: &str, id: &str, poll: &Poll, at: Timestamp) -> Value {
    let activity = json!({
        "id": id,
        "type": kind,
        "actor": poll.ballot.author_uri,
        "published": at.to_rfc3339(),
        "to": [PUBLIC],
        "cc": [urls::actor::followers(&poll.ballot.author_uri)],
        "object": bare_question(poll),
    });
    with_context(context(urls), activity)
}

/// `Delete` of a ballot.
pub fn delete_question(id: &str, ballot: &Ballot, at: Timestamp) -> Value {
    let activity = json!({
        "id": id,
        "type": "Delete",
        "actor": ballot.author_uri,
        "published": at.to_rfc3339(),
        "to": [PUBLIC],
        "cc": [urls::actor::followers(&ballot.author_uri)],
        "object": super::article::bare_tombstone(&ballot.uri, "Question", at),
    });
    with_context(plain_context(), activity)
}

/// What stands in the place of a removed ballot, answered with 410.
pub fn question_tombstone(ballot: &Ballot) -> Value {
    super::article::tombstone(
        &ballot.uri,
        "Question",
        ballot.deleted_at.unwrap_or(ballot.opened_at),
    )
}

/// One choice of somebody here on a ballot of elsewhere, in the form of Mastodon: no text, the
/// option as `name`, to the author alone.
pub fn vote(id: &str, note: &str, voter: &str, poll: &Ballot, option: &str) -> Value {
    let activity = json!({
        "id": id,
        "type": "Create",
        "actor": voter,
        "to": [poll.author_uri],
        "object": {
            "id": note,
            "type": "Note",
            "attributedTo": voter,
            "name": option,
            "inReplyTo": poll.uri,
            "to": [poll.author_uri],
        },
    });
    with_context(plain_context(), activity)
}

/// A vote does not count: the answer to who sent it, with the activity that brought it.
pub fn reject_vote(id: &str, ballot: &Ballot, voter: &str, activity: &str) -> Value {
    let answer = json!({
        "id": id,
        "type": "Reject",
        "actor": ballot.author_uri,
        "to": [voter],
        "object": { "id": activity, "type": "Create", "actor": voter, "object": ballot.uri },
    });
    with_context(plain_context(), answer)
}
