//! The federation log: what came in, what went out, what was refused, and why.
//!
//! Nothing is written here that another row holds already: arrivals are rows of `inbox`, what was
//! sent is in `activities` and `deliveries`, and only what was refused at the door has rows of
//! its own (`services::refusals`).

use super::{Result, Unit, refusals};
use crate::app::App;
use crate::domain::Timestamp;
use crate::storage;

const DAY: i64 = 24 * 60 * 60;
/// Where it is kept until when the bodies of arrivals were let go of.
const BODIES: &str = "inbox_bodies_forgotten_before";

/// Forgets what is older than the log is kept for.
pub async fn sweep(app: &App) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let before = now.plus_seconds(-i64::from(app.config.federation.log_days) * DAY);
    let from = storage::policies::instance_value(&mut unit.conn(), BODIES).await?;
    let from = Timestamp::from_millis(from.and_then(|f| f.parse().ok()).unwrap_or(0));
    storage::inbox::forget_bodies(&mut unit.conn(), from, before).await?;
    let done = before.millis().to_string();
    storage::policies::set_instance_value(&mut unit.conn(), BODIES, &done).await?;
    refusals::prune_in(&mut unit, now).await?;
    unit.commit().await
}
