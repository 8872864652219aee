//! Draws the screens of the design's pictures into `target/gallery/`, to be laid beside them.

#[path = "../tests/ui/demo.rs"]
mod demo;
#[path = "gallery/files.rs"]
mod files;
#[path = "gallery/named.rs"]
mod named;
#[path = "../tests/ui/tea.rs"]
mod tea;

use breeze_desktop::model::entry_acts::{About, EntryDialog};
use breeze_desktop::model::group_acts::{GroupDialog, GroupDraft};
use breeze_desktop::model::onboarding::{NameState, Page, Picture, ProfileDraft};
use breeze_desktop::model::past::Spot;
use breeze_desktop::model::search::{Find, Hit, Search};
use breeze_desktop::model::{Dialog, Hosting, Link, Model, Screen, ThemeChoice};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::group::Role;
use demo::{MONO_MS, Shown, harness, model};
use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, InsertFontFamily};
use egui::{FontData, FontFamily};
use std::sync::Arc;

const SIZE: [f32; 2] = [1120.0, 720.0];
const FONTS: [(&str, &str, u32); 3] = [
    ("emoji", "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", 0),
    ("han", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    (
        "arabic",
        "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf",
        0,
    ),
];

fn main() {
    let only = std::env::args().nth(1);
    let folder = std::path::Path::new("target/gallery");
    std::fs::create_dir_all(folder).expect("the target folder can be written");
    for (name, model, theme, size) in scenes() {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let shown =
            Shown::new(model, Box::new(|_| None)).with_photos(Box::new(|hash| Some(files::photo(hash))));
        let mut harness = harness(shown, size, theme, |ctx| {
            ctx.add_font_provider(Arc::new(system_font))
        });
        harness.run_ok();
        if name.starts_with("files") {
            // Pictures are decoded beside the window, which is drawn meanwhile.
            let started = std::time::Instant::now();
            while started.elapsed() < std::time::Duration::from_secs(4) {
                harness.step();
            }
        }
        if name == "files-drop" {
            harness
                .input_mut()
                .hovered_files
                .push(egui::HoveredFile::default());
            harness.step();
        }
        if name.starts_with("entry-menu") {
            open_menu(
                &mut harness,
                "You, edited 14:31, delivered: Ramen place near the west exit?",
            );
        }
        if name == "mention-dark" {
            named::begin(&mut harness);
        }
        if name == "prefs-menu" {
            open_menu(
                &mut harness,
                "Rosa Silva, offline, last seen 12 minutes ago, muted",
            );
        }
        let path = folder.join(format!("{name}.png"));
        match harness.render() {
            Ok(image) => image.save(&path).expect("the gallery can be written"),
            Err(error) => println!("{name}: {error}"),
        }
        println!("{}", path.display());
    }
}

type Scene = (&'static str, Model, ThemeChoice, [f32; 2]);

fn scenes() -> Vec<Scene> {
    let light = ThemeChoice::Light;
    let dark = ThemeChoice::Dark;
    let hosting = Some(Hosting {
        address: "192.168.1.20:7420".into(),
        running: true,
        pin: "sha256/FXoO1ZcWqL0m3vN8Jx2uTgYb5RkSdE7hQpAiC4tV9zM".into(),
        ..Hosting::default()
    });
    let main = Model { hosting, ..model() };
    let down = Link::Down {
        since: MONO_MS - 3000,
        next_try: Some(MONO_MS + 3000),
        restarting: false,
    };
    let reconnecting = Model {
        link: down,
        unsure_since: Some(MONO_MS - 2000),
        ..main.clone()
    };
    let profile = Model {
        dialog: Some(Dialog::Profile(draft())),
        ..main.clone()
    };
    let mut scenes = vec![
        ("main-light", main.clone(), light, SIZE),
        ("main-dark-reconnecting", reconnecting, dark, SIZE),
        ("onboarding-light", Model::default(), light, SIZE),
        ("profile-dark", profile, dark, SIZE),
        ("narrow-chat", main.clone(), light, [420.0, 640.0]),
        (
            "narrow-list",
            Model {
                open: None,
                ..main.clone()
            },
            dark,
            [420.0, 640.0],
        ),
        ("empty", empty(), light, SIZE),
        ("register", onboarding(Page::Register), light, SIZE),
        ("login", onboarding(Page::Login), dark, SIZE),
        ("trust", onboarding(Page::Trust), light, SIZE),
        ("recover", onboarding(Page::Recover), light, SIZE),
    ];
    let menu = Model {
        status_menu: true,
        ..main.clone()
    };
    scenes.push(("status-menu", menu, light, SIZE));
    scenes.extend(group_scenes());
    scenes.extend(entry_scenes(&entries(&main)));
    scenes.extend(files::scenes(&main));
    scenes.extend(named::scenes());
    scenes.push(("prefs-light", kept(&main), light, SIZE));
    scenes.push(("prefs-menu", kept(&main), dark, SIZE));
    for (name, dialog) in dialogs() {
        let theme = if name == "settings" { dark } else { light };
        let mut model = main.clone();
        model.dialog = Some(dialog);
        scenes.push((name, model, theme, SIZE));
    }
    scenes.push(("trouble", trouble(), light, SIZE));
    scenes.extend(searches(&main));
    scenes
}

fn group_scenes() -> Vec<Scene> {
    let with = |dialog| Model {
        dialog: Some(Dialog::Group(dialog)),
        ..tea::tea(Role::Owner)
    };
    let mut draft = GroupDraft {
        title: "Tea House".into(),
        ..GroupDraft::default()
    };
    draft.chosen.extend([demo::LIN, demo::ROSA]);
    let (light, dark) = (ThemeChoice::Light, ThemeChoice::Dark);
    vec![
        ("group-light", tea::tea(Role::Owner), light, SIZE),
        ("group-dark", tea::tea(Role::Member), dark, SIZE),
        ("group-new", with(GroupDialog::New(draft)), light, SIZE),
        ("group-about", with(GroupDialog::About(tea::TEA)), dark, SIZE),
        ("group-leave", with(GroupDialog::Leave(tea::TEA)), light, SIZE),
    ]
}

/// The panel with hits, with nothing, the bar, the switcher.
fn searches(main: &Model) -> Vec<Scene> {
    let panel = |query: &str, word: &str| Model {
        search: Some(Search::done(query, hits(main, word))),
        ..main.clone()
    };
    let conv = demo::conv(demo::LIN);
    let mut found = hits(main, "e");
    found.retain(|hit| hit.conv == conv);
    let seq = found.get(1).map_or(1, |hit| hit.message.seq);
    let mut bar = Model {
        find: Some(Find {
            conv,
            search: Search::done("the", found),
            at: Some(1),
        }),
        ..main.clone()
    };
    if let Some(chat) = bar.chats.get_mut(&conv) {
        chat.spot = Some(Spot {
            seq,
            since: MONO_MS,
            jump: 1,
        });
    }
    let mut switch = main.clone();
    switch.dialog = Some(Dialog::Switch {
        query: String::new(),
        at: 1,
    });
    let (light, dark) = (ThemeChoice::Light, ThemeChoice::Dark);
    let narrow = Model {
        open: None,
        ..panel("一起", "一起")
    };
    vec![
        ("search-light", panel("e", "e"), light, SIZE),
        ("search-dark", panel("ser", "server"), dark, SIZE),
        ("search-none", panel("zebra", "zebra"), light, SIZE),
        ("search-empty", panel("", "\0"), dark, SIZE),
        ("search-narrow", narrow, light, [420.0, 640.0]),
        ("find-light", bar.clone(), light, SIZE),
        ("find-dark", bar, dark, SIZE),
        ("switch-light", switch.clone(), light, SIZE),
        ("switch-dark", switch, dark, SIZE),
    ]
}

fn hits(model: &Model, word: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for chat in model.chats.values() {
        let fitting = chat
            .messages
            .values()
            .filter(|message| message.body.contains(word));
        hits.extend(fitting.map(|message| Hit {
            conv: chat.conv,
            message: message.clone(),
        }));
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.message.ts));
    hits
}

fn trouble() -> Model {
    let trouble = breeze_desktop::model::Trouble::WrongPin {
        address: "chat.example.org:7420".into(),
    };
    Model {
        screen: Screen::Trouble(trouble),
        ..Model::default()
    }
}

fn dialogs() -> [(&'static str, Dialog); 8] {
    [
        (
            "people",
            Dialog::People {
                add: String::new(),
                said: None,
            },
        ),
        (
            "invite",
            Dialog::Invite {
                link: Some("breeze://192.168.1.20:7420/invite/qk3nf82ja0?pin=sha256-9f86d081884c7d65".into()),
                expires_ms: demo::WALL_MS + 86_400_000,
            },
        ),
        ("settings", Dialog::Settings),
        ("host", Dialog::Host),
        ("quit", Dialog::QuitHosting),
        ("person", Dialog::Person(demo::ROSA)),
        ("keys", Dialog::Keys),
        ("devices", Dialog::Devices),
    ]
}

fn entry_scenes(model: &Model) -> Vec<Scene> {
    let (light, dark) = (ThemeChoice::Light, ThemeChoice::Dark);
    let mut scenes = vec![
        ("entries-light", model.clone(), light, SIZE),
        ("entries-dark", model.clone(), dark, SIZE),
        ("entries-narrow", model.clone(), light, [420.0, 640.0]),
        ("entry-menu-light", model.clone(), light, SIZE),
        ("entry-menu-dark", model.clone(), dark, SIZE),
    ];
    for (name, theme, which) in [
        ("entry-delete", light, EntryDialog::Delete),
        ("entry-edits", dark, EntryDialog::Edits),
        ("entry-forward", light, EntryDialog::Forward),
        ("entry-emoji", dark, EntryDialog::Emoji),
    ] {
        let dialog = Some(Dialog::Entry(demo::conv(demo::LIN), 6, which));
        let shown = Model {
            dialog,
            ..model.clone()
        };
        scenes.push((name, shown, theme, SIZE));
    }
    scenes
}

/// A chat in which everything has become of messages that can.
fn entries(main: &Model) -> Model {
    use EntryKind::{Delete, Edit, Reaction, Text};
    use demo::{LIN, MIRA};
    let mut model = main.clone();
    let chat = model.chats.entry(demo::conv(LIN)).or_default();
    let code = "**Yes**, like *this* and `cargo run`:\n```rust\nlet tea = Tea::at(four);\ntea.drink();\n```\n\
                > Did the new server come up?\n- it did\n- see https://example.org/tea";
    for (kind, sender, target, body) in [
        (Text, LIN, 3, code),
        (Text, MIRA, 7, "Make it 7, the train is late"),
        (Edit, MIRA, 6, "Ramen place at the station?"),
        (Edit, MIRA, 6, "Ramen place near the west exit?"),
        (Reaction, LIN, 6, "🍜"),
        (Reaction, MIRA, 6, "🍜"),
        (Reaction, LIN, 4, "😂"),
        (Reaction, MIRA, 7, "👍"),
        (Delete, LIN, 5, ""),
    ] {
        demo::entry(chat, kind, sender, target, body);
    }
    chat.new_after = None;
    chat.about = Some(About::Reply(8));
    model
}

/// The list with a pinned, a muted, a marked and two archived chats.
fn kept(main: &Model) -> Model {
    use breeze_protocol::message::prefs::Prefs;
    let mut model = main.clone();
    for (account, [pinned, archived, unread, muted]) in [
        (1, [true, false, false, false]),
        (2, [false, false, false, true]),
        (4, [false, false, true, false]),
        (5, [false, false, false, true]),
        (6, [false, true, false, false]),
        (7, [false, true, false, false]),
    ] {
        let conv = demo::conv(breeze_protocol::AccountId(account));
        if let Some(chat) = model.chats.get_mut(&conv) {
            chat.prefs = Prefs {
                conv,
                pinned,
                archived,
                unread,
                muted_until: if muted { u64::MAX } else { 0 },
            };
        }
    }
    model
}

/// Opens the menu of what is called so, as a right click does.
fn open_menu(harness: &mut egui_kittest::Harness<'static, Shown>, label: &str) {
    use egui_kittest::kittest::Queryable;
    let pos = harness.get_by_label(label).rect().center();
    harness.event(egui::Event::PointerMoved(pos));
    for pressed in [true, false] {
        harness.event(egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Secondary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
        harness.step();
    }
    harness.run_ok();
}

fn empty() -> Model {
    let whole = model();
    let toast = breeze_desktop::model::Toast {
        text: "Copied.".into(),
        until: MONO_MS + 4000,
        failed: false,
    };
    Model {
        me: whole.me,
        screen: Screen::Main,
        focused: true,
        toasts: vec![toast],
        ..Model::default()
    }
}

fn onboarding(page: Page) -> Model {
    let mut model = Model::default();
    model.onboarding.page = page;
    model.onboarding.name = "Mira Ek".into();
    model.onboarding.username = "mira".into();
    model.onboarding.password = "secret words".into();
    model.onboarding.server_name = "Home".into();
    model.onboarding.address = "192.168.1.20:7420".into();
    model.onboarding.fingerprint = "between canoe silver gorilla orbit kitten velvet ladder".into();
    model.onboarding.name_state = NameState::Taken {
        offer: "mira2".into(),
    };
    if page == Page::Login {
        model.onboarding.error =
            Some("No server answers at chat.example.org. Check the address, or host one here.".into());
        model.onboarding.unreachable = true;
    }
    model
}

fn draft() -> ProfileDraft {
    let (width, height) = (320_u32, 240_u32);
    let mut rgba = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let channel = |value: u32| u8::try_from(value % 256).unwrap_or(0);
            rgba.extend([
                channel(60 + x / 2),
                channel(120 + y / 3),
                channel(230 - x / 4),
                255,
            ]);
        }
    }
    ProfileDraft {
        display_name: "Mira Ek".into(),
        status_text: "gone sailing".into(),
        picture: Some(Picture {
            width,
            height,
            rgba: Arc::new(rgba),
        }),
        zoom: 220,
        centre: (500, 500),
        ..ProfileDraft::default()
    }
}

/// Stands in for the system's fonts, which eframe finds in the real window.
fn system_font(request: &FallbackRequest<'_>) -> Option<FontInsert> {
    let first = u32::from(request.cluster.chars().next()?);
    let which = match first {
        0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1F000..=0x1FAFF => 0,
        0x600..=0x6FF => 2,
        _ => 1,
    };
    let (name, path, index) = FONTS[which];
    let mut data = FontData::from_owned(std::fs::read(path).ok()?);
    data.index = index;
    let families = vec![InsertFontFamily {
        family: FontFamily::Proportional,
        priority: FontPriority::Lowest,
    }];
    Some(FontInsert::new(name, data, families))
}
