//! Searching: the panel over people and all messages, and the bar in the open chat. What this computer holds answers at once;
//! the server is asked as well, for what is not here.

use super::chat::Message;
use super::command::{Ask, Commands, LinkCommand};
use super::{Link, Model, Now};
use breeze_protocol::ConvId;
use breeze_protocol::limit::{QUERY_CHARS_MAX, SEARCH_ROWS_MAX};
use breeze_protocol::message::search::{Search as SearchWire, SearchPage};
use breeze_protocol::terms::Wanted;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Hits asked for at once.
const PAGE: usize = SEARCH_ROWS_MAX;
/// Hits held; who wants more types another word.
const HITS_MAX: usize = 1000;
/// The server is asked when typing has paused this long, milliseconds: not for every key.
const ASK_PAUSE_MS: u64 = 300;

/// A question to what this computer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Number of the question.
    pub no: u64,
    /// What is looked for.
    pub query: String,
    /// In this chat only.
    pub conv: Option<ConvId>,
    /// Go on from here; 0: from the newest.
    pub before: u64,
    /// At most so many hits.
    pub limit: usize,
}

/// What this computer holds of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Number of the question.
    pub no: u64,
    /// Hits, newest first.
    pub rows: Vec<Hit>,
    /// Whether there may be more.
    pub more: bool,
    /// Where to go on from.
    pub before: u64,
    /// It could not be looked up.
    pub failed: bool,
}

/// A message found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub conv: ConvId,
    /// What.
    pub message: Message,
}

/// How far one side (this computer, the server) is with a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Side {
    busy: bool,
    more: bool,
    before: u64,
}

/// A search under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What is typed.
    pub query: String,
    /// What was found, newest first.
    pub hits: Vec<Hit>,
    /// In this chat only.
    conv: Option<ConvId>,
    no: u64,
    here: Side,
    there: Side,
    /// When the server is to be asked (mono ms).
    ask_at: Option<u64>,
    /// Hits shown belong to an older question, until the first answer to this one.
    old: bool,
}

impl Search {
    /// A search that has found these, newest first, and looks for nothing more.
    #[must_use]
    pub fn done(query: &str, hits: Vec<Hit>) -> Self {
        Self {
            query: query.to_owned(),
            hits,
            ..Self::default()
        }
    }

    /// Whether an answer is still to come.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.here.busy || self.there.busy || self.ask_at.is_some()
    }

    /// Whether there is more to be had.
    #[must_use]
    pub fn has_more(&self) -> bool {
        (self.here.more || self.there.more) && self.hits.len() < HITS_MAX
    }

    /// Whether the query says anything that could be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Wanted::of(&self.query).is_none()
    }

    fn take(&mut self, rows: Vec<Hit>) {
        if std::mem::take(&mut self.old) {
            self.hits.clear();
        }
        let known: BTreeSet<(ConvId, u64)> = self.hits.iter().map(Hit::place).collect();
        self.hits
            .extend(rows.into_iter().filter(|hit| !known.contains(&hit.place())));
        self.hits
            .sort_by_key(|hit| Reverse((hit.message.ts, hit.conv, hit.message.seq)));
        self.hits.truncate(HITS_MAX);
    }
}

impl Hit {
    fn place(&self) -> (ConvId, u64) {
        (self.conv, self.message.seq)
    }
}

/// The bar that searches the open chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Find {
    /// Which chat.
    pub conv: ConvId,
    /// The search.
    pub search: Search,
    /// The hit shown, counted from the newest.
    pub at: Option<usize>,
}

/// What the person does about searching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchAct {
    /// Opens or closes the panel.
    Panel(bool),
    /// Types into the panel.
    Type(String),
    /// Wants more hits.
    More,
    /// Goes to a message.
    Go(ConvId, u64),
    /// Opens the bar in the open chat.
    Find,
    /// Closes it.
    FindClose,
    /// Types into the bar.
    FindType(String),
    /// The next older (true) or newer hit in the chat.
    FindStep(bool),
    /// Types into the switcher.
    Switch(String),
    /// Chooses another of its rows.
    SwitchTo(usize),
    /// Messages that follow what is shown of the past are wanted.
    Newer(ConvId),
    /// Back to the newest messages.
    ToNewest(ConvId),
}

impl Model {
    /// Carries a wish about searching out.
    pub(super) fn act_search(&mut self, now: Now, act: SearchAct) -> Commands {
        match act {
            SearchAct::Panel(open) => {
                self.search = open.then(|| self.search.take().unwrap_or_default());
                Commands::new()
            }
            SearchAct::Type(query) => {
                let mut search = self.search.take().unwrap_or_default();
                let commands = self.ask_anew(now, &mut search, query);
                self.search = Some(search);
                commands
            }
            SearchAct::More => self.more_hits(),
            SearchAct::Go(conv, seq) => self.go_to(now, conv, seq),
            SearchAct::Find => {
                if let Some(conv) = self.open
                    && self.find.as_ref().is_none_or(|find| find.conv != conv)
                {
                    let search = Search {
                        conv: Some(conv),
                        ..Search::default()
                    };
                    self.find = Some(Find {
                        conv,
                        search,
                        at: None,
                    });
                }
                Commands::new()
            }
            SearchAct::FindClose => {
                self.find = None;
                Commands::new()
            }
            SearchAct::FindType(query) => {
                let Some(mut find) = self.find.take() else {
                    return Commands::new();
                };
                find.at = None;
                let commands = self.ask_anew(now, &mut find.search, query);
                self.find = Some(find);
                commands
            }
            SearchAct::FindStep(older) => self.find_step(now, older),
            SearchAct::Switch(query) => {
                if let Some(super::Dialog::Switch { query: typed, at }) = &mut self.dialog {
                    (*typed, *at) = (query, 0);
                }
                Commands::new()
            }
            SearchAct::SwitchTo(row) => {
                if let Some(super::Dialog::Switch { at, .. }) = &mut self.dialog {
                    *at = row;
                }
                Commands::new()
            }
            SearchAct::Newer(conv) => self.newer(conv),
            SearchAct::ToNewest(conv) => {
                if let Some(chat) = self.chats.get_mut(&conv) {
                    chat.past = None;
                }
                Commands::new()
            }
        }
    }

    /// Another query: this computer is asked at once, the server a little later.
    fn ask_anew(&mut self, now: Now, search: &mut Search, query: String) -> Commands {
        search.query = query.chars().take(QUERY_CHARS_MAX).collect();
        self.book.searches += 1;
        search.no = self.book.searches;
        (search.here, search.there, search.ask_at) = (Side::default(), Side::default(), None);
        search.old = true;
        if search.is_empty() {
            search.hits.clear();
            return Commands::new();
        }
        search.here.busy = true;
        if self.link == Link::Up {
            search.ask_at = Some(now.mono_ms + ASK_PAUSE_MS);
        }
        vec![look(search).into()]
    }

    /// Typing has paused: the server is asked.
    pub(super) fn searches_due(&mut self, now: Now) -> Commands {
        let mut commands = Commands::new();
        for search in self.searches() {
            if search.ask_at.is_some_and(|at| at <= now.mono_ms) {
                search.ask_at = None;
                search.there.busy = true;
                commands.push(wire(search).into());
            }
        }
        commands
    }

    /// When a search falls due (mono ms).
    pub(super) fn search_due(&self) -> Option<u64> {
        let find = self.find.as_ref().map(|find| &find.search);
        self.search
            .iter()
            .chain(find)
            .filter_map(|search| search.ask_at)
            .min()
    }

    fn searches(&mut self) -> impl Iterator<Item = &mut Search> {
        let find = self.find.as_mut().map(|find| &mut find.search);
        self.search.iter_mut().chain(find)
    }

    fn numbered(&mut self, no: u64) -> Option<&mut Search> {
        self.searches().find(|search| search.no == no)
    }

    /// What this computer holds has been looked through.
    pub(super) fn found(&mut self, now: Now, found: Found) -> Commands {
        let no = found.no;
        let Some(search) = self.numbered(no) else {
            return Commands::new();
        };
        search.here = Side {
            busy: false,
            more: found.more,
            before: found.before,
        };
        search.take(found.rows);
        let go_on = search.hits.is_empty() && search.here.more;
        if go_on {
            search.here.busy = true;
            return vec![look(search).into()];
        }
        self.show_first(now, no)
    }

    /// The server has answered.
    pub(super) fn search_page(&mut self, now: Now, no: u64, page: SearchPage) -> Commands {
        let Some(search) = self.numbered(no) else {
            return Commands::new();
        };
        let went_on = page.before != search.there.before;
        search.there = Side {
            busy: false,
            more: page.more && went_on,
            before: page.before,
        };
        let rows = page.rows.into_iter().map(|row| Hit {
            conv: row.conv,
            message: Message::new(row),
        });
        search.take(rows.collect());
        self.show_first(now, no)
    }

    /// The server gave no answer; what is here stands.
    pub(super) fn search_unanswered(&mut self, no: u64) {
        if let Some(search) = self.numbered(no) {
            search.there = Side::default();
        }
    }

    fn more_hits(&mut self) -> Commands {
        let up = self.link == Link::Up;
        let Some(search) = &mut self.search else {
            return Commands::new();
        };
        let mut commands = Commands::new();
        if search.is_busy() || !search.has_more() {
            return commands;
        }
        if search.here.more {
            search.here.busy = true;
            commands.push(look(search).into());
        }
        if search.there.more && up {
            search.there.busy = true;
            commands.push(wire(search).into());
        }
        commands
    }

    /// The bar goes to the newest hit by itself as soon as there is one.
    fn show_first(&mut self, now: Now, no: u64) -> Commands {
        match &self.find {
            Some(find) if find.search.no == no && find.at.is_none() && !find.search.hits.is_empty() => {
                self.find_at(now, 0)
            }
            _ => Commands::new(),
        }
    }

    fn find_step(&mut self, now: Now, older: bool) -> Commands {
        let Some(find) = &mut self.find else {
            return Commands::new();
        };
        let count = find.search.hits.len();
        let at = match (find.at, older) {
            (None, _) => 0,
            (Some(at), true) => at + 1,
            (Some(at), false) => at.saturating_sub(1),
        };
        let mut commands = Commands::new();
        // One before the end: more, so that stepping does not stop for it.
        if at + 1 >= count && find.search.has_more() && !find.search.is_busy() {
            if find.search.here.more {
                find.search.here.busy = true;
                commands.push(look(&find.search).into());
            } else if find.search.there.more {
                find.search.there.busy = true;
                commands.push(wire(&find.search).into());
            }
        }
        if at < count {
            commands.extend(self.find_at(now, at));
        }
        commands
    }

    fn find_at(&mut self, now: Now, at: usize) -> Commands {
        let Some(find) = &mut self.find else {
            return Commands::new();
        };
        let Some(hit) = find.search.hits.get(at) else {
            return Commands::new();
        };
        find.at = Some(at);
        let (conv, seq) = hit.place();
        self.go_to(now, conv, seq)
    }
}

fn look(search: &Search) -> Look {
    Look {
        no: search.no,
        query: search.query.clone(),
        conv: search.conv,
        before: search.here.before,
        limit: PAGE,
    }
}

fn wire(search: &Search) -> LinkCommand {
    let ask = SearchWire {
        query: search.query.clone(),
        conv: search.conv,
        before: search.there.before,
        limit: u32::try_from(PAGE).unwrap_or(u32::MAX),
    };
    LinkCommand::Request(Ask::Search(search.no), Box::new(ask.into()))
}
