//! `Flag`: a report from another server, mostly from its instance actor. Misskey writes the
//! addresses into the text instead of the object.

use super::Incoming;
use crate::domain::ActorId;
use crate::federation::policy;
use crate::services::{self, Unit};
use crate::text;

/// Longest reason that is kept, in characters.
const MAX_CONTENT: usize = 5_000;
/// Most objects of one report.
const MAX_OBJECTS: usize = 50;

/// A report.
#[derive(Debug)]
pub struct Act {
    reporter: ActorId,
    activity: String,
    objects: Vec<String>,
    content: String,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    if !policy::takes_reports(incoming.app, incoming.actor_uri) {
        return super::Act::Nothing("a rule of this instance takes no reports from that server");
    }
    let urls = &incoming.app.urls;
    let content = incoming.activity.text("content").or(incoming.activity.text("summary"));
    let content = text::plain(content.unwrap_or_default());
    let named = incoming.activity.uris("object").into_iter();
    let in_text = content.split_whitespace();
    let mut objects: Vec<String> =
        named.chain(in_text).filter(|uri| urls.is_local(uri)).map(str::to_owned).collect();
    objects.sort();
    objects.dedup();
    objects.truncate(MAX_OBJECTS);
    if objects.is_empty() {
        return super::Act::Nothing("a report about nothing here");
    }
    super::Act::Flag(Act {
        reporter: incoming.actor,
        activity: incoming.id().to_owned(),
        objects,
        content: text::excerpt(&content, MAX_CONTENT),
    })
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::reports::receive_in(
            unit,
            self.reporter,
            &self.activity,
            &self.objects,
            &self.content,
        )
        .await
    }
}
