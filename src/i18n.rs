//! Every visible word, in English and Russian, from the Fluent files beside this module.
//!
//! A leaf. To add a text: the key in the same file of both languages; a test finds keys that one
//! language lacks and keys that nothing uses. To add a language: a folder, a variant of [`Lang`].

pub mod dates;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    En,
    Ru,
}

/// The Fluent sources: one file per area and language.
macro_rules! sources {
    ($($area:literal),* $(,)?) => {
        &[$(
            (Lang::En, include_str!(concat!("i18n/en/", $area, ".ftl"))),
            (Lang::Ru, include_str!(concat!("i18n/ru/", $area, ".ftl"))),
        )*]
    };
}
const SOURCES: &[(Lang, &str)] = sources!(
    "about",
    "account",
    "admin",
    "article",
    "ballot",
    "errors",
    "federation",
    "home",
    "initiative",
    "layout",
    "lifecycle",
    "moderation",
    "search",
    "threads",
    "write",
);

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::En));
static RUSSIAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::Ru));

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let tag = match lang {
        Lang::En => unic_langid::LanguageIdentifier::from_bytes(b"en"),
        Lang::Ru => unic_langid::LanguageIdentifier::from_bytes(b"ru"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![tag.unwrap_or_default()]);
    // The marks around placeables are for mixed directions; they would end up in attributes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::En => |value, _| grouped(value, ","),
        Lang::Ru => |value, _| grouped(value, "\u{a0}"),
    }));
    for (_, source) in SOURCES.iter().filter(|(of, _)| *of == lang) {
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Whole numbers with their digits in groups of three; four digits stay together.
fn grouped(value: &FluentValue<'_>, separator: &str) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = number.as_string().into_owned();
    if text.len() < 5 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text);
    }
    let mut shown = String::with_capacity(text.len() + text.len() / 3);
    for (position, digit) in text.chars().enumerate() {
        if position > 0 && (text.len() - position) % 3 == 0 {
            shown.push_str(separator);
        }
        shown.push(digit);
    }
    Some(shown)
}

impl Lang {
    /// Every language there is.
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// Whether pages exist in the language of this tag.
    pub fn is_supported(tag: &str) -> bool {
        Self::parse(tag).is_some()
    }

    /// The language of a tag, by its primary part: `ru-RU` is Russian.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language of an `Accept-Language` header that exists, in the order of its
    /// weights (RFC 9110, 12.5.4).
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, usize, Self)> = accept_language
            .split(',')
            .enumerate()
            .filter_map(|(position, part)| {
                let mut fields = part.split(';');
                let lang = Self::parse(fields.next()?.trim())?;
                let weight = fields
                    .find_map(|f| f.trim().strip_prefix("q="))
                    .map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
                (weight > 0.0).then_some((weight, position, lang))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        wanted.first().map(|(_, _, lang)| *lang)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::En => &ENGLISH,
            Self::Ru => &RUSSIAN,
        }
    }

    /// The text of `key`. An unknown key shows itself, so that it is seen and no page fails.
    pub fn text(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of `key` with values put in.
    pub fn text_with<'a>(self, key: &str, values: &[(&'a str, FluentValue<'a>)]) -> String {
        let args: FluentArgs<'a> = values.iter().cloned().collect();
        self.format(key, Some(&args))
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, args, &mut errors).into_owned()
    }
}

#[cfg(test)]
#[path = "i18n/tests.rs"]
mod tests;
