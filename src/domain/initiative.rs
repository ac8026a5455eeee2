//! An initiative: its text, its states, and who may move it from one to the next.

use super::invalid::{Invalid, bounded};
use super::{ActorId, ObjectId, Timestamp, Viewer};

/// Where an initiative is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum State {
    /// Only its author sees it.
    Draft,
    /// Public: it can be answered, endorsed, boosted and revised.
    Discussion,
    /// Taken back by its author: its place stays, its text is gone.
    Withdrawn,
    /// Removed by the moderators: its place stays with the reason, its text is gone.
    Hidden,
}

impl State {
    /// The name in the API, the pages' keys and the `civic:stage` property.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Discussion => "discussion",
            Self::Withdrawn => "withdrawn",
            Self::Hidden => "hidden",
        }
    }

    /// The state of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Discussion, Self::Withdrawn, Self::Hidden]
            .into_iter()
            .find(|s| s.as_str() == text)
    }

    /// Whether anyone may see it.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Draft)
    }
}

/// Why a transition was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The person is not the author.
    #[error("only its author may do this")]
    NotAuthor,
    /// The initiative is not in a state from which this is possible.
    #[error("this is not possible in the state it is in")]
    WrongState,
    /// The instance is not its home.
    #[error("it can only be changed on its home instance")]
    NotHome,
}

/// The facts on which a transition is decided.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The present state.
    pub state: State,
    /// Who wrote it.
    pub author: ActorId,
    /// Whether this instance is its home.
    pub local: bool,
}

impl Standing {
    fn by_author_at_home(self, who: &Viewer) -> Result<(), Refused> {
        if !self.local {
            return Err(Refused::NotHome);
        }
        if self.author != who.id {
            return Err(Refused::NotAuthor);
        }
        Ok(())
    }

    /// `draft → discussion`, by the author. Records `InitiativePublished`.
    pub fn publish(self, who: &Viewer) -> Result<State, Refused> {
        self.by_author_at_home(who)?;
        match self.state {
            State::Draft => Ok(State::Discussion),
            _ => Err(Refused::WrongState),
        }
    }

    /// A new text, by the author: replaces a draft, adds a revision to a public initiative
    /// (and records `InitiativeRevised`).
    pub fn revise(self, who: &Viewer) -> Result<State, Refused> {
        self.by_author_at_home(who)?;
        match self.state {
            State::Draft | State::Discussion => Ok(self.state),
            State::Withdrawn | State::Hidden => Err(Refused::WrongState),
        }
    }

    /// `draft | discussion → withdrawn`, by the author. Records `InitiativeWithdrawn`.
    pub fn withdraw(self, who: &Viewer) -> Result<State, Refused> {
        self.by_author_at_home(who)?;
        match self.state {
            State::Draft | State::Discussion => Ok(State::Withdrawn),
            State::Withdrawn | State::Hidden => Err(Refused::WrongState),
        }
    }

    /// Answers and endorsements are open while the initiative is public and not withdrawn.
    pub const fn is_open(self) -> bool {
        matches!(self.state, State::Discussion)
    }
}

/// The words of an initiative, checked: what a revision makes immutable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitiativeText {
    /// Its title: one line.
    pub title: String,
    /// What is wrong, in Markdown.
    pub problem: String,
    /// What should change, in Markdown.
    pub proposal: String,
    /// The language it is written in: a BCP 47 tag.
    pub language: String,
}

impl InitiativeText {
    /// Longest title in characters: Lemmy and Misskey cut beyond this.
    pub const MAX_TITLE: usize = 150;
    /// Longest problem or proposal in characters: together they stay under what peers accept.
    pub const MAX_BODY: usize = 20_000;

    /// Checks all fields and reports every one that is wrong, for a form.
    pub fn parse(
        title: &str,
        problem: &str,
        proposal: &str,
        language: &str,
    ) -> Result<Self, Vec<Invalid>> {
        let title_line = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = bounded("title", &title_line, Self::MAX_TITLE);
        let problem = bounded("problem", problem, Self::MAX_BODY);
        let proposal = bounded("proposal", proposal, Self::MAX_BODY);
        let language = parse_language(language);
        match (title, problem, proposal, language) {
            (Ok(title), Ok(problem), Ok(proposal), Ok(language)) => {
                Ok(Self { title, problem, proposal, language })
            }
            (title, problem, proposal, language) => {
                Err([title.err(), problem.err(), proposal.err(), language.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}

/// An initiative with its present text and the names of who is concerned.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Initiative {
    pub id: ObjectId,
    /// Its id on the wire.
    pub uri: String,
    /// Its page at its home.
    pub url: String,
    /// Whether this instance is its home, and so the only counter.
    pub local: bool,
    pub state: State,
    pub language: String,
    /// The number of the present revision, from 1.
    pub revision: i64,
    pub title: String,
    /// Markdown; empty in lists and for initiatives mirrored from elsewhere.
    pub problem: String,
    /// Markdown; as `problem`.
    pub proposal: String,
    /// Cleaned HTML of the whole text; empty in lists.
    pub html: String,
    /// SHA-256 of the present revision, in hex.
    pub digest: String,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// When the text last changed after publication.
    pub edited_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub deleted_at: Option<Timestamp>,
    pub likes: i64,
    pub boosts: i64,
    pub replies: i64,
    /// What the home of a mirrored initiative says of its endorsements.
    pub reported_likes: Option<i64>,
    /// What the home of a mirrored initiative says of its boosts.
    pub reported_boosts: Option<i64>,
    /// When the home was last asked.
    pub reported_at: Option<Timestamp>,
    pub author_id: ActorId,
    pub author_uri: String,
    pub author_name: String,
    pub author_handle: String,
    pub author_host: String,
    pub author_url: String,
    pub assembly_id: ActorId,
    pub assembly_uri: String,
    pub assembly_name: String,
    pub assembly_handle: String,
    pub assembly_host: String,
    pub assembly_local: bool,
    /// The body that must answer, if one is addressed.
    pub body_id: Option<ActorId>,
    pub body_name: Option<String>,
    pub body_handle: Option<String>,
    /// The followable actor of a mirrored initiative, if its home names one. Of one at home here it
    /// is [`Urls::initiative_actor`](super::Urls::initiative_actor).
    pub group_uri: Option<String>,
    /// When the moderators closed its thread.
    pub locked_at: Option<Timestamp>,
    /// Why the moderators removed it, if they did.
    pub removal: Option<String>,
}

impl Initiative {
    /// The facts on which a transition is decided.
    pub const fn standing(&self) -> Standing {
        Standing { state: self.state, author: self.author_id, local: self.local }
    }
}

/// One immutable text of an initiative.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Revision {
    pub number: i64,
    pub title: String,
    pub problem: String,
    pub proposal: String,
    pub language: String,
    pub html: String,
    pub digest: String,
    pub created_at: Timestamp,
}

/// A language tag: letters, digits and hyphens in the shape of BCP 47, lower case.
pub fn parse_language(text: &str) -> Result<String, Invalid> {
    let text = text.trim().to_ascii_lowercase();
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let ok = (2..=3).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts
            .all(|p| (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()))
        && text.len() <= 35;
    if ok { Ok(text) } else { Err(Invalid::new("language", "language")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(id: i64) -> Viewer {
        Viewer { id: ActorId::from(id), handle: String::new(), name: String::new(), roles: vec![] }
    }

    #[test]
    fn only_the_author_at_home_moves_it_and_only_forwards() {
        let author = viewer(1);
        let draft = Standing { state: State::Draft, author: author.id, local: true };
        assert_eq!(draft.publish(&author), Ok(State::Discussion));
        assert_eq!(draft.publish(&viewer(2)), Err(Refused::NotAuthor));
        assert_eq!(Standing { local: false, ..draft }.publish(&author), Err(Refused::NotHome));
        let public = Standing { state: State::Discussion, ..draft };
        assert_eq!(public.publish(&author), Err(Refused::WrongState));
        assert_eq!(public.revise(&author), Ok(State::Discussion));
        assert_eq!(public.withdraw(&author), Ok(State::Withdrawn));
        let gone = Standing { state: State::Withdrawn, ..draft };
        assert_eq!(gone.revise(&author), Err(Refused::WrongState));
        assert_eq!(gone.withdraw(&author), Err(Refused::WrongState));
        assert!(public.is_open() && !draft.is_open() && !gone.is_open());
    }

    #[test]
    fn every_wrong_field_is_reported() {
        let errors = InitiativeText::parse(" ", "p", &"x".repeat(20_001), "english!").unwrap_err();
        let found: Vec<_> = errors.iter().map(|e| (e.field, e.code)).collect();
        assert_eq!(
            found,
            [("title", "required"), ("proposal", "too-long"), ("language", "language")]
        );
        let text = InitiativeText::parse("Night \n buses", "p", "q", "RU").unwrap();
        assert_eq!((text.title.as_str(), text.language.as_str()), ("Night buses", "ru"));
    }
}
