//! How long the messages of a conversation are kept, and the dialog in which one says so.

use super::command::{Ask, Commands, LinkCommand, Mint};
use super::group_acts::group_words;
use super::{Dialog, Model};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::keep::ConvKeep;

/// What is offered, in days; 0: for good.
const OFFERED: [u64; 6] = [0, 365, 90, 30, 7, 1];

/// The dialog: for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// Of which conversation.
    pub conv: ConvId,
    /// Days, 0: for good.
    pub days: u64,
    /// The server has been asked.
    pub busy: bool,
    /// What went wrong, in words.
    pub error: Option<String>,
}

/// What one does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepingAct {
    /// Open it.
    Show(ConvId),
    /// Choose so many days.
    Choose(u64),
    /// Say it to the server.
    Confirm,
}

impl Model {
    /// Whether oneself may say how long messages of a conversation are kept.
    #[must_use]
    pub fn may_limit(&self, conv: ConvId) -> bool {
        let plain = self.group(conv).is_some_and(|group| group.role == Role::Member);
        self.may_write(conv) && !plain
    }

    /// For how long messages of a conversation are kept, in days, as the conversation says; 0: for good.
    #[must_use]
    pub fn keep_days(&self, conv: ConvId) -> u64 {
        self.chats.get(&conv).map_or(0, |chat| chat.keep_days)
    }

    /// What may be chosen for a conversation, the longest first, what is so now among it.
    #[must_use]
    pub fn keep_choices(&self, conv: ConvId) -> Vec<u64> {
        let mut days: Vec<u64> = OFFERED.to_vec();
        days.push(self.keep_days(conv));
        days.sort_by_key(|days| std::cmp::Reverse(if *days == 0 { u64::MAX } else { *days }));
        days.dedup();
        days
    }

    pub(super) fn act_keeping(&mut self, act: KeepingAct, mint: &mut dyn Mint) -> Commands {
        match (act, &mut self.dialog) {
            (KeepingAct::Show(conv), _) => {
                self.dialog = Some(Dialog::Keeping(Keeping {
                    conv,
                    days: self.keep_days(conv),
                    busy: false,
                    error: None,
                }));
            }
            (KeepingAct::Choose(days), Some(Dialog::Keeping(keeping))) => {
                keeping.days = days;
                keeping.error = None;
            }
            (KeepingAct::Confirm, Some(Dialog::Keeping(keeping))) if !keeping.busy => {
                keeping.busy = true;
                keeping.error = None;
                let wish = ConvKeep {
                    mid: mint.mid(),
                    conv: keeping.conv,
                    days: keeping.days,
                };
                return vec![LinkCommand::Request(Ask::Keeping, Box::new(wish.into())).into()];
            }
            _ => {}
        }
        Commands::new()
    }

    /// It is so now.
    pub(super) fn keeping_done(&mut self) {
        if matches!(self.dialog, Some(Dialog::Keeping(_))) {
            self.dialog = None;
        }
    }

    /// It was refused, or nobody knows.
    pub(super) fn keeping_failed(&mut self, words: String) {
        if let Some(Dialog::Keeping(keeping)) = &mut self.dialog {
            keeping.busy = false;
            keeping.error = Some(words);
        }
    }
}

/// So many days in words: "30 days", "1 year", "For good".
#[must_use]
pub fn days_words(days: u64) -> String {
    match days {
        0 => tr("keep-for-good"),
        365 => tr("keep-year"),
        _ => tr_with("keep-days", &[("count", days.into())]),
    }
}

/// Why it was refused, in words.
pub(super) fn keeping_words(code: NackCode) -> String {
    match code {
        NackCode::TooLong => tr("keep-too-long"),
        other => group_words(other),
    }
}
