//! Comments as rows of a nested list: cheap, since a page may hold hundreds.
//!
//! Words are looked up once for the page ([`Labels`]); a row borrows what it shows.

use crate::domain::ObjectId;
use crate::domain::comment::Comment;
use crate::domain::quote::{Quote, QuoteState};
use crate::http::web::context::Ctx;
use crate::http::web::moderation::reason_text;
use crate::http::web::thread;
use crate::http::web::view::{self, outward, person_path};
use std::collections::HashMap;

/// The words that every row uses.
pub(super) struct Labels {
    pub(super) official: String,
    pub(super) edited: String,
    pub(super) deleted: String,
    pub(super) reply: String,
    pub(super) edit: String,
    pub(super) delete: String,
    pub(super) answers: String,
    pub(super) quotes: String,
    pub(super) approved: String,
    pub(super) quote: String,
    pub(super) earlier: String,
    pub(super) silenced: String,
    /// Whether each row has a link to answer it.
    pub(super) can_answer: bool,
    /// Whether each row has a link to moderate it.
    pub(super) can_moderate: bool,
    pub(super) moderate: String,
    pub(super) removed: String,
}

impl Labels {
    pub(super) fn new(c: &Ctx, open: bool, can_moderate: bool) -> Self {
        Self {
            official: c.t("comment-official"),
            edited: c.t("comment-edited"),
            deleted: c.t("comment-deleted"),
            reply: c.t("comment-reply"),
            edit: c.t("comment-edit"),
            delete: c.t("comment-delete"),
            answers: c.t("comment-answers"),
            quotes: c.t("quote-label"),
            approved: c.t("quote-approved"),
            quote: c.t("quote-write"),
            earlier: c.t("comment-earlier"),
            silenced: c.t("comment-silenced"),
            can_moderate,
            moderate: c.t("moderate-link"),
            removed: c.t("comment-removed"),
            can_answer: open && c.session.is_some(),
        }
    }
}

/// One comment in its place.
pub(super) struct Row<'a> {
    pub(super) comment: &'a Comment,
    /// The tags that lead from the comment before to this one.
    pub(super) opening: &'static str,
    depth: u8,
    pub(super) author_path: String,
    /// Shown for authors from elsewhere.
    pub(super) host: Option<&'a str>,
    /// When it was written, as clean HTML.
    pub(super) when: String,
    /// Its language, where that is not the page's.
    pub(super) lang: Option<&'a str>,
    pub(super) own: bool,
    /// Whether its server is silenced here: shown only when the reader opens it.
    pub(super) silenced: bool,
    /// What stands before the text, which the reader opens.
    pub(super) warning: Option<String>,
    /// Why the moderators removed it.
    pub(super) removal: Option<String>,
    /// What it answers, where its place does not show it.
    pub(super) answers: Option<Answers<'a>>,
    /// What it quotes, with a link.
    pub(super) quote: Option<Quoted>,
}

/// What a comment quotes.
pub(super) struct Quoted {
    pub(super) url: String,
    /// Whether its author agreed.
    pub(super) approved: bool,
}

/// A link to what a comment answers.
pub(super) struct Answers<'a> {
    pub(super) path: String,
    /// Its author, if it is on this page.
    pub(super) name: Option<&'a str>,
}

/// From one depth to one that is this much less: the open comment ends, and so do the lists and
/// the comments around it.
const UP: [&str; 5] = [
    "</li>",
    "</li></ol></li>",
    "</li></ol></li></ol></li>",
    "</li></ol></li></ol></li></ol></li>",
    "</li></ol></li></ol></li></ol></li></ol></li>",
];

/// The rows in the order in which they are shown.
pub(super) fn build<'a>(
    c: &Ctx,
    root: ObjectId,
    comments: &'a [Comment],
    ballots: &[ObjectId],
    quotes: &[Quote],
) -> Vec<Row<'a>> {
    let quotes: HashMap<ObjectId, &Quote> = quotes.iter().map(|q| (q.object_id, q)).collect();
    let parent = |x: &Comment| x.parent_id.filter(|p| *p != root).map(ObjectId::get);
    let links: Vec<_> = comments.iter().map(|x| (x.id.get(), parent(x))).collect();
    let names: HashMap<i64, &str> =
        comments.iter().map(|x| (x.id.get(), x.author_name.as_str())).collect();
    let mut before: Option<u8> = None;
    let places = thread::arrange(&links);
    let rows = places.iter().filter_map(|place| {
        let comment = comments.get(place.index)?;
        let opening = step(before, place.depth);
        before = Some(place.depth);
        let answers = parent(comment).filter(|_| place.detached).map(|id| Answers {
            path: match id {
                id if names.contains_key(&id) => format!("#c{id}"),
                id if ballots.contains(&id.into()) => format!("/q/{id}"),
                id => format!("/n/{id}"),
            },
            name: names.get(&id).copied(),
        });
        let quote = quotes.get(&comment.id).map(|q| Quoted {
            url: outward(&q.target_uri),
            approved: q.state == QuoteState::Approved,
        });
        Some(Row { quote, ..row(c, comment, opening, place.depth, answers) })
    });
    rows.collect()
}

fn row<'a>(
    c: &Ctx,
    comment: &'a Comment,
    opening: &'static str,
    depth: u8,
    answers: Option<Answers<'a>>,
) -> Row<'a> {
    let (handle, host, url) = (&comment.author_handle, &comment.author_host, &comment.author_url);
    Row {
        comment,
        opening,
        depth,
        author_path: person_path(c, handle, host, url),
        host: (!comment.author_local).then_some(host),
        // Nobody can have written it after it came.
        when: c.short_moment(comment.claimed_at.min(comment.created_at)),
        lang: Some(comment.language.as_str()).filter(|l| *l != c.lang.tag() && !l.is_empty()),
        removal: comment.removal.as_deref().map(|why| reason_text(c, why)),
        own: comment.local
            && comment.deleted_at.is_none()
            && c.viewer().is_some_and(|v| v.id == comment.author_id),
        warning: view::warning(c, comment),
        silenced: !comment.author_local && c.policies.of_uri(&comment.author_uri).is_silenced(),
        answers,
        quote: None,
    }
}

fn step(before: Option<u8>, depth: u8) -> &'static str {
    match before {
        None => "",
        Some(before) if depth > before => "<ol>",
        Some(before) => UP.get(usize::from(before - depth)).copied().unwrap_or("</li>"),
    }
}

/// The tags after the last row.
pub(super) fn closing(rows: &[Row<'_>]) -> &'static str {
    rows.last().map_or("", |row| step(Some(row.depth), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_depths_every_tag_is_closed() {
        let depths = [0_u8, 1, 2, 2, 3, 4, 4, 1, 2, 0, 0, 1];
        let mut html = String::new();
        let mut before = None;
        for depth in depths {
            html.push_str(step(before, depth));
            html.push_str("<li>");
            before = Some(depth);
        }
        html.push_str(step(before, 0));
        assert_eq!(html.matches("<li>").count(), html.matches("</li>").count());
        assert_eq!(html.matches("<ol>").count(), html.matches("</ol>").count());
        assert!(html.starts_with("<li><ol><li><ol><li></li><li><ol>"), "{html}");
        assert!(html.ends_with("</li></ol></li>"), "{html}");
    }
}
