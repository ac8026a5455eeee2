//! The examples in `docs/federation` are what the builders make.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The forms that the builders' tests keep, by name.
fn snapshots(root: &Path) -> BTreeMap<String, String> {
    let folders = ["src/federation/build/snapshots", "src/federation/build/tests/snapshots"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    entries
        .flatten()
        .map(|entry| {
            let file = entry.file_name().into_string().unwrap();
            let name = file.trim_end_matches(".snap").rsplit("__").next().unwrap().to_owned();
            let text = fs::read_to_string(entry.path()).unwrap();
            let (_, form) = text.split_once("\n---\n").unwrap();
            (name, form.trim().to_owned())
        })
        .collect()
}

/// The examples of a page: the name in the comment and the block that follows it.
fn examples(page: &str) -> Vec<(&str, &str)> {
    let marked = page.split("<!-- example: ").skip(1);
    marked
        .map(|rest| {
            let (name, after) = rest.split_once(" -->").unwrap();
            let (_, block) = after.split_once("```json\n").unwrap();
            (name, block.split_once("\n```").unwrap().0)
        })
        .collect()
}

#[test]
fn the_examples_are_what_is_sent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = snapshots(root);
    let mut shown = BTreeSet::new();
    for entry in fs::read_dir(root.join("docs/federation")).unwrap().flatten() {
        let page = fs::read_to_string(entry.path()).unwrap();
        for (name, example) in examples(&page) {
            let form = made.get(name).unwrap_or_else(|| panic!("nothing makes the form {name}"));
            let place = entry.path();
            assert_eq!(example, form, "{}: the form {name} looks different now", place.display());
            shown.insert(name.to_owned());
        }
    }
    let missing: Vec<&String> = made.keys().filter(|name| !shown.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/federation shows no example of {missing:?}");
}
