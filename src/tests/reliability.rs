//! `docs/RELIABILITY.md` promises only what a test keeps.

use super::fixtures::sources;
use std::collections::BTreeSet;
use std::path::Path;

fn page() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join("docs/RELIABILITY.md")).unwrap()
}

/// The names of tests on the page: what stands in backticks and looks like one.
fn named(page: &str) -> BTreeSet<&str> {
    let quoted = page.split('`').skip(1).step_by(2);
    let is_name = |text: &&str| {
        text.matches('_').count() > 2
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    quoted.filter(is_name).collect()
}

/// The functions of the crate and its tests.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in ["src", "federation-tests"].into_iter().flat_map(sources) {
        for rest in text.split("fn ").skip(1) {
            let name: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
    found
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let (page, functions) = (page(), functions());
    let named = named(&page);
    assert!(named.len() > 30, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(missing.is_empty(), "docs/RELIABILITY.md names tests that do not exist: {missing:?}");
}

#[test]
fn every_fault_test_stands_behind_a_promise() {
    let page = page();
    let silent: Vec<_> = functions()
        .into_iter()
        .filter(|name| name.starts_with("flt_") && !page.contains(&format!("`{name}`")))
        .collect();
    assert!(silent.is_empty(), "docs/RELIABILITY.md does not name {silent:?}");
}

/// A panic must be an answer and a dead letter, never the end of the process.
#[test]
fn flt_24_panics_unwind() {
    const { assert!(cfg!(panic = "unwind")) };
    let manifest = include_str!("../../Cargo.toml");
    assert!(!manifest.replace(' ', "").contains("panic=\"abort\""), "a profile aborts on panic");
}
