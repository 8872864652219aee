//! `Model::act`: one wish of the person, carried out or refused in words.

use super::apply::joined;
use super::chat::{BubbleKey, Tick, is_old};
use super::command::{Ask, Commands, HostCommand, LinkCommand, Mint, PlatformCommand, StoreCommand};
use super::entries::say;
use super::entry_acts::About;
use super::list::RowKey;
use super::{Action, Model, Now, Page};
use breeze_protocol::message::chat::{ConvOpen, Typing};
use breeze_protocol::{AccountId, ConvId};

/// A text in the composer is stored when typing has paused this long, milliseconds: not a write for every key.
const DRAFT_PAUSE_MS: u64 = 500;
/// "typing" is said at most this often, milliseconds; it is shown for 6 s.
const TYPING_EVERY_MS: u64 = 3000;
/// Fewer messages than this in memory, and opening the chat reads more from the disk.
const ROWS_ON_OPEN: usize = 60;

impl Model {
    /// Carries a wish out, and says what is to be done.
    pub fn act(&mut self, now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        let mut commands = self.carry_out(now, action, mint);
        commands.extend(self.unmark_open(mint));
        commands.extend(self.withdraw_notifications());
        self.say_drafts(now.mono_ms, &mut commands);
        commands.extend(self.keep_answers());
        commands
    }

    fn carry_out(&mut self, now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        match action {
            Action::Filter(text) => self.filter = text,
            Action::ShowArchived(show) => self.show_archived = show,
            Action::Keep(conv, change) => return self.keep(conv, change, mint),
            Action::Keeping(act) => return self.act_keeping(act, mint),
            Action::OpenPerson(account) => return self.open_person(account, mint),
            Action::OpenChat(conv) => return self.show_chat(conv),
            Action::Group(act) => return self.act_group(act, mint),
            Action::Step(by) => return self.step(now, by, mint),
            Action::CloseChat => {
                self.close_chat();
                return vec![StoreCommand::Open(None).into()];
            }
            Action::ListWidth(width) => {
                self.settings.list_width = width;
                return vec![StoreCommand::Settings(self.settings.clone()).into()];
            }
            Action::Compose(conv, text) => return self.compose(now, conv, text),
            Action::Send(conv) => return self.send(now, conv, mint),
            Action::RetryMessage(conv, key) => return self.retry_message(now, conv, key),
            Action::TakeBack(conv, key) => return self.take_back(now, conv, key),
            Action::SendOld(conv, key) => return self.retry_message(now, conv, key),
            Action::Discard(conv, key) => return self.discard(now, conv, key),
            Action::Entry(conv, act) => return self.act_entry(now, conv, act, mint),
            Action::Seen(conv, seq) => return self.seen(conv, seq),
            Action::Older(conv) => return self.older(conv),
            Action::Search(act) => return self.act_search(now, act),
            Action::Copy(text) => return vec![PlatformCommand::Copy(text).into()],
            Action::File(act) => return self.act_file(now, act, mint),
            Action::TryNow => {
                let fetch = self.fetch_token_again();
                return vec![fetch.unwrap_or_else(|| LinkCommand::TryNow.into())];
            }
            Action::Focus(focused) => self.focused = focused,
            Action::DropToast(at) => {
                if at < self.toasts.len() {
                    self.toasts.remove(at);
                }
            }
            Action::StopHosting => return self.stop_hosting(),
            Action::Host(act) => return self.act_hosting(act),
            Action::SignOut => {
                let mut commands = vec![LinkCommand::Forget.into(), StoreCommand::ForgetAccount.into()];
                commands.extend(self.forget_token());
                self.leave(Page::Ways);
                return commands;
            }
            Action::Quit => return self.quit(),
            Action::CloseWindow => return self.close_window(),
            Action::ChooseClosing(closing) => return self.closing_chosen(closing),
            Action::HandleLinks(on) => return vec![PlatformCommand::HandleLinks(Some(on)).into()],
            Action::QuitHosting(stop) => return self.quit_hosting(stop),
            action if joins(&action) => return self.act_joining(now, action, mint),
            action => return self.act_dialog(now, action, mint),
        }
        Commands::new()
    }

    fn open_person(&mut self, account: AccountId, mint: &mut dyn Mint) -> Commands {
        if let Some(conv) = self
            .chats
            .values()
            .find(|chat| chat.group.is_none() && chat.other == account)
            .map(|chat| chat.conv)
        {
            return self.show_chat(conv);
        }
        self.book.opening = Some(account);
        let open = ConvOpen {
            mid: mint.mid(),
            account,
        };
        vec![LinkCommand::Request(Ask::OpenConv(account), Box::new(open.into())).into()]
    }

    fn step(&mut self, now: Now, by: i32, mint: &mut dyn Mint) -> Commands {
        let rows: Vec<(RowKey, bool)> = self
            .sections(now)
            .into_iter()
            .flat_map(|s| s.rows)
            .map(|row| (row.key, row.selected))
            .collect();
        let at = rows.iter().position(|(_, selected)| *selected);
        let last = i64::try_from(rows.len()).unwrap_or(i64::MAX) - 1;
        let to = at.map_or(if by < 0 { last } else { 0 }, |at| {
            i64::try_from(at).unwrap_or(0) + i64::from(by)
        });
        match usize::try_from(to.clamp(0, last.max(0)))
            .ok()
            .and_then(|to| rows.get(to))
        {
            Some((RowKey::Person(account), false)) => self.open_person(*account, mint),
            Some((RowKey::Chat(conv), false)) => self.show_chat(*conv),
            _ => Commands::new(),
        }
    }

    /// Shows a chat; "New messages" stands where it stands now until the chat is left.
    pub(super) fn show_chat(&mut self, conv: ConvId) -> Commands {
        if self.open == Some(conv) {
            return Commands::new();
        }
        self.close_chat();
        let me = self.me.account;
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        self.open = Some(conv);
        chat.new_after = (chat.unread > 0).then(|| chat.mark(me).read);
        let few = chat.messages.len() < ROWS_ON_OPEN;
        let mut commands = vec![StoreCommand::Open(Some(conv)).into()];
        commands.extend(self.ask_members(conv));
        if few {
            commands.extend(self.older(conv));
        }
        commands
    }

    pub(super) fn close_chat(&mut self) {
        if let Some(chat) = self.open.take().and_then(|conv| self.chats.get_mut(&conv)) {
            chat.new_after = None;
            (chat.past, chat.spot) = (None, None);
        }
        self.find = None;
    }

    fn compose(&mut self, now: Now, conv: ConvId, text: String) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let grew = text.len() > chat.draft.len() && !text.trim().is_empty();
        chat.draft = text;
        if !matches!(chat.about, Some(About::Edit { .. })) {
            self.book.drafts.insert(conv, now.mono_ms + DRAFT_PAUSE_MS);
        }
        let said = self
            .book
            .typing_said
            .filter(|(said, _)| *said == conv)
            .map(|(_, at)| at);
        if grew && said.is_none_or(|at| now.mono_ms >= at + TYPING_EVERY_MS) {
            self.book.typing_said = Some((conv, now.mono_ms));
            return vec![say(Typing { conv })];
        }
        Commands::new()
    }

    /// Composers whose text is to be stored by now.
    pub(super) fn drafts_due(&mut self, mono_ms: u64) -> Commands {
        let mut due = Vec::new();
        self.book.drafts.retain(|conv, at| {
            if *at <= mono_ms {
                due.push(*conv);
            }
            *at > mono_ms
        });
        let text = |conv: ConvId| {
            Some(StoreCommand::Draft(conv, self.chats.get(&conv)?.kept_draft().to_owned()).into())
        };
        due.into_iter().filter_map(text).collect()
    }

    fn send(&mut self, now: Now, conv: ConvId, mint: &mut dyn Mint) -> Commands {
        if !self.can_send(conv) {
            return Commands::new();
        }
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let body = std::mem::take(&mut chat.draft).trim().to_owned();
        (chat.new_after, chat.past) = (None, None);
        self.book.typing_said = None;
        let Some(what) = self.finish_about(conv, &body) else {
            return Commands::new();
        };
        let mut commands = self.hand_over(now, conv, what, body, mint);
        if what.0.counts() {
            self.book.drafts.remove(&conv);
            commands.push(StoreCommand::Draft(conv, String::new()).into());
        }
        commands
    }

    fn retry_message(&mut self, now: Now, conv: ConvId, key: BubbleKey) -> Commands {
        let BubbleKey::Waiting(mid) = key else {
            return Commands::new();
        };
        let Some(waiting) = self.waiting_mut(mid) else {
            return Commands::new();
        };
        waiting.tried = waiting.tried.map(|_| now.mono_ms);
        let old = is_old(waiting.kind, waiting.ts, now.wall_ms);
        if waiting.refused.take().is_none() && !old {
            return vec![LinkCommand::Resend(mid).into()];
        }
        if old {
            // Written anew, by the person's word; its identity stays, so that a server which has it takes it once.
            waiting.ts = now.wall_ms;
        }
        let row = waiting.row(conv);
        waiting.tried = None;
        vec![StoreCommand::Outbox(row).into()]
    }

    /// Only a refused message can be taken back: any other may be on the server's disk already.
    fn take_back(&mut self, now: Now, conv: ConvId, key: BubbleKey) -> Commands {
        let BubbleKey::Waiting(mid) = key else {
            return Commands::new();
        };
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let taken = chat
            .waiting
            .iter()
            .position(|waiting| waiting.mid == mid && waiting.refused.is_some());
        let Some(at) = taken else { return Commands::new() };
        let waiting = chat.waiting.remove(at);
        chat.draft = joined(&waiting.body, &chat.draft);
        self.book.drafts.insert(conv, now.mono_ms + DRAFT_PAUSE_MS);
        vec![StoreCommand::OutboxDrop(mid).into()]
    }

    /// Only a message that waits for the person's word is thrown away: any other may be on its way.
    fn discard(&mut self, now: Now, conv: ConvId, key: BubbleKey) -> Commands {
        let BubbleKey::Waiting(mid) = key else {
            return Commands::new();
        };
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let before = chat.waiting.len();
        chat.waiting
            .retain(|waiting| waiting.mid != mid || waiting.tick(now) != Tick::Old);
        if chat.waiting.len() == before {
            return Commands::new();
        }
        vec![StoreCommand::OutboxDrop(mid).into()]
    }

    /// Ends Breeze; while a server is hosted, the person says what becomes of it.
    pub(super) fn quit(&mut self) -> Commands {
        if self.quit_asks() && !self.book.quitting {
            self.dialog = Some(super::Dialog::QuitHosting);
            return if self.hidden {
                self.raise()
            } else {
                Commands::new()
            };
        }
        self.quit_now()
    }

    fn quit_hosting(&mut self, stop: bool) -> Commands {
        let mut commands: Commands = if stop {
            vec![HostCommand::Stop.into()]
        } else {
            Vec::new()
        };
        commands.extend(self.quit_now());
        commands
    }

    fn quit_now(&mut self) -> Commands {
        self.book.quitting = true;
        let mut commands = self.drafts_due(u64::MAX);
        commands.extend([LinkCommand::Bye.into(), PlatformCommand::Quit.into()]);
        commands
    }
}

fn joins(action: &Action) -> bool {
    matches!(
        action,
        Action::ShowPage(_)
            | Action::TypeLink(_)
            | Action::TypeHostName(_)
            | Action::TypeName(_)
            | Action::TypeUsername(_)
            | Action::TypePassword(_)
            | Action::ShowPassword(_)
            | Action::TakeOffer
            | Action::Join
            | Action::JoinNear(_)
            | Action::Trust
            | Action::StartHosting
            | Action::Register
            | Action::Login
            | Action::TypeCode(_)
            | Action::Recover
            | Action::Retry
    )
}
