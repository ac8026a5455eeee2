//! The words are complete: what is used exists in every language, what exists is used.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[test]
fn languages_are_negotiated_by_weight() {
    assert_eq!(Lang::negotiate("ru-RU,ru;q=0.9,en;q=0.8"), Some(Lang::Ru));
    assert_eq!(Lang::negotiate("de, en;q=0.5, ru;q=0.7"), Some(Lang::Ru));
    assert_eq!(Lang::negotiate("ru;q=0, en"), Some(Lang::En));
    assert_eq!(Lang::negotiate("de,fr"), None);
    assert_eq!(Lang::negotiate(""), None);
}

#[test]
fn russian_has_its_plural_forms() {
    let shown = |n: i64| Lang::Ru.text_with("tally-comments", &[("n", FluentValue::from(n))]);
    let rows = [
        (0, "0 комментариев"),
        (1, "1 комментарий"),
        (2, "2 комментария"),
        (5, "5 комментариев"),
        (11, "11 комментариев"),
        (21, "21 комментарий"),
        (112, "112 комментариев"),
        (12_345, "12\u{a0}345 комментариев"),
        (1_000_001, "1\u{a0}000\u{a0}001 комментарий"),
    ];
    for (n, expected) in rows {
        assert_eq!(shown(n), expected);
    }
    let english = Lang::En.text_with("tally-comments", &[("n", FluentValue::from(12_345))]);
    assert_eq!(english, "12,345 comments");
}

/// The messages of a language: key to text, as the files hold them.
fn messages(lang: Lang) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (_, source) in SOURCES.iter().filter(|(of, _)| *of == lang) {
        let mut key = String::new();
        for line in source.lines().filter(|l| !l.starts_with('#')) {
            if let Some((name, text)) =
                line.split_once('=').filter(|_| !line.starts_with([' ', '}']))
            {
                name.trim().clone_into(&mut key);
                let before = found.insert(key.clone(), text.to_owned());
                assert!(before.is_none(), "{key} is there twice in {lang:?}");
            } else if let Some(text) = found.get_mut(&key) {
                text.push_str(line);
            }
        }
    }
    found
}

/// The names of the values that a message puts in.
fn values(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1);
    names.map(|t| t.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("")).collect()
}

#[test]
fn files_are_well_formed() {
    for (lang, source) in SOURCES {
        let parsed = FluentResource::try_new((*source).to_owned());
        assert!(parsed.is_ok(), "{lang:?}: {:?}", parsed.err().map(|(_, errors)| errors));
    }
}

#[test]
fn every_language_has_every_text_with_the_same_values() {
    let (english, russian) = (messages(Lang::En), messages(Lang::Ru));
    let keys = |m: &BTreeMap<String, String>| m.keys().cloned().collect::<BTreeSet<_>>();
    let difference: Vec<_> =
        keys(&english).symmetric_difference(&keys(&russian)).cloned().collect();
    assert!(difference.is_empty(), "only in one language: {difference:?}");
    for (key, text) in &english {
        assert_eq!(values(text), values(&russian[key]), "{key}");
        let plural = text.contains("->");
        assert_eq!(plural, russian[key].contains("->"), "{key} is plural in one language only");
        if plural {
            for form in ["[one]", "[few]", "*[many]"] {
                assert!(russian[key].contains(form), "{key} lacks {form} in Russian");
            }
        }
    }
}

/// Every source of the crate, the tests of this file aside.
fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html")
            && !path.ends_with("i18n/tests.rs")
        {
            into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    assert!(all.len() > 50, "the sources were not found");
    all
}

/// What stands in quotation marks right after each `opening`, with or without a line break.
fn literals_after<'a>(source: &'a str, opening: &str) -> Vec<&'a str> {
    let rests = source.split(opening).skip(1);
    rests.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

/// The codes of refusals: each has a text `error-<code>`.
fn codes(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for opening in ["Invalid::new(", "Invalid::limit(", "problem(&form.c,", "problem(&c,"] {
        for rest in source.split(opening).skip(1) {
            let arguments: Vec<_> = rest.split([',', ')']).take(2).map(str::trim).collect();
            let code = arguments.last().and_then(|a| a.strip_prefix('"')?.strip_suffix('"'));
            found.extend(code);
        }
    }
    found
}

#[test]
fn whatever_is_used_exists() {
    let known = messages(Lang::En);
    let mut used = 0;
    for (path, source) in all_sources() {
        for opening in [".t(", ".tn(", ".tv(", "lang.text(", "Lang::Ru.text_with("] {
            for key in literals_after(&source, opening) {
                used += 1;
                assert!(known.contains_key(key), "{path} uses {key}, which does not exist");
            }
        }
        // Keys that pass through a variable have the shape of one of the areas.
        let areas = ["error-page-", "tally-", "write-", "register-", "settings-"];
        for literal in source.split('"').skip(1).step_by(2) {
            let keyed = areas.iter().any(|a| literal.starts_with(a))
                && !literal.ends_with('-')
                && literal.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            assert!(!keyed || known.contains_key(literal), "{path} names {literal}");
        }
        for code in codes(&source) {
            let key = format!("error-{code}");
            assert!(known.contains_key(&key), "{path} refuses with {code}: {key} does not exist");
        }
    }
    assert!(used > 200, "only {used} uses were found: the search is broken");
}

#[test]
fn whatever_exists_is_used() {
    let all = all_sources();
    let codes: BTreeSet<String> =
        all.iter().flat_map(|(_, s)| codes(s)).map(|code| format!("error-{code}")).collect();
    let unused: Vec<_> = messages(Lang::En)
        .into_keys()
        .filter(|key| !codes.contains(key))
        .filter(|key| {
            let quoted = format!("\"{key}\"");
            !all.iter().any(|(_, source)| source.contains(&quoted))
        })
        .collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}
