//! The server of the pretend world: its real core, and around it only what its sockets and its hub would do.

use super::{Down, Up};
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, DeviceId, Instance, PresenceState, StatusKind};
use breeze_server::core::Timing;
use breeze_server::core::end::ConnectionEnd;
use breeze_server::core::session::Heartbeat;
use breeze_server::core::state::{Input, Open, Output, Start, State};
use breeze_server::fault::Fault;
use breeze_server::store::{BootRow, ConnId};
use std::collections::HashMap;

/// The one who watches all the others, over a link that is perfect.
const WATCHER: AccountId = AccountId(1);
const WATCHING: ConnId = ConnId(1);
/// Steps before a session: the last one, the token, signs in.
pub(super) const SIGN_IN: u8 = 3;
/// Where the numbers of the people and of their connections begin.
const FIRST: u64 = 10;

/// What the server's socket knows of a connection that is signed in.
#[derive(Debug, Default)]
struct Peer {
    heartbeat: Heartbeat,
    heard_ms: u64,
    doubtful: bool,
}

/// The server.
pub(super) struct Server {
    state: State,
    peers: HashMap<usize, Peer>,
    said: Vec<(usize, Down)>,
    doubtful: u64,
    offline: u64,
}

fn account(app: usize) -> AccountId {
    AccountId(app as u64 + FIRST)
}

fn conn_id(conn: usize) -> ConnId {
    ConnId(conn as u64 + FIRST)
}

fn open(conn: ConnId, account: AccountId, began_ms: u64) -> Input {
    Input::Open(Open {
        conn,
        account,
        device: DeviceId(account.0),
        instance: Instance([1; 16]),
        began_ms,
        notice: None,
    })
}

impl Server {
    /// A server whose people are all friends of the watcher's.
    pub(super) fn new(people: usize, lease_ms: u64) -> Self {
        let all: Vec<AccountId> = (0..people).map(account).collect();
        let row = |account, friends| BootRow {
            account,
            last_seen_ms: 0,
            friends,
        };
        let mut rows = vec![row(WATCHER, all.clone())];
        rows.extend(all.iter().map(|one| row(*one, vec![WATCHER])));
        let usual = Timing::default();
        let timing = Timing {
            lease_ms,
            doubtful_ms: usual.doubtful_ms.min(lease_ms / 2),
            ..usual
        };
        let state = State::new(Start {
            rows,
            source: PresenceSource { node: 0, boot: 1 },
            head: 0,
            outage_ms: None,
            now_ms: 0,
            wall_ms: 1_000_000_000,
            timing,
            fault: Fault::None,
        });
        let mut server = Self {
            state,
            peers: HashMap::new(),
            said: Vec::new(),
            doubtful: 0,
            offline: 0,
        };
        server.put(0, open(WATCHING, WATCHER, 0));
        let status = StatusKind::Online;
        server.put(
            0,
            Input::Resume {
                conn: WATCHING,
                status,
            },
        );
        server
    }

    /// When it has something to do by itself.
    pub(super) fn next_ms(&self) -> Option<u64> {
        self.state.next_ms()
    }

    pub(super) fn tick(&mut self, now_ms: u64) {
        self.put(now_ms, Input::Tick);
    }

    /// Times the watcher was told of somebody doubtful, and of somebody offline.
    pub(super) fn told(&self) -> (u64, u64) {
        (self.doubtful, self.offline)
    }

    /// What it says, since the last call.
    pub(super) fn said(&mut self) -> Vec<(usize, Down)> {
        std::mem::take(&mut self.said)
    }

    /// A client says something, on a connection that may be over.
    pub(super) fn hear(&mut self, now_ms: u64, conn: usize, app: usize, message: Up) {
        let id = conn_id(conn);
        if let Up::Step(step) = message {
            self.said.push((conn, Down::Step(step)));
            if step == SIGN_IN {
                let heard_ms = now_ms;
                let peer = Peer {
                    heard_ms,
                    ..Peer::default()
                };
                self.peers.insert(conn, peer);
                self.put(now_ms, open(id, account(app), now_ms));
            }
            return;
        }
        let Some(peer) = self.peers.get_mut(&conn) else {
            return;
        };
        peer.heard_ms = now_ms;
        let doubtful = peer.doubtful;
        match message {
            Up::Step(_) => {}
            Up::Resume => {
                let status = StatusKind::Online;
                self.put(now_ms, Input::Resume { conn: id, status });
            }
            Up::Ping(n, got) => {
                let missing = peer.heartbeat.ping(now_ms, n, got);
                self.said.push((conn, Down::Pong(n)));
                if let Some(missing) = missing {
                    self.put(now_ms, Input::Pongs { conn: id, missing });
                }
            }
            Up::Fin => {
                self.peers.remove(&conn);
                let end = ConnectionEnd::PeerClosed;
                let device = (account(app), DeviceId(account(app).0));
                self.put(
                    now_ms,
                    Input::Closed {
                        conn: id,
                        device,
                        end,
                    },
                );
            }
        }
        if doubtful {
            let heard_ms = now_ms;
            self.put(now_ms, Input::Heard { conn: id, heard_ms });
        }
    }

    fn put(&mut self, now_ms: u64, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            self.state.apply(now_ms, input, &mut outputs);
            for output in outputs {
                match output {
                    Output::Presence { to, entry } if to.contains(&WATCHING) => {
                        self.doubtful += u64::from(entry.2 == PresenceState::Doubtful);
                        self.offline += u64::from(entry.2 == PresenceState::Offline);
                    }
                    Output::Check(conn) => {
                        let peer = self.peers.get(&number(conn));
                        // The watcher is heard all the time.
                        let heard_ms = peer.map_or(now_ms, |peer| peer.heard_ms);
                        inputs.push(Input::Heard { conn, heard_ms });
                    }
                    Output::Doubt { conn, doubtful } => {
                        if let Some(peer) = self.peers.get_mut(&number(conn)) {
                            peer.doubtful = doubtful;
                        }
                    }
                    Output::End { conn, .. } => {
                        let ended = self.peers.remove(&number(conn));
                        self.said.extend(ended.map(|_| (number(conn), Down::Goodbye)));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The place of a connection among the world's; the watcher's has none.
fn number(conn: ConnId) -> usize {
    conn.0
        .checked_sub(FIRST)
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(usize::MAX)
}
