//! What several files of these tests need: remote actors and their acts, and a look at the rows.

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, InitiativeText, Reaction};
use crate::services::actors::{self, RemoteActor};
use crate::services::comments::RemoteComment;
use crate::services::initiatives::{Form, RemoteInitiative};
use crate::storage::Reader;
use std::path::{Path, PathBuf};

/// Runs one service function inside a unit and commits it: `in_unit!(app, unit => expression)`.
macro_rules! in_unit {
    ($app:expr, $unit:ident => $body:expr) => {{
        let mut owned = crate::services::Unit::begin(&$app).await.unwrap();
        let outcome = {
            let $unit = &mut owned;
            $body.await
        };
        owned.commit().await.unwrap();
        outcome
    }};
}
pub(super) use in_unit;

/// Runs one storage function in a transaction and commits it.
macro_rules! in_tx {
    ($app:expr, $conn:ident => $body:expr) => {{
        let mut tx = $app.db.begin().await.unwrap();
        let outcome = {
            let $conn = &mut tx.conn();
            $body.await
        };
        if outcome.is_ok() {
            tx.commit().await.unwrap();
        }
        outcome
    }};
}
pub(super) use in_tx;

/// Runs one storage function that only reads.
macro_rules! reading {
    ($app:expr, $conn:ident => $body:expr) => {{
        let mut reader = $app.db.read().await.unwrap();
        let $conn = &mut reader.conn();
        $body.await.unwrap()
    }};
}
pub(super) use reading;

/// One number from the database.
pub(crate) async fn number(app: &App, sql: &'static str) -> i64 {
    match app.db.read().await.unwrap() {
        Reader::Sqlite(mut c) => sqlx::query_scalar(sql).fetch_one(&mut *c).await.unwrap(),
        Reader::Postgres(mut c) => sqlx::query_scalar(sql).fetch_one(&mut *c).await.unwrap(),
    }
}

/// One column of text from the database.
pub(super) async fn texts(app: &App, sql: &'static str) -> Vec<String> {
    match app.db.read().await.unwrap() {
        Reader::Sqlite(mut c) => sqlx::query_scalar(sql).fetch_all(&mut *c).await.unwrap(),
        Reader::Postgres(mut c) => sqlx::query_scalar(sql).fetch_all(&mut *c).await.unwrap(),
    }
}

/// The acts that were recorded, in order.
pub(super) async fn events(app: &App) -> Vec<String> {
    texts(app, "SELECT kind FROM events ORDER BY id").await
}

/// What `https://remote.example/u/NAME` says of itself.
pub(super) fn remote_actor(name: &str, kind: ActorKind) -> RemoteActor {
    let uri = format!("https://remote.example/u/{name}");
    RemoteActor {
        kind,
        handle: name.to_owned(),
        name: name.to_uppercase(),
        summary: String::new(),
        url: uri.clone(),
        inbox: format!("{uri}/inbox"),
        shared_inbox: Some("https://remote.example/inbox".to_owned()),
        outbox: Some(format!("{uri}/outbox")),
        key_id: format!("{uri}#main-key"),
        public_pem: format!("PEM of {name}"),
        profile: crate::domain::Profile::default(),
        proof_keys: Vec::new(),
        collections: (Some(format!("{uri}/moderators")), Some(format!("{uri}/featured"))),
        acct_host: None,
        uri,
    }
}

/// Somebody on another server, known here.
pub(crate) async fn stranger(app: &App, name: &str) -> Actor {
    actors::put_remote(app, &remote_actor(name, ActorKind::Person)).await.unwrap()
}

/// An assembly on another server, known here.
pub(super) async fn foreign_assembly(app: &App, name: &str) -> Actor {
    actors::put_remote(app, &remote_actor(name, ActorKind::Assembly)).await.unwrap()
}

/// Zoe and the assembly of the garden, both on another server.
pub(super) async fn place_of_zoe(app: &App) -> (Actor, Actor) {
    (stranger(app, "zoe").await, foreign_assembly(app, "garden").await)
}

/// A reply from elsewhere, named `https://remote.example/n/NAME`.
pub(super) fn reply(name: &str, author: ActorId, to: &str, html: &str) -> RemoteComment {
    let uri = format!("https://remote.example/n/{name}");
    RemoteComment {
        url: uri.clone(),
        uri,
        author,
        in_reply_to: to.to_owned(),
        html: html.to_owned(),
        warning: None,
        language: "en".to_owned(),
        claimed_at: crate::domain::Timestamp::from_millis(1_795_000_000_000),
        quote: None,
        updated: None,
        tags: Vec::new(),
    }
}

/// An initiative from elsewhere, named `https://remote.example/p/NAME`.
pub(super) fn foreign(
    name: &str,
    author: ActorId,
    assembly: ActorId,
    words: &str,
) -> RemoteInitiative {
    let uri = format!("https://remote.example/p/{name}");
    RemoteInitiative {
        url: uri.clone(),
        uri,
        author,
        assembly,
        title: words.to_owned(),
        html: format!("<p>{words}</p>"),
        source: words.to_owned(),
        words: InitiativeText::parse(words, words, words, "en").ok(),
        number: None,
        language: "en".to_owned(),
        claimed_at: crate::domain::Timestamp::from_millis(1_795_000_000_000),
        updated: None,
        reported_likes: Some(7),
        reported_boosts: None,
        tags: Vec::new(),
        group: None,
    }
}

/// A filled-in form.
pub(super) fn form(assembly: &str, title: &str) -> Form {
    Form {
        title: title.to_owned(),
        problem: "The last bus leaves at 22:00.".to_owned(),
        proposal: "Let one run every hour.".to_owned(),
        language: "en".to_owned(),
        assembly: assembly.to_owned(),
        body: None,
    }
}

/// All Rust files below a folder of the crate, with their text.
pub(super) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let skipped = path.file_name().is_some_and(|n| n == "target" || n == "node_modules");
            if path.is_dir() && !skipped {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty() || folder != "src", "the sources are where they were built");
    found.sort();
    found
}

/// One reaction from elsewhere; whether it was new.
pub(super) async fn reacted_in(
    unit: &mut crate::services::Unit<'_>,
    actor: ActorId,
    object_uri: &str,
    kind: Reaction,
    activity_uri: &str,
) -> crate::services::Result<bool> {
    use crate::services::reactions::{NewReaction, receive_in};
    let (object_uri, activity_uri) = (object_uri.to_owned(), activity_uri.to_owned());
    let new = receive_in(unit, &[NewReaction { actor, object_uri, kind, activity_uri }]).await?;
    Ok(new.len() == 1)
}
