//! What a client knows of others, by the rules of the wire: a snapshot replaces all, versions count within one source.

use breeze_protocol::message::presence::{Presence, PresenceSnapshot};
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, EndReason, PresenceEntry, PresenceState};
use std::collections::HashMap;
use std::time::Instant;

/// What is known of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Version of it.
    pub version: u64,
    /// The state.
    pub state: PresenceState,
    /// Why.
    pub reason: Option<EndReason>,
    /// Age when the frame was made, milliseconds.
    pub age_ms: u64,
}

/// One change as it was taken over.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// When its frame was read.
    pub at: Instant,
    /// Whose.
    pub account: AccountId,
    /// What it became.
    pub known: Known,
    /// Whether it came in a snapshot.
    pub snapshot: bool,
}

/// The model.
#[derive(Debug, Default)]
pub struct PresenceModel {
    source: Option<PresenceSource>,
    people: HashMap<AccountId, Known>,
    building: Option<HashMap<AccountId, Known>>,
    /// Every change in order.
    pub steps: Vec<Step>,
    /// Rows passed over because another source or an older version told them.
    pub stale: u64,
    /// `presence` frames taken.
    pub frames: u64,
    /// Snapshots completed.
    pub snapshots: u64,
}

impl PresenceModel {
    /// What is known of somebody; `Offline`, never seen, when nothing was told.
    #[must_use]
    pub fn of(&self, account: AccountId) -> Known {
        let never = Known {
            version: 0,
            state: PresenceState::Offline,
            reason: None,
            age_ms: 0,
        };
        self.people.get(&account).copied().unwrap_or(never)
    }

    /// The state of somebody.
    #[must_use]
    pub fn state(&self, account: AccountId) -> PresenceState {
        self.of(account).state
    }

    /// Who was told about at all.
    pub fn named(&self) -> impl Iterator<Item = AccountId> {
        self.people.keys().copied()
    }

    /// Every state somebody went through, without the snapshots, doubles left out.
    #[must_use]
    pub fn path(&self, account: AccountId) -> Vec<PresenceState> {
        let mut path: Vec<_> = self.changes(account).map(|step| step.known.state).collect();
        path.dedup();
        path
    }

    /// Every live change of somebody.
    pub fn changes(&self, account: AccountId) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(move |step| step.account == account && !step.snapshot)
    }

    /// How many live changes to this state came.
    #[must_use]
    pub fn times(&self, account: AccountId, state: PresenceState) -> usize {
        self.changes(account)
            .filter(|step| step.known.state == state)
            .count()
    }

    /// When somebody was first told to be in a state, since a moment.
    #[must_use]
    pub fn when(&self, account: AccountId, state: PresenceState, since: Instant) -> Option<Instant> {
        self.changes(account)
            .find(|step| step.known.state == state && step.at >= since)
            .map(|step| step.at)
    }

    /// A snapshot's chunk: the last one makes all of it true at once.
    pub fn snapshot(&mut self, at: Instant, chunk: &PresenceSnapshot) {
        if chunk.chunk == 0 {
            self.building = Some(HashMap::new());
        }
        self.source = Some(chunk.source);
        let mut people = self.building.take().unwrap_or_default();
        for entry in &chunk.entries {
            let known = known(entry);
            self.steps.push(Step {
                at,
                account: entry.0,
                known,
                snapshot: true,
            });
            people.insert(entry.0, known);
        }
        if chunk.last {
            self.snapshots += 1;
            self.people = people;
        } else {
            self.building = Some(people);
        }
    }

    /// Changes: of the snapshot's source only, newer versions only.
    pub fn changed(&mut self, at: Instant, frame: &Presence) {
        self.frames += 1;
        for entry in &frame.entries {
            let people = self.building.as_mut().unwrap_or(&mut self.people);
            let old = people.get(&entry.0).map_or(0, |known| known.version);
            if Some(frame.source) != self.source || entry.1 <= old {
                self.stale += 1;
                continue;
            }
            let known = known(entry);
            people.insert(entry.0, known);
            self.steps.push(Step {
                at,
                account: entry.0,
                known,
                snapshot: false,
            });
        }
    }
}

fn known(entry: &PresenceEntry) -> Known {
    Known {
        version: entry.1,
        state: entry.2,
        reason: entry.3,
        age_ms: entry.4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::PresenceState::{Offline, Online};

    const ANN: AccountId = AccountId(1);
    const SOURCE: PresenceSource = PresenceSource { node: 0, boot: 3 };

    fn row(version: u64, state: PresenceState) -> PresenceEntry {
        PresenceEntry(ANN, version, state, None, 0)
    }

    fn model(version: u64, state: PresenceState) -> PresenceModel {
        let mut model = PresenceModel::default();
        let entries = vec![row(version, state)];
        model.snapshot(
            Instant::now(),
            &PresenceSnapshot {
                source: SOURCE,
                chunk: 0,
                last: true,
                entries,
            },
        );
        model
    }

    #[test]
    fn r6_an_older_version_never_wins() {
        let mut model = model(4, Offline);
        let change = |version, state| Presence {
            source: SOURCE,
            entries: vec![row(version, state)],
        };
        model.changed(Instant::now(), &change(6, Online));
        model.changed(Instant::now(), &change(5, Offline));
        assert_eq!((model.state(ANN), model.stale), (Online, 1));
    }

    #[test]
    fn another_source_is_not_listened_to_and_the_unknown_are_offline() {
        let mut model = model(4, Online);
        let other = PresenceSource { node: 0, boot: 2 };
        model.changed(
            Instant::now(),
            &Presence {
                source: other,
                entries: vec![row(9, Offline)],
            },
        );
        assert_eq!(model.state(ANN), Online);
        model.changed(
            Instant::now(),
            &Presence {
                source: SOURCE,
                entries: vec![PresenceEntry(AccountId(99), 1, Online, None, 0)],
            },
        );
        assert_eq!(
            model.state(AccountId(99)),
            Online,
            "r12: somebody unknown is noted, not fatal"
        );
        assert_eq!(model.state(AccountId(98)), Offline);
    }
}
