//! Ballots, their options and the votes on them.

use super::{Conn, Result, connection::on};
use crate::domain::ballot::{Ballot, BallotOption, Verdict};
use crate::domain::{ActorId, ObjectId, OptionId, Timestamp};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.uri, o.url, o.local, b.initiative_id, p.uri AS initiative_uri,
             b.question, b.html, o.language, b.multiple, b.hide_tallies, o.claimed_at AS opened_at,
             b.ends_at, b.closes_at, b.closed_at, o.deleted_at, b.fediverse, b.registered,
             b.second, b.late, b.refused, o.replies, b.reported_voters, b.reported_at,
             a.id AS author_id, a.uri AS author_uri, a.name AS author_name,
             a.handle AS author_handle, COALESCE(a.acct_host, a.host) AS author_host, a.url AS author_url
             FROM ballots b JOIN objects o ON o.id = b.id JOIN objects p ON p.id = b.initiative_id
             JOIN actors a ON a.id = o.author_id ",
            $rest
        )
    };
}

/// A new row; its object is stored beside it.
#[derive(Clone, Debug)]
pub struct NewBallot<'a> {
    pub id: ObjectId,
    pub initiative: ObjectId,
    pub question: &'a str,
    pub html: &'a str,
    pub multiple: bool,
    pub hide_tallies: bool,
    pub ends_at: Timestamp,
}

/// By how much the tallies of a ballot change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub fediverse: i64,
    pub registered: i64,
    pub second: i64,
    pub late: i64,
    pub refused: i64,
}

/// What decides whether the tallies are to be sent out.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pushing {
    pub pushes: i64,
    pub hide_tallies: bool,
    pub closed_at: Option<Timestamp>,
}

/// Stores a ballot with its options.
pub async fn insert(
    conn: &mut Conn<'_>,
    new: &NewBallot<'_>,
    options: &[(OptionId, &str)],
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO ballots (id, initiative_id, question, html, multiple, hide_tallies, ends_at, closes_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(new.id).bind(new.initiative).bind(new.question).bind(new.html).bind(new.multiple)
    .bind(new.hide_tallies).bind(new.ends_at).execute(c).await.map(|_| ()))?;
    on!(conn, c => {
        let mut query =
            sqlx::QueryBuilder::new("INSERT INTO ballot_options (id, ballot_id, position, name) ");
        let numbered = options.iter().zip(0_i64..);
        query.push_values(numbered, |mut row, ((id, name), position)| {
            row.push_bind(*id).push_bind(new.id).push_bind(position).push_bind(*name);
        });
        query.build().execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// The ballot of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ObjectId) -> Result<Option<Ballot>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE b.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The ballots of an initiative, oldest first, removed ones included.
pub async fn of_initiative(conn: &mut Conn<'_>, initiative: ObjectId) -> Result<Vec<Ballot>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE b.initiative_id = $1 ORDER BY b.id"))
        .bind(initiative).fetch_all(c).await)?)
}

/// How many ballots of an initiative stand.
pub async fn count_standing(conn: &mut Conn<'_>, initiative: ObjectId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM ballots b JOIN objects o ON o.id = b.id
         WHERE b.initiative_id = $1 AND o.deleted_at IS NULL",
    ).bind(initiative).fetch_one(c).await)?)
}

/// The options of a ballot, in their order.
pub async fn options(conn: &mut Conn<'_>, ballot: ObjectId) -> Result<Vec<BallotOption>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, ballot_id, position, name, fediverse, registered, reported
         FROM ballot_options WHERE ballot_id = $1 ORDER BY position",
    ).bind(ballot).fetch_all(c).await)?)
}

/// The options of all ballots of an initiative, each in its order.
pub async fn options_of_initiative(
    conn: &mut Conn<'_>,
    initiative: ObjectId,
) -> Result<Vec<BallotOption>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT p.id, p.ballot_id, p.position, p.name, p.fediverse, p.registered, p.reported
         FROM ballot_options p JOIN ballots b ON b.id = p.ballot_id
         WHERE b.initiative_id = $1 ORDER BY p.ballot_id, p.position",
    ).bind(initiative).fetch_all(c).await)?)
}

/// Notes that somebody votes; `false` when they have done so before. Whoever else notes the same
/// at the same moment waits for the end of this transaction.
pub async fn insert_voter(conn: &mut Conn<'_>, ballot: ObjectId, voter: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO ballot_voters (ballot_id, voter_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    ).bind(ballot).bind(voter).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// A vote with its verdict.
#[derive(Clone, Debug)]
pub struct NewVote<'a> {
    pub ballot: ObjectId,
    pub voter: ActorId,
    pub option: Option<OptionId>,
    pub verdict: Verdict,
    pub activity_uri: &'a str,
    pub received_at: Timestamp,
}

/// Keeps a vote; `false` when the same is kept already.
pub async fn insert_vote(conn: &mut Conn<'_>, vote: &NewVote<'_>) -> Result<bool> {
    let option = vote.option.unwrap_or(OptionId::from(0));
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO ballot_votes (ballot_id, voter_id, option_id, verdict, activity_uri, received_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    ).bind(vote.ballot).bind(vote.voter).bind(option).bind(vote.verdict).bind(vote.activity_uri)
    .bind(vote.received_at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The options that somebody chose, and that count or were sent to the home of the ballot.
pub async fn choices(
    conn: &mut Conn<'_>,
    ballot: ObjectId,
    voter: ActorId,
) -> Result<Vec<OptionId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT option_id FROM ballot_votes WHERE ballot_id = $1 AND voter_id = $2
         AND verdict IN ('counted', 'sent') ORDER BY option_id",
    ).bind(ballot).bind(voter).fetch_all(c).await)?)
}

/// Changes the tallies of a ballot and holds its row until the end of the transaction.
pub async fn add(conn: &mut Conn<'_>, id: ObjectId, by: &Change) -> Result<Option<Pushing>> {
    Ok(on!(conn, c => sqlx::query_as(
        "UPDATE ballots SET fediverse = fediverse + $2, registered = registered + $3,
             second = second + $4, late = late + $5, refused = refused + $6
         WHERE id = $1 RETURNING pushes, hide_tallies, closed_at",
    ).bind(id).bind(by.fediverse).bind(by.registered).bind(by.second).bind(by.late)
    .bind(by.refused).fetch_optional(c).await)?)
}

/// Changes the tallies of an option.
pub async fn add_to_option(
    conn: &mut Conn<'_>,
    id: OptionId,
    fediverse: i64,
    registered: i64,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE ballot_options SET fediverse = fediverse + $2, registered = registered + $3
         WHERE id = $1",
    ).bind(id).bind(fediverse).bind(registered).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that the tallies are sent out, and holds the row.
pub async fn count_push(conn: &mut Conn<'_>, id: ObjectId) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE ballots SET pushes = pushes + 1 WHERE id = $1")
        .bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Brings the end forward; `false` when it is over already.
pub async fn set_closes(conn: &mut Conn<'_>, id: ObjectId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE ballots SET closes_at = $2 WHERE id = $1 AND closed_at IS NULL AND closes_at > $2",
    ).bind(id).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Makes the result final and holds the row; `false` when it was, or when the end has not come.
pub async fn set_closed(conn: &mut Conn<'_>, id: ObjectId, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE ballots SET closed_at = closes_at
         WHERE id = $1 AND closed_at IS NULL AND closes_at <= $2",
    ).bind(id).bind(now).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Keeps what the home of a ballot reports, and since when it is closed there.
pub async fn set_reported(
    conn: &mut Conn<'_>,
    id: ObjectId,
    voters: Option<i64>,
    closed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE ballots SET reported_voters = $2, reported_at = $4,
             closed_at = COALESCE(closed_at, $3), closes_at = COALESCE($3, closes_at) WHERE id = $1",
    ).bind(id).bind(voters).bind(closed_at).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Keeps what the home of a ballot reports of an option.
pub async fn set_option_reported(
    conn: &mut Conn<'_>,
    ballot: ObjectId,
    position: i64,
    reported: Option<i64>,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE ballot_options SET reported = $3 WHERE ballot_id = $1 AND position = $2",
    ).bind(ballot).bind(position).bind(reported).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The inboxes of those elsewhere who voted on, endorsed or boosted a ballot, each server once.
pub async fn inboxes_of_participants(conn: &mut Conn<'_>, id: ObjectId) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM actors a
         WHERE NOT a.local AND a.deleted_at IS NULL AND a.id IN (
             SELECT voter_id FROM ballot_votes WHERE ballot_id = $1
             UNION SELECT actor_id FROM reactions WHERE object_id = $1)",
    ).bind(id).fetch_all(c).await)?)
}

/// Local ballots of an initiative whose result is not final.
pub async fn unfinished_of(conn: &mut Conn<'_>, initiative: ObjectId) -> Result<Vec<ObjectId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT b.id FROM ballots b JOIN objects o ON o.id = b.id
         WHERE b.initiative_id = $1 AND o.local AND b.closed_at IS NULL AND o.deleted_at IS NULL
         ORDER BY b.id",
    ).bind(initiative).fetch_all(c).await)?)
}
