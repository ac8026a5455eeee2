//! What one item of work costs the server, measured over the wire: the release program as a child
//! process, other servers played by this one, real signatures, both database engines.
//!
//! The unit is CPU time of the server's process per item, since rates on shared machines mean
//! little. Requests are signed before the clock starts, and a measurement ends when the queues
//! are empty, so that work put off is counted too. Nothing fails because it was slow.
//!
//! ```text
//! cargo bench --bench wire -- [--engine sqlite|postgres|both] [--only like,reply] [--quick] [--grown]
//!                          [--program PATH]
//! ```

#[path = "wire/actors.rs"]
mod actors;
#[path = "wire/child.rs"]
mod child;
#[path = "wire/cluster.rs"]
mod cluster;
#[path = "wire/database.rs"]
mod database;
#[path = "wire/grown.rs"]
mod grown;
#[path = "wire/items.rs"]
mod items;
#[path = "wire/load.rs"]
mod load;
#[path = "wire/options.rs"]
mod options;
#[path = "wire/peers.rs"]
mod peers;
#[path = "wire/process.rs"]
mod process;
#[path = "wire/stage.rs"]
mod stage;
#[path = "wire/table.rs"]
mod table;

use options::{Engine, Options};
use std::io::Write as _;
use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    match begin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "wire: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin() -> anyhow::Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for engine in &options.engines {
        let fresh = runtime.block_on(run(&options, *engine, false))?;
        print(&fresh)?;
        if options.grown {
            let grown = runtime.block_on(run(&options, *engine, true))?;
            print(&grown)?;
            print(&grown.beside(&fresh))?;
        }
    }
    Ok(())
}

fn print(what: &dyn std::fmt::Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{what}")?)
}

/// Everything for one engine, in a folder of its own that is gone afterwards.
async fn run(options: &Options, engine: Engine, grown: bool) -> anyhow::Result<Table> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(cluster::Cluster::start(folder.path()).await?),
    };
    let url = cluster.as_ref().map_or_else(
        || format!("sqlite:{}", folder.path().join("veche.db").display()),
        |cluster| cluster.url.clone(),
    );
    let place = items::Place { folder: folder.path(), database: &url, cluster: cluster.as_ref() };
    let outcome = Box::pin(items::measure(options, engine, place, grown)).await;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    outcome
}
