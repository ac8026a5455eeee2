//! Which actors are one person, and which of that person's reactions is counted.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, ObjectId, Reaction};

/// The person that an actor belongs to; `None` when it stands alone.
pub async fn person_of(conn: &mut Conn<'_>, actor: ActorId) -> Result<Option<ActorId>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT person_id FROM identities WHERE actor_id = $1")
        .bind(actor).fetch_optional(c).await)?)
}

/// All actors of a person.
pub async fn members(conn: &mut Conn<'_>, person: ActorId) -> Result<Vec<ActorId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT actor_id FROM identities WHERE person_id = $1 ORDER BY actor_id",
    ).bind(person).fetch_all(c).await)?)
}

/// Makes an actor part of a person.
pub async fn put(conn: &mut Conn<'_>, actor: ActorId, person: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO identities (actor_id, person_id) VALUES ($1, $2)
         ON CONFLICT (actor_id) DO UPDATE SET person_id = excluded.person_id",
    ).bind(actor).bind(person).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What several actors of a person reacted to, by kind.
pub async fn doubles(conn: &mut Conn<'_>, person: ActorId) -> Result<Vec<(ObjectId, Reaction)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT r.object_id, r.kind FROM reactions r JOIN identities i ON i.actor_id = r.actor_id
         WHERE i.person_id = $1 GROUP BY r.object_id, r.kind HAVING COUNT(*) > 1
         ORDER BY r.object_id, r.kind",
    ).bind(person).fetch_all(c).await)?)
}

/// A person's reactions of one kind to one object, earliest first: by whom, and whether counted.
pub async fn reactions(
    conn: &mut Conn<'_>,
    person: ActorId,
    object: ObjectId,
    kind: Reaction,
) -> Result<Vec<(ActorId, bool)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT r.actor_id, r.counted FROM reactions r
         JOIN identities i ON i.actor_id = r.actor_id
         WHERE i.person_id = $1 AND r.object_id = $2 AND r.kind = $3
         ORDER BY r.created_at, r.actor_id",
    ).bind(person).bind(object).bind(kind).fetch_all(c).await)?)
}

/// Sets whether a reaction is counted.
pub async fn set_counted(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
    counted: bool,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE reactions SET counted = $4 WHERE object_id = $1 AND actor_id = $2 AND kind = $3",
    ).bind(object).bind(actor).bind(kind).bind(counted).execute(c).await.map(|_| ()))?;
    Ok(())
}
