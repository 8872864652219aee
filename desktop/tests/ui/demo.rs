//! The model of the pictures in the design, and a window without a screen to draw it in.
#![allow(dead_code, reason = "shared by the tests and the gallery, each uses a part")]

use breeze_desktop::model::chat::{Chat, Message};
use breeze_desktop::model::person::{Paint, Person, Presence};
use breeze_desktop::model::{Action, Me, Model, Now, Screen, ThemeChoice};
use breeze_desktop::picture::Pictures;
use breeze_desktop::view::Window;
use breeze_desktop::view::time::Local;
use breeze_desktop::{fonts, theme};
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::item::Relation;
use breeze_protocol::{AccountId, BlobHash, ConvId, PresenceState};
use egui_kittest::{Harness, HarnessBuilder};
use jiff::tz::TimeZone;

/// Tuesday, 18 November 2025, 14:33 UTC.
pub(crate) const WALL_MS: u64 = 1_763_476_380_000;
/// The clock that never jumps.
pub(crate) const MONO_MS: u64 = 1_000_000;
const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// Oneself.
pub(crate) const MIRA: AccountId = AccountId(8);
/// The friend whose chat is open.
pub(crate) const LIN: AccountId = AccountId(1);
/// Writes just now.
pub(crate) const JONAS: AccountId = AccountId(2);
/// Offline for 12 minutes.
pub(crate) const ROSA: AccountId = AccountId(5);

/// Both clocks.
pub(crate) fn now() -> Now {
    Now {
        mono_ms: MONO_MS,
        wall_ms: WALL_MS,
    }
}

/// The conversation with somebody.
pub(crate) fn conv(account: AccountId) -> ConvId {
    ConvId(account.0 + 100)
}

/// Today at this time, or so many days before.
fn at(hour: u64, minute: u64, days_ago: u64) -> u64 {
    (WALL_MS / DAY) * DAY + (hour * 60 + minute) * MINUTE - days_ago * DAY
}

/// Somebody with a state that began long ago.
pub(crate) fn person(account: u64, name: &str, state: PresenceState, since: u64) -> Person {
    let paint = match state {
        PresenceState::Online | PresenceState::Away | PresenceState::Busy => Paint::Colour,
        PresenceState::Doubtful => Paint::Half,
        PresenceState::Offline | PresenceState::Unknown => Paint::Grey,
    };
    Person {
        username: name.to_lowercase().replace(' ', "."),
        display_name: name.to_owned(),
        relation: Some(Relation::Friend),
        presence: Presence {
            version: 1,
            state,
            reason: None,
            since_wall_ms: since,
            changed_mono_ms: 0,
        },
        painted_before: paint,
        ..Person::unknown(AccountId(account))
    }
}

/// A chat with these messages: who, when, what.
pub(crate) fn chat(other: AccountId, lines: &[(AccountId, u64, &str)], unread: u64) -> Chat {
    let mut chat = Chat {
        conv: conv(other),
        other,
        unread,
        ..Chat::default()
    };
    for (seq, (sender, ts, body)) in (1..).zip(lines) {
        let mut mid = breeze_protocol::Mid::default();
        mid.0[15] = u8::try_from(seq % 256).unwrap_or(0);
        let message = Message {
            seq,
            prev_seq: seq - 1,
            n: seq,
            sender: *sender,
            mid,
            ts: *ts,
            body: (*body).to_owned(),
            ..Message::default()
        };
        chat.messages.insert(seq, message);
        chat.head = seq;
        chat.n = seq;
    }
    chat
}

/// One more entry of a chat, of any kind, that names another.
pub(crate) fn entry(chat: &mut Chat, kind: EntryKind, sender: AccountId, target: u64, body: &str) {
    let (seq, prev_seq) = (chat.head + 1, chat.head);
    chat.head = seq;
    chat.n += u64::from(kind.counts());
    let mut mid = breeze_protocol::Mid::default();
    mid.0[14] = u8::try_from(seq % 256).unwrap_or(0);
    chat.take(Message {
        seq,
        prev_seq,
        n: chat.n,
        sender,
        mid,
        ts: WALL_MS,
        body: body.to_owned(),
        kind,
        target: Some(target),
        attachments: Vec::new(),
    });
}

/// One more message of files.
#[allow(dead_code, reason = "not every program that draws the demo shows some")]
pub(crate) fn file_entry(chat: &mut Chat, sender: AccountId, files: &[Attachment], body: &str) {
    let (seq, prev_seq) = (chat.head + 1, chat.head);
    chat.head = seq;
    chat.n += 1;
    let mut mid = breeze_protocol::Mid::default();
    mid.0[14] = u8::try_from(seq % 256).unwrap_or(0);
    chat.take(Message {
        seq,
        prev_seq,
        n: chat.n,
        sender,
        mid,
        ts: WALL_MS,
        body: body.to_owned(),
        kind: EntryKind::File,
        target: None,
        attachments: files.to_vec(),
    });
}

/// A file of this name, which is told from others by `n`.
#[allow(dead_code, reason = "not every program that draws the demo shows some")]
pub(crate) fn attachment(n: u8, name: &str, size: u64, sides: Option<(u32, u32)>) -> Attachment {
    Attachment {
        hash: BlobHash([n; 32]),
        size,
        name: name.to_owned(),
        media: String::new(),
        width: sides.map(|(width, _)| width),
        height: sides.map(|(_, height)| height),
    }
}

/// Nobody has signed in yet.
pub(crate) fn fresh() -> Model {
    Model {
        focused: true,
        ..Model::default()
    }
}

/// The people and chats of the pictures.
pub(crate) fn model() -> Model {
    let mut model = Model {
        screen: Screen::Main,
        focused: true,
        ..Model::default()
    };
    model.me = Me {
        account: MIRA,
        username: "mira".into(),
        display_name: "Mira Ek".into(),
        ..Me::default()
    };
    model.me.status_text = "gone sailing".into();
    model.server_name = "Home".into();
    model.people = people()
        .into_iter()
        .map(|person| (person.account, person))
        .collect();
    if let Some(lin) = model.people.get_mut(&LIN) {
        lin.status_text = "gone sailing ⛵".into();
    }
    model.chats = chats().into_iter().map(|chat| (chat.conv, chat)).collect();
    model.open = Some(conv(LIN));
    model
}

fn people() -> [Person; 8] {
    [
        person(1, "Lin Mei", PresenceState::Online, at(14, 0, 0)),
        person(2, "Jonas Ortega", PresenceState::Online, at(14, 0, 0)),
        person(3, "设计小组", PresenceState::Busy, at(14, 0, 0)),
        person(4, "Aiko Kimura", PresenceState::Away, at(14, 0, 0)),
        person(5, "Rosa Silva", PresenceState::Offline, WALL_MS - 12 * MINUTE),
        person(6, "Piotr Baran", PresenceState::Offline, at(9, 0, 1)),
        person(7, "周宁", PresenceState::Offline, at(9, 0, 1)),
        person(9, "Dana Ekström", PresenceState::Offline, at(9, 0, 15)),
    ]
}

fn chats() -> [Chat; 8] {
    let group = AccountId(3);
    let lin = chat(
        LIN,
        &[
            (LIN, at(14, 2, 0), "Did the new server come up?"),
            (
                LIN,
                at(14, 2, 0),
                "I can see everyone going grey and coming back 😄",
            ),
            (MIRA, at(14, 5, 0), "Yes, moved to the small box under my desk"),
            (MIRA, at(14, 6, 0), "That was me pulling the cable 🙈"),
            (LIN, at(14, 30, 0), "晚上一起吃面?"),
            (MIRA, at(14, 31, 0), "Ramen place near the station?"),
            (LIN, at(14, 32, 0), "See you at 6 then 🍜"),
        ],
        0,
    );
    let mut jonas = chat(JONAS, &[(JONAS, at(14, 30, 0), "Did you get my picture?")], 2);
    jonas.typing_until = MONO_MS + 5000;
    [
        Chat {
            new_after: Some(4),
            marks: vec![delivered(LIN, 7)],
            ..lin
        },
        jonas,
        chat(group, &[(group, at(13, 58, 0), "周宁: 新图标发出来了")], 5),
        chat(
            AccountId(4),
            &[(AccountId(4), at(12, 11, 0), "📎 floorplan-v3.pdf")],
            0,
        ),
        chat(ROSA, &[(ROSA, at(11, 40, 0), "bye")], 0),
        chat(
            AccountId(6),
            &[(MIRA, at(10, 0, 1), "thanks, will read tomorrow morning")],
            0,
        ),
        chat(AccountId(7), &[(AccountId(7), at(10, 0, 2), "好")], 0),
        chat(AccountId(9), &[(AccountId(9), at(10, 0, 15), "hej")], 0),
    ]
}

fn delivered(account: AccountId, seq: u64) -> breeze_protocol::message::chat::Mark {
    breeze_protocol::message::chat::Mark {
        account,
        delivered: seq,
        read: 0,
    }
}

/// What a drawn window works on.
pub(crate) struct Shown {
    /// The truth.
    pub(crate) model: Model,
    /// Both clocks.
    pub(crate) now: Now,
    /// What the person did, in all frames so far.
    pub(crate) actions: Vec<Action>,
    window: Window,
    pictures: Option<Pictures>,
    load: Option<Load>,
    photos: Option<Load>,
}

/// Reads a picture.
pub(crate) type Load = Box<dyn Fn(BlobHash) -> Option<Vec<u8>> + Send>;

impl Shown {
    /// A window that shows this model.
    pub(crate) fn new(model: Model, load: Load) -> Self {
        let window = Window::new(Local {
            zone: TimeZone::UTC,
            twelve: false,
        });
        Self {
            model,
            now: now(),
            actions: Vec::new(),
            window,
            pictures: None,
            load: Some(load),
            photos: None,
        }
    }

    /// The same with pictures in messages.
    #[allow(dead_code, reason = "not every program that draws the demo shows some")]
    pub(crate) fn with_photos(mut self, load: Load) -> Self {
        self.photos = Some(load);
        self
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        if let Some(load) = self.load.take() {
            let pictures = Pictures::new(ui.ctx().clone(), load);
            self.pictures = Some(match self.photos.take() {
                Some(photos) => pictures.with_photos(photos),
                None => pictures,
            });
        }
        if let Some(pictures) = &mut self.pictures {
            let done = self.window.show(ui, &self.model, self.now, pictures);
            self.actions.extend(done);
        }
    }
}

/// A harness around the window.
pub(crate) fn harness(
    shown: Shown,
    size: [f32; 2],
    theme_choice: ThemeChoice,
    setup: impl FnOnce(&egui::Context) + 'static,
) -> Harness<'static, Shown> {
    let theme = if theme_choice == ThemeChoice::Dark {
        egui::Theme::Dark
    } else {
        egui::Theme::Light
    };
    let builder: HarnessBuilder<Shown> = Harness::builder();
    builder
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(12)
        .allow_missing_glyphs()
        .with_render_cursor(false)
        .with_context_setup(move |ctx| {
            fonts::install(ctx);
            theme::apply(ctx, theme_choice);
            setup(ctx);
        })
        .build_ui_state(|ui, shown: &mut Shown| shown.draw(ui), shown)
}
