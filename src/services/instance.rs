//! What the instance says of itself: figures for NodeInfo and the about page, and its health.

use super::Result;
use crate::app::App;
use crate::storage;

/// Figures about the instance.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub people: i64,
    pub initiatives: i64,
    pub comments: i64,
}

/// Counts what is public here.
pub async fn figures(app: &App) -> Result<Figures> {
    let mut reader = app.db.read().await?;
    let people = storage::actors::count_local_people(&mut reader.conn()).await?;
    let (initiatives, comments) = storage::objects::count_local(&mut reader.conn()).await?;
    Ok(Figures { people, initiatives, comments })
}

/// The state of the queues.
#[derive(Clone, Copy, Debug)]
pub struct Queues {
    pub jobs_pending: i64,
    pub jobs_dead: i64,
    pub inbox_pending: i64,
    pub inbox_dead: i64,
    pub deliveries_pending: i64,
    pub deliveries_dead: i64,
    /// For how many milliseconds the oldest delivery that could have been tried was not.
    pub oldest_due_millis: i64,
}

/// Looks at the queues.
pub async fn queues(app: &App) -> Result<Queues> {
    let mut reader = app.db.read().await?;
    let (jobs_pending, jobs_dead) = storage::jobs::counts(&mut reader.conn()).await?;
    let (inbox_pending, inbox_dead) = storage::inbox::counts(&mut reader.conn()).await?;
    let (deliveries_pending, deliveries_dead) =
        storage::deliveries::counts(&mut reader.conn()).await?;
    drop(reader);
    Ok(Queues {
        jobs_pending,
        jobs_dead,
        inbox_pending,
        inbox_dead,
        deliveries_pending,
        deliveries_dead,
        oldest_due_millis: oldest_due_millis(app).await?,
    })
}

/// For how many milliseconds the oldest delivery that could have been tried was not.
pub async fn oldest_due_millis(app: &App) -> Result<i64> {
    let now = app.now();
    let oldest = storage::deliveries::oldest_due(&mut app.db.read().await?.conn(), now).await?;
    Ok(oldest.map_or(0, |at| now.millis() - at.millis()))
}

/// Whether the database has exactly the schema that this program needs.
pub async fn schema_is_current(app: &App) -> Result<bool> {
    let state = app.db.schema_state().await;
    state
        .map(|state| state == storage::SchemaState::Current)
        .map_err(|error| super::Error::Internal(error.to_string()))
}
