//! The state of the live half: one input at a time, outputs in return. Only the hub's task holds one.

mod ending;

use super::Timing;
use super::end::ConnectionEnd;
pub use super::input::{Input, Open};
pub use super::output::{Output, Outputs, Row, Transition};
use super::presence::{Account, LastEnd, Link, Seen, Session};
use super::receipts::ReceiptGates;
use super::timer::{Timer, Timers};
use crate::fault::Fault;
use crate::store::{BootRow, ConnId};
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, DeviceId, EndReason, Instance, PresenceState, StatusKind};
use std::collections::{HashMap, VecDeque};

/// A check that comes this late means that the server itself stood still; that time is nobody's silence.
const LATE_MS: u64 = 500;
/// How often `last_seen` of those present is noted, in milliseconds.
const LAST_SEEN_EVERY_MS: u64 = 60_000;
/// A wall clock that moved against the other by so much was set; below that it only runs unevenly, in milliseconds.
const CLOCK_SET_MS: u64 = 1000;
/// People told per step when settling ends, so that no step is long.
const SETTLE_STEP: usize = 64;
/// How long an account or device that was ended is remembered, so that a sign-in begun before does not outlive it:
/// longer than a sign-in may take.
const ENDED_KEPT_MS: u64 = 30_000;

/// What a state begins with.
#[derive(Debug)]
pub struct Start {
    /// Everybody.
    pub rows: Vec<BootRow>,
    /// Which start of the server.
    pub source: PresenceSource,
    /// Highest commit number.
    pub head: u64,
    /// How long the server was away; `None` at the first start.
    pub outage_ms: Option<u64>,
    /// Monotonic now.
    pub now_ms: u64,
    /// Wall clock now, milliseconds.
    pub wall_ms: u64,
    /// Intervals.
    pub timing: Timing,
    /// Negative control.
    pub fault: Fault,
}

/// The live half.
#[derive(Debug)]
pub struct State {
    pub(super) timing: Timing,
    pub(super) fault: Fault,
    pub(super) source: PresenceSource,
    pub(super) accounts: HashMap<AccountId, Account>,
    pub(super) sessions: HashMap<ConnId, Session>,
    pub(super) timers: Timers,
    pub(super) receipts: ReceiptGates,
    pub(super) transitions: VecDeque<Transition>,
    pub(super) head: u64,
    pub(super) draining: bool,
    /// Wall clock minus monotonic.
    wall_offset: i64,
    settling: Vec<AccountId>,
    ended: Vec<(u64, AccountId, Option<DeviceId>, ConnectionEnd)>,
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// A moment of the wall clock on the other one, not later than now.
fn monotonic(wall_ms: u64, wall_offset: i64, now_ms: u64) -> i64 {
    signed(wall_ms).saturating_sub(wall_offset).min(signed(now_ms))
}

impl State {
    /// Everybody as the store knows them, nobody here yet. After an outage they are unknown until settled (R16).
    #[must_use]
    pub fn new(start: Start) -> Self {
        let wall_offset = signed(start.wall_ms).saturating_sub(signed(start.now_ms));
        let settle_ms = start.outage_ms.map(|outage| {
            let short = outage <= start.timing.settle_short_outage_ms;
            if short {
                start.timing.settle_short_ms
            } else {
                start.timing.settle_long_ms
            }
        });
        let mut settling = Vec::new();
        let mut accounts = HashMap::with_capacity(start.rows.len());
        for mut row in start.rows {
            row.friends.sort_unstable();
            row.friends.dedup();
            let mut seen = Seen::default();
            if row.last_seen_ms > 0 {
                seen.version = 1;
                seen.since_ms = Some(monotonic(row.last_seen_ms, wall_offset, start.now_ms));
                seen.stored_ms = Some(row.last_seen_ms);
                seen.reason = Some(EndReason::ServerRestart);
                if settle_ms.is_some() {
                    seen.state = PresenceState::Unknown;
                    seen.reason = None;
                    settling.push(row.account);
                }
            }
            accounts.insert(
                row.account,
                Account {
                    friends: row.friends,
                    seen,
                    ..Account::default()
                },
            );
        }
        let mut timers = Timers::default();
        timers.arm(start.now_ms + LAST_SEEN_EVERY_MS, Timer::LastSeen);
        if let Some(settle_ms) = settle_ms {
            timers.arm(start.now_ms + settle_ms, Timer::Settle);
        }
        Self {
            timing: start.timing,
            fault: start.fault,
            source: start.source,
            accounts,
            sessions: HashMap::new(),
            timers,
            receipts: ReceiptGates::default(),
            transitions: VecDeque::new(),
            head: start.head,
            draining: false,
            wall_offset,
            settling,
            ended: Vec::new(),
        }
    }

    /// Applies one input, and whatever is due by now.
    pub fn apply(&mut self, now_ms: u64, input: Input, out: &mut Outputs) {
        match input {
            Input::Open(open) => self.open(now_ms, open, out),
            Input::Resume { conn, status } => self.resume(now_ms, conn, status, out),
            Input::Status { conn, status } => self.status(now_ms, conn, status, out),
            Input::Query(conn) => {
                if let Some(session) = self.sessions.get(&conn) {
                    let entries = self.snapshot(now_ms, session.account);
                    out.push(Output::Snapshot {
                        conn,
                        entries,
                        begin: false,
                    });
                }
            }
            Input::Pongs { conn, missing } => self.pongs(now_ms, conn, missing, out),
            Input::Heard { conn, heard_ms } => self.heard(now_ms, conn, heard_ms, out),
            Input::Typing {
                conn,
                conv,
                members,
                group,
            } => self.typing(conn, conv, (&members, group), out),
            Input::Closed { conn, device, end } => self.closed(now_ms, conn, device, end, out),
            Input::Committed(committed) => self.committed(now_ms, committed, out),
            Input::EndSessions { account, device, end } => {
                self.end_sessions(now_ms, account, device, end, out)
            }
            Input::Drain => self.drain(now_ms, out),
            Input::Tick => {}
        }
        while let Some((due_ms, timer)) = self.timers.pop(now_ms) {
            self.fire(now_ms, due_ms, timer, out);
        }
    }

    /// When something is due next.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        self.timers.next_ms()
    }

    /// Highest commit number that has gone out.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Who tells presence here.
    #[must_use]
    pub fn source(&self) -> PresenceSource {
        self.source
    }

    /// The last changes of presence, oldest first.
    pub fn transitions(&self) -> impl Iterator<Item = Transition> + '_ {
        self.transitions.iter().copied()
    }

    /// Account, device and opening time of every connection that is signed in now.
    pub fn sessions(&self) -> impl Iterator<Item = (ConnId, AccountId, DeviceId, u64)> + '_ {
        let up = self
            .sessions
            .iter()
            .filter(|(_, session)| session.link == Link::Up);
        up.map(|(conn, session)| (*conn, session.account, session.device, session.opened_ms))
    }

    /// Notes the wall clock anew: the machine may have slept, or its clock been set. What is known since this start does not
    /// depend on it; of what only the store knew, the age is worked out anew, or a start with a wrong clock would be told
    /// for good.
    pub fn set_wall(&mut self, now_ms: u64, wall_ms: u64) {
        let offset = signed(wall_ms).saturating_sub(signed(now_ms));
        if offset.abs_diff(self.wall_offset) >= CLOCK_SET_MS {
            for account in self.accounts.values_mut() {
                if let Some(stored_ms) = account.seen.stored_ms {
                    account.seen.since_ms = Some(monotonic(stored_ms, offset, now_ms));
                }
            }
        }
        self.wall_offset = offset;
    }

    pub(super) fn wall_of(&self, now_ms: u64) -> u64 {
        u64::try_from(signed(now_ms).saturating_add(self.wall_offset)).unwrap_or(0)
    }

    fn fire(&mut self, now_ms: u64, due_ms: u64, timer: Timer, out: &mut Outputs) {
        if self.draining {
            return;
        }
        match timer {
            Timer::Lease(conn) => self.lease_due(now_ms, due_ms, conn, out),
            Timer::Grace(conn) => self.grace_due(now_ms, conn, out),
            Timer::Settle => self.settle(now_ms, out),
            Timer::Receipts(conv) => self.receipts_due(now_ms, conv, out),
            Timer::LastSeen => {
                self.timers.arm(now_ms + LAST_SEEN_EVERY_MS, Timer::LastSeen);
                self.note_last_seen(now_ms, out);
            }
        }
    }

    fn note_last_seen(&self, now_ms: u64, out: &mut Outputs) {
        let wall_ms = self.wall_of(now_ms);
        let here = self
            .accounts
            .iter()
            .filter(|(_, account)| account.seen.is_visible());
        out.extend(here.map(|(id, _)| Output::LastSeen {
            account: *id,
            wall_ms,
        }));
    }

    /// Says offline of those who did not come back, a few per step.
    fn settle(&mut self, now_ms: u64, out: &mut Outputs) {
        let from = self.settling.len().saturating_sub(SETTLE_STEP);
        for id in self.settling.split_off(from) {
            let Some(account) = self.accounts.get_mut(&id) else {
                continue;
            };
            if account.seen.state == PresenceState::Unknown {
                account.seen.state = PresenceState::Offline;
                account.seen.reason = Some(EndReason::ServerRestart);
                account.seen.version += 1;
                self.announce(now_ms, id, out);
            }
        }
        if !self.settling.is_empty() {
            self.timers.arm(now_ms + 1, Timer::Settle);
        }
    }

    fn open(&mut self, now_ms: u64, open: Open, out: &mut Outputs) {
        let Open {
            conn,
            account,
            device,
            instance,
            began_ms,
            notice,
        } = open;
        let barred = self.ended.iter().find(|(at_ms, of, only, _)| {
            *of == account && only.is_none_or(|only| only == device) && *at_ms >= began_ms
        });
        if let Some((.., end)) = barred {
            out.push(Output::End {
                conn,
                end: *end,
                instance: None,
            });
            return;
        }
        if self.draining {
            out.push(Output::End {
                conn,
                end: ConnectionEnd::Restarting,
                instance: None,
            });
            return;
        }
        self.replace(now_ms, account, device, instance, out);
        let known = self.accounts.entry(account).or_default();
        known.sessions.push(conn);
        if let Some(notice) = notice {
            let tell = |conn: &ConnId| Output::Tell {
                conn: *conn,
                message: notice.clone(),
            };
            out.extend(known.live.iter().map(tell));
        }
        let lease_at_ms = now_ms + self.timing.doubtful_ms;
        self.timers.arm(lease_at_ms, Timer::Lease(conn));
        let session = Session {
            account,
            device,
            instance,
            opened_ms: now_ms,
            present: false,
            status: None,
            link: Link::Up,
            heard_ms: now_ms,
            excused_ms: 0,
            late_ms: 0,
            lease_at_ms,
            silent: false,
            missing_pong: false,
        };
        self.sessions.insert(conn, session);
    }

    fn of_device(&self, account: AccountId, device: DeviceId) -> Vec<ConnId> {
        let Some(known) = self.accounts.get(&account) else {
            return Vec::new();
        };
        let of = |conn: &&ConnId| {
            self.sessions
                .get(conn)
                .is_some_and(|session| session.device == device)
        };
        known.sessions.iter().filter(of).copied().collect()
    }

    /// Ends the device's older connections; what they showed stays until the new one resumes (R5, R6).
    fn replace(
        &mut self,
        now_ms: u64,
        account: AccountId,
        device: DeviceId,
        instance: Instance,
        out: &mut Outputs,
    ) {
        for conn in self.of_device(account, device) {
            let Some(session) = self.sessions.get_mut(&conn) else {
                continue;
            };
            if session.link != Link::Up {
                continue;
            }
            tracing::debug!(
                conn = conn.0,
                same_process = session.instance == instance,
                "replaced"
            );
            out.push(Output::End {
                conn,
                end: ConnectionEnd::Replaced,
                instance: Some(instance),
            });
            if session.present {
                let until_ms = now_ms + self.timing.grace_ms;
                session.link = Link::Held { until_ms };
                self.timers.arm(until_ms, Timer::Grace(conn));
                self.unplug(conn);
            } else {
                self.forget(conn);
            }
        }
    }

    /// Removes a session that shows nothing of its own any more, silently.
    fn forget(&mut self, conn: ConnId) {
        self.unplug(conn);
        if let Some(session) = self.sessions.remove(&conn)
            && let Some(account) = self.accounts.get_mut(&session.account)
        {
            account.sessions.retain(|other| *other != conn);
        }
    }

    fn resume(&mut self, now_ms: u64, conn: ConnId, status: StatusKind, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        if session.present || session.link != Link::Up {
            return;
        }
        session.present = true;
        // A choice made while the resume was under way is the newer one.
        session.status.get_or_insert(status);
        let (account, device) = (session.account, session.device);
        for older in self.of_device(account, device) {
            if older != conn {
                self.forget(older);
            }
        }
        if let Some(known) = self.accounts.get_mut(&account) {
            known.live.push(conn);
        }
        let end = LastEnd {
            reason: EndReason::Left,
            at_ms: now_ms,
        };
        self.recompute(now_ms, account, end, out);
        let invisible = self.accounts.get(&account).is_some_and(|known| known.invisible);
        out.push(Output::Invisible {
            conns: vec![conn],
            invisible,
        });
        out.push(Output::Snapshot {
            conn,
            entries: self.snapshot(now_ms, account),
            begin: true,
        });
    }

    fn status(&mut self, now_ms: u64, conn: ConnId, status: StatusKind, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        session.status = Some(status);
        let account = session.account;
        self.recompute(
            now_ms,
            account,
            LastEnd {
                reason: EndReason::Left,
                at_ms: now_ms,
            },
            out,
        );
    }
}
