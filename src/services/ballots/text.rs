//! The words of a ballot that leave the instance, in its own language.

use crate::domain::ballot::{Poll, Question};
use crate::domain::initiative::Initiative;
use crate::i18n::{Lang, dates};
use crate::text;
use fluent_bundle::FluentValue;
use std::fmt::Write as _;

fn lang_of(tag: &str) -> Lang {
    Lang::parse(tag).unwrap_or(Lang::En)
}

/// What a ballot says to readers of other servers, most of which show nothing but this and the
/// options: the question, that it binds nobody, where its initiative is, when it ends.
pub(super) fn announcement(question: &Question, about: &Initiative) -> String {
    let lang = lang_of(&question.language);
    let title =
        lang.text_with("ballot-wire-title", &[("question", text_value(&question.question))]);
    let link = about.url.replace('&', "&amp;").replace('"', "%22");
    let ends = dates::moment(lang, question.ends_at);
    let ends = lang.text_with("ballot-wire-ends", &[("moment", text_value(&ends))]);
    let html = format!(
        "<p><strong>{}</strong></p><p>{} <a href=\"{link}\">{}</a></p><p>{}</p>",
        text::escape(&title),
        text::escape(&lang.text("ballot-wire-notice")),
        text::escape(&about.title),
        text::escape(&ends),
    );
    text::clean(&html)
}

fn text_value(text: &str) -> FluentValue<'_> {
    FluentValue::from(text.to_owned())
}

/// The result as Markdown, in the language of the initiative: what was counted, by origin, and what was not, by reason.
pub(super) fn result(poll: &Poll, lang: Lang) -> String {
    let ballot = &poll.ballot;
    let number = |key: &str, n: i64| lang.text_with(key, &[("n", FluentValue::from(n))]);
    let question = text::escaped(&ballot.question);
    let mut out = lang.text_with("ballot-result-title", &[("question", text_value(&question))]);
    out = format!("**{out}**\n\n");
    if ballot.fediverse + ballot.registered == 0 {
        let _ = writeln!(out, "{}\n", lang.text("ballot-result-nobody"));
    } else {
        for option in &poll.options {
            let name = text::escaped(&option.name);
            let values = [
                ("option", text_value(&name)),
                ("fediverse", FluentValue::from(option.fediverse)),
                ("registered", FluentValue::from(option.registered)),
            ];
            let _ = writeln!(out, "* {}", lang.text_with("ballot-result-option", &values));
        }
        let values = [
            ("fediverse", FluentValue::from(ballot.fediverse)),
            ("registered", FluentValue::from(ballot.registered)),
        ];
        let _ = writeln!(out, "\n{}\n", lang.text_with("ballot-result-voters", &values));
    }
    let _ = writeln!(
        out,
        "{} {} {}\n",
        number("ballot-late", ballot.late),
        number("ballot-second", ballot.second),
        number("ballot-refused", ballot.refused),
    );
    let _ = writeln!(out, "{} {}", lang.text("ballot-notice"), ballot.uri);
    out.trim_end().to_owned()
}
