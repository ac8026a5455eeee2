//! The few places where the engines differ.

use super::Conn;

/// One statement in the two dialects.
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    /// The text for this connection.
    pub(super) fn text(&self, conn: &Conn<'_>) -> &'static str {
        match conn {
            Conn::Sqlite(_) => self.sqlite,
            Conn::Postgres(_) => self.postgres,
        }
    }
}
