//! The keyboard: what works everywhere in the main window.

use super::{Scene, find, list, search};
use crate::model::entry_acts::EntryAct;
use crate::model::list::RowKey;
use crate::model::search::SearchAct;
use crate::model::{Action, Dialog};
use egui::{Key, Modifiers, Ui};

/// The window is never drawn smaller or larger than this.
const ZOOM: std::ops::RangeInclusive<f32> = 0.8..=2.0;

/// Ctrl and one of these opens the chat at that place.
const NUMBERS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// Handle the keys that belong to the window as a whole; `escape_taken`: something small is open that Escape closes.
pub(super) fn handle(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    (list, search, find): (&mut list::State, &mut search::State, &mut find::State),
    escape_taken: bool,
) {
    zoom(ui);
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::Q) {
        scene.act(Action::Quit);
    }
    if scene.model.dialog.is_some() {
        return;
    }
    if pressed(Modifiers::ALT, Key::ArrowUp) {
        scene.act(Action::Step(-1));
    }
    if pressed(Modifiers::ALT, Key::ArrowDown) {
        scene.act(Action::Step(1));
    }
    if let Some(key) = wanted_chat(ui, scene) {
        scene.act(match key {
            RowKey::Person(account) => Action::OpenPerson(account),
            RowKey::Chat(conv) => Action::OpenChat(conv),
        });
    }
    if pressed(Modifiers::COMMAND, Key::L) {
        list.focus_filter = true;
        if scene.model.search.is_some() {
            scene.act(Action::Search(SearchAct::Panel(false)));
        }
    }
    if pressed(Modifiers::COMMAND, Key::K) {
        let (query, at) = (String::new(), 0);
        scene.act(Action::Show(Dialog::Switch { query, at }));
    }
    let everywhere = pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    if !everywhere && pressed(Modifiers::COMMAND, Key::F) && scene.model.open.is_some() {
        find.focus = true;
        scene.act(Action::Search(SearchAct::Find));
    } else if everywhere {
        search.focus = true;
        scene.act(Action::Search(SearchAct::Panel(true)));
    }
    if pressed(Modifiers::COMMAND, Key::Comma) {
        scene.act(Action::Show(Dialog::Settings));
    }
    if pressed(Modifiers::COMMAND, Key::N) {
        scene.act(Action::Show(Dialog::People {
            add: String::new(),
            said: None,
        }));
    }
    let help = pressed(Modifiers::NONE, Key::F1)
        || pressed(Modifiers::COMMAND, Key::Slash)
        || pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Questionmark);
    if help {
        scene.act(Action::Show(Dialog::Keys));
    }
    if !escape_taken && ui.input(|input| input.key_pressed(Key::Escape)) {
        escape(ui, scene);
    }
}

/// The chat at a place of the list, or the next one with something unread.
fn wanted_chat(ui: &Ui, scene: &Scene<'_>) -> Option<RowKey> {
    let place = ui.input_mut(|input| {
        NUMBERS
            .iter()
            .position(|key| input.consume_key(Modifiers::COMMAND, *key))
    });
    let unread = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Tab));
    if place.is_none() && !unread {
        return None;
    }
    let rows = scene.model.sections(scene.now);
    let mut rows = rows.iter().flat_map(|section| &section.rows);
    let row = match place {
        Some(place) => rows.nth(place),
        None => rows.find(|row| row.unread > 0 && !row.selected),
    };
    row.map(|row| row.key)
}

fn escape(ui: &Ui, scene: &mut Scene<'_>) {
    let narrow = ui.max_rect().width() < super::NARROW;
    let open = scene.model.open.and_then(|conv| scene.model.chats.get(&conv));
    if scene.model.status_menu {
        scene.act(Action::StatusMenu(false));
    } else if let Some(chat) = open.filter(|chat| chat.about.is_some()) {
        scene.act(Action::Entry(chat.conv, EntryAct::Cancel));
    } else if scene.model.find.is_some() {
        scene.act(Action::Search(SearchAct::FindClose));
    } else if scene.model.search.is_some() && !(narrow && open.is_some()) {
        scene.act(Action::Search(SearchAct::Panel(false)));
    } else if !scene.model.filter.is_empty() {
        scene.act(Action::Filter(String::new()));
    } else if narrow && scene.model.open.is_some() {
        scene.act(Action::CloseChat);
    }
}

fn zoom(ui: &Ui) {
    let step = ui.input_mut(|input| {
        let larger = input.consume_key(Modifiers::COMMAND, Key::Plus)
            || input.consume_key(Modifiers::COMMAND, Key::Equals);
        let smaller = input.consume_key(Modifiers::COMMAND, Key::Minus);
        let normal = input.consume_key(Modifiers::COMMAND, Key::Num0);
        (i8::from(larger) - i8::from(smaller), normal)
    });
    let now = ui.ctx().zoom_factor();
    match step {
        (_, true) => ui.ctx().set_zoom_factor(1.0),
        (0, false) => {}
        (way, false) => {
            let wanted = ((now + f32::from(way) * 0.1) * 10.0).round() / 10.0;
            ui.ctx().set_zoom_factor(wanted.clamp(*ZOOM.start(), *ZOOM.end()));
        }
    }
}
