//! Files stay short enough to be read at once.

use super::fixtures::sources;

/// Above this a file is split.
const LONG: usize = 400;

#[test]
fn no_file_is_long() {
    let long: Vec<String> = ["src", "federation-tests", "benches"]
        .into_iter()
        .flat_map(sources)
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONG)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split what has more than {LONG} lines:\n{}", long.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = sources("src")
        .into_iter()
        .filter(|(path, text)| !path.ends_with("main.rs") && !text.starts_with("//! "))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "begin these with `//!`:\n{}", silent.join("\n"));
}
