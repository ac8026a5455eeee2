//! The configuration: one TOML file with a section per file of this folder, every key of which
//! can be overridden by an environment variable `VECHE__SECTION__KEY`.
//!
//! Only this module reads files and variables of that kind. To add a key: the field with its
//! default and its check in the section's file, and its description in `config/example.toml`
//! (a test compares the two).

mod database;
mod federation;
mod instance;
mod limits;
mod log;
mod metrics;
mod server;

pub use database::Database;
pub use federation::Federation;
pub use instance::Instance;
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use metrics::Metrics;
pub use server::{Server, ipnet_text::Network};

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that an admin can set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub instance: Instance,
    pub federation: Federation,
    pub limits: Limits,
    pub log: Log,
    pub metrics: Metrics,
}

/// Why a configuration was refused: a sentence for the admin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the configuration file {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the configuration file {path} is not valid:\n{message}")]
    Parse { path: PathBuf, message: String },
    #[error("the environment variable {name} is not valid: {message}")]
    Variable { name: String, message: String },
    #[error("the configuration is not valid: {0}")]
    Invalid(String),
}

/// The prefix of environment variables.
const PREFIX: &str = "VECHE__";

impl Config {
    /// Reads `file`, if given, and the environment, and checks the result. Without a file the
    /// defaults are the trial mode: `http://localhost:8080`, SQLite under `./data`.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads them")]
        let variables = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        Self::load_from(file, variables)
    }

    /// The points at which a test wants the program to end (see [`crate::failpoint`]). Always empty
    /// in a release build, whatever the environment says.
    pub fn failpoints() -> String {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads them")]
        let named = || std::env::var("VECHE_FAILPOINTS").unwrap_or_default();
        if cfg!(debug_assertions) { named() } else { String::new() }
    }

    fn load_from(file: Option<&Path>, variables: Vec<(String, String)>) -> Result<Self, Error> {
        let mut table = match file {
            None => Self::trial_table(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| Error::Read { path: path.to_owned(), source })?;
                let parse = |e: toml::de::Error| Error::Parse {
                    path: path.to_owned(),
                    message: e.to_string(),
                };
                // The typed read comes first: its errors name the line.
                let _: Self = toml::from_str(&text).map_err(parse)?;
                toml::from_str(&text).map_err(parse)?
            }
        };
        let mut variables = variables;
        variables.sort();
        for (name, value) in variables {
            overlay(&mut table, &name, &value)?;
        }
        let config: Self = toml::Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| Error::Invalid(e.message().to_owned()))?;
        config.validate()?;
        Ok(config)
    }

    fn trial_table() -> toml::Table {
        let mut federation = toml::Table::new();
        federation.insert("allow_http".to_owned(), toml::Value::Boolean(true));
        let mut table = toml::Table::new();
        table.insert("federation".to_owned(), toml::Value::Table(federation));
        table
    }

    /// Checks what no single field can know.
    pub fn validate(&self) -> Result<(), Error> {
        self.server.validate().map_err(Error::Invalid)?;
        self.database.validate().map_err(Error::Invalid)?;
        self.instance.validate().map_err(Error::Invalid)?;
        self.federation.validate(self.server.url.scheme() == "https").map_err(Error::Invalid)?;
        self.log.validate().map_err(Error::Invalid)
    }

    /// The configuration as TOML, with secrets masked.
    pub fn to_masked_toml(&self) -> String {
        let mut masked = self.clone();
        masked.database.mask();
        toml::to_string_pretty(&masked).unwrap_or_default()
    }
}

/// Puts one variable into the table. Its value is read as TOML where that gives something that
/// is not text (a number, a boolean, a list), else as text.
fn overlay(table: &mut toml::Table, name: &str, value: &str) -> Result<(), Error> {
    let refuse =
        |message: &str| Error::Variable { name: name.to_owned(), message: message.to_owned() };
    let path = name.strip_prefix(PREFIX).unwrap_or_default().to_lowercase();
    let Some((section, key)) = path.split_once("__") else {
        return Err(refuse("its name must have the form VECHE__SECTION__KEY"));
    };
    let parsed = toml::from_str::<toml::Table>(&format!("v = {value}"))
        .ok()
        .and_then(|mut t| t.remove("v"))
        .filter(|v| !matches!(v, toml::Value::Datetime(_)))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let entry =
        table.entry(section.to_owned()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(section_table) = entry.as_table_mut() else {
        return Err(refuse("the section is not a table in the file"));
    };
    section_table.insert(key.to_owned(), parsed);
    // Checked at once, so that the message can name the variable.
    let mut probe = toml::Table::new();
    let mut one = toml::Table::new();
    one.insert(key.to_owned(), section_table.get(key).cloned().unwrap_or_else(|| "".into()));
    probe.insert(section.to_owned(), toml::Value::Table(one));
    toml::Value::Table(probe)
        .try_into::<Config>()
        .map(|_| ())
        .map_err(|e: toml::de::Error| refuse(e.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("veche.toml");
        std::fs::write(&path, text).unwrap();
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::load_from(Some(&path), variables).map_err(|e| e.to_string())
    }

    const MINIMAL: &str = "[server]\nurl = \"https://veche.example\"\n";

    #[test]
    fn the_trial_mode_needs_no_file() {
        let config = Config::load_from(None, vec![]).unwrap();
        assert_eq!(config.server.url.as_str(), "http://localhost:8080/");
        assert_eq!(config.database.url, "sqlite:data/veche.db");
        assert!(config.federation.allow_http);
    }

    #[test]
    fn unknown_keys_are_refused_with_their_line() {
        let error = load(&format!("{MINIMAL}lisen = \"127.0.0.1:80\"\n"), &[]).unwrap_err();
        assert!(error.contains("line 3") && error.contains("lisen"), "{error}");
        let error = load(&format!("{MINIMAL}[surver]\n"), &[]).unwrap_err();
        assert!(error.contains("line 3") && error.contains("surver"), "{error}");
    }

    #[test]
    fn variables_override_and_are_named_when_wrong() {
        let config = load(
            MINIMAL,
            &[
                ("VECHE__SERVER__LISTEN", "127.0.0.1:9"),
                ("VECHE__LIMITS__ENABLED", "false"),
                ("VECHE__INSTANCE__NAME", "Область"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 9);
        assert!(!config.limits.enabled);
        assert_eq!(config.instance.name, "Область");
        for (name, value) in [
            ("VECHE__LIMITS__ENABLED", "perhaps"),
            ("VECHE__LIMITS__NONSENSE", "1"),
            ("VECHE__SERVER", "x"),
        ] {
            let error = load(MINIMAL, &[(name, value)]).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn unsafe_federation_goes_only_with_http() {
        let error = load(&format!("{MINIMAL}[federation]\nallow_http = true\n"), &[]).unwrap_err();
        assert!(error.contains("allow_http"), "{error}");
        let error =
            load(&format!("{MINIMAL}[federation]\nallow_addresses = [\"127.0.0.0/8\"]\n"), &[])
                .unwrap_err();
        assert!(error.contains("allow_addresses"), "{error}");
        let error = load("[server]\nurl = \"http://veche.example\"\n", &[]).unwrap_err();
        assert!(error.contains("https"), "{error}");
    }

    #[test]
    fn secrets_are_masked() {
        let config = load(
            &format!("{MINIMAL}[database]\nurl = \"postgres://veche:geheim@db/veche\"\n"),
            &[],
        )
        .unwrap();
        assert!(!config.to_masked_toml().contains("geheim"));
        assert!(!format!("{config:?}").contains("geheim"));
        assert!(config.to_masked_toml().contains("veche:***@db"));
    }

    #[test]
    fn the_example_documents_every_key_and_only_those() {
        let example = include_str!("../config/example.toml");
        // Optional keys are commented out as `#key = …`; they count as documented.
        let uncommented: String = example
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest)
                    if rest.starts_with(|c: char| c.is_ascii_lowercase())
                        && rest.contains(" = ") =>
                {
                    rest
                }
                _ => line,
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let documented: toml::Table = toml::from_str(&uncommented).unwrap();
        let _: Config = toml::from_str(&uncommented).unwrap();
        let full = Config {
            metrics: Metrics { listen: Some("127.0.0.1:9090".parse().unwrap()) },
            ..Config::default()
        };
        let existing: toml::Table = toml::from_str(&toml::to_string(&full).unwrap()).unwrap();
        let keys = |table: &toml::Table| -> Vec<String> {
            let mut keys: Vec<_> = table
                .iter()
                .flat_map(|(section, values)| {
                    values.as_table().unwrap().keys().map(move |key| format!("{section}.{key}"))
                })
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&documented), keys(&existing));
    }
}
