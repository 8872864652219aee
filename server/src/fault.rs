//! Switches that break one promise each, so that a test can be seen to fail. `Fault::None` in the shipped program.
//!
//! Only `breeze-server-sabotage` reads one from the environment (`BREEZE_FAULT`); `breeze-server` has no way to set it.

use std::time::Duration;

/// A message with this text makes the disk stand still, under [`Fault::DiskStalls`].
pub const DISK_STALL_TEXT: &str = "stand still";
/// For how long.
pub const DISK_STALL: Duration = Duration::from_secs(30);

/// One broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// None broken.
    #[default]
    None,
    /// A late close of an old connection ends the account's new session (R1).
    LateCloseWins,
    /// The first session to end turns the person grey (R3).
    FirstEndIsGrey,
    /// Versions of presence are not compared; changes are sent oldest last (R6).
    StaleVersionsWin,
    /// The hub waits for a recipient that does not read (R7).
    HubWaits,
    /// The snapshot is taken before the subscription, with changes in between lost (R9).
    SubscribeLate,
    /// Silence never ends a session (R13).
    HeartbeatIgnored,
    /// A message counts as delivered when it is written to the socket (R15).
    DeliveredOnSend,
    /// `sent` goes out before the commit.
    AckBeforeCommit,
    /// A repeated mid is stored again.
    DedupeOff,
    /// A mark that waits for its turn is told after what is newer.
    MarksOvertaken,
    /// Whoever leaves a group, or is removed, goes on being told what is written there.
    LeaversHear,
    /// A commit does not wait for the disk (`synchronous=NORMAL`): what waiting costs, for the benchmark.
    SyncLater,
    /// Leases run by the wall clock (F7).
    WallLeases,
    /// First answers are forgotten by the wall clock, however it is set (F7).
    WallForgets,
    /// A failed sync is passed over: what it was for is told as stored, and the process goes on (F4).
    SyncErrorsPass,
    /// A start goes on behind what the log holds, synced or not (F2).
    StartsUnsettled,
    /// The disk's promise, not ours: the sync of a commit takes [`DISK_STALL`] when a message asks for it (F3b).
    DiskStalls,
}

impl Fault {
    /// Reads a name in snake_case, as in `BREEZE_FAULT=late_close_wins`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "late_close_wins" => Self::LateCloseWins,
            "first_end_is_grey" => Self::FirstEndIsGrey,
            "stale_versions_win" => Self::StaleVersionsWin,
            "hub_waits" => Self::HubWaits,
            "subscribe_late" => Self::SubscribeLate,
            "heartbeat_ignored" => Self::HeartbeatIgnored,
            "delivered_on_send" => Self::DeliveredOnSend,
            "ack_before_commit" => Self::AckBeforeCommit,
            "dedupe_off" => Self::DedupeOff,
            "marks_overtaken" => Self::MarksOvertaken,
            "leavers_hear" => Self::LeaversHear,
            "sync_later" => Self::SyncLater,
            "wall_leases" => Self::WallLeases,
            "wall_forgets" => Self::WallForgets,
            "sync_errors_pass" => Self::SyncErrorsPass,
            "starts_unsettled" => Self::StartsUnsettled,
            "disk_stalls" => Self::DiskStalls,
            _ => return None,
        })
    }
}
