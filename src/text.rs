//! Text in and out: Markdown to HTML, other people's HTML to ours, HTML to plain text.
//!
//! A leaf. Whatever is shown as HTML went through [`clean`]; there is no other way in.

mod html;
mod markdown;

pub use html::{clean, escape, plain, strip};
pub use markdown::{Found, Links, Named, escaped, found, to_html, to_linked_html};

/// `text` cut to `max` characters, with an ellipsis where something was cut.
pub fn excerpt(text: &str, max: usize) -> String {
    let mut letters = text.char_indices();
    match letters.nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let head = text.get(..end).unwrap_or(text);
            let head = head.rsplit_once(' ').map_or(head, |(words, _)| words);
            format!("{head}…")
        }
    }
}

/// What a search compares: lower case, `ё` as `е`.
pub fn fold(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}
