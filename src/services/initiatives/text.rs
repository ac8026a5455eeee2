//! From the words of an initiative to what is stored of them.

use crate::crypto;
use crate::domain::initiative::Revision;
use crate::domain::{InitiativeText, Timestamp};
use crate::i18n::Lang;
use crate::text::{self, Links};

/// The whole text as one piece of clean HTML, with its parts named in its own language.
pub fn render(words: &InitiativeText, links: &Links<'_>) -> String {
    let lang = Lang::parse(&words.language).unwrap_or(Lang::En);
    format!(
        "<p><strong>{}</strong></p>\n{}\n<p><strong>{}</strong></p>\n{}",
        lang.text("article-problem"),
        text::to_linked_html(&words.problem, links),
        lang.text("article-proposal"),
        text::to_linked_html(&words.proposal, links),
    )
}

/// The digest that identifies a text: SHA-256 over the canonical JSON (RFC 8785) of its words.
pub(in crate::services) fn digest(words: &InitiativeText) -> String {
    // An object with sorted keys and only strings is canonical as serde_json writes it.
    let canonical = serde_json::json!({
        "language": words.language,
        "problem": words.problem,
        "proposal": words.proposal,
        "title": words.title,
    });
    crypto::sha256_hex(canonical.to_string().as_bytes())
}

/// The revision that these words make.
pub(super) fn revision(
    number: i64,
    words: &InitiativeText,
    links: &Links<'_>,
    at: Timestamp,
) -> Revision {
    Revision {
        number,
        title: words.title.clone(),
        problem: words.problem.clone(),
        proposal: words.proposal.clone(),
        language: words.language.clone(),
        html: render(words, links),
        digest: digest(words),
        created_at: at,
    }
}

/// What the search looks through.
pub(super) fn search_text(words: &InitiativeText) -> String {
    text::fold(&format!("{}\n{}\n{}", words.title, words.problem, words.proposal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Urls;

    fn words(title: &str) -> InitiativeText {
        InitiativeText::parse(title, "Нет *автобуса*", "Пустить", "ru").unwrap()
    }

    #[test]
    fn the_parts_are_named_in_the_language_of_the_text() {
        let urls = Urls::new(&url::Url::parse("https://v.example").unwrap()).unwrap();
        let links = Links { urls: &urls, people: &[] };
        let html = render(&words("Ночной автобус"), &links);
        assert_eq!(
            html,
            "<p><strong>Проблема</strong></p>\n<p>Нет <em>автобуса</em></p>\n\
             <p><strong>Предлагаемое изменение</strong></p>\n<p>Пустить</p>"
        );
    }

    #[test]
    fn the_digest_changes_with_every_word_and_only_with_words() {
        let (a, b) = (words("Ночной автобус"), words("Ночной трамвай"));
        assert_ne!(digest(&a), digest(&b));
        let now = Timestamp::from_millis(1);
        let later = Timestamp::from_millis(2);
        let urls = Urls::new(&url::Url::parse("https://v.example").unwrap()).unwrap();
        let links = Links { urls: &urls, people: &[] };
        assert_eq!(revision(1, &a, &links, now).digest, revision(2, &a, &links, later).digest);
        // Anyone can recompute it from the published words.
        let canonical = "{\"language\":\"ru\",\"problem\":\"Нет *автобуса*\",\
                         \"proposal\":\"Пустить\",\"title\":\"Ночной автобус\"}";
        assert_eq!(digest(&a), crypto::sha256_hex(canonical.as_bytes()));
    }
}
