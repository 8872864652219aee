//! A server's life: the order in which it starts, what it prints, and how it stops within three seconds.

use crate::admin::operator::{Kept, Operator};
use crate::admin::{self, Admin, daily, socket, sweep};
use crate::clock::wall_ms;
use crate::config::{Config, Tls};
use crate::fault::Fault;
use crate::hub::{self, HubStart};
use crate::identity::{self, Identity};
use crate::invite::Inviter;
use crate::net::announce::{self as network, Announcement};
use crate::net::{self, About, NetStart, listen};
use crate::store::data_dir::{DataDir, make_files_private};
use crate::store::desk::Desk;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::open::{OpenStore, Place};
use crate::store::{self, Committed};
use crate::{password, qr, systemd};
use breeze_protocol::admin::StartLine;
use breeze_protocol::fingerprint;
use breeze_protocol::link::split_host;
use breeze_protocol::message::sign_in::Secret;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// Threads of the runtime: one for the hub while the other shakes hands.
const WORKERS: usize = 2;
/// Stack of one of them, bytes; only what is touched takes memory.
const STACK_BYTES: usize = 1024 * 1024;
/// Threads for what cannot wait otherwise: the bytes of files, backups, closing the store.
const BLOCKING_MAX: usize = 8;
/// How long the sockets may take to end after everybody was told goodbye.
const SOCKETS_END_MAX: Duration = Duration::from_millis(400);
/// How long the store may take to write what waits. What is not written by then was never acknowledged.
const STORE_END_MAX: Duration = Duration::from_millis(400);

/// What a server is started with.
#[derive(Debug)]
pub struct Options {
    /// Its data directory.
    pub data: PathBuf,
    /// File and command line together, checked.
    pub config: Config,
    /// The configuration that was named, if one was: it goes into backups.
    pub config_file: Option<PathBuf>,
    /// Print one line of JSON in place of sentences.
    pub json: bool,
    /// Stop when standard input ends: the parent is gone.
    pub parent_watch: bool,
    /// The promise to break; `Fault::None` in the shipped program.
    pub fault: Fault,
}

/// Starts a server and returns when it has stopped.
///
/// # Errors
/// A sentence for the operator.
pub fn serve(options: Options) -> Result<(), String> {
    make_files_private();
    let dir = DataDir::open(&options.data).map_err(|error| error.to_string())?;
    let data = dir.path().to_owned();
    let identity = match options.config.tls {
        Tls::On => Some(identity::load(&data).map_err(|error| error.to_string())?),
        Tls::Off => None,
    };
    let open = OpenStore {
        fault: options.fault,
        limits: options.config.file_limits().map_err(|error| error.to_string())?,
        ..OpenStore::new(Place::Dir(dir), options.config.roster, wall_ms())
    };
    let (store, committed) = SqliteStore::open(open).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_MAX)
        .thread_stack_size(STACK_BYTES)
        .thread_name("breeze")
        .enable_all()
        .build()
        .map_err(|error| {
            format!("the system gives no threads ({error}): end other programs, then try again")
        })?;
    let done = runtime.block_on(run(Parts {
        options,
        data,
        identity,
        store,
        committed,
    }));
    runtime.shutdown_background();
    done
}

/// What [`run`] puts together.
pub struct Parts<S> {
    /// What was asked for.
    pub options: Options,
    /// The data directory, absolute.
    pub data: PathBuf,
    /// The server's key; `None` when TLS is off.
    pub identity: Option<Identity>,
    /// What is kept.
    pub store: S,
    /// What it commits.
    pub committed: mpsc::Receiver<Committed>,
}

/// Runs a server on any store until it is told to stop.
///
/// # Errors
/// A sentence for the operator.
pub async fn run<S: Desk>(parts: Parts<S>) -> Result<(), String> {
    let Parts {
        options,
        data,
        identity,
        store,
        committed,
    } = parts;
    let config = &options.config;
    let mut stop = Stop::new(options.parent_watch)?;
    let admin_path = socket::place(&data)?;
    let listeners = listen::bind(&config.listen)?;
    let listening: Vec<SocketAddr> = listeners.iter().filter_map(|it| it.local_addr().ok()).collect();
    let inviter = Arc::new(inviter(config, &listening, identity.as_ref()));
    let passwords = password::Pool::start().map_err(no_threads)?;
    let kept = store.identity();
    let timing = config.timing().map_err(|error| error.to_string())?;
    let start = HubStart {
        rows: store.boot_rows().await.map_err(|error| error.to_string())?,
        identity: kept,
        committed,
        timing,
        fault: options.fault,
    };
    let hub = hub::spawn(start, store.clone());
    let operator = Operator {
        store: store.clone(),
        passwords: passwords.clone(),
        inviter: Arc::clone(&inviter),
        hub: Some(hub.clone()),
        kept: Kept::of(data, options.config_file.clone()),
    };
    let owner_link = operator.owner_link().await.map_err(|error| error.to_string())?;
    let line = start_line(&inviter, &listening, owner_link, &admin_path);
    let admin = Admin {
        operator,
        start: Mutex::new(line.clone()),
        name: config.name.trim().to_owned(),
        started: Instant::now(),
        stop: stop.sender.clone(),
    };
    let operators = tokio::spawn(operators(admin, socket::bind(&admin_path)?, config)?);
    let (shutdown, shut) = watch::channel(false);
    let sockets = tokio::spawn(net::serve(NetStart {
        listeners,
        handed: None,
        tls: identity.map(|it| it.tls),
        store: store.clone(),
        hub: hub.clone(),
        about: Arc::new(about(config, kept)),
        passwords,
        inviter,
        timing,
        caps: config.caps().map_err(|error| error.to_string())?,
        shutdown: shut,
    }));
    let told = tell_network(config, kept, &listening, &line.pin);
    announce(&line, options.json, config);
    let signs = systemd::ready(&line.address, hub.clone());
    tracing::info!(boot = kept.boot, address = %line.address, outage_ms = kept.outage_ms, "started");
    stop.wait().await;
    systemd::stopping(&signs);
    operators.abort();
    drop(told);
    // An error here means that the sockets have ended by themselves.
    let _ = shutdown.send(true);
    end(&hub, sockets, &store).await;
    socket::unbind(&admin_path);
    Ok(())
}

fn no_threads(error: std::io::Error) -> String {
    format!("the system gives no threads ({error})")
}

/// Lets everybody go and writes what waits, within limits.
async fn end<S: Desk>(hub: &hub::Handle, sockets: tokio::task::JoinHandle<()>, store: &S) {
    hub.drain().await;
    let ended = tokio::time::timeout(SOCKETS_END_MAX, sockets).await.is_ok();
    let closed = tokio::time::timeout(STORE_END_MAX, store.close()).await.is_ok();
    tracing::info!(sockets_ended = ended, store_closed = closed, "stopped");
}

/// Announces the server on the local network; without a network it runs all the same.
fn tell_network(
    config: &Config,
    kept: store::Identity,
    listening: &[SocketAddr],
    pin: &str,
) -> Option<Announcement> {
    if !config.announces() {
        return None;
    }
    let id = kept.server_id.to_string();
    let mark = id.get(..4).unwrap_or_default();
    let about = network::About {
        name: &config.name,
        mark,
        listening,
        pin,
    };
    match network::announce(about) {
        Ok(told) => {
            tracing::info!("announced on this network");
            Some(told)
        }
        Err(sentence) => {
            tracing::warn!("{sentence}");
            None
        }
    }
}

/// What operators and the clock ask for: the admin socket, the daily backup, and the sweeping of files.
fn operators<S: Desk>(
    admin: Admin<S>,
    listener: socket::Listener,
    config: &Config,
) -> Result<impl Future<Output = ()> + Send + 'static, String> {
    let backups = config.backups().map_err(|error| error.to_string())?;
    let admin = Arc::new(admin);
    let sweeping = sweep::serve(admin.operator.store.clone(), config.keep_days);
    Ok(async move {
        let daily = async {
            if let Some(backups) = backups {
                daily::serve(Arc::clone(&admin), backups).await;
            }
        };
        tokio::join!(admin::serve(listener, Arc::clone(&admin)), daily, sweeping);
    })
}

fn about(config: &Config, kept: store::Identity) -> About {
    About {
        server_id: kept.server_id,
        server_name: config.name.trim().to_owned(),
        epoch: kept.epoch,
        boot: kept.boot,
        roster: config.roster,
        registration: config.registration,
        newest_client: String::new(),
        keep_days: config.keep_days,
    }
}

/// Who makes links: with the address that was set, or the best guess.
#[must_use]
pub fn inviter(config: &Config, listening: &[SocketAddr], identity: Option<&Identity>) -> Inviter {
    let pin = identity.map(|it| it.pin.clone()).unwrap_or_default();
    match split_host(&config.public) {
        Some((host, port)) => Inviter::new(host, port, pin),
        None => {
            let guess = listen::guess_public(listening);
            Inviter::new(guess.ip().to_string(), guess.port(), pin)
        }
    }
}

fn start_line(
    inviter: &Inviter,
    listening: &[SocketAddr],
    owner_link: Option<Secret>,
    admin: &std::path::Path,
) -> StartLine {
    StartLine {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        address: inviter.address(),
        listening: listening.iter().map(ToString::to_string).collect(),
        pin: inviter.pin().to_owned(),
        owner_link,
        admin: admin.display().to_string(),
        pid: std::process::id(),
    }
}

/// Prints what the operator needs. A closed standard output is no reason to stop.
fn announce(line: &StartLine, json: bool, config: &Config) {
    let text = if json {
        serde_json::to_string(line).expect("a start line is plain data") + "\n"
    } else {
        sentences(line, config)
    };
    let mut out = std::io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        tracing::debug!("nobody reads standard output");
    }
}

fn sentences(line: &StartLine, config: &Config) -> String {
    let mut text = format!(
        "{} is running (breeze-server {}).\n\n",
        config.name.trim(),
        line.version
    );
    text += &format!("  Address:      {}\n", line.address);
    text += &format!("  Listening on: {}\n", line.listening.join(", "));
    if line.pin.is_empty() {
        text += "  Encryption:   off, for programs on this computer only\n";
    } else {
        text += &format!("  Fingerprint:  {}\n", line.pin);
        if let Some(words) = fingerprint::words(&line.pin) {
            text += &format!("  In words:     {}\n", words.join(" "));
        }
    }
    if config.public.is_empty() {
        text += "\nThe address is this computer's own. If others reach it under another one, say so with --public HOST:PORT.\n";
    }
    if let Some(link) = &line.owner_link {
        text += &format!(
            "\nOpen this link in Breeze to become the owner. It works once, so keep it to yourself:\n\n  {}\n\n",
            link.0
        );
        text += &qr::blocks(&link.0).unwrap_or_default();
    } else {
        text += "\nInvite people with `breeze-server invite`.\n";
    }
    text
}

/// Everything that ends a server.
struct Stop {
    sender: mpsc::Sender<()>,
    asked: mpsc::Receiver<()>,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    parent: Option<mpsc::Receiver<()>>,
}

impl Stop {
    fn new(parent_watch: bool) -> Result<Self, String> {
        let fail = |error: std::io::Error| format!("signals cannot be received ({error})");
        let (sender, asked) = mpsc::channel(1);
        let terminate = signal(SignalKind::terminate()).map_err(fail)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
        Ok(Self {
            sender,
            asked,
            terminate,
            interrupt,
            parent: parent_watch.then(watch_parent),
        })
    }

    async fn wait(&mut self) {
        let parent = async {
            match &mut self.parent {
                Some(parent) => drop(parent.recv().await),
                None => std::future::pending().await,
            }
        };
        let why = tokio::select! {
            _ = self.terminate.recv() => "told to terminate",
            _ = self.interrupt.recv() => "interrupted",
            _ = self.asked.recv() => "asked by the operator",
            () = parent => "the parent is gone",
        };
        tracing::info!("stopping: {why}");
    }
}

/// Ends when standard input does. A thread of its own, because a read of standard input cannot be taken back.
fn watch_parent() -> mpsc::Receiver<()> {
    let (alive, gone) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut nothing = std::io::sink();
        // An error ends it as well: there is no parent to be seen.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut nothing);
        drop(alive);
    });
    gone
}
