//! What the command line asks for.

use anyhow::{Context as _, bail};
use std::path::PathBuf;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The options of a run.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) engines: Vec<Engine>,
    /// Names of items; empty for all.
    only: Vec<String>,
    /// The program to measure, to compare two versions of it.
    pub(crate) program: PathBuf,
    /// Few of everything: whether it works, not what it costs.
    pub(crate) quick: bool,
    /// Once more on a database with a long history.
    pub(crate) grown: bool,
}

/// Names that `--only` knows.
const ITEMS: [&str; 6] = ["like", "reply", "fanout", "slow", "documents", "page"];

impl Options {
    /// Reads the arguments; `--bench`, which cargo adds, means nothing here.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            engines: vec![Engine::Sqlite, Engine::Postgres],
            only: Vec::new(),
            program: PathBuf::from(env!("CARGO_BIN_EXE_veche")),
            quick: false,
            grown: false,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => {}
                "--quick" => options.quick = true,
                "--grown" => options.grown = true,
                "--program" => {
                    let path = arguments.next().context("--program takes a path")?;
                    options.program = PathBuf::from(path);
                }
                "--engine" => {
                    options.engines = match arguments.next().as_deref() {
                        Some("sqlite") => vec![Engine::Sqlite],
                        Some("postgres") => vec![Engine::Postgres],
                        Some("both") => vec![Engine::Sqlite, Engine::Postgres],
                        _ => bail!("--engine takes sqlite, postgres or both"),
                    };
                }
                "--only" => {
                    let names = arguments.next().unwrap_or_default();
                    options.only = names.split(',').map(str::to_owned).collect();
                    if !options.only.iter().all(|name| ITEMS.contains(&name.as_str())) {
                        bail!("--only takes some of {}", ITEMS.join(","));
                    }
                }
                other => bail!("there is no option {other}"),
            }
        }
        Ok(options)
    }

    /// Whether an item is wanted.
    pub(crate) fn wants(&self, item: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == item)
    }

    /// `many` in earnest, `few` in a quick run.
    pub(crate) fn count(&self, many: usize, few: usize) -> usize {
        if self.quick { few } else { many }
    }
}
