//! Statements that find rows which must not be: one per invariant, each naming what it finds.
//!
//! They read the whole of a table, so they are for an admin's command and for the ends of tests, not
//! for requests. To add an invariant: a line in [`CHECKS`] whose statement gives one text per bad
//! row, and no row when all is well.

use super::{Conn, Db, Result, connection::on};

/// One invariant.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// A short stable name, for scripts.
    pub name: &'static str,
    /// What holds.
    pub rule: &'static str,
    /// Gives a text for each row that breaks it. `$1` is the address of the instance with a slash at
    /// its end.
    sql: &'static str,
}

/// Rows that are named of each check.
const NAMED: i64 = 20;

/// All of them.
pub const CHECKS: &[Check] = &[
    Check {
        name: "tally_of_reactions",
        rule: "endorsements and boosts of an object are as many as its reactions",
        sql: "SELECT uri FROM objects o WHERE CAST($1 AS TEXT) <> ''
              AND (likes <> (SELECT COUNT(*) FROM reactions r
                             WHERE r.object_id = o.id AND r.kind = 'like')
                OR boosts <> (SELECT COUNT(*) FROM reactions r
                              WHERE r.object_id = o.id AND r.kind = 'boost'))",
    },
    Check {
        name: "tally_of_replies",
        rule: "the replies of an object are as many as its comments that stand",
        sql: "SELECT uri FROM objects o WHERE CAST($1 AS TEXT) <> '' AND replies <>
              (SELECT COUNT(*) FROM objects c WHERE c.kind = 'comment' AND c.deleted_at IS NULL
               AND CASE WHEN o.root_id = o.id THEN c.root_id ELSE c.parent_id END = o.id)",
    },
    Check {
        name: "acts_federated",
        rule: "every act became activities, or a job for it waits or rests with a reason",
        sql: "SELECT CAST(e.id AS TEXT) FROM events e
              WHERE CAST($1 AS TEXT) <> '' AND e.federated_at IS NULL AND NOT EXISTS (
                  SELECT 1 FROM jobs j WHERE j.kind = 'federate'
                  AND j.payload = CAST(e.id AS TEXT))",
    },
    Check {
        name: "deliveries_complete",
        rule: "every delivery is delivered, waits, or is dead with a reason",
        sql: "SELECT CAST(id AS TEXT) FROM deliveries WHERE CAST($1 AS TEXT) <> ''
              AND (state NOT IN ('pending', 'delivered', 'dead')
                   OR state = 'dead' AND COALESCE(error, '') = '')",
    },
    Check {
        name: "arrivals_complete",
        rule: "every arrival was applied, waits with its body, or ended with a reason",
        sql: "SELECT activity_uri FROM inbox WHERE CAST($1 AS TEXT) <> ''
              AND (state NOT IN ('pending', 'done', 'refused', 'dead')
                   OR state = 'pending' AND body IS NULL
                   OR state IN ('refused', 'dead') AND COALESCE(error, '') = '')",
    },
    Check {
        name: "jobs_complete",
        rule: "every job waits or is dead with a reason",
        sql: "SELECT CAST(id AS TEXT) FROM jobs WHERE CAST($1 AS TEXT) <> ''
              AND (state NOT IN ('pending', 'dead')
                   OR state = 'dead' AND COALESCE(error, '') = '')",
    },
    Check {
        name: "tombstones",
        rule: "what its author ended does not stand",
        sql: "SELECT d.uri FROM dead_uris d JOIN objects o ON o.uri = d.uri
              AND o.author_id = d.actor_id WHERE o.deleted_at IS NULL AND CAST($1 AS TEXT) <> ''
              UNION ALL
              SELECT d.uri FROM dead_uris d JOIN reactions r ON r.activity_uri = d.uri
              AND r.actor_id = d.actor_id
              UNION ALL
              SELECT d.uri FROM dead_uris d JOIN follows f ON f.activity_uri = d.uri
              AND f.follower_id = d.actor_id",
    },
    Check {
        name: "removed_texts",
        rule: "a removed comment has no text, a removed initiative no words",
        sql: "SELECT o.uri FROM objects o JOIN comments c ON c.id = o.id
              WHERE o.deleted_at IS NOT NULL AND (c.html <> '' OR c.source <> '')
              AND CAST($1 AS TEXT) <> ''
              UNION ALL
              SELECT o.uri FROM objects o JOIN revisions r ON r.initiative_id = o.id
              WHERE o.deleted_at IS NOT NULL
              AND (r.html <> '' OR r.problem <> '' OR r.proposal <> '')",
    },
    Check {
        name: "own_addresses",
        rule: "what is from here has an address of this instance, and nothing else has one",
        sql: "SELECT uri FROM actors WHERE local <> (substr(uri, 1, length($1)) = $1)
              AND uri || '/' <> $1
              UNION ALL
              SELECT uri FROM objects WHERE local <> (substr(uri, 1, length($1)) = $1)
              UNION ALL
              SELECT uri FROM activities WHERE substr(uri, 1, length($1)) <> $1",
    },
    Check {
        name: "origins",
        rule: "a text and a key from elsewhere have the origin of their author",
        sql: "SELECT o.uri FROM objects o JOIN actors a ON a.id = o.author_id
              WHERE NOT o.local AND CAST($1 AS TEXT) <> ''
              AND substr(o.uri, 1, length(a.host) + 9) <> 'https://' || a.host || '/'
              AND substr(o.uri, 1, length(a.host) + 8) <> 'http://' || a.host || '/'
              UNION ALL
              SELECT k.key_id FROM actor_keys k JOIN actors a ON a.id = k.actor_id
              WHERE NOT a.local
              AND substr(k.key_id, 1, length(a.host) + 9) <> 'https://' || a.host || '/'
              AND substr(k.key_id, 1, length(a.host) + 8) <> 'http://' || a.host || '/'",
    },
    Check {
        name: "private_keys",
        rule: "every actor of this instance that acts has a private key, and nobody else has one here",
        sql: "SELECT a.uri FROM actors a WHERE CAST($1 AS TEXT) <> '' AND a.deleted_at IS NULL
              AND a.local <> EXISTS (SELECT 1 FROM actor_keys k WHERE k.actor_id = a.id
                                     AND k.private_der IS NOT NULL)",
    },
    Check {
        name: "present_revision",
        rule: "the present revision of every initiative exists",
        sql: "SELECT o.uri FROM initiatives i JOIN objects o ON o.id = i.id
              WHERE CAST($1 AS TEXT) <> '' AND NOT EXISTS (
                  SELECT 1 FROM revisions r
                  WHERE r.initiative_id = i.id AND r.number = i.revision)",
    },
];

/// The rows that break a check: some of them by name, and how many.
pub async fn broken(conn: &mut Conn<'_>, check: &Check, base: &str) -> Result<(i64, Vec<String>)> {
    let base = format!("{base}/");
    Ok(on!(conn, c => {
        let count = format!("SELECT COUNT(*) FROM ({}) AS found", check.sql);
        let named = format!("{} ORDER BY 1 LIMIT {NAMED}", check.sql);
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).bind(&base)
            .fetch_one(&mut *c).await?;
        let named: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(named)).bind(&base)
            .fetch_all(&mut *c).await?;
        (count, named)
    }))
}

/// A text of an initiative of this instance, with the digest that it was published under.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TextRow {
    pub initiative_id: i64,
    pub number: i64,
    pub title: String,
    pub problem: String,
    pub proposal: String,
    pub language: String,
    pub digest: String,
}

/// Texts of this instance that were not removed, after the one named, in the order of their keys.
pub async fn texts(conn: &mut Conn<'_>, after: (i64, i64), limit: i64) -> Result<Vec<TextRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT r.initiative_id, r.number, r.title, r.problem, r.proposal, r.language, r.digest
         FROM revisions r JOIN objects o ON o.id = r.initiative_id
         WHERE o.local AND o.deleted_at IS NULL
           AND (r.initiative_id > $1 OR r.initiative_id = $1 AND r.number > $2)
         ORDER BY r.initiative_id, r.number LIMIT $3",
    ).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)?)
}

impl Db {
    /// What the engine itself finds wrong with its file; PostgreSQL checks its pages as it reads
    /// them.
    pub async fn check_file(&self) -> Result<Vec<String>> {
        let mut reader = self.read().await?;
        let Conn::Sqlite(c) = reader.conn() else { return Ok(Vec::new()) };
        let mut found: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(&mut *c).await?;
        found.retain(|line| line != "ok");
        let orphans: Vec<(String, Option<i64>, String, i64)> =
            sqlx::query_as("PRAGMA foreign_key_check").fetch_all(&mut *c).await?;
        found.extend(orphans.into_iter().take(20).map(|(table, row, parent, _)| {
            format!("{table} {}: its row in {parent} is missing", row.unwrap_or_default())
        }));
        Ok(found)
    }
}
