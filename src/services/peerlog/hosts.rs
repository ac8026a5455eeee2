//! How each server is doing: what waits for it, what became of the last attempts, which rule
//! holds.

use crate::app::App;
use crate::domain::Invalid;
use crate::domain::policy::Standing;
use crate::domain::{Timestamp, host as names};
use crate::services::letters::Depth;
use crate::services::{Error, Result, Unit, policies};
use crate::storage;

/// Failing hosts that are remembered at the most.
const MOST_FAILING: i64 = 10_000;
/// A host is forgotten when it has not been well for so long and nothing waits for it.
const FORGET_SECONDS: i64 = 30 * 24 * 60 * 60;

/// One server.
#[derive(Clone, Debug)]
pub struct HostView {
    pub host: String,
    /// What was registered: all servers under it are one's own to make.
    pub registrable: String,
    pub depth: Depth,
    /// Failures in a row.
    pub failures: i64,
    /// Not before this moment, if it rests.
    pub retry_at: Option<Timestamp>,
    pub last_ok: Option<Timestamp>,
    pub last_error: Option<String>,
    pub standing: Standing,
    /// Actors of it that are known here.
    pub actors: i64,
    /// Follows that a rule froze.
    pub frozen: i64,
}

/// One server, whether anything is known of it or not.
pub async fn host(app: &App, name: &str) -> Result<HostView> {
    let name =
        names::canonical(name).ok_or_else(|| Error::from(Invalid::new("domain", "domain")))?;
    let now = app.now();
    let mut reader = app.db.read().await?;
    let depth = storage::letters::depth_of(&mut reader.conn(), &name, now).await?;
    let row = storage::hosts::by_name(&mut reader.conn(), &name).await?;
    let actors = storage::hosts::count_actors(&mut reader.conn(), &name).await?;
    let frozen = storage::policies::count_frozen(&mut reader.conn(), &name).await?;
    Ok(view(app, depth, row, actors, frozen))
}

/// Servers for which something waits, was given up, or that fail: the longest queue first.
pub async fn hosts(app: &App, limit: i64) -> Result<Vec<HostView>> {
    let now = app.now();
    let mut reader = app.db.read().await?;
    let mut depths = storage::letters::depths(&mut reader.conn(), now, limit).await?;
    let failing = storage::hosts::failing_most(&mut reader.conn(), limit).await?;
    for row in &failing {
        if !depths.iter().any(|depth| depth.host == row.host) {
            let host = row.host.clone();
            depths.push(Depth { host, pending: 0, in_flight: 0, next_at: None, dead: 0 });
        }
    }
    depths.truncate(usize::try_from(limit).unwrap_or(0));
    let mut all = Vec::with_capacity(depths.len());
    for depth in depths {
        let row = storage::hosts::by_name(&mut reader.conn(), &depth.host).await?;
        all.push(view(app, depth, row, 0, 0));
    }
    Ok(all)
}

fn view(
    app: &App,
    depth: Depth,
    row: Option<storage::hosts::HostRow>,
    actors: i64,
    frozen: i64,
) -> HostView {
    let host = depth.host.clone();
    HostView {
        registrable: names::registrable(&host).to_owned(),
        standing: policies::of_host(app, &host),
        failures: row.as_ref().map_or(0, |r| r.failures),
        retry_at: row.as_ref().map(|r| r.retry_at).filter(|at| *at > app.now()),
        last_ok: row.as_ref().and_then(|r| r.last_ok),
        last_error: row.and_then(|r| r.last_error),
        host,
        depth,
        actors,
        frozen,
    }
}

/// Forgets hosts that are long gone, and failing ones above the limit: whoever makes up names
/// must not fill the table.
pub(super) async fn prune_in(unit: &mut Unit<'_>, now: Timestamp) -> Result<()> {
    let before = now.plus_seconds(-FORGET_SECONDS);
    storage::hosts::prune(&mut unit.conn(), before, MOST_FAILING).await?;
    Ok(())
}
