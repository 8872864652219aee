//! A pretend world for presence: the server's own core and the app's own heartbeat, a pretend clock, and networks that
//! lose packets and stand still. Nobody in it ever leaves, so whoever is told to be offline is told wrongly.
//!
//! Ten minutes of a thousand people take about a second. The same seed makes the same world.

mod app;
mod chance;
mod server;
mod stream;

use app::App;
pub use chance::Chance;
use server::Server;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use stream::{Doing, Stream};

/// One way through the network, without standing still: milliseconds, and as much again by chance.
const WAY_MS: u64 = 25;
/// How long a network stands still, milliseconds.
const STALL_MS: u64 = 2000;
/// From the end of one standstill to the next: so long, and as much again by chance, milliseconds.
const STALL_GAP_MS: u64 = 20_000;

/// What the networks are like.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Packets lost, of a thousand.
    pub loss_per_mille: u64,
    /// Whether each network stands still for 2 s every 20 to 40 s.
    pub stalls: bool,
    /// Whether the sockets ask for linear time-outs, as both the server's and the app's do on Linux.
    pub linear: bool,
}

/// What came of a world.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Packets lost.
    pub lost: u64,
    /// Packets that had to wait until their network moved again.
    pub stalled: u64,
    /// Times somebody was told to be doubtful.
    pub doubtful: u64,
    /// Times somebody was told to be offline, who never was.
    pub offline: u64,
    /// Connections made, the first ones included.
    pub connections: u64,
}

/// What a client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Up {
    /// A step on the way to a session: TCP, TLS, hello, token.
    Step(u8),
    Resume,
    Ping(u64, u64),
    /// It has given the connection up.
    Fin,
}

/// What the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Down {
    Step(u8),
    Pong(u64),
    Goodbye,
}

/// A direction of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Up,
    Down,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A segment reaches its receiver.
    Arrive(usize, Way, usize),
    /// An acknowledgement reaches the sender: of all below, and of one.
    Ack(usize, Way, usize, usize),
    Timeout(usize, Way, u64),
    /// The heart of an app may have something to say.
    Beat(usize),
    /// An app tries to connect.
    Connect(usize),
    /// An app's patience with a step of one connection ends.
    Patience(usize, u8),
    Standstill(usize),
}

/// One connection's two directions.
#[derive(Debug)]
struct Conn {
    app: usize,
    up: Stream<Up>,
    down: Stream<Down>,
}

/// The world.
pub struct World {
    now_ms: u64,
    weather: Weather,
    chance: Chance,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    conns: Vec<Conn>,
    apps: Vec<App>,
    server: Server,
    /// Until when each app's network stands still.
    still_until_ms: Vec<u64>,
    outcome: Outcome,
}

impl World {
    /// A server and so many people, who all come in the first seconds. `lease_ms` is the server's.
    #[must_use]
    pub fn new(seed: u64, people: usize, weather: Weather, lease_ms: u64) -> Self {
        let mut world = Self {
            now_ms: 0,
            weather,
            chance: Chance::new(seed),
            events: BinaryHeap::new(),
            count: 0,
            conns: Vec::new(),
            apps: (0..people).map(|_| App::default()).collect(),
            server: Server::new(people, lease_ms),
            still_until_ms: vec![0; people],
            outcome: Outcome::default(),
        };
        for app in 0..people {
            let at_ms = world.chance.below(5000);
            world.plan(at_ms, Event::Connect(app));
            if weather.stalls {
                let at_ms = world.chance.below(STALL_GAP_MS);
                world.plan(at_ms, Event::Standstill(app));
            }
        }
        world
    }

    /// Lets so much time pass, everything at its moment.
    pub fn pass(&mut self, ms: u64) -> Outcome {
        let until_ms = self.now_ms + ms;
        loop {
            let event_ms = self.events.peek().map(|Reverse((at_ms, ..))| *at_ms);
            let server_ms = self.server.next_ms();
            let Some(at_ms) = event_ms
                .into_iter()
                .chain(server_ms)
                .min()
                .filter(|at_ms| *at_ms <= until_ms)
            else {
                break;
            };
            self.now_ms = self.now_ms.max(at_ms);
            if event_ms == Some(at_ms) {
                if let Some(Reverse((.., event))) = self.events.pop() {
                    self.happen(event);
                }
            } else {
                self.server.tick(self.now_ms);
            }
            self.after_server();
        }
        self.now_ms = until_ms;
        (self.outcome.doubtful, self.outcome.offline) = self.server.told();
        self.outcome
    }

    fn plan(&mut self, at_ms: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((at_ms, self.count, event)));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(conn, way, at) => self.arrive(conn, way, at),
            Event::Ack(conn, way, upto, one) => {
                let doing = match way {
                    Way::Up => self.conns[conn].up.acked(self.now_ms, upto, one),
                    Way::Down => self.conns[conn].down.acked(self.now_ms, upto, one),
                };
                self.carry(conn, way, &doing);
            }
            Event::Timeout(conn, way, timer) => {
                let doing = match way {
                    Way::Up => self.conns[conn].up.timed_out(self.now_ms, timer),
                    Way::Down => self.conns[conn].down.timed_out(self.now_ms, timer),
                };
                self.carry(conn, way, &doing);
            }
            Event::Beat(app) => self.beat(app),
            Event::Connect(app) => self.connect(app),
            Event::Patience(conn, step) => self.patience(conn, step),
            Event::Standstill(app) => {
                self.still_until_ms[app] = self.now_ms + STALL_MS;
                let gap_ms = STALL_GAP_MS + self.chance.below(STALL_GAP_MS);
                self.plan(self.now_ms + STALL_MS + gap_ms, Event::Standstill(app));
            }
        }
    }

    /// When a packet sent now is there; `None` when it is lost.
    fn way(&mut self, conn: usize) -> Option<u64> {
        if self.chance.happens(self.weather.loss_per_mille) {
            self.outcome.lost += 1;
            return None;
        }
        let there_ms = self.now_ms + WAY_MS + self.chance.below(WAY_MS);
        let moves_ms = self.still_until_ms[self.conns[conn].app];
        self.outcome.stalled += u64::from(moves_ms > self.now_ms);
        Some(there_ms.max(moves_ms))
    }

    fn carry(&mut self, conn: usize, way: Way, doing: &Doing) {
        for at in &doing.transmit {
            if let Some(there_ms) = self.way(conn) {
                self.plan(there_ms, Event::Arrive(conn, way, *at));
            }
        }
        if let Some((at_ms, timer)) = doing.timeout {
            self.plan(at_ms, Event::Timeout(conn, way, timer));
        }
    }

    fn arrive(&mut self, conn: usize, way: Way, at: usize) {
        let has = match way {
            Way::Up => {
                for message in self.conns[conn].up.arrived(at) {
                    self.server.hear(self.now_ms, conn, self.conns[conn].app, message);
                }
                self.conns[conn].up.has()
            }
            Way::Down => {
                for message in self.conns[conn].down.arrived(at) {
                    self.told(conn, message);
                }
                self.conns[conn].down.has()
            }
        };
        if let Some(there_ms) = self.way(conn) {
            self.plan(there_ms, Event::Ack(conn, way, has, at));
        }
    }

    fn say(&mut self, conn: usize, message: Up) {
        let doing = self.conns[conn].up.push(self.now_ms, message);
        self.carry(conn, Way::Up, &doing);
    }

    /// What the server has decided to say goes on its way.
    fn after_server(&mut self) {
        for (conn, message) in self.server.said() {
            let doing = self.conns[conn].down.push(self.now_ms, message);
            self.carry(conn, Way::Down, &doing);
        }
    }
}
