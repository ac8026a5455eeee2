//! An `Announce` of a list (FEP-4248; `PieFed` sends such): taken apart into arrivals of their own,
//! each with one thing. So each is checked, tried again and noted by itself, and a bad one harms no
//! other.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Things of one list that are looked at.
const MAX_PARTS: usize = 20;

/// Arrivals that came as one.
#[derive(Debug)]
pub struct Act {
    sender: ActorId,
    /// The id and the text of each.
    parts: Vec<(String, String)>,
    /// Whether the list was longer.
    cut: bool,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    object: Vec<&'a RawValue>,
}

/// The part that each thing becomes: the bytes of the thing stay as they are, for its proof.
#[derive(Serialize)]
struct Part<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    actor: &'a str,
    object: &'a RawValue,
}

/// The parts, if it is an `Announce` of more than one thing.
pub(super) fn prepare(incoming: Incoming<'_>) -> Option<super::Act> {
    let list = incoming.activity.get("object").and_then(Value::as_array)?;
    if list.len() < 2 || incoming.via.is_some() {
        return None;
    }
    let Ok(Whole { object }) = serde_json::from_str(incoming.raw) else { return None };
    let parts = object.iter().take(MAX_PARTS).enumerate().filter_map(|(n, thing)| {
        let id = format!("{}#{}", incoming.id(), n + 1);
        let part = Part { id: &id, kind: "Announce", actor: incoming.actor_uri, object: thing };
        // A list in a list has no meaning.
        let text = serde_json::to_string(&part).ok().filter(|_| !thing.get().starts_with('['))?;
        Some((id, text))
    });
    let (sender, cut) = (incoming.actor, object.len() > MAX_PARTS);
    Some(super::Act::Several(Act { sender, parts: parts.collect(), cut }))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        if self.cut {
            unit.without_effect("a list that is too long: only its beginning was taken");
        }
        services::inbox::take_apart_in(unit, self.sender, self.parts).await
    }
}
