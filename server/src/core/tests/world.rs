//! A small world: people, their connections, a clock, and what each connection was told.

use crate::core::Timing;
use crate::core::end::ConnectionEnd;
use crate::core::state::{Input, Open, Output, Outputs, Start, State};
use crate::fault::Fault;
use crate::store::{BootRow, ConnId};
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, DeviceId, EndReason, Instance, PresenceEntry, PresenceState, StatusKind};
use std::collections::HashMap;

/// One change as a watcher saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    pub(super) at_ms: u64,
    pub(super) conn: u64,
    pub(super) entry: PresenceEntry,
}

pub(super) struct World {
    pub(super) state: State,
    pub(super) now_ms: u64,
    pub(super) told: Vec<Told>,
    pub(super) other: Vec<Output>,
    /// When the last byte of each connection came; absent = at every moment.
    pub(super) heard: HashMap<u64, u64>,
    devices: HashMap<u64, (AccountId, DeviceId)>,
}

/// Wall clock at monotonic zero.
pub(super) const WALL_MS: u64 = 1_000_000_000;

impl World {
    /// Accounts 1..=n, all friends of each other, last seen 1,000 s ago.
    pub(super) fn friends(n: u64, fault: Fault) -> Self {
        Self::start(n, fault, None)
    }

    pub(super) fn start(n: u64, fault: Fault, outage_ms: Option<u64>) -> Self {
        let row = |id: u64| BootRow {
            account: AccountId(id),
            last_seen_ms: WALL_MS - 1_000_000,
            friends: (1..=n).filter(|other| *other != id).map(AccountId).collect(),
        };
        let state = State::new(Start {
            rows: (1..=n).map(row).collect(),
            source: PresenceSource { node: 0, boot: 1 },
            head: 0,
            outage_ms,
            now_ms: 0,
            wall_ms: WALL_MS,
            timing: Timing::default(),
            fault,
        });
        let (told, other) = (Vec::new(), Vec::new());
        Self {
            state,
            now_ms: 0,
            told,
            other,
            heard: HashMap::new(),
            devices: HashMap::new(),
        }
    }

    pub(super) fn put(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut out = Outputs::new();
            self.state.apply(self.now_ms, input, &mut out);
            for output in out {
                match output {
                    Output::Presence { to, entry } => {
                        self.told.extend(to.into_iter().map(|conn| Told {
                            at_ms: self.now_ms,
                            conn: conn.0,
                            entry,
                        }));
                    }
                    Output::Check(conn) => {
                        let heard_ms = self.heard.get(&conn.0).copied().unwrap_or(self.now_ms);
                        inputs.push(Input::Heard { conn, heard_ms });
                    }
                    other => self.other.push(other),
                }
            }
        }
    }

    /// Lets time pass, every timer at its moment.
    pub(super) fn pass(&mut self, ms: u64) {
        let until_ms = self.now_ms + ms;
        while let Some(due_ms) = self.state.next_ms().filter(|due_ms| *due_ms <= until_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            self.put(Input::Tick);
        }
        self.now_ms = until_ms;
    }

    /// Time passes while nobody runs the server.
    pub(super) fn stall(&mut self, ms: u64) {
        self.now_ms += ms;
        self.put(Input::Tick);
    }

    pub(super) fn open(&mut self, conn: u64, account: u64, device: u64) {
        let (account, device) = (AccountId(account), DeviceId(device));
        self.devices.insert(conn, (account, device));
        let instance = Instance([u8::try_from(conn).unwrap_or(0); 16]);
        let began_ms = self.now_ms;
        self.put(Input::Open(Open {
            conn: ConnId(conn),
            account,
            device,
            instance,
            began_ms,
            notice: None,
        }));
    }

    pub(super) fn resume(&mut self, conn: u64, status: StatusKind) {
        self.put(Input::Resume {
            conn: ConnId(conn),
            status,
        });
    }

    /// Device n of account n comes online on connection n.
    pub(super) fn join(&mut self, conn: u64, account: u64, device: u64) {
        self.open(conn, account, device);
        self.resume(conn, StatusKind::Online);
    }

    pub(super) fn close(&mut self, conn: u64, end: ConnectionEnd) {
        let device = self.devices[&conn];
        self.put(Input::Closed {
            conn: ConnId(conn),
            device,
            end,
        });
    }

    pub(super) fn status(&mut self, conn: u64, status: StatusKind) {
        self.put(Input::Status {
            conn: ConnId(conn),
            status,
        });
    }

    /// Everybody comes online on the connection of the same number; what was told until then is forgotten.
    pub(super) fn with_all(mut self, n: u64) -> Self {
        (1..=n).for_each(|id| self.join(id, id, id));
        self.forget();
        self
    }

    pub(super) fn forget(&mut self) {
        self.told.clear();
        self.other.clear();
    }

    /// What `conn` was told of `account`: state, reason, time.
    pub(super) fn seen(&self, conn: u64, account: u64) -> Vec<(PresenceState, Option<EndReason>, u64)> {
        let of = self
            .told
            .iter()
            .filter(|told| told.conn == conn && told.entry.0 == AccountId(account));
        of.map(|told| (told.entry.2, told.entry.3, told.at_ms)).collect()
    }

    /// What a fresh snapshot says of `account` to somebody who asks on `conn`.
    pub(super) fn asks(&mut self, conn: u64, account: u64) -> Option<PresenceEntry> {
        self.put(Input::Query(ConnId(conn)));
        match self.other.pop() {
            Some(Output::Snapshot { entries, .. }) => {
                entries.into_iter().find(|entry| entry.0 == AccountId(account))
            }
            _ => None,
        }
    }

    pub(super) fn ended(&self, conn: u64) -> Vec<ConnectionEnd> {
        let end = |output: &Output| match output {
            Output::End { conn: of, end, .. } if of.0 == conn => Some(*end),
            _ => None,
        };
        self.other.iter().filter_map(end).collect()
    }
}
