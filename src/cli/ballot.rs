//! `veche admin ballot`: straw polls, opened, closed and shown from the shell.

use super::Failure;
use crate::app::App;
use crate::domain::ballot::{Draft, Poll};
use crate::domain::{ObjectId, Timestamp};
use crate::services::{ballots, initiatives};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(super) enum Ballot {
    /// Open a ballot in the name of the body that an initiative addresses. Nothing of it can be
    /// changed afterwards.
    Open(Open),
    /// End a ballot now; its result follows.
    Close(One),
    /// Show a ballot with its tallies, hidden ones included.
    Show(One),
}

#[derive(Debug, Args)]
pub(super) struct Open {
    /// The id of the initiative.
    initiative: i64,
    /// The question, at most 150 characters.
    #[arg(long)]
    question: String,
    /// An option, at most 50 characters; 2 to 20 of them.
    #[arg(long, required = true)]
    option: Vec<String>,
    /// How long it is open: 1 to 2160.
    #[arg(long)]
    hours: u16,
    /// Several options may be chosen.
    #[arg(long)]
    multiple: bool,
    /// Nobody sees tallies before the end.
    #[arg(long)]
    hide_tallies: bool,
    /// The language of the question, if it is not the initiative's.
    #[arg(long)]
    language: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The id of the ballot.
    id: i64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command; whether JSON is wanted, and the ballot.
pub(super) async fn run(app: &App, command: Ballot) -> Result<(bool, Poll), Failure> {
    Ok(match command {
        Ballot::Open(new) => {
            let id = ObjectId::from(new.initiative);
            let about = initiatives::get(app, None, id).await?;
            // A second more, since parts of one are cut off.
            let seconds = i64::from(new.hours) * 3_600 + i64::from(new.hours == 1);
            let draft = Draft {
                question: new.question,
                options: new.option,
                multiple: new.multiple,
                hide_tallies: new.hide_tallies,
                ends_at: app.now().plus_seconds(seconds),
                language: new.language.unwrap_or(about.language),
            };
            (new.json, ballots::open(app, None, id, &draft).await?)
        }
        Ballot::Close(one) => (one.json, ballots::close(app, None, one.id.into()).await?),
        Ballot::Show(one) => (one.json, ballots::get(app, one.id.into()).await?),
    })
}

/// The ballot for scripts.
pub(super) fn json(poll: &Poll, now: Timestamp) -> Value {
    let it = &poll.ballot;
    let options: Vec<Value> = poll
        .options
        .iter()
        .map(|o| {
            json!({ "id": o.id.to_string(), "name": o.name, "fediverse": o.fediverse,
                "registered": o.registered, "reported": o.reported })
        })
        .collect();
    json!({
        "id": it.id.to_string(), "uri": it.uri, "initiative": it.initiative_id.to_string(),
        "state": it.state_at(now), "question": it.question, "multiple": it.multiple,
        "hide_tallies": it.hide_tallies, "ends_at": it.ends_at.to_rfc3339(),
        "closed_at": it.closed_at.map(Timestamp::to_rfc3339),
        "voters": { "fediverse": it.fediverse, "registered": it.registered },
        "verdicts": { "late": it.late, "second": it.second, "refused": it.refused },
        "options": options,
    })
}

/// The ballot for people.
pub(super) fn text(poll: &Poll, now: Timestamp) -> String {
    let it = &poll.ballot;
    let mut lines = vec![
        format!(
            "{} ({}), until {}: {}",
            it.question,
            it.state_at(now),
            it.closes_at.to_rfc3339(),
            it.uri
        ),
        format!("voters: {} fediverse, {} registered", it.fediverse, it.registered),
    ];
    let options = poll.options.iter();
    lines.extend(
        options.map(|o| {
            format!("  {}: {} fediverse, {} registered", o.name, o.fediverse, o.registered)
        }),
    );
    lines.push(format!(
        "not counted: {} late, {} second, {} refused",
        it.late, it.second, it.refused
    ));
    lines.join("\n")
}
