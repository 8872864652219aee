//! `storm`: bounded load against a real server on loopback; each subcommand prints one table and stops by itself.

use breeze_tests::storm::{cost, durable, memory, watch, window};
use clap::{Parser, Subcommand};

/// Figures for docs/benchmarks.md.
#[derive(Parser)]
#[command(version, about)]
struct Words {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Goodbye, kill and pulled cable -> doubtful -> grey, on every watcher.
    Watch {
        /// Friends that watch.
        #[arg(long, default_value_t = 1000)]
        watchers: usize,
        /// Runs by goodbye and by kill.
        #[arg(long, default_value_t = 30)]
        runs: usize,
        /// Runs with a pulled cable, 16 s each.
        #[arg(long, default_value_t = 4)]
        cable_runs: usize,
        /// Over TLS, not plaintext.
        #[arg(long)]
        tls: bool,
    },
    /// Resident KiB per idle signed-in connection, plaintext and TLS.
    Memory {
        /// Connections.
        #[arg(long, default_value_t = 1000)]
        connections: usize,
    },
    /// CPU microseconds per presence notice, beside a bare tokio writer.
    Cost {
        /// Friends that watch.
        #[arg(long, default_value_t = 1000)]
        watchers: usize,
        /// Changes of presence.
        #[arg(long, default_value_t = 100)]
        notices: usize,
    },
    /// The real window beside an empty one (build it first: `cargo build --release --workspace --examples`).
    Window {
        /// Friends in the list.
        #[arg(long, default_value_t = 24)]
        friends: usize,
        /// Starts of each window.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Seconds of doing nothing.
        #[arg(long, default_value_t = 60)]
        idle_s: u64,
    },
    /// Durable messages a second, beside a bare append and fdatasync.
    Durable {
        /// Most senders at once.
        #[arg(long, default_value_t = 512)]
        senders: usize,
        /// Seconds of sending.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    match Words::parse().what {
        What::Watch {
            watchers,
            runs,
            cable_runs,
            tls,
        } => watch::run(watchers, runs, cable_runs, tls).await,
        What::Memory { connections } => memory::run(connections).await,
        What::Window {
            friends,
            runs,
            idle_s,
        } => window::run(friends, runs, idle_s).await,
        What::Cost { watchers, notices } => cost::run(watchers, notices).await,
        What::Durable { senders, seconds } => durable::run(senders, seconds).await,
    }
}
