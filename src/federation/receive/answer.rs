//! `Accept` and `Reject` of a request to follow or to quote that went out from here. Some servers repeat the
//! request, some give only its id, some write it anew under an id of their own.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// The answer to a request of ours.
#[derive(Debug)]
pub struct Act {
    target: ActorId,
    /// The actor's id on the wire.
    target_uri: String,
    follow: Request,
    accepted: bool,
    /// What the answer gives: the address of a leave to quote.
    result: Option<String>,
}

/// What is answered.
#[derive(Debug)]
enum Request {
    /// The request of this id.
    Named(String),
    /// What this actor of ours asked of the sender.
    Of(String),
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    let Some(follow) = request(&incoming) else {
        return super::Act::Nothing("an answer to something that was not asked here");
    };
    super::Act::Answer(Act {
        target: incoming.actor,
        follow,
        accepted: incoming.activity.kind() == "Accept",
        target_uri: incoming.actor_uri.to_owned(),
        result: incoming.activity.uri("result").map(str::to_owned),
    })
}

fn request(incoming: &Incoming<'_>) -> Option<Request> {
    let ours = |uri: &&str| incoming.app.urls.is_local(uri);
    if let Some(uri) = incoming.activity.uri("object").filter(ours) {
        return Some(Request::Named(uri.to_owned()));
    }
    let follow = incoming.activity.object("object").filter(|o| o.kind() == "Follow")?;
    let who = follow.uri("actor").filter(ours)?;
    (follow.uri("object") == Some(incoming.actor_uri)).then(|| Request::Of(who.to_owned()))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let result = self.result.as_deref().filter(|_| self.accepted);
        let (who, uri) = (self.target, self.target_uri.as_str());
        let answered = match &self.follow {
            Request::Named(follow) => {
                if services::quotes::receive_answer_in(unit, who, uri, follow, result).await? {
                    return Ok(());
                }
                services::follows::receive_answer_in(unit, who, follow, self.accepted).await?
            }
            Request::Of(asker) => {
                services::follows::receive_answer_to_in(unit, who, asker, self.accepted).await?
            }
        };
        if answered && self.accepted {
            services::follows::ask_for_backfill_in(unit, self.target).await?;
        }
        Ok(())
    }
}
