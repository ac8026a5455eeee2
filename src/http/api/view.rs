//! What the API shows of things.

use crate::domain::actor::Actor;
use crate::domain::comment::Comment;
use crate::domain::initiative::{Initiative, Revision};
use crate::domain::urls::authority_of;
use crate::domain::{Page, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An actor: a person, a body or an assembly.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActorView {
    pub(super) id: String,
    /// Its id on the wire.
    pub(super) uri: String,
    /// Its page.
    pub(super) url: String,
    pub(super) handle: String,
    /// `handle@host`, as people follow it.
    pub(super) address: String,
    pub(super) name: String,
    /// Whether this instance is its home.
    pub(super) local: bool,
}

impl From<&Actor> for ActorView {
    fn from(actor: &Actor) -> Self {
        Self {
            id: actor.id.to_string(),
            uri: actor.uri.clone(),
            url: actor.url.clone(),
            handle: actor.handle.clone(),
            address: actor.address(),
            name: actor.name.clone(),
            local: actor.local,
        }
    }
}

/// The body that must answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BodyView {
    pub(super) id: String,
    pub(super) handle: String,
    pub(super) name: String,
}

/// Support by kind of supporter. Kinds are never added together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tallies {
    /// Endorsements from the fediverse.
    pub(super) fediverse: i64,
}

/// What the home of a mirrored initiative says of it. Never added to what is counted here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reported {
    /// The home.
    pub(super) by: String,
    pub(super) fediverse: Option<i64>,
    pub(super) boosts: Option<i64>,
    /// When the home was last asked.
    pub(super) at: Option<String>,
}

/// An initiative.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InitiativeView {
    pub(super) id: String,
    /// Its id on the wire.
    pub(super) uri: String,
    /// Its page at its home.
    pub(super) url: String,
    /// Whether this instance is its home.
    pub(super) local: bool,
    /// `draft`, `discussion`, `withdrawn` or `hidden`.
    pub(super) state: &'static str,
    pub(super) title: String,
    pub(super) language: String,
    /// The number of the present revision, from 1.
    pub(super) revision: i64,
    /// SHA-256 of the present revision.
    pub(super) digest: String,
    pub(super) created_at: String,
    pub(super) published_at: Option<String>,
    pub(super) edited_at: Option<String>,
    pub(super) author: ActorView,
    pub(super) assembly: ActorView,
    pub(super) body: Option<BodyView>,
    pub(super) tallies: Tallies,
    pub(super) comments: i64,
    pub(super) boosts: i64,
    /// When the moderators closed its thread.
    pub(super) locked_at: Option<String>,
    /// Why the moderators removed it.
    pub(super) removal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reported: Option<Reported>,
    /// The texts; absent in lists, empty when withdrawn.
    #[serde(flatten)]
    pub(super) texts: Option<Texts>,
}

/// The texts of an initiative.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Texts {
    /// What is wrong, in Markdown.
    pub(super) problem: String,
    /// What should change, in Markdown.
    pub(super) proposal: String,
    /// The whole text as clean HTML.
    pub(super) html: String,
}

impl InitiativeView {
    /// An initiative with its texts.
    pub(super) fn whole(it: Initiative) -> Self {
        let mut view = Self::brief(&it);
        view.texts = Some(Texts { problem: it.problem, proposal: it.proposal, html: it.html });
        view
    }

    /// An initiative as lists show it.
    pub(super) fn brief(it: &Initiative) -> Self {
        let reported = (!it.local).then(|| Reported {
            by: authority_of(&it.uri).unwrap_or_default(),
            fediverse: it.reported_likes,
            boosts: it.reported_boosts,
            at: it.reported_at.map(Timestamp::to_rfc3339),
        });
        let body = match (it.body_id, &it.body_handle, &it.body_name) {
            (Some(id), Some(handle), Some(name)) => {
                Some(BodyView { id: id.to_string(), handle: handle.clone(), name: name.clone() })
            }
            _ => None,
        };
        Self {
            id: it.id.to_string(),
            uri: it.uri.clone(),
            url: it.url.clone(),
            local: it.local,
            state: it.state.as_str(),
            title: it.title.clone(),
            language: it.language.clone(),
            revision: it.revision,
            digest: it.digest.clone(),
            created_at: it.created_at.to_rfc3339(),
            published_at: it.published_at.map(Timestamp::to_rfc3339),
            edited_at: it.edited_at.map(Timestamp::to_rfc3339),
            author: ActorView {
                id: it.author_id.to_string(),
                uri: it.author_uri.clone(),
                url: it.author_url.clone(),
                handle: it.author_handle.clone(),
                address: format!("{}@{}", it.author_handle, it.author_host),
                name: it.author_name.clone(),
                local: it.local,
            },
            assembly: ActorView {
                id: it.assembly_id.to_string(),
                uri: it.assembly_uri.clone(),
                // The address of an assembly is its page as well.
                url: it.assembly_uri.clone(),
                handle: it.assembly_handle.clone(),
                address: format!("{}@{}", it.assembly_handle, it.assembly_host),
                name: it.assembly_name.clone(),
                local: it.assembly_local,
            },
            body,
            tallies: Tallies { fediverse: it.likes },
            comments: it.replies,
            boosts: it.boosts,
            locked_at: it.locked_at.map(Timestamp::to_rfc3339),
            removal: it.removal.clone(),
            reported,
            texts: None,
        }
    }
}

/// One immutable text of an initiative.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevisionView {
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) language: String,
    /// SHA-256 of the canonical JSON of language, problem, proposal and title.
    pub(super) digest: String,
    pub(super) created_at: String,
    #[serde(flatten)]
    pub(super) texts: Texts,
}

impl From<Revision> for RevisionView {
    fn from(it: Revision) -> Self {
        Self {
            number: it.number,
            title: it.title,
            language: it.language,
            digest: it.digest,
            created_at: it.created_at.to_rfc3339(),
            texts: Texts { problem: it.problem, proposal: it.proposal, html: it.html },
        }
    }
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommentView {
    pub(super) id: String,
    pub(super) uri: String,
    pub(super) url: String,
    pub(super) local: bool,
    /// The initiative it belongs to.
    pub(super) initiative: String,
    /// The comment it answers; none when it answers the initiative.
    pub(super) in_reply_to: Option<String>,
    pub(super) language: String,
    /// Clean HTML; empty when it was deleted.
    pub(super) html: String,
    /// Markdown, for what was written here.
    pub(super) text: String,
    pub(super) author: ActorView,
    pub(super) created_at: String,
    pub(super) edited_at: Option<String>,
    /// Set when only its place remains.
    pub(super) deleted_at: Option<String>,
    pub(super) tallies: Tallies,
    pub(super) boosts: i64,
    pub(super) replies: i64,
    /// Whether a body or the instance speaks.
    pub(super) official: bool,
    /// Why the moderators removed it.
    pub(super) removal: Option<String>,
    /// What its reader is warned of before the text is shown; empty where its author gave no words.
    pub(super) warning: Option<String>,
}

impl From<Comment> for CommentView {
    fn from(it: Comment) -> Self {
        Self {
            official: it.is_official(),
            removal: it.removal.clone(),
            warning: it.warning.clone(),
            id: it.id.to_string(),
            initiative: it.root_id.to_string(),
            in_reply_to: it.parent_id.filter(|p| *p != it.root_id).map(|p| p.to_string()),
            author: ActorView {
                id: it.author_id.to_string(),
                uri: it.author_uri,
                url: it.author_url,
                address: format!("{}@{}", it.author_handle, it.author_host),
                handle: it.author_handle,
                name: it.author_name,
                local: it.author_local,
            },
            uri: it.uri,
            url: it.url,
            local: it.local,
            language: it.language,
            html: it.html,
            text: it.source,
            created_at: it.created_at.to_rfc3339(),
            edited_at: it.edited_at.map(Timestamp::to_rfc3339),
            deleted_at: it.deleted_at.map(Timestamp::to_rfc3339),
            tallies: Tallies { fediverse: it.likes },
            boosts: it.boosts,
            replies: it.replies,
        }
    }
}

/// One slice of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// What to ask with for the next slice; none on the last one.
    pub(super) next: Option<String>,
}

impl<T> List<T> {
    /// A list that is whole.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A slice.
    pub(super) fn of<U>(page: Page<U>, view: impl FnMut(U) -> T) -> Self {
        let page = page.map(view);
        Self { items: page.items, next: page.next.map(|n| n.to_string()) }
    }
}
