//! Who may see whom: mutual, unblocked friends. Nobody else is ever told anything (R26).

use super::state::{Output, Outputs, State};
use breeze_protocol::{AccountId, EndReason, PresenceEntry, PresenceState};

impl State {
    pub(super) fn account_made(&mut self, account: AccountId) {
        self.accounts.entry(account).or_default();
    }

    /// Two people become, or stop being, visible to each other. A repeat changes nothing.
    pub(super) fn edge(&mut self, now_ms: u64, a: AccountId, b: AccountId, friends: bool, out: &mut Outputs) {
        if a == b {
            return;
        }
        let changed = self.set_friend(a, b, friends) | self.set_friend(b, a, friends);
        if changed {
            self.tell_edge(now_ms, a, b, friends, out);
            self.tell_edge(now_ms, b, a, friends, out);
        }
    }

    fn set_friend(&mut self, of: AccountId, who: AccountId, friends: bool) -> bool {
        let list = &mut self.accounts.entry(of).or_default().friends;
        match (list.binary_search(&who), friends) {
            (Err(at), true) => list.insert(at, who),
            (Ok(at), false) => drop(list.remove(at)),
            _ => return false,
        }
        true
    }

    /// Tells `watcher` what `subject` is now. The end of a friendship looks like the person leaving,
    /// and like nothing at all when the person was not there.
    fn tell_edge(
        &mut self,
        now_ms: u64,
        watcher: AccountId,
        subject: AccountId,
        friends: bool,
        out: &mut Outputs,
    ) {
        let to = match self.accounts.get(&watcher) {
            Some(account) if !account.live.is_empty() => account.live.clone(),
            _ => return,
        };
        let Some(account) = self.accounts.get_mut(&subject) else {
            return;
        };
        if friends {
            if let Some(entry) = account.seen.entry(subject, now_ms) {
                out.push(Output::Presence { to, entry });
            }
            return;
        }
        if account.seen.state == PresenceState::Offline {
            return;
        }
        account.seen.version += 1;
        let reason = account.seen.reason.unwrap_or(EndReason::Left);
        let entry = PresenceEntry(
            subject,
            account.seen.version,
            PresenceState::Offline,
            Some(reason),
            0,
        );
        out.push(Output::Presence { to, entry });
    }
}
