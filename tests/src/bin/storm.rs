//! `storm`: bounded load against a real server on loopback; each subcommand prints one table and stops by itself.

use breeze_tests::storm::{
    cost, durable, files, local_search, memory, notices, own, resume, search, shell, store, watch, window,
};
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
        /// People whose cable is cut at once: 16 s for both ways, and as long for each way alone.
        #[arg(long, default_value_t = 30)]
        cables: usize,
        /// Over TLS, not plaintext.
        #[arg(long)]
        tls: bool,
    },
    /// Own link cut -> "last known": the app's real link, both ways and each way alone.
    Own {
        /// Links cut at once, 11 s for each way.
        #[arg(long, default_value_t = 30)]
        cuts: usize,
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
        /// Messages kept on this computer before the window starts.
        #[arg(long, default_value_t = 0)]
        cached: u64,
    },
    /// The window hidden in the tray and shown again, many times.
    Shell {
        /// Friends in the list.
        #[arg(long, default_value_t = 24)]
        friends: usize,
        /// Times it is shown again.
        #[arg(long, default_value_t = 20)]
        rounds: usize,
        /// Seconds of being hidden.
        #[arg(long, default_value_t = 60)]
        idle_s: u64,
    },
    /// Commit on the server -> notification, with the real window shown and minimized (build it first).
    Notices {
        /// Messages each.
        #[arg(long, default_value_t = 250)]
        messages: usize,
    },
    /// Searching many messages, and what the index takes from whoever writes.
    Search {
        /// Messages.
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
        /// Seconds of writing, each time.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Searching many messages on one's own computer: the app's index as the real app makes it.
    LocalSearch {
        /// Messages.
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// The store alone beside bare writes, with and without waiting for the disk, and how long its log grows.
    Store {
        /// Seconds of writing, each time.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Seconds of saturation while the log is watched; 0 = not.
        #[arg(long, default_value_t = 60)]
        saturate_s: u64,
    },
    /// One large file, up and down, through a connection cut again and again; and texts meanwhile.
    Files {
        /// MiB of the file.
        #[arg(long, default_value_t = 1024)]
        mib: u64,
        /// Cuts each way.
        #[arg(long, default_value_t = 10)]
        cuts: u64,
    },
    /// What a device that was away is sent when it comes back.
    Resume {
        /// Messages missed, each time.
        #[arg(long, value_delimiter = ',', default_value = "1,1000,5000")]
        missed: Vec<usize>,
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
            cables,
            tls,
        } => watch::run(watchers, runs, cables, tls).await,
        What::Own { cuts, tls } => own::run(cuts, tls).await,
        What::Memory { connections } => memory::run(connections).await,
        What::Window {
            friends,
            runs,
            idle_s,
            cached,
        } => window::run(friends, runs, idle_s, cached).await,
        What::Shell {
            friends,
            rounds,
            idle_s,
        } => shell::run(friends, rounds, idle_s).await,
        What::Cost { watchers, notices } => cost::run(watchers, notices).await,
        What::Notices { messages } => notices::run(messages).await,
        What::Search { messages, seconds } => search::run(messages, seconds).await,
        What::LocalSearch { messages } => local_search::run(messages).await,
        What::Store { seconds, saturate_s } => store::run(seconds, saturate_s).await,
        What::Resume { missed } => resume::run(&missed).await,
        What::Files { mib, cuts } => files::run(mib, cuts).await,
        What::Durable { senders, seconds } => durable::run(senders, seconds).await,
    }
}
