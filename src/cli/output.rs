//! The only place that writes to standard output: results, one JSON object or text for people.

use std::io::Write as _;

/// Writes a line of text. A reader that went away is not an error worth a message.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Writes one JSON object.
pub(super) fn json(value: &serde_json::Value) {
    line(&value.to_string());
}

/// Writes one line to standard error, whatever the message looks like.
pub(super) fn error(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "veche: {}", one_line(message));
}

/// Joins the lines of a message, keeping words apart.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn messages_become_one_line() {
        assert_eq!(one_line("a\n  |\n3 | b\n\n"), "a | 3 | b");
    }
}
