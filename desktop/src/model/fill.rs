//! The whole history, fetched little by little: gaps in what this computer holds are filled from the server, the newest
//! conversations first, one page a second, as long as the link is up. Where a gap is, the disk says; nothing else is kept
//! of it, so a start goes on where the last one ended.

use super::chat::Message;
use super::command::{Ask, Commands, LinkCommand, StoreCommand};
use super::event::Reply;
use super::{Link, Model, Now};
use breeze_protocol::message::chat::History;
use breeze_protocol::{ConvId, ServerMessage};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Between two pages, milliseconds: live messages and the person's own wishes go first.
const PAUSE_MS: u64 = 1000;
/// Rows of a page.
const PAGE: u32 = 200;

/// How far the filling is.
#[derive(Debug, Clone, Default)]
pub struct Fill {
    /// When the next step is due (mono ms); `None` while an answer is awaited, or when there is nothing to do.
    due: Option<u64>,
    /// The conversation at hand, and from where downwards its gaps are looked for.
    at: Option<(ConvId, u64)>,
    /// Conversations that are whole, or that the server gives nothing more of, since the link came up.
    done: BTreeSet<ConvId>,
    /// Something could not be kept: no more of it until the next start.
    stopped: bool,
}

impl Model {
    /// The link is up and everything missed has come: from the beginning, the disk is quick to say what is whole.
    pub(super) fn fill_begins(&mut self, now: Now) {
        if !self.book.fill.stopped {
            self.book.fill = Fill {
                due: Some(now.mono_ms + PAUSE_MS),
                ..Fill::default()
            };
        }
    }

    /// Something could not be kept.
    pub(super) fn fill_stops(&mut self) {
        self.book.fill = Fill {
            stopped: true,
            ..Fill::default()
        };
    }

    /// When the next step is due (mono ms).
    pub(super) fn fill_due(&self) -> Option<u64> {
        self.book.fill.due.filter(|_| self.link == Link::Up)
    }

    /// The next step, if it is due: the disk is asked for the next gap.
    pub(super) fn fill_step(&mut self, now: Now) -> Commands {
        if self.fill_due().is_none_or(|due| now.mono_ms < due) {
            return Commands::new();
        }
        self.book.fill.due = None;
        if self.book.fill.at.is_none() {
            let open = self
                .chats
                .values()
                .filter(|chat| !self.book.fill.done.contains(&chat.conv));
            let newest = open.max_by_key(|chat| {
                let newest = chat.messages.values().next_back().map_or(0, |message| message.ts);
                (newest, Reverse(chat.conv))
            });
            self.book.fill.at = newest.map(|chat| (chat.conv, chat.head));
        }
        match self.book.fill.at {
            Some((conv, below)) => vec![StoreCommand::Gap { conv, below }.into()],
            None => Commands::new(),
        }
    }

    /// The disk says where the next gap of a conversation is: what comes before this place is missing.
    pub(super) fn gap_found(&mut self, now: Now, conv: ConvId, before: Option<u64>) -> Commands {
        if self.book.fill.at.is_none_or(|(at, _)| at != conv) {
            return Commands::new();
        }
        match before {
            Some(before) if self.link == Link::Up => {
                let history = History {
                    conv,
                    before,
                    after: 0,
                    limit: PAGE,
                };
                vec![LinkCommand::Request(Ask::Fill(conv), Box::new(history.into())).into()]
            }
            Some(_) => Commands::new(),
            None => {
                self.fill_next(now, conv);
                Commands::new()
            }
        }
    }

    fn fill_next(&mut self, now: Now, conv: ConvId) {
        let fill = &mut self.book.fill;
        fill.at = None;
        fill.done.insert(conv);
        // Whole conversations cost the disk one look: no pause for them.
        fill.due = Some(now.mono_ms);
    }

    /// A page of what was missing, or none.
    pub(super) fn filled(&mut self, now: Now, conv: ConvId, reply: Reply) -> Commands {
        if self.book.fill.at.is_none_or(|(at, _)| at != conv) {
            return Commands::new();
        }
        match reply {
            Reply::Message(message) => match *message {
                ServerMessage::HistoryPage(page) if !page.rows.is_empty() => {
                    let rows: Vec<Message> = page.rows.into_iter().map(Message::new).collect();
                    let lowest = rows.iter().map(|row| row.seq).min().unwrap_or(0);
                    self.book.fill.at = Some((conv, lowest));
                    self.book.fill.due = Some(now.mono_ms + PAUSE_MS);
                    return super::past::keep_rows(conv, &rows);
                }
                _ => self.fill_next(now, conv),
            },
            // The link is gone; it begins anew when it is back.
            Reply::Lost => {}
        }
        Commands::new()
    }
}
