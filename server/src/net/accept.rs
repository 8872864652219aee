//! The accept loop: caps, socket options, one task per connection, and a stop that is waited for.

use super::doors::{Place, Turn};
use super::sign_in::Admission;
use super::wire::{Duplex, Stream, Wire};
use super::{Handed, Net, connection, sign_in, transfer};
use crate::core::Timing;
use crate::core::end::ConnectionEnd;
use crate::store::Store;
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::limit::FRAME_BYTES_MAX_UNSIGNED;
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::message::control::Goodbye;
use socket2::{SockRef, TcpKeepalive};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Pause after the system gave no connection: out of descriptors, for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long connections may take to end once the server stops; the hub's goodbyes take at most 2 s of it.
const STOP_MAX: Duration = Duration::from_millis(2500);
/// Bytes the kernel may hold unsent before the socket counts as full: a pong never waits behind more.
const NOTSENT_BYTES: u32 = 32 * 1024;
/// Longest wait of an over-full address for its turn.
const TURN_MAX: Duration = Duration::from_secs(10);

/// Where connections come from.
enum Source {
    Sockets(TcpListener),
    Handed(mpsc::Receiver<Handed>),
}

/// A connection before its first byte.
enum Arrival {
    Socket(TcpStream),
    Handed(Box<dyn Duplex>),
}

impl Source {
    async fn next(&mut self) -> std::io::Result<(Arrival, IpAddr)> {
        match self {
            Self::Sockets(listener) => {
                let (socket, from) = listener.accept().await?;
                Ok((Arrival::Socket(socket), from.ip()))
            }
            Self::Handed(handed) => match handed.recv().await {
                Some(it) => Ok((Arrival::Handed(it.stream), it.from)),
                None => std::future::pending().await,
            },
        }
    }
}

pub(super) async fn run<S: Store>(
    net: Arc<Net<S>>,
    listeners: Vec<TcpListener>,
    handed: Option<mpsc::Receiver<Handed>>,
    shutdown: watch::Receiver<bool>,
) {
    let mut acceptors = JoinSet::new();
    let sockets = listeners.into_iter().map(Source::Sockets);
    for source in sockets.chain(handed.map(Source::Handed)) {
        acceptors.spawn(accept(Arc::clone(&net), source, shutdown.clone()));
    }
    while acceptors.join_next().await.is_some() {}
}

async fn accept<S: Store>(net: Arc<Net<S>>, mut source: Source, mut shutdown: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut shutdown) => break,
            accepted = source.next() => match accepted {
                Ok((arrival, from)) => enter(&net, arrival, from, &mut connections),
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection; trying again");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = connections.join_next() => note_panic(&net, ended),
        }
    }
    drop(source);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_MAX, ended).await.is_err() {
        connections.shutdown().await;
    }
}

/// Returns when the server stops, or nobody is left to say so.
pub(super) async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

fn note_panic<S: Store>(net: &Net<S>, ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task failed; the others go on");
        net.hub.counters().ended(ConnectionEnd::Fault);
    }
}

fn enter<S: Store>(net: &Arc<Net<S>>, arrival: Arrival, from: IpAddr, connections: &mut JoinSet<()>) {
    let address = canonical(from);
    let proxied = net.tls.is_none() && address.is_loopback();
    let Some((place, turn)) = net.doors.enter(address, proxied) else {
        net.hub.counters().ended(ConnectionEnd::Overload);
        if let (Arrival::Socket(socket), None) = (&arrival, &net.tls) {
            let goodbye = Goodbye {
                reason: GoodbyeCode::Overload,
                retry_after_ms: 0,
                jitter_ms: 0,
                instance: None,
            };
            // Best effort: the peer gets the reason if its buffer takes it, and the close in any case.
            let _ = socket.try_write(&encode_server(&Envelope::plain(goodbye)));
        }
        return;
    };
    if let Arrival::Socket(socket) = &arrival
        && let Err(error) = tune(socket, &net.timing)
    {
        tracing::debug!(%error, "socket options were refused");
    }
    // Boxed, so that the memory of signing in is given back before the long idle part begins.
    let admitting = Box::pin(admit(Arc::clone(net), arrival, address, turn));
    connections.spawn(serve(Arc::clone(net), admitting, place));
}

/// An IPv4 address that came through an IPv6 socket is the same address.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn tune(socket: &TcpStream, timing: &Timing) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let socket = SockRef::from(socket);
    let keepalive = TcpKeepalive::new().with_time(Duration::from_millis(timing.tcp_user_timeout_ms));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    {
        socket.set_tcp_user_timeout(Some(Duration::from_millis(timing.tcp_user_timeout_ms)))?;
        socket.set_tcp_notsent_lowat(NOTSENT_BYTES)?;
        // A heartbeat is one small packet at a time: doubling its time-outs would take a bad network for a dead one.
        socket.set_tcp_thin_linear_timeouts(true)?;
    }
    Ok(())
}

/// One connection from its first byte to its end.
async fn serve<S: Store>(
    net: Arc<Net<S>>,
    admitting: impl Future<Output = Result<Admission, ConnectionEnd>> + Unpin,
    place: Place,
) {
    match admitting.await {
        Ok(Admission::Session(admitted)) => connection::run(net, admitted).await,
        // Boxed: there are few, and sessions should not hold room for one.
        Ok(Admission::Transfer(admitted)) => Box::pin(transfer::run(net, admitted)).await,
        Err(end) => {
            net.hub.counters().ended(end);
            tracing::debug!(end = end.name(), "a connection ended before sign-in");
        }
    }
    drop(place);
}

async fn admit<S: Store>(
    net: Arc<Net<S>>,
    arrival: Arrival,
    address: IpAddr,
    turn: Turn,
) -> Result<Admission, ConnectionEnd> {
    let one_of_few = tokio::time::timeout(TURN_MAX, turn.wait()).await;
    let turn = one_of_few.ok().flatten().ok_or(ConnectionEnd::Overload)?;
    let stream = match (arrival, &net.tls) {
        (Arrival::Handed(bytes), _) => Stream::Handed(bytes),
        (Arrival::Socket(socket), None) => Stream::Plain(socket),
        (Arrival::Socket(socket), Some(acceptor)) => {
            let shake = async {
                let _one = net.handshakes.acquire().await;
                acceptor.accept(socket).await
            };
            let limit = Duration::from_millis(net.timing.tls_ms);
            match tokio::time::timeout(limit, shake).await {
                Ok(Ok(tls)) => Stream::Tls(Box::new(tls)),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a TLS handshake failed");
                    return Err(ConnectionEnd::TlsFailed);
                }
                Err(_) => return Err(ConnectionEnd::TlsTooLong),
            }
        }
    };
    let wire = Wire::new(stream, FRAME_BYTES_MAX_UNSIGNED);
    let admitted = sign_in::run(&net, wire, address).await;
    drop(turn);
    admitted
}
