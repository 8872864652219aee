//! A cable one can pull: a TCP proxy that goes mute, stalls, delays or resets, each direction alone if wanted.
//!
//! Mute keeps both sockets open, reads and forwards nothing: no FIN, no RST, as when a cable is pulled. What it drops
//! is counted, so that a test can show that something was lost.

use crate::client::Endpoint;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// They go on.
    #[default]
    Pass,
    /// They vanish; the connection is of no use afterwards.
    Mute,
    /// They wait in the sockets' buffers until they pass again.
    Stall,
}

/// Which way of a cable is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Both.
    Both,
    /// From client to server alone.
    Up,
    /// From server to client alone.
    Down,
}

impl Cut {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Both, Self::Up, Self::Down];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "both ways",
            Self::Up => "client to server",
            Self::Down => "server to client",
        }
    }
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Weather {
    up: Flow,
    down: Flow,
    delay: Duration,
    /// Connections older than this many ends have ended.
    ends: u64,
    reset: bool,
}

#[derive(Debug, Default)]
struct Counters {
    dropped_up: AtomicU64,
    dropped_down: AtomicU64,
    up: Way,
    down: Way,
    open: AtomicUsize,
    taken: AtomicU64,
}

/// What passes one way, over all connections.
#[derive(Debug, Default)]
struct Way {
    passed: AtomicU64,
    /// Bytes until the connection that carries them is cut; 0: none is.
    cut_after: AtomicU64,
}

impl Way {
    /// How many of so many bytes pass before the cut.
    fn pass(&self, bytes: usize) -> usize {
        let left = self.cut_after.load(Ordering::Relaxed);
        let cut = left > 0 && left <= bytes as u64;
        let passing = if cut {
            usize::try_from(left - 1).unwrap_or(0)
        } else {
            bytes
        };
        let left = if cut { 0 } else { left.saturating_sub(bytes as u64) };
        self.cut_after.store(left, Ordering::Relaxed);
        self.passed.fetch_add(passing as u64, Ordering::Relaxed);
        passing
    }
}

/// The proxy; stops when dropped.
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    counters: Arc<Counters>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of a server.
    ///
    /// # Panics
    /// When no port is to be had.
    pub async fn before(server: &Endpoint) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (weather, _) = watch::channel(Weather::default());
        let counters = Arc::new(Counters::default());
        let task = tokio::spawn(accept(
            listener,
            server.address,
            weather.clone(),
            Arc::clone(&counters),
        ));
        Self {
            address,
            weather,
            counters,
            task,
        }
    }

    /// The server as seen through the proxy.
    #[must_use]
    pub fn endpoint(&self, server: &Endpoint) -> Endpoint {
        server.behind(self.address)
    }

    /// Its own address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From client to server.
    pub fn set_up(&self, flow: Flow) {
        self.weather.send_modify(|weather| weather.up = flow);
    }

    /// From server to client.
    pub fn set_down(&self, flow: Flow) {
        self.weather.send_modify(|weather| weather.down = flow);
    }

    /// The cable is pulled.
    pub fn pull(&self) {
        self.set_up(Flow::Mute);
        self.set_down(Flow::Mute);
    }

    /// The cable is cut in this way.
    pub fn cut(&self, cut: Cut) {
        match cut {
            Cut::Both => self.pull(),
            Cut::Up => self.set_up(Flow::Mute),
            Cut::Down => self.set_down(Flow::Mute),
        }
    }

    /// Every piece of bytes waits this long in each direction.
    pub fn set_delay(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }

    /// Ends every connection with a FIN on both sides; later ones are not touched.
    pub fn close_all(&self) {
        self.end_all(false);
    }

    /// Ends every connection with a RST on both sides; later ones are not touched.
    pub fn reset_all(&self) {
        self.end_all(true);
    }

    fn end_all(&self, reset: bool) {
        self.weather.send_modify(|weather| {
            weather.ends += 1;
            weather.reset = reset;
        });
    }

    /// Later connections pass; those that lost bytes stay dead, as they must.
    pub fn heal(&self) {
        self.weather.send_modify(|weather| {
            *weather = Weather {
                ends: weather.ends,
                ..Weather::default()
            }
        });
    }

    /// The connection that carries the last of so many more bytes to the server ends there, once.
    pub fn cut_after(&self, bytes: u64) {
        self.counters.up.cut_after.store(bytes, Ordering::Relaxed);
    }

    /// The same for bytes to the client.
    pub fn cut_down_after(&self, bytes: u64) {
        self.counters.down.cut_after.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that reached the server.
    #[must_use]
    pub fn passed_up(&self) -> u64 {
        self.counters.up.passed.load(Ordering::Relaxed)
    }

    /// Bytes that reached the client.
    #[must_use]
    pub fn passed_down(&self) -> u64 {
        self.counters.down.passed.load(Ordering::Relaxed)
    }

    /// Bytes that vanished on their way to the server.
    #[must_use]
    pub fn dropped_up(&self) -> u64 {
        self.counters.dropped_up.load(Ordering::Relaxed)
    }

    /// Bytes that vanished on their way to the client.
    #[must_use]
    pub fn dropped_down(&self) -> u64 {
        self.counters.dropped_down.load(Ordering::Relaxed)
    }

    /// Connections now open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counters.open.load(Ordering::Relaxed)
    }

    /// Connections taken so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.counters.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    weather: watch::Sender<Weather>,
    counters: Arc<Counters>,
) {
    let mut pairs = tokio::task::JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            return;
        };
        counters.taken.fetch_add(1, Ordering::Relaxed);
        let (weather, counters) = (weather.subscribe(), Arc::clone(&counters));
        pairs.spawn(async move {
            counters.open.fetch_add(1, Ordering::Relaxed);
            if let Ok(server) = TcpStream::connect(server).await {
                join(client, server, weather, &counters).await;
            }
            counters.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn join(
    client: TcpStream,
    server: TcpStream,
    mut weather: watch::Receiver<Weather>,
    counters: &Counters,
) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let sockets =
        [&client, &server].map(|stream| stream.as_fd().try_clone_to_owned().expect("a free descriptor"));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let born = weather.borrow().ends;
    let up = pump(
        client_read,
        server_write,
        weather.clone(),
        |w| w.up,
        (&counters.dropped_up, &counters.up),
    );
    let down = pump(
        server_read,
        client_write,
        weather.clone(),
        |w| w.down,
        (&counters.dropped_down, &counters.down),
    );
    let both = async { tokio::join!(up, down) };
    tokio::pin!(both);
    let reset = tokio::select! {
        _ = &mut both => false,
        ended = weather.wait_for(|weather| weather.ends > born) => ended.is_ok_and(|weather| weather.reset),
    };
    if reset {
        for socket in &sockets {
            let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
        }
    }
}

/// Moves bytes one way until the stream ends; gives the halves back so that the pair ends together.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    flow: impl Fn(&Weather) -> Flow,
    (dropped, way): (&AtomicU64, &Way),
) -> (OwnedReadHalf, OwnedWriteHalf) {
    let mut buffer = vec![0; 16 * 1024];
    let mut broken = false;
    loop {
        let now = *weather.borrow_and_update();
        if flow(&now) == Flow::Stall {
            if weather.changed().await.is_err() {
                return (from, to);
            }
            continue;
        }
        let got = tokio::select! {
            got = from.read(&mut buffer) => got,
            changed = weather.changed() => if changed.is_ok() { continue } else { return (from, to) },
        };
        let mute = broken || flow(&now) == Flow::Mute;
        match got {
            // A pulled cable carries no FIN either.
            Ok(0) | Err(_) if mute => std::future::pending().await,
            Ok(0) | Err(_) => {
                let _ = to.shutdown().await;
                return (from, to);
            }
            Ok(n) if mute => {
                broken = true;
                dropped.fetch_add(n as u64, Ordering::Relaxed);
            }
            Ok(n) => {
                if !now.delay.is_zero() {
                    crate::wait::run_for(now.delay).await;
                }
                let passing = way.pass(n);
                if to.write_all(&buffer[..passing]).await.is_err() {
                    return (from, to);
                }
                if passing < n {
                    let _ = to.shutdown().await;
                    return (from, to);
                }
            }
        }
    }
}
