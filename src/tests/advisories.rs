//! Each test that `docs/advisories.md` names exists, and each row of the hostile tests is known.

use super::fixtures::sources;

fn all_sources() -> String {
    ["src", "federation-tests"].into_iter().flat_map(sources).map(|(_, text)| text).collect()
}

#[test]
fn every_test_that_is_named_exists() {
    let page = include_str!("../../docs/advisories.md");
    let code = all_sources();
    let rows = page.lines().filter(|line| {
        ["| CVE-", "| GHSA-", "| RUSTSEC-"].iter().any(|start| line.starts_with(start))
    });
    let mut count = 0;
    for row in rows {
        let tests: Vec<&str> =
            row.split('`').skip(1).step_by(2).filter(|t| t.contains('_')).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            assert!(code.contains(&format!("fn {test}(")), "there is no test {test}");
        }
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn every_test_that_carries_a_row_carries_one_that_exists() {
    let rows = include_str!("../../federation-tests/rows.txt");
    let known: Vec<&str> = rows.lines().filter_map(|line| line.split(' ').next()).collect();
    for line in all_sources().lines().filter(|line| line.contains("fn ")) {
        let Some((_, name)) = line.split_once("fn ") else { continue };
        let name = name.split('(').next().unwrap_or_default();
        let parts: Vec<&str> = name.split('_').collect();
        for pair in parts.windows(2) {
            let [family, number] = pair else { continue };
            let is_row = ["sig", "ssrf", "dos", "flt"].contains(family)
                && number.len() == 2
                && number.bytes().all(|b| b.is_ascii_digit());
            let row = format!("{}-{number}", family.to_uppercase());
            assert!(!is_row || known.contains(&row.as_str()), "{name}: there is no row {row}");
        }
    }
}
