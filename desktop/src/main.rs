//! The program `breeze`: reads its command line and runs the window.

use breeze_desktop::{app, cli::Cli, platform};
use clap::Parser;
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let started_ms = platform::mono_ms();
    let cli = Cli::parse();
    let wanted = std::env::var("BREEZE_LOG").ok();
    let wanted = wanted.and_then(|filter| filter.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
    // A second provider cannot be there: `ring` is the only one compiled in.
    drop(rustls::crypto::ring::default_provider().install_default());
    let code = app::run(&cli, started_ms);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
