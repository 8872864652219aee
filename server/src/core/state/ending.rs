//! Silence, dropped links and endings: how a session stops counting, exactly once.

use super::{ENDED_KEPT_MS, LATE_MS, Outputs, State};
use crate::core::end::{ConnectionEnd, Effect};
use crate::core::output::Output;
use crate::core::presence::{LastEnd, Link};
use crate::core::timer::Timer;
use crate::fault::Fault;
use crate::store::ConnId;
use breeze_protocol::{AccountId, DeviceId, EndReason};

impl State {
    pub(super) fn lease_due(&mut self, now_ms: u64, due_ms: u64, conn: ConnId, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        if session.link != Link::Up || session.lease_at_ms != due_ms || self.fault == Fault::HeartbeatIgnored
        {
            return;
        }
        let late_ms = now_ms.saturating_sub(due_ms);
        session.late_ms = if late_ms > LATE_MS { late_ms } else { 0 };
        // Whatever else is due waits until the answer has come: the hub gives it at once.
        out.push(Output::Check(conn));
    }

    /// Judges a session's silence. Called with each answer to a check, and with the first byte after a doubt.
    pub(super) fn heard(&mut self, now_ms: u64, conn: ConnId, heard_ms: u64, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        if session.link != Link::Up {
            return;
        }
        if heard_ms > session.heard_ms {
            session.heard_ms = heard_ms.min(now_ms);
            session.excused_ms = 0;
        }
        session.excused_ms += std::mem::take(&mut session.late_ms);
        let from_ms = session.heard_ms + session.excused_ms;
        let quiet_ms = now_ms.saturating_sub(from_ms);
        let account = session.account;
        let end = LastEnd {
            reason: EndReason::TimedOut,
            at_ms: session.heard_ms,
        };
        if quiet_ms >= self.timing.lease_ms {
            out.push(Output::End {
                conn,
                end: ConnectionEnd::LeaseOver,
                instance: None,
            });
            self.remove(now_ms, conn, end, out);
            return;
        }
        let silent = quiet_ms >= self.timing.doubtful_ms;
        let next_ms = from_ms
            + if silent {
                self.timing.lease_ms
            } else {
                self.timing.doubtful_ms
            };
        session.lease_at_ms = next_ms;
        self.timers.arm(next_ms, Timer::Lease(conn));
        if session.silent != silent {
            session.silent = silent;
            out.push(Output::Doubt {
                conn,
                doubtful: silent,
            });
            self.recompute(now_ms, account, end, out);
        }
    }

    pub(super) fn pongs(&mut self, now_ms: u64, conn: ConnId, missing: u64, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        if session.link != Link::Up || self.fault == Fault::HeartbeatIgnored {
            return;
        }
        let end = LastEnd {
            reason: EndReason::TimedOut,
            at_ms: now_ms,
        };
        if missing >= 2 {
            out.push(Output::End {
                conn,
                end: ConnectionEnd::PongsMissing,
                instance: None,
            });
            self.remove(now_ms, conn, end, out);
            return;
        }
        let account = session.account;
        session.missing_pong = missing > 0;
        self.recompute(now_ms, account, end, out);
    }

    pub(super) fn grace_due(&mut self, now_ms: u64, conn: ConnId, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        match session.link {
            Link::Held { until_ms } if until_ms <= now_ms => self.lose(now_ms, conn, out),
            Link::Lost { at_ms } if at_ms + self.timing.grace_ms <= now_ms => {
                self.remove(
                    now_ms,
                    conn,
                    LastEnd {
                        reason: EndReason::LinkLost,
                        at_ms,
                    },
                    out,
                );
            }
            Link::Dead { until_ms } if until_ms <= now_ms => {
                let end = LastEnd {
                    reason: EndReason::TimedOut,
                    at_ms: session.heard_ms,
                };
                self.remove(now_ms, conn, end, out);
            }
            _ => {}
        }
    }

    /// A dropped link: doubtful now, over after the grace.
    fn lose(&mut self, now_ms: u64, conn: ConnId, out: &mut Outputs) {
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        session.link = Link::Lost { at_ms: now_ms };
        let account = session.account;
        self.unplug(conn);
        self.timers.arm(now_ms + self.timing.grace_ms, Timer::Grace(conn));
        self.recompute(
            now_ms,
            account,
            LastEnd {
                reason: EndReason::LinkLost,
                at_ms: now_ms,
            },
            out,
        );
    }

    pub(super) fn closed(
        &mut self,
        now_ms: u64,
        conn: ConnId,
        device: (AccountId, DeviceId),
        end: ConnectionEnd,
        out: &mut Outputs,
    ) {
        let link = self.sessions.get(&conn).map(|session| session.link);
        if link != Some(Link::Up) {
            // Ended or replaced before; its socket's end is no news (R1, R10).
            if self.fault == Fault::LateCloseWins {
                for newer in self.of_device(device.0, device.1) {
                    self.remove(
                        now_ms,
                        newer,
                        LastEnd {
                            reason: EndReason::LinkLost,
                            at_ms: now_ms,
                        },
                        out,
                    );
                }
            }
            return;
        }
        if self.draining {
            self.forget(conn);
            return;
        }
        if !self.sessions.get(&conn).is_some_and(|session| session.present) {
            self.forget(conn);
            self.give_up_held(now_ms, device, out);
            return;
        }
        match end.effect() {
            Effect::Over(reason) => self.remove(
                now_ms,
                conn,
                LastEnd {
                    reason,
                    at_ms: now_ms,
                },
                out,
            ),
            Effect::Lost => self.lose(now_ms, conn, out),
            Effect::Dead => self.dead(now_ms, conn, out),
        }
    }

    /// The connection that was to take over is gone: what it would have replaced is a lost link.
    fn give_up_held(&mut self, now_ms: u64, device: (AccountId, DeviceId), out: &mut Outputs) {
        for older in self.of_device(device.0, device.1) {
            let link = self.sessions.get(&older).map(|session| session.link);
            if matches!(link, Some(Link::Held { .. })) {
                self.lose(now_ms, older, out);
            }
        }
    }

    fn dead(&mut self, now_ms: u64, conn: ConnId, out: &mut Outputs) {
        if self.fault == Fault::HeartbeatIgnored {
            return;
        }
        let Some(session) = self.sessions.get_mut(&conn) else {
            return;
        };
        let until_ms = (session.heard_ms + session.excused_ms + self.timing.lease_ms).max(now_ms);
        session.link = Link::Dead { until_ms };
        let (account, heard_ms) = (session.account, session.heard_ms);
        self.unplug(conn);
        self.timers.arm(until_ms, Timer::Grace(conn));
        self.recompute(
            now_ms,
            account,
            LastEnd {
                reason: EndReason::TimedOut,
                at_ms: heard_ms,
            },
            out,
        );
    }

    pub(super) fn end_sessions(
        &mut self,
        now_ms: u64,
        account: AccountId,
        device: Option<DeviceId>,
        end: ConnectionEnd,
        out: &mut Outputs,
    ) {
        self.ended.retain(|(at_ms, ..)| at_ms + ENDED_KEPT_MS > now_ms);
        self.ended.push((now_ms, account, device, end));
        let conns = self
            .accounts
            .get(&account)
            .map(|known| known.sessions.clone())
            .unwrap_or_default();
        let reason = match end.effect() {
            Effect::Over(reason) => reason,
            Effect::Lost | Effect::Dead => EndReason::Kicked,
        };
        for conn in conns {
            let Some(session) = self.sessions.get(&conn) else {
                continue;
            };
            if device.is_some_and(|device| device != session.device) {
                continue;
            }
            if session.link == Link::Up {
                out.push(Output::End {
                    conn,
                    end,
                    instance: None,
                });
            }
            self.remove(
                now_ms,
                conn,
                LastEnd {
                    reason,
                    at_ms: now_ms,
                },
                out,
            );
        }
    }

    /// An orderly stop: everybody is told it is the server, nobody that anybody left (R24).
    pub(super) fn drain(&mut self, now_ms: u64, out: &mut Outputs) {
        self.draining = true;
        self.note_last_seen(now_ms, out);
        let up = self
            .sessions
            .iter()
            .filter(|(_, session)| session.link == Link::Up);
        let end = ConnectionEnd::Restarting;
        out.extend(up.map(|(conn, _)| Output::End {
            conn: *conn,
            end,
            instance: None,
        }));
    }
}
