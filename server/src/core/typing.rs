//! Who is told that somebody types: friends in the conversation, while the typer may be seen.

use super::state::{Output, Outputs, State};
use crate::store::ConnId;
use breeze_protocol::message::chat::TypingNotice;
use breeze_protocol::{AccountId, ConvId};
use std::sync::Arc;

/// Most members of a conversation in which typing is told: more would be noise.
const TYPING_MEMBERS_MAX: usize = 50;

impl State {
    pub(super) fn typing(&self, conn: ConnId, conv: ConvId, members: &Arc<[AccountId]>, out: &mut Outputs) {
        let Some(from) = self.sessions.get(&conn).map(|session| session.account) else {
            return;
        };
        if members.len() > TYPING_MEMBERS_MAX || !members.contains(&from) {
            return;
        }
        let Some(account) = self.accounts.get(&from) else {
            return;
        };
        if !account.seen.is_visible() {
            return;
        }
        let to: Vec<ConnId> = members
            .iter()
            .filter(|member| **member != from && account.friends.binary_search(member).is_ok())
            .filter_map(|member| self.accounts.get(member))
            .flat_map(|member| member.live.iter().copied())
            .collect();
        if !to.is_empty() {
            out.push(Output::Typing {
                to,
                notice: TypingNotice { conv, account: from },
            });
        }
    }
}
