//! A database that has seen years: a million endorsements, a hundred thousand replies, and a
//! hundred thousand deliveries that wait, to five hundred hosts of which five are slow and ten
//! dead. Written past the server, while it stands still.

use crate::child::Program;
use crate::database::Database;
use crate::peers;

/// People elsewhere; each endorsed fifty initiatives.
const PEOPLE: usize = 20_000;
const ENDORSED: usize = 50;
const INITIATIVES: usize = 400;
const REPLIES: usize = 100_000;
/// Activities that wait, each for every host.
const WAITING: usize = 200;
/// Hosts that activities wait for.
pub(crate) const HOSTS: usize = 500;
/// Of these so many answer slowly, so many not at all.
pub(crate) const SLOW: usize = 5;
pub(crate) const DEAD: usize = 10;
/// A port on which nobody listens.
const NOBODY: u16 = 9;

/// How large it is: whole, or a thousandth of it to see whether it works.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    people: usize,
    replies: usize,
    waiting: usize,
}

impl Size {
    pub(crate) fn new(quick: bool) -> Self {
        if quick {
            Self { people: 200, replies: 1_000, waiting: 2 }
        } else {
            Self { people: PEOPLE, replies: REPLIES, waiting: WAITING }
        }
    }

    /// Deliveries that will arrive, some time.
    pub(crate) fn deliverable(self) -> usize {
        self.waiting * (HOSTS - DEAD)
    }
}

/// The numbers from 0 to below `count`, as a table `n`.
fn numbers(count: usize) -> String {
    format!(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
    )
}

/// Fills the database with history.
pub(crate) async fn history(program: &Program, url: &str, size: Size) -> anyhow::Result<()> {
    let account = ["account", "create", "olga", "--email", "olga@veche.test", "--password-stdin"];
    program.admin(&account, "correct horse battery\n").await?;
    program.admin(&["assembly", "create", "history", "--name", "History"], "").await?;
    let base = &program.base;
    let Size { people, replies, .. } = size;
    let olga = "(SELECT id FROM actors WHERE handle = 'olga' AND local)";
    let assembly = "(SELECT id FROM actors WHERE handle = 'history' AND local)";
    let text = "The last bus leaves at ten. Whoever works late walks home. ".repeat(4);
    let person = "'https://m' || (i % 500) || '.example/u/a' || i";
    let endorsements = people * ENDORSED;
    let statements = [
        format!(
            "INSERT INTO actors (id, uri, kind, local, handle, host, name, summary, url, inbox,
                 created_at, updated_at, fetched_at)
             {} SELECT 1000000 + i, {person}, 'person', false, 'a' || i,
                 'm' || (i % 500) || '.example', 'Actor ' || i, '', {person},
                 {person} || '/inbox', 1, 1, 1 FROM n",
            numbers(people)
        ),
        format!(
            "INSERT INTO objects (id, uri, url, kind, local, author_id, root_id, language,
                 created_at, claimed_at, likes, replies)
             {} SELECT 2000000 + i, '{base}/p/' || (2000000 + i), '{base}/p/' || (2000000 + i),
                 'initiative', true, {olga}, 2000000 + i, 'en', 1000 + i, 1000 + i,
                 CASE WHEN i < {ENDORSED} THEN {people} ELSE 0 END, {} FROM n",
            numbers(INITIATIVES),
            replies / INITIATIVES
        ),
        format!(
            "INSERT INTO initiatives (id, assembly_id, state, revision, title, search, published_at)
             {} SELECT 2000000 + i, {assembly}, 'discussion', 1, 'Old matter ' || i,
                 'old matter ' || i, 1000 + i FROM n",
            numbers(INITIATIVES)
        ),
        format!(
            "INSERT INTO revisions (initiative_id, number, title, problem, proposal, language, html,
                 digest, created_at)
             {} SELECT 2000000 + i, 1, 'Old matter ' || i, '{text}', '{text}', 'en',
                 '<p>{text}</p>', 'none', 1000 + i FROM n",
            numbers(INITIATIVES)
        ),
        format!(
            "INSERT INTO objects (id, uri, url, kind, local, author_id, root_id, parent_id, language,
                 created_at, claimed_at)
             {} SELECT 3000000 + i, 'https://m.example/n/' || i, 'https://m.example/n/' || i,
                 'comment', false, 1000000 + (i % {people}), 2000000 + (i % {INITIATIVES}),
                 2000000 + (i % {INITIATIVES}), 'en', 2000 + i, 2000 + i FROM n",
            numbers(replies)
        ),
        format!(
            "INSERT INTO comments (id, html, source)
             {} SELECT 3000000 + i, '<p>{text}</p>', '' FROM n",
            numbers(replies)
        ),
        format!(
            "INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at)
             {} SELECT 2000000 + (i % {ENDORSED}), 1000000 + (i / {ENDORSED}), 'like',
                 'https://m.example/likes/' || i, 3000 + i FROM n",
            numbers(endorsements)
        ),
        format!(
            "INSERT INTO inbox (id, actor_id, activity_uri, state, attempts, next_at, lease_until,
                 received_at)
             {} SELECT 4000000 + i, 1000000 + (i / {ENDORSED}),
                 'https://m.example/likes/' || i, 'done', 1, 1, 0, 3000000000000 FROM n",
            numbers(endorsements)
        ),
    ];
    write(url, statements).await
}

/// Puts activities into the queue, each for every host: due now, or in a day.
pub(crate) async fn queue(
    url: &str,
    port: u16,
    size: Size,
    round: usize,
    due: bool,
) -> anyhow::Result<()> {
    let waiting = size.waiting;
    let first = 5_000_000 + round * 1_000_000;
    let olga = "(SELECT id FROM actors WHERE handle = 'olga' AND local)";
    let next_at = if due { "1" } else { "4000000000000" };
    let (dead, last) = (dead_host(0), DEAD - 1);
    let dead_prefix = dead.split(':').next().and_then(|h| h.strip_suffix('1')).unwrap_or_default();
    let alive = peers::host(0, port);
    let prefix = alive.split('.').take(2).collect::<Vec<_>>().join(".");
    // The hosts of `peers::host`, in SQL; the first ten are dead instead.
    let host = format!(
        "CASE WHEN h.i <= {last} THEN '{dead_prefix}' || (h.i + 1) || ':{NOBODY}'
              ELSE '{prefix}.' || (h.i / 250) || '.' || (h.i % 250 + 1) || ':{port}' END"
    );
    let body = r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Update"}"#;
    let statements = [
        format!(
            "INSERT INTO activities (id, uri, actor_id, kind, listed, body, created_at)
             {} SELECT {first} + i, 'http://past/' || ({first} + i), {olga}, 'Update', false,
                 {}, 1 FROM n",
            numbers(waiting),
            blob(url, body)
        ),
        format!(
            "INSERT INTO deliveries (id, activity_id, host, inbox, state, attempts, next_at,
                 lease_until, updated_at)
             {} SELECT {first} + h.i * {waiting} + a.i, {first} + a.i, {host},
                 'http://' || {host} || '/inbox', 'pending', 0, {next_at}, 0, 1
             FROM n h CROSS JOIN n a WHERE a.i < {waiting}",
            numbers(HOSTS.max(waiting))
        ),
    ];
    write(url, statements).await
}

/// Bytes in the dialect of the engine.
fn blob(url: &str, text: &str) -> String {
    if url.starts_with("sqlite:") {
        format!("CAST('{text}' AS BLOB)")
    } else {
        format!("convert_to('{text}', 'UTF8')")
    }
}

/// A host that does not answer.
pub(crate) fn dead_host(index: usize) -> String {
    format!("127.21.0.{}:{NOBODY}", index + 1)
}

async fn write(url: &str, statements: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
    let database = Database::open_to_write(url).await?;
    for statement in statements {
        database.execute(statement).await?;
    }
    database.after_much_was_written().await
}
