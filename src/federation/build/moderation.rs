//! What moderators do (FEP-1b12): `Add` and `Remove` of pins and moderators, `Lock`, `Delete` with a
//! reason, `Block` from an assembly. The assembly passes each on whole.

use super::article::bare_tombstone;
use super::{plain_context, with_context};
use crate::domain::Timestamp;
use crate::federation::PUBLIC;
use serde_json::{Value, json};

/// Who does it, where and when: what all of these forms have in common.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub id: &'a str,
    pub moderator: &'a str,
    pub assembly: &'a str,
    pub at: Timestamp,
}

impl By<'_> {
    fn activity(&self, kind: &str, object: &Value) -> Value {
        json!({
            "id": self.id,
            "type": kind,
            "actor": self.moderator,
            "published": self.at.to_rfc3339(),
            "to": [PUBLIC],
            "cc": [self.assembly],
            "audience": self.assembly,
            "object": object,
        })
    }
}

fn with(mut activity: Value, key: &str, value: Option<Value>) -> Value {
    if let (Some(value), Some(map)) = (value, activity.as_object_mut()) {
        map.insert(key.to_owned(), value);
    }
    activity
}

/// `Add` to, or `Remove` from, the collection `target` of the assembly.
pub fn listed(by: By<'_>, added: bool, object: &str, target: &str) -> Value {
    let activity = by.activity(if added { "Add" } else { "Remove" }, &object.into());
    with_context(plain_context(), with(activity, "target", Some(target.into())))
}

/// `Lock` of an initiative: no further replies count.
pub fn lock(by: By<'_>, object: &str) -> Value {
    with_context(plain_context(), by.activity("Lock", &object.into()))
}

/// `Delete` of somebody's text, with the reason.
pub fn removal(by: By<'_>, object: &str, former_type: &str, reason: &str) -> Value {
    let tombstone = bare_tombstone(object, former_type, by.at);
    let activity = by.activity("Delete", &tombstone);
    with_context(plain_context(), with(activity, "summary", Some(reason.into())))
}

/// `Block` of somebody from the assembly, perhaps until a moment. Some servers read that in
/// `endTime`, others in `expires`.
pub fn ban(by: By<'_>, person: &str, reason: &str, until: Option<Timestamp>) -> Value {
    let activity = by.activity("Block", &person.into());
    let activity = with(activity, "target", Some(by.assembly.into()));
    let activity = with(activity, "summary", Some(reason.into()));
    let activity = with(activity, "removeData", Some(false.into()));
    let until = until.map(|at| Value::from(at.to_rfc3339()));
    let activity = with(activity, "endTime", until.clone());
    with_context(plain_context(), with(activity, "expires", until))
}
