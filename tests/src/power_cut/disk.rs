//! What a disk may hold after a power cut. All that a sync has confirmed is there; of what came later, any part of it:
//! each page of the system's memory as it was at some moment since, in any order, and torn between two sectors.
//!
//! A failed sync is the worst there is: its pages count as written from then on, so no later sync tries them again, and
//! only what is written anew to the same page is brought to the disk with it.

use super::record::{Change, Journal, NameChange, Record};
use crate::world::Chance;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the system writes at once, bytes.
const PAGE: usize = 4096;
/// What a disk writes whole or not at all, bytes.
const SECTOR: usize = 512;
/// Pages of which only some sectors were written, of a thousand that were being written.
const TORN_PER_MILLE: u64 = 250;

/// What one power cut met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// Pages not confirmed by a sync.
    pub pending: u64,
    /// Of them, pages of which the disk has another state than the last one.
    pub dropped: u64,
    /// Pages torn.
    pub torn: u64,
    /// Whether a checkpoint was writing into the database.
    pub checkpoint: bool,
    /// Whether a log had been emptied, and that was not confirmed yet.
    pub emptied: bool,
}

/// The database, and its log, below the data folder.
pub(super) const DATABASE: &str = "breeze.db";
pub(super) const LOG: &str = "breeze.db-wal";

/// Makes the data folder as the disk may have it, when the power is cut before this line.
///
/// # Errors
/// When the folder cannot be written.
pub fn image(record: &Record, cut: usize, chance: &mut Chance, into: &Path) -> io::Result<Met> {
    let mut met = Met::default();
    for (path, file) in names(&record.names, cut, chance) {
        let state = State::at(&record.files[file], cut);
        met.checkpoint |= path == Path::new(DATABASE) && state.issued > state.kept;
        met.emptied |= path == Path::new(LOG) && state.lengths().any(|at| at >= state.kept);
        let bytes = state.content(chance, &mut met);
        let path = into.join(path);
        fs::create_dir_all(path.parent().expect("it lies below the folder"))?;
        fs::write(path, bytes)?;
    }
    Ok(met)
}

/// Which of the changes issued before the cut are sure to last by themselves: the first sync after each decides.
fn kept<T>(journal: &Journal<T>, cut: usize) -> Vec<bool> {
    let syncs = journal.syncs.iter().filter(|(span, _)| span.ended < cut);
    let syncs: Vec<_> = syncs.collect();
    let issued = journal.changes.iter().filter(|(span, _)| span.begun < cut);
    let fate = |ended: usize| {
        syncs
            .iter()
            .find(|(sync, _)| ended < sync.begun)
            .map(|(_, ok)| *ok)
    };
    issued.map(|(span, _)| fate(span.ended) == Some(true)).collect()
}

/// The names after the cut: those confirmed, and some of the later ones in their order, as a journal keeps them.
fn names(journal: &Journal<NameChange>, cut: usize, chance: &mut Chance) -> BTreeMap<PathBuf, usize> {
    let kept = kept(journal, cut);
    let sure = kept.iter().rposition(|kept| *kept).map_or(0, |last| last + 1);
    let upto = between(chance, sure, kept.len());
    let mut names = BTreeMap::new();
    for (_, change) in &journal.changes[..upto] {
        match change {
            NameChange::Create(path, file) => drop(names.insert(path.clone(), *file)),
            NameChange::Remove(path) => drop(names.remove(path)),
            NameChange::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
    names
}

/// Any number of them: all or none more often than others.
fn between(chance: &mut Chance, low: usize, high: usize) -> usize {
    match chance.below(4) {
        0 => low,
        1 => high,
        _ => low + usize::try_from(chance.below((high - low) as u64 + 1)).expect("below a usize"),
    }
}

/// A file at the moment of the cut.
struct State<'a> {
    journal: &'a Journal<Change>,
    /// Whether each change that was issued is sure to last.
    sure: Vec<bool>,
    /// How many changes were issued.
    issued: usize,
    /// How many are sure, the gaps of failed syncs among them.
    kept: usize,
}

impl<'a> State<'a> {
    fn at(journal: &'a Journal<Change>, cut: usize) -> Self {
        let sure = kept(journal, cut);
        let kept = sure.iter().rposition(|sure| *sure).map_or(0, |last| last + 1);
        Self {
            journal,
            issued: sure.len(),
            kept,
            sure,
        }
    }

    /// Where the length was set.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        (0..self.issued).filter(|at| self.sets_length(*at))
    }

    fn sets_length(&self, at: usize) -> bool {
        matches!(self.journal.changes[at].1, Change::Length(_))
    }

    fn content(&self, chance: &mut Chance, met: &mut Met) -> Vec<u8> {
        // A length that was set lasts or does not, and nothing that came behind one that does not is there.
        let mut ends: Vec<usize> = self.lengths().filter(|at| *at >= self.kept).collect();
        ends.push(self.issued);
        let segment = usize::try_from(chance.below(ends.len() as u64)).expect("a handful");
        let low = if segment == 0 {
            self.kept
        } else {
            ends[segment - 1] + 1
        };
        let high = ends[segment];
        let length = self.length(between(chance, low, high));
        let mut bytes = vec![0; length];
        for (page, touching) in self.pages(length) {
            let set = |at: usize| at >= self.kept && at < low && self.sets_length(at);
            let last_sure = touching.iter().rposition(|at| self.sure[*at] || set(*at));
            let sure = last_sure.map_or(0, |last| last + 1);
            let most = touching.iter().filter(|at| **at < high).count().max(sure);
            let upto = between(chance, sure, most);
            let range = page * PAGE..((page + 1) * PAGE).min(length);
            self.fill(page, &touching[..upto], &mut bytes[range.clone()]);
            met.pending += u64::from(sure < touching.len());
            met.dropped += u64::from(upto < touching.len());
            if most > sure && chance.happens(TORN_PER_MILLE) {
                let mut other = vec![0; range.len()];
                self.fill(page, &touching[..between(chance, sure, most)], &mut other);
                let sectors = bytes[range].chunks_mut(SECTOR).zip(other.chunks(SECTOR));
                for (sector, other) in sectors {
                    if chance.happens(500) {
                        sector.copy_from_slice(other);
                    }
                }
                met.torn += 1;
            }
        }
        bytes
    }

    /// How long the file is after so many changes.
    fn length(&self, upto: usize) -> usize {
        let changes = self.journal.changes[..upto].iter();
        changes.fold(0, |length: usize, (_, change)| match change {
            Change::Write(at, bytes) => length.max(index(*at) + bytes.len()),
            Change::Length(now) => index(*now),
        })
    }

    /// Which changes touch each page below a length.
    fn pages(&self, length: usize) -> BTreeMap<usize, Vec<usize>> {
        let count = length.div_ceil(PAGE);
        let mut pages: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, (_, change)) in self.journal.changes[..self.issued].iter().enumerate() {
            let touched = match change {
                Change::Write(_, bytes) if bytes.is_empty() => continue,
                Change::Write(at, bytes) => index(*at) / PAGE..(index(*at) + bytes.len()).div_ceil(PAGE),
                Change::Length(now) => index(*now) / PAGE..count,
            };
            for page in touched.start..touched.end.min(count) {
                pages.entry(page).or_default().push(number);
            }
        }
        pages.into_iter().collect()
    }

    /// Does these changes to a page of zeros.
    fn fill(&self, page: usize, changes: &[usize], into: &mut [u8]) {
        let start = page * PAGE;
        for change in changes {
            match &self.journal.changes[*change].1 {
                Change::Write(at, bytes) => {
                    let at = index(*at);
                    let from = at.max(start);
                    let to = (at + bytes.len()).min(start + into.len());
                    if from < to {
                        into[from - start..to - start].copy_from_slice(&bytes[from - at..to - at]);
                    }
                }
                Change::Length(now) => {
                    let from = index(*now).saturating_sub(start).min(into.len());
                    into[from..].fill(0);
                }
            }
        }
    }
}

fn index(at: u64) -> usize {
    usize::try_from(at).expect("a file of a test fits in memory")
}

#[cfg(test)]
mod tests {
    use super::super::calls::Span;
    use super::*;

    fn at(line: usize) -> Span {
        Span {
            begun: line,
            ended: line,
        }
    }

    fn written(line: usize, place: u64, byte: u8, count: usize) -> (Span, Change) {
        (at(line), Change::Write(place, vec![byte; count]))
    }

    /// All contents that a cut before `cut` was seen to leave.
    fn contents(journal: &Journal<Change>, cut: usize) -> Vec<Vec<u8>> {
        let mut seen: Vec<Vec<u8>> = (0..400)
            .map(|seed| State::at(journal, cut).content(&mut Chance::new(seed), &mut Met::default()))
            .collect();
        seen.sort();
        seen.dedup();
        seen
    }

    #[test]
    fn what_was_synced_is_there_and_what_was_not_may_be() {
        let journal = Journal {
            changes: vec![written(0, 0, 1, 4), written(2, 0, 2, 4), written(3, 4, 3, 4)],
            syncs: vec![(at(1), true)],
        };
        assert_eq!(contents(&journal, 2), [vec![1; 4]]);
        let all = contents(&journal, 4);
        assert!(all.contains(&vec![1; 4]), "{all:?}");
        assert!(all.contains(&vec![2, 2, 2, 2, 3, 3, 3, 3]), "{all:?}");
        assert!(
            all.contains(&vec![2, 2, 2, 2, 0, 0, 0, 0]),
            "length first: {all:?}"
        );
    }

    #[test]
    fn a_sync_under_way_and_a_write_begun_while_it_was_promise_nothing() {
        let mut journal = Journal {
            changes: vec![written(0, 0, 1, 4)],
            syncs: vec![(Span { begun: 1, ended: 3 }, true)],
        };
        assert!(contents(&journal, 3).contains(&vec![]), "it has not ended");
        assert_eq!(contents(&journal, 4), [vec![1; 4]]);
        journal.changes.push(written(2, 0, 2, 4));
        assert_eq!(contents(&journal, 4), [vec![1; 4], vec![2; 4]]);
    }

    #[test]
    fn after_a_failed_sync_a_good_one_brings_only_what_was_written_anew() {
        let page = PAGE as u64;
        let journal = Journal {
            changes: vec![
                written(0, 0, 1, 4),
                written(1, page, 1, 4),
                written(3, page + 4, 2, 4),
            ],
            syncs: vec![(at(2), false), (at(4), true)],
        };
        let all = contents(&journal, 5);
        let second = |bytes: &Vec<u8>| bytes[PAGE..] == [1, 1, 1, 1, 2, 2, 2, 2];
        assert!(all.iter().all(second), "the second page was dirty again");
        assert!(all.iter().any(|bytes| bytes[0] == 0), "the first was given up");
        assert!(all.iter().any(|bytes| bytes[0] == 1), "or had been written");
    }

    #[test]
    fn nothing_lies_behind_a_length_that_was_not_set() {
        let journal = Journal {
            changes: vec![
                written(0, 0, 1, 8),
                (at(2), Change::Length(0)),
                written(3, 0, 2, 4),
            ],
            syncs: vec![(at(1), true)],
        };
        let all = contents(&journal, 4);
        assert_eq!(all, [vec![], vec![0; 4], vec![1; 8], vec![2; 4]]);
    }

    #[test]
    fn pages_are_torn_between_sectors_and_nowhere_else() {
        let journal = Journal {
            changes: vec![written(0, 0, 1, PAGE), written(2, 0, 2, PAGE)],
            syncs: vec![(at(1), true)],
        };
        let all = contents(&journal, 3);
        assert!(all.len() > 4, "{}", all.len());
        for bytes in all {
            let mut sectors = bytes.chunks(SECTOR);
            assert!(sectors.all(|sector| sector.iter().all(|byte| *byte == sector[0])));
        }
    }

    #[test]
    fn names_come_in_their_order_and_last_when_the_folder_is_synced() {
        let name = |text: &str| PathBuf::from(text);
        let journal = Journal {
            changes: vec![
                (at(0), NameChange::Create(name("a"), 0)),
                (at(2), NameChange::Create(name("b"), 1)),
                (at(3), NameChange::Rename(name("b"), name("a"))),
            ],
            syncs: vec![(at(1), true)],
        };
        let seen = |cut| -> Vec<Vec<(PathBuf, usize)>> {
            let mut seen: Vec<_> = (0..99)
                .map(|seed| names(&journal, cut, &mut Chance::new(seed)).into_iter().collect())
                .collect();
            seen.sort();
            seen.dedup();
            seen
        };
        assert_eq!(seen(2), [[(name("a"), 0)]]);
        let wanted = [
            vec![(name("a"), 0)],
            vec![(name("a"), 0), (name("b"), 1)],
            vec![(name("a"), 1)],
        ];
        assert_eq!(seen(4), wanted);
    }
}
