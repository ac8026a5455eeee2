//! Each module uses only what stands below it (see `lib.rs`).

use super::fixtures::sources;
use std::path::Path;

/// What each module may use. What is not named here may use everything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("failpoint", &[]),
    ("shutdown", &[]),
    ("crypto", &["domain"]),
    ("text", &["domain", "config"]),
    ("i18n", &["domain", "config"]),
    ("net", &["domain", "config"]),
    // The configuration checks the language against those that exist.
    ("config", &["domain", "i18n"]),
    ("storage", &["domain"]),
    ("telemetry", &["config"]),
    ("app", &["config", "crypto", "domain", "net", "shutdown", "storage"]),
    ("services", &["app", "config", "crypto", "domain", "failpoint", "i18n", "storage", "text"]),
    (
        "federation",
        &["app", "config", "crypto", "domain", "i18n", "net", "services", "storage", "text"],
    ),
    (
        "jobs",
        &[
            "app",
            "config",
            "crypto",
            "domain",
            "failpoint",
            "federation",
            "i18n",
            "net",
            "services",
            "shutdown",
            "storage",
            "text",
        ],
    ),
    (
        "http",
        &[
            "app",
            "config",
            "crypto",
            "domain",
            "federation",
            "i18n",
            "net",
            "services",
            "shutdown",
            "text",
        ],
    ),
];

/// Crates that belong to one layer: with the modules that may name them.
const CRATES: &[(&str, &[&str])] = &[
    // `domain` derives the types of columns.
    ("sqlx", &["storage", "domain"]),
    ("axum", &["http"]),
    ("reqwest", &["net"]),
    ("aws_lc_rs", &["crypto"]),
];

const EXEMPT: &[&str] = &["testing", "tests", "main", "lib"];

/// `src/storage/jobs.rs` → `storage`.
fn module_of(path: &Path) -> String {
    let name = path.iter().nth(1).and_then(|p| p.to_str()).unwrap_or_default();
    name.trim_end_matches(".rs").to_owned()
}

/// Files that hold only tests may use everything.
fn is_test_file(path: &Path) -> bool {
    path.iter().any(|part| {
        let part = part.to_str().unwrap_or_default();
        matches!(part, "tests.rs" | "tests" | "fixture.rs" | "fixtures.rs" | "testing")
    })
}

/// The lines of a file without comments and without what stands in a `#[cfg(test)] mod`.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut test_from = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(indent) = &test_from {
            // rustfmt closes the module at the column at which it was opened.
            if line.trim_end() == format!("{indent}}}") {
                test_from = None;
            }
            continue;
        }
        let previous = index.checked_sub(1).and_then(|i| text.lines().nth(i)).unwrap_or_default();
        if previous.trim() == "#[cfg(test)]" && line.trim_end().ends_with('{') {
            let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
            test_from = Some(indent);
            continue;
        }
        if !line.trim_start().starts_with("//") {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// The names that follow `prefix` in the text, with their lines: `crate::a`, `crate::{a, b::c}`.
fn named_after(lines: &[(usize, &str)], prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let whole = lines.iter().fold(String::new(), |text, (_, line)| text + line + "\n");
    for (start, _) in whole.match_indices(prefix) {
        let before = whole.get(..start).and_then(|t| t.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let row = whole.get(..start).map_or(0, |t| t.matches('\n').count());
        let line = lines.get(row).map_or(0, |(number, _)| *number);
        let rest = whole.get(start + prefix.len()..).unwrap_or_default();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut name = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push((line, std::mem::take(&mut name))),
                    other if depth == 0 => name.push(other),
                    _ => {}
                }
            }
            found.push((line, name));
        } else {
            found.push((line, rest.to_owned()));
        }
    }
    found
        .into_iter()
        .map(|(line, text)| {
            let name = text.trim_start().chars();
            (line, name.take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        })
        .filter(|(_, name)| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

fn violations(path: &Path, text: &str) -> Vec<String> {
    let module = module_of(path);
    if EXEMPT.contains(&module.as_str()) || is_test_file(path) {
        return Vec::new();
    }
    let lines = code(text);
    let mut found = Vec::new();
    let rule = ALLOWED.iter().find(|(name, _)| *name == module);
    for (line, used) in named_after(&lines, "crate::") {
        let allowed = match rule {
            Some((_, allowed)) => used == module || allowed.contains(&used.as_str()),
            None => !matches!(used.as_str(), "testing" | "tests"),
        };
        if !allowed {
            let place = path.display();
            found.push(format!("{place}:{line}: `{module}` must not use `crate::{used}`"));
        }
    }
    for (name, allowed) in CRATES {
        let uses = lines.iter().find(|(_, line)| {
            line.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = line.get(..at).and_then(|t| t.chars().next_back());
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            })
        });
        if let Some((line, _)) = uses.filter(|_| !allowed.contains(&module.as_str())) {
            let place = path.display();
            found.push(format!("{place}:{line}: only {allowed:?} may use the crate `{name}`"));
        }
    }
    found
}

#[test]
fn every_module_uses_only_what_stands_below_it() {
    let found: Vec<String> =
        sources("src").iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "forbidden by the layers in lib.rs:\n{}", found.join("\n"));
}

#[test]
fn every_module_has_a_rule() {
    let free = ["cli", "main", "lib", "testing", "tests"];
    let mut modules: Vec<_> = sources("src").iter().map(|(path, _)| module_of(path)).collect();
    modules.sort();
    modules.dedup();
    modules.retain(|m| !free.contains(&m.as_str()) && !ALLOWED.iter().any(|(name, _)| name == m));
    assert!(modules.is_empty(), "say in layers.rs what these may use: {modules:?}");
}

#[test]
fn violations_are_found_in_every_spelling() {
    let path = Path::new("src/storage/thing.rs");
    for (text, line) in [
        ("use crate::services::Unit;\n", 1),
        ("//! crate::http is fine here\nuse crate::{domain::Id, http::State};\n", 2),
        ("use crate::{\n    domain::{Id, Page},\n    jobs,\n};\n", 1),
        ("fn f() {\n    crate::federation::f();\n}\n", 2),
        ("pub(in crate::app) fn f() {}\n", 1),
        ("use axum::Router;\n", 1),
    ] {
        let found = violations(path, text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(&format!("src/storage/thing.rs:{line}: ")), "{found:?}");
    }
    for text in [
        "use crate::domain::Id;\nuse crate::storage::Conn;\nuse sqlx::Row;\n",
        "#[cfg(test)]\nmod tests {\n    use crate::testing::TestDb;\n}\n",
        "// crate::http\nfn f() {}\n",
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{text}");
    }
    let http = Path::new("src/http/web.rs");
    assert_eq!(violations(http, "use crate::storage::Db;\nuse sqlx::Row;\n").len(), 2);
}
