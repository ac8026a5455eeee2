//! Parses the arguments, starts the runtime and hands over to `cli`.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = veche::cli::Cli::parse();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(veche::cli::run(arguments)),
        Err(error) => {
            veche::cli::complain(&format!("cannot start the runtime: {error}"));
            ExitCode::FAILURE
        }
    }
}
