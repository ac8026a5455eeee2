//! Leave to answer what was written here, for servers that ask for it. Who may answer is the same
//! for all of them, whether they ask or not: everybody, unless the thread is closed, the assembly
//! excluded them, or one of the two blocks the other.

use super::quotes::Request;
use super::{Result, Unit, blocks, moderation};
use crate::app::App;
use crate::domain::reply::ReplyAuthorization;
use crate::domain::{Event, ReplyId, State};
use crate::storage::{self, objects::ObjectRow};

/// Answers a request. The same request again gets the same answer, as long as nothing changed.
pub async fn receive_request_in(unit: &mut Unit<'_>, request: &Request) -> Result<()> {
    let object = storage::objects::by_uri(&mut unit.conn(), &request.object).await?;
    let Some(object) = object.filter(|o| o.local && o.state != State::Draft) else {
        return Ok(());
    };
    let mut leave = None;
    if request.sound && takes_answers(&object) && is_welcome_in(unit, &object, request).await? {
        let new = ReplyAuthorization {
            id: unit.app.id(),
            object_id: object.id,
            actor_id: request.actor,
            instrument_uri: request.instrument.clone(),
            created_at: unit.now,
        };
        let conn = &mut unit.conn();
        storage::replies::insert(conn, &new).await?;
        leave = storage::replies::find(conn, object.id, &request.instrument).await?;
    }
    unit.record(&Event::ReplyAnswered {
        object: object.id,
        requester: request.actor,
        request: request.uri.clone(),
        instrument: request.instrument.clone(),
        authorization: leave.filter(|l| l.actor_id == request.actor).map(|l| l.id),
    })
    .await
}

fn takes_answers(object: &ObjectRow) -> bool {
    object.state == State::Discussion && object.deleted_at.is_none() && object.locked_at.is_none()
}

async fn is_welcome_in(unit: &mut Unit<'_>, object: &ObjectRow, request: &Request) -> Result<bool> {
    let (author, asker) = (object.author_id, request.actor);
    Ok(!moderation::is_banned_in(unit, object.assembly_id, asker).await?
        && !blocks::between_in(unit, author, asker).await?)
}

/// The authorization of this id with what it is about.
pub async fn authorization(
    app: &App,
    id: ReplyId,
) -> Result<Option<(ReplyAuthorization, ObjectRow)>> {
    let mut reader = app.db.read().await?;
    let Some(leave) = storage::replies::by_id(&mut reader.conn(), id).await? else {
        return Ok(None);
    };
    let object = storage::objects::by_id(&mut reader.conn(), leave.object_id).await?;
    Ok(object.map(|object| (leave, object)))
}
