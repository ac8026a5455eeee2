//! The functions of `testing::fuzz` with their seeds, and with mutations of them. A seed that once
//! found something stays in `fuzz/seeds` and is tried in every run.

use crate::testing::fuzz::TARGETS;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::PathBuf;

/// Mutations of each function in one run.
const CASES: u32 = 400;

/// What is put in: pieces on which readers of these forms have failed.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"=",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\n",
    b" ",
    b"-1",
    b"18446744073709551615",
    b"1e999",
    b"@",
    b"..",
    b"%00",
    b"<",
    b">",
    b"&#",
    b"\xef\xbb\xbf",
];

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fuzz", "seeds", name].iter().collect();
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut seeds: Vec<_> =
        entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    seeds.sort();
    assert!(seeds.len() >= 3, "{name} has too few seeds");
    seeds
}

#[derive(Clone, Debug)]
enum Change {
    Put(usize, usize),
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Flip(usize, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>();
    prop_oneof![
        (at, 0..PIECES.len()).prop_map(|(at, piece)| Change::Put(at, piece)),
        (at, 1..20_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (at, 1..20_usize, 2..40_usize)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        (at, any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
    ]
}

fn apply(data: &mut Vec<u8>, change: &Change) {
    let place = |at: usize| at % (data.len() + 1);
    match *change {
        Change::Put(at, piece) => {
            let at = place(at);
            data.splice(at..at, PIECES[piece].iter().copied());
        }
        Change::Cut(at, length) => {
            let at = place(at);
            let end = (at + length).min(data.len());
            data.drain(at..end);
        }
        Change::Repeat(at, length, times) => {
            let at = place(at);
            let end = (at + length).min(data.len());
            let again = data[at..end].repeat(times);
            data.splice(at..at, again);
        }
        Change::Flip(at, byte) => {
            let at = place(at);
            if let Some(found) = data.get_mut(at) {
                *found ^= byte;
            }
        }
    }
}

#[test]
fn seeds_and_what_is_near_them() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        for seed in &seeds {
            target(seed);
        }
        let cases = (0..seeds.len(), proptest::collection::vec(change(), 1..8));
        let mut runner = TestRunner::new(Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(&cases, |(seed, changes)| {
            let mut data = seeds[seed].clone();
            for change in &changes {
                apply(&mut data, change);
            }
            target(&data);
            Ok(())
        });
        outcome.unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn any_bytes_at_all() {
    let mut runner =
        TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&proptest::collection::vec(any::<u8>(), 0..400), |data| {
        for (_, target) in TARGETS {
            target(&data);
        }
        Ok(())
    });
    outcome.unwrap();
}
