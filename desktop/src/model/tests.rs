//! The model's promises, one test each, named by the tags of PRESENCE.md where there is one. No clock, no socket, no disk.

use super::chat::{BubbleKey, Line, Tick};
use super::command::{Account, Ask, Change, Command, LinkCommand, Mint, OutRow, Place, StoreCommand};
use super::event::{Event, Failure, LinkEvent, Loaded, Reply, Stamp};
use super::list::Heading;
use super::person::{Known, Paint, Standing};
use super::{Action, Link, Model, Now, Screen, Trouble};
use breeze_protocol::message::chat::{
    EntryKind, Event as Entry, HistoryPage, Mark, Nack, Read, Receipts, Sent, TypingNotice,
};
use breeze_protocol::message::code::{GoodbyeCode, NackCode};
use breeze_protocol::message::item::{Contact, Conv, Item, ItemState, Profile, Relation};
use breeze_protocol::message::presence::{Presence, PresenceSnapshot};
use breeze_protocol::message::resume::{ResumeMode, Synced};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, ConvId, Epoch, Mid, PresenceEntry, PresenceState, ServerMessage};

const ME: AccountId = AccountId(1);
const ROSA: AccountId = AccountId(2);
const JON: AccountId = AccountId(3);
const CONV: ConvId = ConvId(31);
const SOURCE: PresenceSource = PresenceSource { node: 0, boot: 12 };

mod away;
mod drafts;
mod entries;
mod files;
mod fill;
mod groups;
mod hosting;
mod joining;
mod keeping;
mod mentions;
mod messages;
mod notifications;
mod pins;
mod prefs;
mod presence;
mod recovery;
mod search;
mod token;
mod window;

struct Count(u8);

impl Mint for Count {
    fn mid(&mut self) -> Mid {
        self.0 += 1;
        Mid([self.0; 16])
    }
}

fn at(mono_ms: u64) -> Now {
    Now {
        mono_ms,
        wall_ms: 1_700_000_000_000 + mono_ms,
    }
}

fn server(model: &mut Model, now: Now, message: impl Into<ServerMessage>) -> Vec<Command> {
    model.apply(now, Event::Server(Stamp { conn: 1, count: 1 }, message.into()))
}

fn item(model: &mut Model, state: ItemState) {
    server(model, at(0), state.into_item(5));
}

fn befriend(model: &mut Model, account: AccountId, name: &str) {
    let (username, display_name) = (name.to_lowercase(), name.to_owned());
    let profile = Profile {
        account,
        username,
        display_name,
        avatar: None,
        status_text: String::new(),
    };
    item(model, ItemState::Profile(profile));
    item(
        model,
        ItemState::Contact(Contact {
            account,
            relation: Relation::Friend,
            since: 1,
        }),
    );
}

fn snapshot(model: &mut Model, now: Now, entries: &[(AccountId, u64, PresenceState)]) {
    let entries = entries
        .iter()
        .map(|(who, version, state)| PresenceEntry(*who, *version, *state, None, 0));
    server(
        model,
        now,
        PresenceSnapshot {
            source: SOURCE,
            chunk: 0,
            last: true,
            entries: entries.collect(),
        },
    );
}

fn change(model: &mut Model, now: Now, who: AccountId, version: u64, state: PresenceState) {
    let entries = vec![PresenceEntry(who, version, state, None, 0)];
    server(
        model,
        now,
        Presence {
            source: SOURCE,
            entries,
        },
    );
}

fn resumed(model: &mut Model, now: Now, mode: ResumeMode) {
    let stamp = Stamp { conn: 1, count: 0 };
    let (epoch, server_name) = (Epoch([1; 16]), "home".to_owned());
    let event = LinkEvent::Resumed {
        stamp,
        cursor: 0,
        mode,
        epoch,
        boot: 12,
        body_bytes: 16_384,
        file_bytes: 1 << 20,
        keep_days: 0,
        server_name,
    };
    model.apply(now, Event::Link(event));
}

fn down(model: &mut Model, now: Now) {
    let (next_try_ms, why) = (Some(3000), Failure::Lost);
    model.apply(
        now,
        Event::Link(LinkEvent::Down {
            next_try_ms,
            restarting: false,
            why,
        }),
    );
}

/// Two friends, one chat, everything synced; Rosa is online.
fn model() -> Model {
    let mut model = Model {
        screen: Screen::Main,
        focused: true,
        ..Model::default()
    };
    model.me.account = ME;
    resumed(&mut model, at(0), ResumeMode::Delta);
    snapshot(&mut model, at(0), &[(ROSA, 1, PresenceState::Online)]);
    befriend(&mut model, ROSA, "Rosa");
    befriend(&mut model, JON, "Jon");
    let conv = Conv {
        conv: CONV,
        members: vec![ME, ROSA],
        head: 0,
        n: 0,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    server(&mut model, at(0), Synced { cursor: 9 });
    assert_eq!(model.link, Link::Up);
    model
}

fn entry(seq: u64, sender: AccountId, body: &str) -> Entry {
    let mid = Mid([u8::try_from(100 + seq).expect("tests use few messages"); 16]);
    let (kind, body, prev_seq) = (EntryKind::Text, body.to_owned(), seq - 1);
    Entry {
        cursor: 100 + seq,
        conv: CONV,
        seq,
        prev_seq,
        n: seq,
        kind,
        sender,
        mid,
        ts: 1_700_000_000_000 + seq,
        body,
        target: None,
        attachments: Vec::new(),
    }
}

fn state(model: &Model, who: AccountId) -> PresenceState {
    model.people[&who].presence.state
}

fn ticks(model: &Model, now: Now) -> Vec<Tick> {
    let lines = model.lines(CONV, now, &|_| 0);
    let tick = |line: &Line| {
        if let Line::Bubble { tick, .. } = line {
            *tick
        } else {
            None
        }
    };
    lines.iter().filter_map(tick).collect()
}

fn write(model: &mut Model, now: Now, mint: &mut Count, text: &str) -> OutRow {
    model.act(now, Action::Compose(CONV, text.into()), mint);
    let commands = model.act(now, Action::Send(CONV), mint);
    let row = commands.into_iter().find_map(|command| match command {
        Command::Store(StoreCommand::Outbox(row)) => Some(row),
        _ => None,
    });
    row.expect("a message goes to the store's outbox first")
}

fn changes(commands: &[Command]) -> Vec<&Change> {
    let of = |command| match command {
        &Command::Store(StoreCommand::Apply { ref changes, .. }) => Some(changes),
        _ => None,
    };
    commands.iter().filter_map(of).flatten().collect()
}
