//! What is measured.

use crate::actors::Actor;
use crate::child::Program;
use crate::cluster::Cluster;
use crate::grown::{self, Size};
use crate::load;
use crate::options::{Engine, Options};
use crate::process;
use crate::stage::Stage;
use crate::table::{Cost, Table, millis};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Connections that bring activities and ask for documents.
const CONNECTIONS: usize = 48;
/// Hosts of a fan-out.
const HOSTS: usize = 500;
const REPLIES_ON_PAGE: usize = 250;
const DOCUMENT: &str = "application/activity+json";
const PAGE: &str = "text/html";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Where a run takes place.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) database: &'a str,
    pub(crate) cluster: Option<&'a Cluster>,
}

/// Everything, on one engine; with `grown` on a database with a long history.
pub(crate) async fn measure(
    options: &Options,
    engine: Engine,
    place: Place<'_>,
    grown: bool,
) -> anyhow::Result<Table> {
    let Place { folder, database, cluster } = place;
    let title = if grown { format!("{}, grown", engine.name()) } else { engine.name().to_owned() };
    let mut table = Table::new(title);
    let program = Program::configure(&options.program, folder, database)?;
    // The first start makes the schema and the keys of the instance.
    let first = program.start().await?;
    let fresh = first.started_in;
    first.stop().await?;
    let size = Size::new(options.quick);
    if grown {
        grown::history(&program, database, size).await?;
    }
    let mut starts = Vec::new();
    for _ in 0..options.count(5, 1) {
        let running = program.start().await?;
        starts.push(running.started_in.as_secs_f64());
        running.stop().await?;
    }
    let note = format!("with an empty database: {:.3} s", fresh.as_secs_f64());
    table.add("start to first answer", 0.3, "s", starts, note);
    let running = program.start().await?;
    let (idle, _) = process::memory(running.pid)?;
    let stage = Stage::set(&program, &running, cluster, database).await?;
    let rounds = options.count(5, 2);
    if grown {
        backlog(&stage, &mut table, database, size).await?;
    }
    let actors = follows(&stage, &mut table, options.count(HOSTS, 20), rounds).await?;
    if options.wants("like") {
        likes(&stage, &mut table, &actors, rounds, options.count(4, 1)).await?;
    }
    if options.wants("reply") {
        replies(&stage, &mut table, &actors, rounds, options.count(2, 1)).await?;
    }
    if options.wants("fanout") {
        fan_out(&stage, &mut table, &actors, rounds).await?;
    }
    if options.wants("slow") {
        slow_fan_out(&stage, &mut table, &actors, rounds).await?;
    }
    if options.wants("documents") {
        documents(&stage, &mut table, rounds, options.count(5_000, 100)).await?;
    }
    if options.wants("page") {
        page(&stage, &mut table, &actors, rounds, options.count(500, 20)).await?;
    }
    if !grown {
        stage.database.all_well().await?;
    }
    let (_, peak) = process::memory(running.pid)?;
    table.add("memory, idle", 30.0, "MiB", vec![idle], String::new());
    table.add("memory, peak under load", 100.0, "MiB", vec![peak], String::new());
    running.stop().await?;
    Ok(table)
}

/// What waited while the server stood still goes out, past hosts that are slow or dead; then as
/// much is queued for another day, and stays there while everything else is measured.
async fn backlog(
    stage: &Stage<'_>,
    table: &mut Table,
    database: &str,
    size: Size,
) -> anyhow::Result<()> {
    stage.peers.few_answer_after(Duration::from_millis(250));
    let count = size.deliverable();
    let awaited = stage.peers.posts() + count;
    let work = async {
        grown::queue(database, stage.peers.port, size, 0, true).await?;
        stage.peers.received(awaited).await
    };
    let cost = stage.cost(count, work).await?;
    stage.peers.few_answer_after(Duration::ZERO);
    table.add_costs("one delivery of a long queue", 0.9, &[cost]);
    grown::queue(database, stage.peers.port, size, 1, false).await
}

/// `Follow` from actors nobody has heard of, until their `Accept` is sent.
async fn follows(
    stage: &Stage<'_>,
    table: &mut Table,
    count: usize,
    rounds: usize,
) -> anyhow::Result<Vec<Actor>> {
    let actors = stage.actors(count)?;
    let author = format!("{}/u/ana", stage.program.base);
    let mut costs = Vec::new();
    for chunk in actors.chunks(count / rounds) {
        let mut requests = Vec::new();
        for actor in chunk {
            let follow = json!({
                "@context": "https://www.w3.org/ns/activitystreams", "type": "Follow",
                "id": format!("{}/follows/1", actor.base), "actor": actor.uri, "object": author,
            });
            requests.push(actor.post(&stage.inbox, &follow)?);
        }
        let awaited = stage.peers.posts() + chunk.len();
        let work = async {
            load::send_all(stage.program.address, requests, CONNECTIONS, 202).await?;
            stage.peers.received(awaited).await
        };
        costs.push(stage.cost(chunk.len(), work).await?);
    }
    table.add_costs("`Follow` of a new actor until `Accept` is sent", 2.0, &costs);
    Ok(actors)
}

/// Endorsements of a few initiatives by everybody.
async fn likes(
    stage: &Stage<'_>,
    table: &mut Table,
    actors: &[Actor],
    rounds: usize,
    objects: usize,
) -> anyhow::Result<()> {
    let mut costs = Vec::new();
    for round in 0..rounds {
        let mut requests = Vec::new();
        for object in 0..objects {
            let id = stage.initiative(&format!("Endorsed {round} {object}")).await?;
            for actor in actors {
                let like = json!({
                    "@context": "https://www.w3.org/ns/activitystreams", "type": "Like",
                    "id": format!("{}/likes/{id}", actor.base), "actor": actor.uri,
                    "object": stage.uri(&id), "to": [stage.uri(&id), PUBLIC],
                });
                requests.push(actor.post(&stage.inbox, &like)?);
            }
        }
        stage.database.settled().await?;
        let before = stage.database.number("SELECT COUNT(*) FROM reactions").await?;
        let count = requests.len();
        let work = load::send_all(stage.program.address, requests, CONNECTIONS, 202);
        costs.push(stage.cost(count, work).await?);
        let after = stage.database.number("SELECT COUNT(*) FROM reactions").await?;
        ensure!(after - before == i64::try_from(count)?, "not every endorsement was applied");
    }
    table.add_costs("inbox `Like`, stored and applied", 0.15, &costs);
    Ok(())
}

/// An answer by somebody elsewhere, as Mastodon sends it.
fn reply(stage: &Stage<'_>, actor: &Actor, initiative: &str, number: usize) -> Value {
    let id = format!("{}/notes/{initiative}-{number}", actor.base);
    let content = format!(
        "<p><span class=\"h-card\"><a href=\"{0}/u/ana\" class=\"u-url mention\">@<span>ana</span>\
         </a></span> The night bus of line {number} would help everybody who works late, and not \
         only in the centre. See <a href=\"https://example.org/{number}\" rel=\"nofollow \
         noopener\" target=\"_blank\">the timetable</a>.</p><p>Who pays for it?</p>",
        stage.program.base
    );
    let time = "2026-11-23T10:00:00Z";
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", { "sensitive": "as:sensitive" }],
        "id": format!("{id}/activity"), "type": "Create", "actor": actor.uri, "published": time,
        "to": [PUBLIC], "cc": [format!("{}/u/ana", stage.program.base)],
        "object": {
            "id": id, "type": "Note", "attributedTo": actor.uri, "published": time, "url": id,
            "inReplyTo": stage.uri(initiative), "sensitive": false, "to": [PUBLIC],
            "cc": [format!("{}/u/ana", stage.program.base)], "content": content,
            "contentMap": { "en": content }, "attachment": [],
            "tag": [{ "type": "Mention", "href": format!("{}/u/ana", stage.program.base),
                      "name": "@ana" }],
        }
    })
}

/// Signed answers to an initiative, `count` of them.
fn replies_to(
    stage: &Stage<'_>,
    actors: &[Actor],
    initiative: &str,
    count: usize,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let writers = actors.iter().cycle().take(count).enumerate();
    writers
        .map(|(n, actor)| actor.post(&stage.inbox, &reply(stage, actor, initiative, n)))
        .collect()
}

async fn replies(
    stage: &Stage<'_>,
    table: &mut Table,
    actors: &[Actor],
    rounds: usize,
    each: usize,
) -> anyhow::Result<()> {
    let count = actors.len() * each;
    let costs = answered(stage, actors, "Answered", rounds, (count, false)).await?;
    table.add_costs("inbox reply, stored and applied", 0.3, &costs);
    // From here on somebody follows the assembly: a reply more, and a delivery.
    let follower = actors.first().context("nobody to follow")?;
    let follow = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "type": "Follow",
        "id": format!("{}/follows/2", follower.base), "actor": follower.uri,
        "object": format!("{}/g/transport", stage.program.base),
    });
    let request = follower.post(&stage.inbox, &follow)?;
    let awaited = stage.peers.posts() + 1;
    load::send_all(stage.program.address, vec![request], 1, 202).await?;
    stage.peers.received(awaited).await?;
    let costs = answered(stage, actors, "Passed on", rounds, (count, true)).await?;
    table.add_costs("the same, and passed on to a follower of the assembly", 1.2, &costs);
    Ok(())
}

/// Rounds of answers to a new initiative; whether each is also brought to somebody.
async fn answered(
    stage: &Stage<'_>,
    actors: &[Actor],
    title: &str,
    rounds: usize,
    (count, passed_on): (usize, bool),
) -> anyhow::Result<Vec<Cost>> {
    let mut costs = Vec::new();
    let id = stage.initiative(title).await?;
    let mut requests = replies_to(stage, actors, &id, count * rounds)?;
    stage.database.settled().await?;
    for _ in 0..rounds {
        let before = stage.database.number("SELECT COUNT(*) FROM comments").await?;
        let now = requests.split_off(requests.len() - count);
        let awaited = stage.peers.posts() + if passed_on { count } else { 0 };
        let work = async {
            load::send_all(stage.program.address, now, CONNECTIONS, 202).await?;
            stage.peers.received(awaited).await
        };
        costs.push(stage.cost(count, work).await?);
        let after = stage.database.number("SELECT COUNT(*) FROM comments").await?;
        ensure!(after - before == i64::try_from(count)?, "not every answer was applied");
    }
    Ok(costs)
}

/// A comment by somebody with followers on many hosts, all of which answer at once.
async fn fan_out(
    stage: &Stage<'_>,
    table: &mut Table,
    actors: &[Actor],
    rounds: usize,
) -> anyhow::Result<()> {
    let mut costs = Vec::new();
    let id = stage.initiative("Talked about").await?;
    stage.database.settled().await?;
    for round in 0..rounds {
        let awaited = stage.peers.posts() + actors.len();
        let text = format!("To everybody, {round}");
        let work = async {
            stage.comment(&id, &text).await?;
            stage.peers.received(awaited).await
        };
        costs.push(stage.cost(actors.len(), work).await?);
    }
    table.add_costs("one delivery of a fan-out", 0.9, &costs);
    Ok(())
}

/// The same when every host thinks for 100 ms.
async fn slow_fan_out(
    stage: &Stage<'_>,
    table: &mut Table,
    actors: &[Actor],
    rounds: usize,
) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let id = stage.initiative("Talked about slowly").await?;
    stage.database.settled().await?;
    stage.peers.answer_after(Duration::from_millis(100));
    for round in 0..rounds {
        let awaited = stage.peers.posts() + actors.len();
        let begun = Instant::now();
        stage.comment(&id, &format!("To everybody slow, {round}")).await?;
        stage.peers.received(awaited).await?;
        times.push(begun.elapsed().as_secs_f64());
        stage.database.settled().await?;
    }
    stage.peers.answer_after(Duration::ZERO);
    let note = format!("{} hosts", actors.len());
    table.add("hosts that answer after 100 ms: last delivery", 1.5, "s", times, note);
    Ok(())
}

/// The same address again and again.
async fn reads(
    stage: &Stage<'_>,
    path: &str,
    accept: &str,
    rounds: usize,
    count: usize,
) -> anyhow::Result<Vec<Cost>> {
    let mut costs = Vec::new();
    for _ in 0..rounds {
        let requests = vec![load::get(stage.program.address, path, accept); count];
        let work = load::send_all(stage.program.address, requests, CONNECTIONS, 200);
        costs.push(stage.cost(count, work).await?);
    }
    Ok(costs)
}

async fn documents(
    stage: &Stage<'_>,
    table: &mut Table,
    rounds: usize,
    count: usize,
) -> anyhow::Result<()> {
    let id = stage.initiative("Read").await?;
    stage.database.settled().await?;
    let costs = reads(stage, "/u/ana", DOCUMENT, rounds, count).await?;
    table.add_costs("actor document", 0.04, &costs);
    let costs = reads(stage, &format!("/p/{id}"), DOCUMENT, rounds, count).await?;
    table.add_costs("initiative document", 0.04, &costs);
    Ok(())
}

async fn page(
    stage: &Stage<'_>,
    table: &mut Table,
    actors: &[Actor],
    rounds: usize,
    count: usize,
) -> anyhow::Result<()> {
    let id = stage.initiative("Much answered").await?;
    let requests = replies_to(stage, actors, &id, REPLIES_ON_PAGE)?;
    load::send_all(stage.program.address, requests, CONNECTIONS, 202).await?;
    stage.database.settled().await?;
    let path = format!("/p/{id}");
    let begun = Instant::now();
    let first = stage.read(&path, PAGE).await?;
    ensure!(first.status == 200, "the page is answered with {}", first.status);
    let first_took = millis(begun.elapsed());
    let kilobytes = f64::from(u32::try_from(first.body.len())?) / 1000.0;
    let packed = stage.read(&path, &format!("{PAGE}\r\nAccept-Encoding: gzip")).await?;
    let transferred = f64::from(u32::try_from(packed.body.len())?) / 1000.0;
    let costs = reads(stage, &path, PAGE, rounds, count).await?;
    table.add_costs("page of an initiative with 250 replies", 1.0, &costs);
    let note = format!("{kilobytes:.0} kB unpacked; made anew in {first_took:.1} ms");
    table.add("its size", 60.0, "kB", vec![transferred], note);
    Ok(())
}
