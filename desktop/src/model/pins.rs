//! Messages pinned to the top of a chat, for everybody in it. Pinning is asked of the server: nothing shows before it has
//! said so, and nothing waits when it cannot be asked.

use super::chat::Chat;
use super::command::{Ask, Change, Commands, LinkCommand, Mint};
use super::entries::nack_words;
use super::{Link, Model, Now};
use crate::words::{tr, tr_with};
use breeze_protocol::limit::PINS_MAX;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::pin::{MessagePin, Pin, Pins};
use breeze_protocol::{AccountId, ConvId};

impl Chat {
    /// Whether this message is pinned.
    #[must_use]
    pub fn is_pinned(&self, seq: u64) -> bool {
        self.pins.iter().any(|pin| pin.seq == seq)
    }

    /// The pinned message to show above the chat, when the one before it was `shown` last: the newest first, then up.
    #[must_use]
    pub fn pin_after(&self, shown: Option<u64>) -> Option<(usize, Pin)> {
        let before = shown.map(|shown| self.pins.partition_point(|pin| pin.seq < shown));
        let at = match before {
            None | Some(0) => self.pins.len().checked_sub(1)?,
            Some(at) => at - 1,
        };
        self.pins.get(at).map(|pin| (at, *pin))
    }
}

impl Model {
    /// Whether one may pin messages there: both of two; in a group its owner and admins.
    #[must_use]
    pub fn may_pin(&self, conv: ConvId) -> bool {
        let group = self.chats.get(&conv).and_then(|chat| chat.group.as_ref());
        self.may_write(conv) && group.is_none_or(|group| group.role != Role::Member)
    }

    /// Asks the server to pin a message, or to take it off.
    pub(super) fn pin(
        &mut self,
        now: Now,
        (conv, seq): (ConvId, u64),
        pinned: bool,
        mint: &mut dyn Mint,
    ) -> Commands {
        let is = self.chats.get(&conv).is_some_and(|chat| chat.is_pinned(seq));
        if !self.may_pin(conv) || is == pinned {
            return Commands::new();
        }
        if self.link != Link::Up {
            self.toast(now, tr("pin-offline"), true);
            return Commands::new();
        }
        let wish = MessagePin {
            mid: mint.mid(),
            conv,
            seq,
            pinned,
        };
        vec![LinkCommand::Request(Ask::Pin, Box::new(wish.into())).into()]
    }

    /// The server says what is pinned.
    pub(super) fn pinned(&mut self, pins: Pins) -> Vec<Change> {
        match self.chats.get_mut(&pins.conv) {
            Some(chat) => {
                chat.pins.clone_from(&pins.pins);
                vec![Change::Pins(pins)]
            }
            // Of a conversation one is no longer in.
            None => Vec::new(),
        }
    }

    /// Who pinned a message, in words.
    #[must_use]
    pub fn pinned_by(&self, by: AccountId) -> String {
        if by == self.me.account {
            return tr("pin-by-you");
        }
        tr_with("pin-by", &[("name", self.name_of(by).into())])
    }
}

/// Why a message was not pinned, in words.
pub(super) fn pin_words(code: NackCode) -> String {
    match code {
        NackCode::Quota => tr_with("pin-full", &[("count", PINS_MAX.into())]),
        NackCode::NoRight => tr("pin-no-right"),
        NackCode::NotContact => tr("pin-not-contact"),
        NackCode::BadReference => tr("pin-gone"),
        code => nack_words(code),
    }
}
