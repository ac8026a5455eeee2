//! Words that must not be left in the sources.

use super::fixtures::sources;

/// In pieces, so that this file does not contain them.
fn forbidden() -> [String; 5] {
    [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
        ["XX", "X:"].concat(),
    ]
}

fn findings(text: &str) -> Vec<usize> {
    let words = forbidden();
    text.lines()
        .enumerate()
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, _)| number + 1)
        .collect()
}

#[test]
fn nothing_is_left_to_be_done_in_the_sources() {
    let found: Vec<String> = ["src", "federation-tests", "benches"]
        .into_iter()
        .flat_map(sources)
        .flat_map(|(path, text)| {
            findings(&text).into_iter().map(move |line| format!("{}:{line}", path.display()))
        })
        .collect();
    assert!(found.is_empty(), "finish these or record them elsewhere:\n{}", found.join("\n"));
}

#[test]
fn the_words_are_recognised() {
    for word in forbidden() {
        assert_eq!(findings(&format!("fine\n    {word}\n")), [2], "{word}");
    }
}
