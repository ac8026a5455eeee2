//! Votes on ballots of here, in every shape that other servers send: one `Create` for each choice,
//! or one with a list of them; to the author or to nobody in particular. The id of a vote is never
//! asked for: most servers give nothing there.
//!
//! A vote counts only from its voter's own server: what an assembly passes on is no vote.

use super::Incoming;
use crate::domain::LocalRef;
use crate::federation::questions::is_vote;
use crate::federation::vocab::Node;
use crate::services::ballots::ArrivedVote;
use crate::services::{self, Unit};
use serde_json::Value;

/// Most choices that are read of one activity.
const MAX_CHOICES: usize = 100;

/// Votes of one person.
#[derive(Debug)]
pub struct Act(Vec<ArrivedVote>);

/// The votes in a `Create`, if it holds nothing else. Whoever signed it is the author of all of
/// them (checked at the door).
pub(super) fn prepare(incoming: Incoming<'_>) -> Option<super::Act> {
    let objects: Vec<Node<'_>> = match incoming.activity.get("object")? {
        Value::Array(list) => list.iter().map(Node).collect(),
        one => vec![Node(one)],
    };
    if objects.is_empty() || !objects.iter().all(|object| is_vote(*object)) {
        return None;
    }
    let ours = objects.into_iter().take(MAX_CHOICES).filter_map(|object| read(incoming, object));
    let votes: Vec<ArrivedVote> = ours.collect();
    if votes.is_empty() {
        return None;
    }
    if incoming.via.is_some() {
        return Some(super::Act::Nothing("a vote that was passed on"));
    }
    Some(super::Act::Vote(Act(votes)))
}

fn read(incoming: Incoming<'_>, object: Node<'_>) -> Option<ArrivedVote> {
    let Some(LocalRef::Ballot(ballot)) = incoming.app.urls.parse(object.uri("inReplyTo")?) else {
        return None;
    };
    let own = object.get("attributedTo").is_none() || object.is_attributed_to(incoming.actor_uri);
    own.then(|| ArrivedVote {
        ballot,
        actor: incoming.actor,
        name: object.text("name").unwrap_or_default().to_owned(),
        activity_uri: incoming.id().to_owned(),
        received_at: incoming.received_at,
    })
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        for vote in &self.0 {
            services::ballots::receive_in(unit, vote).await?;
        }
        Ok(())
    }
}
