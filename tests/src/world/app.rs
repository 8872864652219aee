//! The apps of the pretend world: their real heartbeat, and around it only when they connect and give up.

use super::server::SIGN_IN;
use super::stream::Stream;
use super::{Conn, Down, Event, Up, World};
use breeze_desktop::link::beat::{Beat, Pulse};

/// Each step towards a session may take so long, milliseconds.
const STEP_MS: u64 = 10_000;
/// First pause before another try, milliseconds; doubled each time, and a random part of it is waited.
const BACKOFF_MS: u64 = 500;
/// Longest pause, milliseconds.
const BACKOFF_MS_MAX: u64 = 60_000;
/// After so long a connection was a good one, milliseconds.
const GOOD_MS: u64 = 30_000;

/// One person's app.
#[derive(Default)]
pub(super) struct App {
    conn: Option<usize>,
    step: u8,
    beat: Option<Beat>,
    began_ms: u64,
    tries: u32,
}

impl World {
    pub(super) fn connect(&mut self, app: usize) {
        let conn = self.conns.len();
        let linear = self.weather.linear;
        self.conns.push(Conn {
            app,
            up: Stream::new(linear),
            down: Stream::new(linear),
        });
        self.outcome.connections += 1;
        let it = &mut self.apps[app];
        (it.conn, it.step, it.beat, it.began_ms) = (Some(conn), 0, None, self.now_ms);
        self.step(app, conn, 0);
    }

    fn step(&mut self, app: usize, conn: usize, step: u8) {
        self.apps[app].step = step;
        self.say(conn, Up::Step(step));
        self.plan(self.now_ms + STEP_MS, Event::Patience(conn, step));
    }

    /// A step has taken as long as it may.
    pub(super) fn patience(&mut self, conn: usize, step: u8) {
        let app = self.conns[conn].app;
        let it = &self.apps[app];
        if it.conn == Some(conn) && it.step == step && it.beat.is_none() {
            self.give_up(app, true);
        }
    }

    /// The server said something on a connection, which may be one given up before.
    pub(super) fn told(&mut self, conn: usize, message: Down) {
        let app = self.conns[conn].app;
        if self.apps[app].conn != Some(conn) {
            return;
        }
        match message {
            Down::Step(SIGN_IN) => {
                self.apps[app].beat = Some(Beat::new(self.now_ms));
                self.say(conn, Up::Resume);
                self.beat(app);
            }
            Down::Step(step) => self.step(app, conn, step + 1),
            Down::Pong(n) => {
                if let Some(beat) = &mut self.apps[app].beat {
                    beat.pong(n);
                }
            }
            Down::Goodbye => self.give_up(app, false),
        }
    }

    /// Lets the heart say what it has to say, and comes back when it next has.
    pub(super) fn beat(&mut self, app: usize) {
        loop {
            let it = &mut self.apps[app];
            let (Some(conn), Some(beat)) = (it.conn, &mut it.beat) else {
                return;
            };
            match beat.tick(self.now_ms) {
                Pulse::Ping(ping) => self.say(conn, Up::Ping(ping.n, ping.got)),
                Pulse::Unsure => {}
                Pulse::Dead => return self.give_up(app, true),
                Pulse::Quiet => {
                    let due_ms = beat.due().max(self.now_ms + 1);
                    return self.plan(due_ms, Event::Beat(app));
                }
            }
        }
    }

    /// Leaves its connection, closing it if it is not closed, and tries again after a pause.
    fn give_up(&mut self, app: usize, close: bool) {
        if let Some(conn) = self.apps[app].conn.take().filter(|_| close) {
            self.say(conn, Up::Fin);
        }
        let it = &mut self.apps[app];
        it.beat = None;
        if self.now_ms >= it.began_ms + GOOD_MS {
            it.tries = 0;
        }
        let most_ms = (BACKOFF_MS << it.tries.min(16)).min(BACKOFF_MS_MAX);
        it.tries += 1;
        let wait_ms = self.chance.below(most_ms + 1);
        self.plan(self.now_ms + wait_ms, Event::Connect(app));
    }
}
