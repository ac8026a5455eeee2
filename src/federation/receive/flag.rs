//! `Flag`: a report from another server, mostly from its instance actor. Misskey writes the
//! addresses into the text instead of the object.

use super::Incoming;
use crate::domain::ActorId;
use crate::domain::report::{MAX_REASON, MAX_TARGETS};
use crate::federation::policy;
use crate::services::{self, Unit};
use crate::text;

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
    let named = incoming.activity.uris("object");
    let in_text = content.split(|c: char| c.is_whitespace() || "()<>\"".contains(c));
    let ours_in_text = in_text.map(without_point).filter(|uri| urls.is_local(uri));
    let mut objects: Vec<String> = Vec::new();
    for uri in named.into_iter().chain(ours_in_text) {
        if objects.len() < MAX_TARGETS && !objects.iter().any(|known| known == uri) {
            objects.push(uri.to_owned());
        }
    }
    // What is elsewhere may be named beside what is here, not instead of it.
    if !objects.iter().any(|uri| urls.is_local(uri)) {
        return super::Act::Nothing("a report about nothing here");
    }
    super::Act::Flag(Act {
        reporter: incoming.actor,
        activity: incoming.id().to_owned(),
        objects,
        content: text::excerpt(&content, MAX_REASON),
    })
}

/// An address in a text, without the point or comma of the sentence.
fn without_point(word: &str) -> &str {
    word.trim_end_matches(['.', ',', ';', ':', '!', '?'])
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
        .map(|_| ())
    }
}
