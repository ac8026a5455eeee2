//! Through a thread that is at home elsewhere: its `context` (FEP-7888, FEP-f228), which names all
//! of it, else its `replies` and theirs.
//!
//! A walk is a list of what is still to be read. It is done in portions, each within a budget, and
//! kept between them, so that it goes on where it was after a portion, a restart or a bad hour of
//! the other server. Whatever is found goes through the same checks as what is sent to us.

use super::collection::{self, MAX_PAGES};
use super::vocab::{Node, uri_of};
use super::{Budget, Error, fetch, objects, receive};
use crate::app::App;
use crate::crypto;
use crate::domain::ActorId;
use crate::domain::urls::same_origin;
use crate::services::{self, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};

/// Texts that one walk reads.
pub const MAX_TEXTS: usize = 500;
/// Pages that one walk reads, of all collections together.
const MAX_ALL_PAGES: usize = 500;

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The text at the top, which says where its thread is.
    Root(String),
    /// A page of a collection, and how many of its pages were read before.
    Page(String, usize),
    /// A text.
    Text(String),
}

/// How far a walk is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Walk {
    todo: VecDeque<Step>,
    /// What was put on the list before, in short.
    met: BTreeSet<String>,
    /// Whether the answers to each text are looked for, since nothing names the whole thread.
    deep: bool,
    texts: usize,
    pages: usize,
    /// How many texts were new here.
    pub new: usize,
}

/// Whether there is more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    More,
    Done,
}

impl Walk {
    /// From the text at the top of a thread.
    pub fn from_root(root: &str) -> Self {
        Self {
            todo: VecDeque::from([Step::Root(root.to_owned())]),
            met: BTreeSet::from([short(root)]),
            deep: false,
            texts: 0,
            pages: 0,
            new: 0,
        }
    }

    /// Goes on until the end or until the budget is spent. Only a failure of our own is an error.
    pub async fn go_on(
        &mut self,
        app: &App,
        budget: &Budget,
        assembly: ActorId,
    ) -> services::Result<Progress> {
        while let Some(step) = self.todo.pop_front() {
            match self.take(app, budget, assembly, &step).await {
                Ok(()) => {}
                Err(Error::Spent) => {
                    self.todo.push_front(step);
                    return Ok(Progress::More);
                }
                Err(Error::Service(error)) => return Err(error),
                // One text that cannot be had does not end the others; the next walk asks again.
                Err(error) => tracing::debug!(%error, ?step, "a step of a walk led nowhere"),
            }
            if self.texts >= MAX_TEXTS {
                self.todo.clear();
            }
        }
        Ok(Progress::Done)
    }

    async fn take(
        &mut self,
        app: &App,
        budget: &Budget,
        assembly: ActorId,
        step: &Step,
    ) -> Result<(), Error> {
        match step {
            Step::Root(uri) => {
                let document = fetch::document_uncached(app, budget, uri).await?;
                self.open(app, budget, Node(&document), uri).await
            }
            Step::Page(uri, before) => {
                let document = fetch::document_uncached(app, budget, uri).await?;
                self.list(Node(&document), uri, *before);
                Ok(())
            }
            Step::Text(uri) => self.text(app, budget, assembly, uri).await,
        }
    }

    /// The thread as its root names it.
    async fn open(
        &mut self,
        app: &App,
        budget: &Budget,
        root: Node<'_>,
        uri: &str,
    ) -> Result<(), Error> {
        if let Some(context) = root.uri("context").filter(|c| same_origin(c, uri)) {
            // Many servers write a name here that leads nowhere.
            match fetch::document_uncached(app, budget, context).await {
                Ok(found) if collection::is_collection(Node(&found)) => {
                    self.met.insert(short(context));
                    self.list(Node(&found), context, 0);
                    return Ok(());
                }
                Err(error @ (Error::Spent | Error::Service(_))) => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        self.deep = true;
        self.replies(root, uri);
        Ok(())
    }

    /// The answers that a text names.
    fn replies(&mut self, text: Node<'_>, uri: &str) {
        if let Some(inline) = text.object("replies").filter(|r| r.get("first").is_some()) {
            self.list(inline, inline.id().unwrap_or(uri), 0);
        } else if let Some(at) = text.uri("replies").filter(|at| same_origin(at, uri)) {
            self.add_page(at, 0);
        }
    }

    fn list(&mut self, document: Node<'_>, at: &str, before: usize) {
        self.pages += 1;
        let page = collection::page(document, at);
        for uri in page.entries.iter().filter_map(uri_of) {
            if self.met.insert(short(uri)) && self.met.len() <= MAX_TEXTS + MAX_ALL_PAGES {
                self.todo.push_back(Step::Text(uri.to_owned()));
            }
        }
        if let Some(next) = page.next {
            self.add_page(&next, before + 1);
        }
    }

    fn add_page(&mut self, at: &str, before: usize) {
        if before < MAX_PAGES && self.pages < MAX_ALL_PAGES && self.met.insert(short(at)) {
            self.todo.push_back(Step::Page(at.to_owned(), before));
        }
    }

    async fn text(
        &mut self,
        app: &App,
        budget: &Budget,
        assembly: ActorId,
        uri: &str,
    ) -> Result<(), Error> {
        let known = services::comments::is_known(app, uri).await?;
        if app.urls.is_local(uri) || known && !self.deep {
            return Ok(());
        }
        let (document, author) = objects::fetch_with_author(app, budget, uri).await?;
        if !known {
            let act = receive::found(app, budget, assembly, &document, &author).await?;
            self.new += usize::from(store(app, act).await?);
        }
        self.texts += 1;
        if self.deep {
            self.replies(Node(&document), uri);
        }
        Ok(())
    }
}

/// Stores what was found; whether there was anything to store.
pub async fn store(app: &App, act: receive::Act) -> services::Result<bool> {
    if matches!(act, receive::Act::Nothing(_)) {
        return Ok(false);
    }
    let mut unit = Unit::begin(app).await?;
    match act.apply(&mut unit).await {
        Ok(()) => unit.commit().await.map(|()| true),
        // It came another way in the same moment.
        Err(services::Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An address in sixteen letters, to be recognised by.
fn short(uri: &str) -> String {
    let mut digest = crypto::sha256_hex(uri.as_bytes());
    digest.truncate(16);
    digest
}

impl Walk {
    /// As it is kept between portions.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_met_is_not_met_again() {
        let mut walk = Walk::from_root("https://m.example/1");
        let page = json!({ "type": "Collection", "totalItems": 1_000_000_000,
            "items": ["https://m.example/1", "https://m.example/2", "https://m.example/2"],
            "next": "https://m.example/c?page=2" });
        walk.list(Node(&page), "https://m.example/c", 0);
        walk.list(Node(&page), "https://m.example/c", 0);
        let expected = [
            Step::Root("https://m.example/1".to_owned()),
            Step::Text("https://m.example/2".to_owned()),
            Step::Page("https://m.example/c?page=2".to_owned(), 1),
        ];
        assert!(walk.todo.iter().eq(expected.iter()), "{walk:?}");
        walk.add_page("https://m.example/c?page=11", MAX_PAGES);
        assert_eq!(walk.todo.len(), 3, "the pages of one collection end");
    }

    #[test]
    fn a_walk_goes_on_where_it_was() {
        let mut walk = Walk::from_root("https://m.example/1");
        walk.new = 3;
        let back: Walk = serde_json::from_value(walk.to_json()).unwrap();
        assert_eq!((back.todo, back.met, back.new), (walk.todo, walk.met, 3));
    }

    #[test]
    fn a_million_entries_are_not_a_million_steps() {
        let mut walk = Walk::from_root("https://m.example/1");
        for page in 0..2_000 {
            let items: Vec<_> = (0..500).map(|n| format!("https://m.example/{page}/{n}")).collect();
            walk.list(Node(&json!({ "items": items })), &format!("https://m.example/c{page}"), 0);
        }
        assert!(walk.todo.len() <= MAX_TEXTS + MAX_ALL_PAGES, "{}", walk.todo.len());
    }
}
