//! The network of the pretend world: ways that take their time, stand still, are cut, or swallow everything in silence.

use crate::wait;
use crate::world::Chance;
use breeze_server::net::Handed;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Bytes a socket's buffer takes.
const BUFFER_BYTES: usize = 64 * 1024;
/// Pieces of a direction that may be on their way.
const ON_THE_WAY: usize = 64;
/// Largest piece, bytes: frames come in parts.
const PIECE_BYTES: u64 = 1500;
/// A way takes so long, and as much again by chance, milliseconds.
const WAY_MS: u64 = 15;
/// Longest time until something happens to a cable, milliseconds.
const FATE_MS: u64 = 25_000;
/// Shortest and longest standstill, milliseconds.
const STILL_MS: (u64, u64) = (500, 8000);

/// What happens to a cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Fine,
    /// Nothing moves until then; nothing is lost.
    Still(Instant),
    /// What is said is lost, and nobody is told: from the device, to the device.
    Dark(bool, bool),
    /// Both ends see it end; what was on its way is lost.
    Cut,
}

/// What happened, for the evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weather {
    /// Connections that were made.
    pub connections: u64,
    /// Connections cut with bytes on their way or not.
    pub cuts: u64,
    /// Connections that went dark, one way or both.
    pub darks: u64,
    /// Standstills.
    pub stills: u64,
}

/// The way to the server, for all devices.
#[derive(Clone)]
pub(super) struct Network(Arc<Mutex<Inner>>);

struct Inner {
    door: Option<mpsc::Sender<Handed>>,
    chance: Chance,
    calm: bool,
    weather: Weather,
    cables: Vec<Cable>,
}

/// One connection's cable.
#[derive(Clone)]
pub(super) struct Cable(Arc<watch::Sender<Fate>>);

impl Cable {
    fn new() -> Self {
        Self(Arc::new(watch::channel(Fate::Fine).0))
    }

    /// Cuts it at some moment within the time that a message and its answer take.
    pub(super) fn cut_soon(&self, chance: &mut Chance) {
        let (cable, wait_ms) = (self.clone(), chance.below(5 * WAY_MS));
        tokio::spawn(async move {
            wait::run_for(Duration::from_millis(wait_ms)).await;
            cable.meet(Fate::Cut);
        });
    }

    pub(super) fn meet(&self, fate: Fate) {
        // A cut cable stays cut, and a dark one is never lit.
        self.0.send_if_modified(|now| {
            let ended = matches!(now, Fate::Cut | Fate::Dark(true, true));
            if !ended {
                *now = fate;
            }
            !ended
        });
    }
}

impl Network {
    pub(super) fn new(chance: Chance) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            door: None,
            chance,
            calm: false,
            weather: Weather::default(),
            cables: Vec::new(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the server takes connections from now on; nowhere while it is down.
    pub(super) fn set_door(&self, door: Option<mpsc::Sender<Handed>>) {
        self.inner().door = door;
    }

    /// Nothing happens to cables any more.
    pub(super) fn calm(&self) {
        self.inner().calm = true;
    }

    pub(super) fn weather(&self) -> Weather {
        self.inner().weather
    }

    /// The server's machine has lost its power: no end of any connection is told to anybody.
    pub(super) fn darken_all(&self) {
        for cable in self.inner().cables.drain(..) {
            cable.meet(Fate::Dark(true, true));
        }
    }

    /// A connection, if somebody takes it.
    pub(super) async fn connect(&self, device: u8) -> Option<(DuplexStream, Cable)> {
        wait::run_for(Duration::from_millis(2 * WAY_MS)).await;
        let (near, near_end) = duplex(BUFFER_BYTES);
        let (far_end, far) = duplex(BUFFER_BYTES);
        let cable = Cable::new();
        let mut inner = self.inner();
        let handed = Handed {
            stream: Box::new(far),
            from: IpAddr::V4(Ipv4Addr::new(10, 0, 0, device)),
        };
        inner.door.as_ref()?.try_send(handed).ok()?;
        inner.weather.connections += 1;
        inner.cables.push(cable.clone());
        let mut seed = || Chance::new(inner.chance.below(u64::MAX));
        let (up, down, fates) = (seed(), seed(), seed());
        drop(inner);
        let ((from_near, to_near), (from_far, to_far)) = (split(near_end), split(far_end));
        tokio::spawn(carry(from_near, to_far, true, cable.clone(), up));
        tokio::spawn(carry(from_far, to_near, false, cable.clone(), down));
        tokio::spawn(self.clone().fate(cable.clone(), fates));
        Some((near, cable))
    }

    /// What happens to one cable in its life.
    async fn fate(self, cable: Cable, mut chance: Chance) {
        loop {
            wait::run_for(Duration::from_millis(chance.below(FATE_MS))).await;
            let mut inner = self.inner();
            if inner.calm {
                return;
            }
            let now = Instant::now();
            let fate = match chance.below(10) {
                0..5 => Fate::Cut,
                5 => Fate::Dark(true, true),
                6 => Fate::Dark(true, false),
                7 => Fate::Dark(false, true),
                _ => {
                    let (least, most) = STILL_MS;
                    Fate::Still(now + Duration::from_millis(least + chance.below(most - least)))
                }
            };
            match fate {
                Fate::Cut => inner.weather.cuts += 1,
                Fate::Still(_) => inner.weather.stills += 1,
                _ => inner.weather.darks += 1,
            }
            drop(inner);
            cable.meet(fate);
            if !matches!(fate, Fate::Still(_)) {
                return;
            }
        }
    }
}

/// One direction, until its sender ends it or the cable is cut.
async fn carry(
    from: ReadHalf<DuplexStream>,
    to: WriteHalf<DuplexStream>,
    up: bool,
    cable: Cable,
    chance: Chance,
) {
    let (put, take) = mpsc::channel(ON_THE_WAY);
    let mut fate = cable.0.subscribe();
    tokio::select! {
        _ = fate.wait_for(|fate| *fate == Fate::Cut) => {}
        ((), ()) = async { tokio::join!(leave(from, put, chance), arrive(to, take, up, &cable)) } => {}
    }
}

/// Takes what is said, and decides when each piece of it arrives. An empty piece is the end.
async fn leave(mut from: ReadHalf<DuplexStream>, put: mpsc::Sender<(Instant, Vec<u8>)>, mut chance: Chance) {
    let mut last = Instant::now();
    loop {
        let most = usize::try_from(1 + chance.below(PIECE_BYTES)).expect("a small number");
        let mut piece = vec![0; most];
        let count = from.read(&mut piece).await.unwrap_or(0);
        piece.truncate(count);
        last = last.max(Instant::now() + Duration::from_millis(WAY_MS + chance.below(WAY_MS)));
        if put.send((last, piece)).await.is_err() || count == 0 {
            return;
        }
    }
}

async fn arrive(
    mut to: WriteHalf<DuplexStream>,
    mut take: mpsc::Receiver<(Instant, Vec<u8>)>,
    up: bool,
    cable: &Cable,
) {
    while let Some((at, piece)) = take.recv().await {
        wait::run_until(at).await;
        let fate = *cable.0.borrow();
        match fate {
            Fate::Still(until) => wait::run_until(until).await,
            Fate::Dark(from_device, to_device) if (up && from_device) || (!up && to_device) => {
                // Neither bytes nor an end come through, for as long as anybody listens.
                while take.recv().await.is_some() {}
                to_nobody(to).await;
                return;
            }
            _ => {}
        }
        let done = if piece.is_empty() {
            to.shutdown().await
        } else {
            to.write_all(&piece).await
        };
        if done.is_err() {
            return;
        }
    }
}

/// Keeps an end open until the other half of its cable is gone too.
async fn to_nobody(to: WriteHalf<DuplexStream>) {
    let _kept = to;
    std::future::pending().await
}
