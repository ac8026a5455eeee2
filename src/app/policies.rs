//! The rules about other servers that are in force, kept in memory.

use crate::domain::policy::{Mode, PolicyTable};
use crate::storage::{self, Db};
use std::sync::{Arc, PoisonError, RwLock};

/// The table that is asked, exchanged as a whole when a rule changes.
#[derive(Debug, Default)]
pub struct Policies {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    table: Arc<PolicyTable>,
    /// The version in the database that it was read from; `None` before the first reading.
    version: Option<String>,
}

impl Policies {
    /// The key of the instance under which the version of the rules is kept.
    pub const VERSION: &str = "policies_version";

    /// The rules that are in force.
    pub fn table(&self) -> Arc<PolicyTable> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).table)
    }

    /// Puts other rules in force.
    pub fn replace(&self, table: PolicyTable, version: String) {
        let known = Known { table: Arc::new(table), version: Some(version) };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Reads the rules, if they are other ones than those in force.
    pub async fn refresh(&self, db: &Db, mode: Mode) -> storage::Result<()> {
        let mut reader = db.read().await?;
        let stored = storage::policies::instance_value(&mut reader.conn(), Self::VERSION).await?;
        let stored = stored.unwrap_or_default();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).version.clone();
        if known.as_deref() == Some(&stored) {
            return Ok(());
        }
        let rules = storage::policies::all(&mut reader.conn()).await?;
        self.replace(PolicyTable::new(mode, &rules), stored);
        Ok(())
    }
}
