//! The program `breeze`: reads its command line and runs the window.

use breeze_desktop::{app, cli::Cli, platform};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let started_ms = platform::mono_ms();
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("BREEZE_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    // A second provider cannot be there: `ring` is the only one compiled in.
    drop(rustls::crypto::ring::default_provider().install_default());
    let code = app::run(&cli, started_ms);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
