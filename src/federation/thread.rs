//! Upwards from an answer: what it answers, and what that answers, until something known here.
//!
//! Every text is read at its home. A chain may be as long as its makers like and go round in
//! circles: the way up ends after [`MAX_ANCESTORS`], at the first address met twice, and when the
//! budget is spent (DOS-09).

use super::vocab::Node;
use super::{Budget, Error, objects};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::services::{self, comments::RemoteComment};
use serde_json::Value;
use std::collections::HashSet;

/// How far up a thread is read.
pub const MAX_ANCESTORS: usize = 64;

/// Where the way up led.
#[derive(Debug)]
pub enum Climb {
    /// To something known here: the comments below it, oldest first.
    Joined(Vec<RemoteComment>),
    /// To a text that answers nothing and is not known here; the comments below it, oldest first.
    Root { document: Value, author: Box<Actor>, comments: Vec<RemoteComment> },
    /// To nothing that could be used, and why.
    Nowhere(&'static str),
}

/// Goes up from an answer that was read already.
pub async fn climb(app: &App, budget: &Budget, first: RemoteComment) -> Result<Climb, Error> {
    let mut met = HashSet::from([first.uri.clone()]);
    let mut comments = vec![first];
    for _ in 0..=MAX_ANCESTORS {
        let parent = comments.last().map(|c| c.in_reply_to.clone()).unwrap_or_default();
        if services::comments::is_known(app, &parent).await? {
            comments.reverse();
            return Ok(Climb::Joined(comments));
        }
        if app.urls.is_local(&parent) {
            return Ok(Climb::Nowhere("an answer to something that never was here"));
        }
        if !met.insert(parent.clone()) {
            return Ok(Climb::Nowhere("answers that go round in a circle"));
        }
        let (document, author) = match objects::fetch_with_author(app, budget, &parent).await {
            Ok(found) => found,
            Err(error @ (Error::Invalid(_) | Error::Gone | Error::Forbidden(_))) => {
                tracing::debug!(%error, parent, "what is answered cannot be had");
                return Ok(Climb::Nowhere("an answer to something that cannot be had"));
            }
            Err(error) => return Err(error),
        };
        let node = Node(&document);
        if node.is_private() {
            return Ok(Climb::Nowhere("an answer to something that is not public"));
        }
        if !objects::is_reply(node) {
            comments.reverse();
            return Ok(Climb::Root { document, author: Box::new(author), comments });
        }
        comments.push(objects::comment(node, author.id, &author.uri, app.now())?);
    }
    Ok(Climb::Nowhere("an answer too deep in a foreign thread"))
}
