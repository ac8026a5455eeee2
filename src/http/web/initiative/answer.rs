//! The form with which somebody signed in answers an initiative or a comment.

use crate::domain::{CommentText, ObjectId};
use crate::http::State;
use crate::http::web::context::Ctx;
use crate::http::web::form::{Field, Problems};
use crate::http::web::{Error, view};
use crate::services::comments;
use crate::text;

/// The form.
pub(in crate::http::web) struct Answer {
    pub(in crate::http::web) problems: Problems,
    pub(super) text: Field,
    pub(super) language: Field,
    /// The comment that it answers, else it answers the initiative.
    pub(super) to: Option<To>,
    /// The comment that it quotes.
    pub(super) quote: Option<To>,
}

/// What is answered, in short.
pub(super) struct To {
    pub(super) id: ObjectId,
    pub(super) name: String,
    pub(super) excerpt: String,
    pub(super) language: String,
}

impl Answer {
    /// The form before anything is typed.
    pub(in crate::http::web) async fn empty(
        state: &State,
        c: &Ctx,
        initiative: ObjectId,
        reply: Option<ObjectId>,
    ) -> Result<Self, Error> {
        let mut form =
            Self::filled(state, c, initiative, reply, "", c.lang.tag(), Problems::new()).await?;
        if let Some(id) = c.query_number("quote").map(ObjectId::from) {
            form.quote = answered(state, initiative, id).await?;
        }
        Ok(form)
    }

    /// The form with what was typed and what is wrong with it.
    pub(in crate::http::web) async fn filled(
        state: &State,
        c: &Ctx,
        initiative: ObjectId,
        reply: Option<ObjectId>,
        typed: &str,
        language: &str,
        problems: Problems,
    ) -> Result<Self, Error> {
        let to = match reply {
            None => None,
            Some(id) => answered(state, initiative, id).await?,
        };
        let label = c.t(if to.is_some() { "answer-label-comment" } else { "answer-label" });
        let text = Field::lines("text", label, 6)
            .hint(c.t("answer-hint"))
            .limit(CommentText::MAX)
            .filled(typed, &problems);
        let language = view::language_field(c.t("language-of-text"), language, &problems);
        Ok(Self { problems, text, language, to, quote: None })
    }
}

/// The comment that is answered, if it stands in this thread.
async fn answered(state: &State, initiative: ObjectId, id: ObjectId) -> Result<Option<To>, Error> {
    let found = comments::get(&state.app, id).await?;
    let standing = found.root_id == initiative && found.deleted_at.is_none();
    Ok(standing.then(|| To {
        id,
        name: found.author_name,
        excerpt: text::excerpt(&text::plain(&found.html), 160),
        language: found.language,
    }))
}
