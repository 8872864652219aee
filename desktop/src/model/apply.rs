//! `Model::apply`: one thing that happened, taken in.

use super::banner::UNSURE_AFTER_MS;
use super::command::{Ask, Change, Command, Commands, LinkCommand, Place, StoreCommand};
use super::event::{Event, Failure, LinkEvent, Loaded, Rescued, Stamp, StoreEvent, StoreFailure};
use super::files::FileCommand;
use super::group::PictureOf;
use super::onboarding::Page;
use super::{Hosting, Link, Model, Now, Screen, Toast, Trouble};
use crate::words::{tr, tr_with};
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::message::prefs::Prefs;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{Epoch, Mid, ServerMessage};

/// A toast stands so long, milliseconds: two lines are read in less.
const TOAST_MS: u64 = 6000;
/// What became of damaged data stands so long: it is read once, and names a file.
const RESCUED_MS: u64 = 60_000;
/// Toasts shown at once; older ones make room.
const TOASTS_MAX: usize = 3;

impl Model {
    /// Takes one event in, and says what is to be done.
    pub fn apply(&mut self, now: Now, event: Event) -> Commands {
        (self.book.wall_ms, self.book.mono_ms) = (now.wall_ms, now.mono_ms);
        let mut commands = self.take_in(now, event);
        commands.extend(self.withdraw_notifications());
        self.say_drafts(now.mono_ms, &mut commands);
        commands
    }

    fn take_in(&mut self, now: Now, event: Event) -> Commands {
        match event {
            Event::Tick => self.tick(now),
            Event::Loaded(loaded) => self.loaded(now, *loaded),
            Event::Trouble(trouble) => {
                self.screen = Screen::Trouble(trouble);
                Commands::new()
            }
            Event::Link(event) => self.link_event(now, event),
            Event::Server(stamp, message) => match message {
                ServerMessage::Event(entry) => self.entry(stamp, entry),
                ServerMessage::Item(item) => self.item(now, stamp, &item),
                ServerMessage::Synced(synced) => {
                    self.fill_begins(now);
                    self.synced(stamp, synced.cursor)
                }
                message => self.server_message(now, message),
            },
            Event::Answer(ask, reply) => self.answer(now, ask, reply),
            Event::Store(event) => self.store_event(now, event),
            Event::Host(event) => self.host_event(now, event),
            Event::Picture(event) => self.picture_event(now, event),
            Event::System(event) => self.system_event(now, event),
            Event::Notification(event) => self.notification_event(now, event),
            Event::Token(event) => self.token_event(event),
            Event::Idle(idle) => self.idle(idle),
            Event::Found(found) => self.found(now, *found),
            Event::File(event) => self.file_event(now, event),
        }
    }

    fn server_message(&mut self, now: Now, message: ServerMessage) -> Commands {
        match message {
            ServerMessage::PresenceSnapshot(chunk) => return self.presence_snapshot(now, chunk),
            ServerMessage::Presence(frame) => return self.presence_frame(now, frame),
            ServerMessage::Sent(sent) => return self.sent(&sent),
            ServerMessage::Nack(nack) => return self.send_refused(now, &nack),
            ServerMessage::Receipts(receipts) => return self.receipts(receipts),
            ServerMessage::Typing(notice) => self.typing(now, &notice),
            ServerMessage::SignInNotice(notice) => {
                let words = [
                    ("device", notice.device.into()),
                    ("address", notice.address.into()),
                ];
                self.toast(now, tr_with("toast-sign-in", &words), false);
            }
            _ => {}
        }
        Commands::new()
    }

    fn tick(&mut self, now: Now) -> Commands {
        self.doubt_in_time(now);
        self.toasts.retain(|toast| toast.until > now.mono_ms);
        let mut commands = self.name_check_due(now);
        commands.extend(self.look_around());
        commands.extend(self.drafts_due(now.mono_ms));
        commands.extend(self.searches_due(now));
        commands.extend(self.fill_step(now));
        commands.extend(self.found_again(now));
        commands
    }

    fn loaded(&mut self, now: Now, loaded: Loaded) -> Commands {
        self.settings = loaded.settings;
        if let Some(rescued) = &loaded.rescued {
            self.say_rescued(now, rescued);
        }
        let mut commands: Commands = vec![self.watch_idle()];
        let Some(account) = loaded.account else {
            return commands;
        };
        self.screen = Screen::Main;
        self.me = loaded.me;
        self.server_name.clone_from(&account.server_name);
        self.people = loaded.people;
        self.requests = loaded.requests;
        self.chats = loaded.chats;
        self.book.place = account.place;
        self.book.reads = loaded.reads;
        self.book.reads.retain(|conv, _| self.chats.contains_key(conv));
        self.book.pin.clone_from(&account.pin);
        self.link = Link::Down {
            since: now.mono_ms,
            next_try: None,
            restarting: false,
        };
        self.unsure_since = Some(now.mono_ms);
        let me = self.me.account;
        for chat in self.chats.values_mut() {
            // A snapshot may have emptied the stored marks since; what was read here stays read.
            if let Some(&read) = self.book.reads.get(&chat.conv) {
                chat.raise(Mark {
                    account: me,
                    delivered: 0,
                    read,
                });
            }
            chat.count_unread(me);
        }
        if let Some(conv) = loaded.open.filter(|conv| self.chats.contains_key(conv)) {
            commands.extend(self.show_chat(conv));
        }
        let avatars = self
            .people
            .values()
            .filter_map(|p| Some((PictureOf::Person(p.account), p.avatar?)));
        let groups = self.chats.values().filter_map(|chat| {
            let avatar = chat.group.as_ref()?.avatar?;
            Some((PictureOf::Group(chat.conv), avatar))
        });
        let own = self.me.avatar.map(|hash| (PictureOf::Person(me), hash));
        let need = |(of, hash)| Command::Store(StoreCommand::NeedBlob(of, hash));
        let needed: Vec<Command> = avatars.chain(groups).chain(own).map(need).collect();
        commands.push(FileCommand::List(self.needed_files()).into());
        commands.push(StoreCommand::NamedFiles.into());
        commands.extend(self.use_account(account, loaded.token_kept_as));
        if self.screen == Screen::Main {
            commands.extend(needed);
        }
        commands
    }

    fn link_event(&mut self, now: Now, event: LinkEvent) -> Commands {
        match event {
            LinkEvent::Trying => {
                if let Link::Down { next_try, .. } = &mut self.link {
                    *next_try = None;
                }
            }
            LinkEvent::Down {
                next_try_ms,
                restarting,
                why,
            } => self.link_down(now, next_try_ms, restarting, why),
            LinkEvent::Resumed {
                stamp,
                cursor,
                mode,
                epoch,
                boot,
                body_bytes,
                file_bytes,
                keep_days,
                server_name,
            } => {
                self.server_name = server_name;
                self.keep_days_max = keep_days;
                self.files.bytes_max = file_bytes;
                self.book.body_limit = usize::try_from(body_bytes).ok();
                let cursor = if mode == ResumeMode::Delta { cursor } else { 0 };
                return self.resumed(now, stamp, mode, Place { epoch, boot, cursor });
            }
            LinkEvent::Unsure => self.doubt(now.mono_ms),
            LinkEvent::Sure => {
                if self.link == Link::Up {
                    self.unsure_since = None;
                }
            }
            LinkEvent::Handed(mid) => self.handed(now, mid),
            LinkEvent::Ended(code) => return self.ended(code),
            LinkEvent::Blob(hash, bytes) => return vec![StoreCommand::PutBlob(hash, bytes).into()],
            event => return self.joining(now, event),
        }
        Commands::new()
    }

    fn link_down(&mut self, now: Now, next_try_ms: Option<u64>, restarting: bool, why: Failure) {
        if self.screen == Screen::Onboarding {
            self.join_failed(why);
            return;
        }
        let next_try = next_try_ms.map(|ms| now.mono_ms + ms);
        let (since, restarting) = match self.link {
            Link::Down {
                since,
                restarting: before,
                ..
            } => (since, before || restarting),
            Link::Syncing { since } => (since, restarting),
            Link::Up => (now.mono_ms, restarting),
        };
        self.link = Link::Down {
            since,
            next_try,
            restarting,
        };
        self.book.trusted = false;
        self.book.source = None;
        self.book.chunks = None;
        self.book.named = None;
        for chat in self.chats.values_mut() {
            chat.loading = false;
            if let Some(past) = &mut chat.past {
                past.loading = false;
            }
            for waiting in &mut chat.waiting {
                waiting.tried = None;
            }
        }
        // A link lost in the middle of "unsure" stays unsure; otherwise the second of grace runs from its loss.
        if now.mono_ms >= since.saturating_add(UNSURE_AFTER_MS) {
            self.doubt(now.mono_ms);
        }
    }

    fn resumed(&mut self, now: Now, stamp: Stamp, mode: ResumeMode, place: Place) -> Commands {
        let since = match self.link {
            Link::Down { since, .. } | Link::Syncing { since } => since,
            Link::Up => now.mono_ms,
        };
        self.link = Link::Syncing { since };
        self.screen = Screen::Main;
        self.book.rolled_back = mode == ResumeMode::RolledBack;
        let before = self.book.place.epoch;
        let replaced = before != Epoch::default() && before != place.epoch;
        let went_back = mode != ResumeMode::Delta && (replaced || self.book.rolled_back);
        self.book.place = place;
        let mut changes = Vec::new();
        if mode != ResumeMode::Delta {
            self.book.named = Some(super::book::Named::default());
            for chat in self.chats.values_mut() {
                (chat.head, chat.n) = (0, 0);
                chat.prefs = Prefs::default();
                chat.pins.clear();
            }
            if went_back {
                self.forget_marks();
                changes.push(Change::GoBack);
            } else {
                changes.push(Change::Forget);
            }
        }
        vec![
            StoreCommand::Apply {
                changes,
                stamp: Some(stamp),
                place: Some(place),
            }
            .into(),
        ]
    }

    fn handed(&mut self, now: Now, mid: Mid) {
        if let Some(waiting) = self.waiting_mut(mid) {
            waiting.tried.get_or_insert(now.mono_ms);
        }
    }

    /// The server ended the session, and coming back by oneself would be wrong.
    fn ended(&mut self, code: GoodbyeCode) -> Commands {
        let (trouble, worthless) = match code {
            GoodbyeCode::Revoked | GoodbyeCode::Kicked => (Trouble::SignedOut, true),
            GoodbyeCode::Disabled => (Trouble::Disabled, false),
            GoodbyeCode::Replaced => (Trouble::Other(tr("trouble-elsewhere")), false),
            _ => return Commands::new(),
        };
        self.screen = Screen::Trouble(trouble);
        if worthless {
            self.drop_token()
        } else {
            Commands::new()
        }
    }

    fn store_event(&mut self, now: Now, event: StoreEvent) -> Commands {
        match event {
            StoreEvent::Older(conv, rows, more) => return self.older_from_disk(conv, rows, more),
            StoreEvent::Newer(conv, rows) => return self.newer_from_disk(conv, rows),
            StoreEvent::Around(conv, seq, rows) => return self.around_from_disk(now, conv, seq, rows),
            StoreEvent::Changed(conv, rows) => self.past_changed(conv, rows),
            StoreEvent::Gap(conv, before) => return self.gap_found(now, conv, before),
            StoreEvent::Returned(conv, rows) => self.returned(conv, rows),
            StoreEvent::Quoted(conv, seq, who, text) => {
                if let Some(chat) = self.chats.get_mut(&conv) {
                    chat.take_quoted(seq, who, text);
                }
            }
            StoreEvent::OutboxFailed(mid, why) => {
                for chat in self.chats.values_mut() {
                    let Some(at) = chat.waiting.iter().position(|waiting| waiting.mid == mid) else {
                        continue;
                    };
                    let waiting = chat.waiting.remove(at);
                    chat.give_back(&waiting);
                }
                self.toast(now, store_words(why, "store-message"), true);
            }
            StoreEvent::Failed(why) => {
                self.fill_stops();
                self.toast(now, store_words(why, "store-other"), true);
            }
            StoreEvent::BlobMissing(of, hash) => {
                return vec![LinkCommand::WantBlob(of, hash).into()];
            }
            StoreEvent::BlobStored(_) => {}
            // A file that is being read has no message yet; the next time is soon enough.
            StoreEvent::NamedFiles(_) if self.files.is_preparing() => {}
            StoreEvent::NamedFiles(mut named) => {
                named.extend(self.needed_files());
                return vec![FileCommand::KeepOnly(named).into()];
            }
        }
        Commands::new()
    }

    /// The data was damaged: what became of it, long enough to be read.
    fn say_rescued(&mut self, now: Now, rescued: &Rescued) {
        let words = [
            ("place", rescued.aside.clone().into()),
            ("messages", rescued.messages.into()),
            ("drafts", rescued.drafts.into()),
        ];
        let key = if rescued.account {
            "rescued"
        } else {
            "rescued-signed-out"
        };
        self.toast(now, tr_with(key, &words), true);
        if let Some(toast) = self.toasts.last_mut() {
            toast.until = now.mono_ms + RESCUED_MS;
        }
    }

    /// Shows a line that goes away. The same line is not shown twice at once.
    pub(super) fn toast(&mut self, now: Now, text: String, failed: bool) {
        self.toasts.retain(|toast| toast.text != text);
        if self.toasts.len() >= TOASTS_MAX {
            self.toasts.remove(0);
        }
        self.toasts.push(Toast {
            text,
            until: now.mono_ms + TOAST_MS,
            failed,
        });
    }

    /// The account is left: nothing of it stays in memory.
    pub(super) fn leave(&mut self, page: Page) {
        let (settings, hosting, focused) = (self.settings.clone(), self.hosting.take(), self.focused);
        let looking = self.book.looking;
        let (hidden, tray, tray_gone) = (self.hidden, self.tray, self.book.tray_gone);
        let link_handler = std::mem::take(&mut self.link_handler);
        let notified = self.book.notified.after_leaving();
        *self = Self {
            settings,
            hidden,
            tray,
            link_handler,
            hosting: hosting.map(Hosting::without_names),
            focused,
            ..Self::default()
        };
        self.book.looking = looking;
        self.book.tray_gone = tray_gone;
        self.onboarding.page = page;
        self.book.notified = notified;
    }
}

/// The taken-back text before what has been typed since.
pub(super) fn joined(first: &str, then: &str) -> String {
    if then.trim().is_empty() {
        first.to_owned()
    } else if first.is_empty() {
        then.to_owned()
    } else {
        format!("{first}\n{then}")
    }
}

fn store_words(why: StoreFailure, other: &str) -> String {
    match why {
        StoreFailure::Full => tr("store-disk-full"),
        StoreFailure::Damaged => tr("store-damaged"),
        StoreFailure::Other => tr(other),
    }
}

impl Ask {
    /// Whether a page of history is awaited.
    pub(super) fn is_history(&self) -> bool {
        matches!(
            self,
            Self::Older(_) | Self::Hole(..) | Self::Newer(_) | Self::Around(..) | Self::Search(_)
        )
    }
}
