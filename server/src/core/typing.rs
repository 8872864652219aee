//! Who is told that somebody types: friends in a conversation of two, all in a group, while the typer may be seen.

use super::state::{Output, Outputs, State};
use crate::store::ConnId;
use breeze_protocol::limit::TYPING_MEMBERS_MAX;
use breeze_protocol::message::chat::TypingNotice;
use breeze_protocol::{AccountId, ConvId};
use std::sync::Arc;

impl State {
    pub(super) fn typing(
        &self,
        conn: ConnId,
        conv: ConvId,
        (members, group): (&Arc<[AccountId]>, bool),
        out: &mut Outputs,
    ) {
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
            .filter(|member| **member != from && (group || account.friends.binary_search(member).is_ok()))
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
