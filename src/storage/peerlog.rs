//! Reading the federation log: arrivals, refusals and deliveries in one form, newest first.
//!
//! A search reads so many rows and no more; where it ends is where the next page begins.

use super::{Conn, Result, connection::on};
use crate::domain::peerlog::{Direction, Fate};
use crate::domain::{InboxId, PageRequest, Timestamp};

/// Rows of one table that a search looks at for one page.
const SCAN: i64 = 20_000;

/// What is looked for. `None` does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A host, with all below its name.
    pub host: Option<String>,
    /// The id of the acting actor.
    pub actor: Option<String>,
    /// The id of the activity.
    pub activity: Option<String>,
    pub fate: Option<Fate>,
    /// What came in (with what was refused) or went out.
    pub direction: Option<Direction>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// An entry of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: i64,
    pub host: String,
    pub actor_uri: String,
    pub activity_uri: String,
    /// Empty where only the body knows it.
    pub kind: String,
    pub state: String,
    pub status: Option<i64>,
    pub attempts: i64,
    pub next_at: Timestamp,
    pub lease_until: Timestamp,
    pub reason: Option<String>,
    /// Where it was sent to; empty for what came in.
    pub inbox: String,
    /// The failed attempts; see `domain::attempts`.
    pub history: Option<String>,
    /// For refusals: the check that failed, and those passed.
    pub failed: String,
    pub passed: i64,
}

const ARRIVALS: &str =
    "SELECT x.id, a.host, a.uri AS actor_uri, x.activity_uri, '' AS kind, x.state,
    CAST(NULL AS BIGINT) AS status, x.attempts, x.next_at, x.lease_until, x.error AS reason,
    '' AS inbox, x.history, '' AS failed, CAST(0 AS BIGINT) AS passed
    FROM inbox x JOIN actors a ON a.id = x.actor_id WHERE ";
const DELIVERIES: &str =
    "SELECT x.id, x.host, a.uri AS actor_uri, v.uri AS activity_uri, v.kind, x.state,
    x.status, x.attempts, x.next_at, x.lease_until, x.error AS reason, x.inbox, x.history,
    '' AS failed, CAST(0 AS BIGINT) AS passed
    FROM deliveries x JOIN activities v ON v.id = x.activity_id JOIN actors a ON a.id = v.actor_id
    WHERE ";
const REFUSALS: &str =
    "SELECT x.id, x.host, x.actor_uri, x.activity_uri, x.kind, 'refused' AS state,
    x.status, CAST(1 AS BIGINT) AS attempts, CAST(0 AS BIGINT) AS next_at,
    CAST(0 AS BIGINT) AS lease_until, x.reason, '' AS inbox, CAST(NULL AS TEXT) AS history,
    x.failed, x.passed FROM refusals x WHERE ";

/// The three tables of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Arrivals,
    Deliveries,
    Refusals,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Arrivals, Self::Deliveries, Self::Refusals];

    const fn select(self) -> &'static str {
        match self {
            Self::Arrivals => ARRIVALS,
            Self::Deliveries => DELIVERIES,
            Self::Refusals => REFUSALS,
        }
    }

    const fn columns(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Arrivals => ("a.host", "a.uri", "x.activity_uri"),
            Self::Deliveries => ("x.host", "a.uri", "v.uri"),
            Self::Refusals => ("x.host", "x.actor_uri", "x.activity_uri"),
        }
    }

    /// Which way these went.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Arrivals => Direction::In,
            Self::Deliveries => Direction::Out,
            Self::Refusals => Direction::Refused,
        }
    }

    /// The condition for a fate; `None` where this table has no such rows.
    const fn of_fate(self, fate: Fate) -> Option<&'static str> {
        match (self, fate) {
            (Self::Arrivals, Fate::Applied) => Some("x.state = 'done' AND x.error IS NULL"),
            (Self::Arrivals, Fate::NoEffect) => Some("x.state = 'done' AND x.error IS NOT NULL"),
            (Self::Arrivals, Fate::Refused) => Some("x.state = 'refused'"),
            (Self::Deliveries, Fate::Delivered) => Some("x.state = 'delivered'"),
            (Self::Refusals, Fate::Refused) => Some("x.id > 0"),
            (Self::Arrivals | Self::Deliveries, Fate::Waiting) => Some("x.state = 'pending'"),
            (Self::Arrivals | Self::Deliveries, Fate::Dead) => Some("x.state = 'dead'"),
            (Self::Arrivals | Self::Deliveries, Fate::Dismissed) => Some("x.state = 'dismissed'"),
            _ => None,
        }
    }

    fn is_wanted(self, filter: &Filter) -> bool {
        let way = match filter.direction {
            None => true,
            Some(Direction::Out) => self == Self::Deliveries,
            Some(Direction::In | Direction::Refused) => self != Self::Deliveries,
        };
        way && filter.fate.is_none_or(|fate| self.of_fate(fate).is_some())
    }
}

/// One more than `page.limit` entries of a table with ids from `floor` on, newest first.
pub async fn list(
    conn: &mut Conn<'_>,
    table: Table,
    filter: &Filter,
    page: PageRequest,
    floor: i64,
) -> Result<Vec<Row>> {
    if !table.is_wanted(filter) {
        return Ok(Vec::new());
    }
    let (host, actor, activity) = table.columns();
    let until = filter.until.map_or(i64::MAX, |at| InboxId::first_at(at).get());
    let since = filter.since.map_or(0, |at| InboxId::first_at(at).get());
    Ok(on!(conn, c => {
        let mut query = sqlx::QueryBuilder::new(table.select());
        query.push("x.id < ").push_bind(page.upper_bound().min(until));
        query.push(" AND x.id >= ").push_bind(since.max(floor));
        if let Some(condition) = filter.fate.and_then(|fate| table.of_fate(fate)) {
            query.push(" AND ").push(condition);
        }
        if let Some(wanted) = &filter.host {
            let escaped = wanted.replace('!', "!!").replace('_', "!_").replace('%', "!%");
            query.push(" AND (").push(host).push(" = ").push_bind(wanted);
            for pattern in [format!("{escaped}:%"), format!("%.{escaped}"), format!("%.{escaped}:%")] {
                query.push(" OR ").push(host).push(" LIKE ").push_bind(pattern).push(" ESCAPE '!'");
            }
            query.push(")");
        }
        for (column, wanted) in [(actor, &filter.actor), (activity, &filter.activity)] {
            if let Some(wanted) = wanted {
                query.push(" AND ").push(column).push(" = ").push_bind(wanted);
            }
        }
        query.push(" ORDER BY x.id DESC LIMIT ").push_bind(page.limit + 1);
        query.build_query_as::<Row>().fetch_all(c).await
    })?)
}

/// Down to which id a search of this table goes for one page: so many rows, unless fewer are left.
pub async fn floor(conn: &mut Conn<'_>, table: Table, below: i64) -> Result<i64> {
    let sql = match table {
        Table::Arrivals => "SELECT id FROM inbox WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
        Table::Deliveries => {
            "SELECT id FROM deliveries WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2"
        }
        Table::Refusals => {
            "SELECT id FROM refusals WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2"
        }
    };
    let found: Option<i64> = on!(conn, c => sqlx::query_scalar(sql)
        .bind(below).bind(SCAN - 1).fetch_optional(c).await)?;
    Ok(found.unwrap_or(0))
}

/// The entry of this id in one table.
pub async fn by_id(conn: &mut Conn<'_>, table: Table, id: i64) -> Result<Option<Row>> {
    Ok(on!(conn, c => {
        let mut query = sqlx::QueryBuilder::new(table.select());
        query.push("x.id = ").push_bind(id);
        query.build_query_as::<Row>().fetch_optional(c).await
    })?)
}

/// What arrived: the bytes, while they are kept, and how many they were.
pub async fn body(
    conn: &mut Conn<'_>,
    table: Table,
    id: i64,
) -> Result<Option<(Option<Vec<u8>>, i64)>> {
    let sql = match table {
        Table::Arrivals => {
            "SELECT body, CAST(COALESCE(LENGTH(body), 0) AS BIGINT) FROM inbox WHERE id = $1"
        }
        Table::Deliveries => {
            "SELECT v.body, CAST(LENGTH(v.body) AS BIGINT) FROM deliveries d
             JOIN activities v ON v.id = d.activity_id WHERE d.id = $1"
        }
        Table::Refusals => "SELECT body, bytes FROM refusals WHERE id = $1",
    };
    Ok(on!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The ids of the entries about an activity, newest first, up to fifty in each table.
pub async fn of_activity(conn: &mut Conn<'_>, table: Table, uri: &str) -> Result<Vec<i64>> {
    let sql = match table {
        Table::Arrivals => "SELECT id FROM inbox WHERE activity_uri = $1 ORDER BY id DESC LIMIT 50",
        Table::Deliveries => {
            "SELECT d.id FROM deliveries d JOIN activities v ON v.id = d.activity_id
             WHERE v.uri = $1 ORDER BY d.id DESC LIMIT 50"
        }
        Table::Refusals => {
            "SELECT id FROM refusals WHERE activity_uri = $1 ORDER BY id DESC LIMIT 50"
        }
    };
    Ok(on!(conn, c => sqlx::query_scalar(sql).bind(uri).fetch_all(c).await)?)
}
