//! What several pages show in the same way: initiatives in lists, people, boards, tallies.

use super::context::Ctx;
use super::form::{Field, Problems};
use crate::domain::actor::Actor;
use crate::domain::comment::Comment;
use crate::domain::handle::initiative_of;
use crate::domain::initiative::Initiative;
use crate::domain::{ActorKind, Page, State};
use crate::i18n::Lang;

/// An initiative in a list.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) language: String,
    pub(super) state: State,
    pub(super) state_text: String,
    pub(super) assembly_path: String,
    pub(super) assembly_name: String,
    pub(super) author_name: String,
    /// When it became public, as clean HTML.
    pub(super) day: String,
    pub(super) tallies: String,
    /// Its home, where that is elsewhere.
    pub(super) origin: Option<String>,
}

impl Card {
    fn new(c: &Ctx, i: &Initiative) -> Self {
        let origin = origin(i);
        Self {
            path: super::initiative_path(i.id),
            title: i.title.clone(),
            language: i.language.clone(),
            state: i.state,
            state_text: state_text(c, i.state),
            assembly_path: assembly_path(i),
            assembly_name: i.assembly_name.clone(),
            author_name: i.author_name.clone(),
            day: c.day(i.published_at.unwrap_or(i.created_at)),
            tallies: tallies(c, i),
            origin: origin.map(|host| c.tv("initiative-from", "host", &host)),
        }
    }
}

/// A list of initiatives with the address of what follows.
#[derive(Clone, Debug)]
pub(super) struct Cards {
    pub(super) items: Vec<Card>,
    pub(super) next: Option<String>,
    /// Whether this is not the beginning of the list.
    pub(super) later: Option<String>,
}

impl Cards {
    /// The list at `path`, which is shown again with `before`.
    pub(super) fn new(c: &Ctx, page: &Page<Initiative>, path: &str) -> Self {
        let join = if path.contains('?') { '&' } else { '?' };
        Self {
            items: page.items.iter().map(|i| Card::new(c, i)).collect(),
            next: page.next.map(|before| format!("{path}{join}before={before}")),
            later: c.query("before").map(|_| path.to_owned()),
        }
    }
}

/// The name of a state.
pub(super) fn state_text(c: &Ctx, state: State) -> String {
    match state {
        State::Draft => c.t("state-draft"),
        State::Discussion => c.t("state-discussion"),
        State::Withdrawn => c.t("state-withdrawn"),
        State::Hidden => c.t("state-hidden"),
    }
}

/// The host of an initiative that is at home elsewhere.
pub(super) fn origin(i: &Initiative) -> Option<String> {
    (!i.local).then(|| i.assembly_host.clone())
}

/// The page here of the assembly of an initiative.
pub(super) fn assembly_path(i: &Initiative) -> String {
    if i.assembly_local {
        format!("/g/{}", i.assembly_handle)
    } else {
        format!("/remote/g/{}", i.assembly_id)
    }
}

/// The page of a person: here for our own, at their home for others.
pub(super) fn person_path(c: &Ctx, handle: &str, host: &str, url: &str) -> String {
    if host == c.authority { format!("/u/{handle}") } else { outward(url) }
}

/// An address that others gave, if it is one to follow with a click.
pub(super) fn outward(url: &str) -> String {
    let safe = url.starts_with("https://") || url.starts_with("http://");
    if safe { url.to_owned() } else { "#".to_owned() }
}

/// As [`outward`], and paths of our own stay.
pub(super) fn outward_or_own(url: &str) -> String {
    if url.starts_with("/p/") || url.starts_with("/n/") { url.to_owned() } else { outward(url) }
}

/// What a reader is warned of before the text of a comment, in the author's words or in ours.
pub(super) fn warning(c: &Ctx, comment: &Comment) -> Option<String> {
    let words = comment.warning.as_deref()?;
    Some(if words.is_empty() { c.t("comment-sensitive") } else { words.to_owned() })
}

/// The page here of an actor; its own page, for people elsewhere.
pub(super) fn actor_path(c: &Ctx, actor: &Actor) -> String {
    match (actor.kind, actor.local) {
        (ActorKind::Assembly, true) => format!("/g/{}", actor.handle),
        (ActorKind::Assembly, false) => format!("/remote/g/{}", actor.id),
        (ActorKind::Initiative, true) => {
            initiative_of(&actor.handle).map_or_else(|| "#".to_owned(), super::initiative_path)
        }
        (ActorKind::Instance, true) => "/about".to_owned(),
        _ => person_path(c, &actor.handle, &actor.host, &actor.url),
    }
}

/// Endorsements and comments in a line. Our own counts for what is at home here, else what its
/// home reports; the two are never added.
fn tallies(c: &Ctx, i: &Initiative) -> String {
    let comments = c.tn("tally-comments", i.replies);
    let likes = if i.local { Some(i.likes) } else { i.reported_likes };
    match likes {
        Some(likes) => format!("{} · {comments}", c.tn("tally-endorsements", likes)),
        None => comments,
    }
}

/// The choice of the language in which a text is written. What came from the API in a third
/// language stays possible.
pub(super) fn language_field(label: String, chosen: &str, problems: &Problems) -> Field {
    let names = Lang::ALL.map(|l| (l.tag().to_owned(), l.text("language-name")));
    let mut options = names.to_vec();
    if !chosen.is_empty() && options.iter().all(|(tag, _)| tag != chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    Field::choice("language", label, options).filled(chosen, problems)
}
