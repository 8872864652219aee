//! One message as it is drawn: its bubble with what it answers, the emoji under it, the line of one that is late.

use super::chat::SIDE;
use super::entry_menu::{self, About};
use super::{Scene, files, note, time};
use crate::model::changes::{Chip, Extra};
use crate::model::chat::{BubbleKey, Chat, Line, Tick};
use crate::model::entry_acts::EntryAct;
use crate::model::{Action, Dialog};
use crate::widget::bubble::{self, Bubble, Quoted};
use crate::widget::{chip, markdown, tick};
use crate::words::{tr, tr_with};
use breeze_protocol::AccountId;
use egui::{Rect, Ui, Vec2, pos2};

/// Height of the line under a message that is late.
pub(super) const NOTE: f32 = 22.0;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Between a bubble and the emoji under it.
const CHIP_GAP: f32 = 3.0;
/// Names told of those who put an emoji there.
const NAMES_MAX: usize = 12;

/// The words a bubble needs that are not the person's.
struct Words {
    clock: String,
    told: Option<String>,
    quote: Option<(String, String, bool)>,
}

/// Whether a line of its own stands under it.
pub(super) fn has_note(state: Option<Tick>) -> bool {
    matches!(state, Some(Tick::Late | Tick::Refused | Tick::Old))
}

/// How tall bubble and emoji are together.
pub(super) fn height(ui: &Ui, scene: &Scene<'_>, line: &Line, width: f32) -> f32 {
    let words = words(scene, line);
    let laid = bubble::lay(ui, bubble_of(line, &words, width), width + 2.0 * SIDE);
    let Line::Bubble { extra, .. } = line else {
        return 0.0;
    };
    laid.size.y + chips_height(ui, extra, width)
}

fn chips_height(ui: &Ui, extra: &Extra, width: f32) -> f32 {
    if extra.chips.is_empty() {
        return 0.0;
    }
    chip::rows(&widths(ui, &extra.chips), chips_width(width)).1 + CHIP_GAP
}

fn chips_width(width: f32) -> f32 {
    (width * bubble::WIDTH_PART).min(bubble::WIDTH_MAX)
}

fn widths(ui: &Ui, chips: &[Chip]) -> Vec<f32> {
    let wide = |it: &Chip| chip::width(ui, &it.emoji, it.who.len());
    chips.iter().map(wide).collect()
}

fn words(scene: &Scene<'_>, line: &Line) -> Words {
    let Line::Bubble {
        unsupported,
        ts,
        extra,
        ..
    } = line
    else {
        return Words {
            clock: String::new(),
            told: None,
            quote: None,
        };
    };
    let clock = time::clock(*ts, scene.local);
    let told = match (extra.deleted, unsupported) {
        (true, _) => Some(tr("message-deleted")),
        (false, true) => Some(tr("message-unsupported")),
        (false, false) => None,
    };
    let quote = extra.quote.as_ref().map(|quote| {
        let who = quote.who.map(|who| name(scene, who)).unwrap_or_default();
        match (quote.deleted, quote.who) {
            (true, _) => (who, tr("message-deleted"), true),
            (false, None) => (tr("message-earlier"), tr("message-earlier-text"), true),
            (false, Some(_)) => (who, markdown::plain(&quote.text), false),
        }
    });
    Words {
        clock: match extra.edited {
            Some(_) => tr_with("message-edited", &[("time", clock.into())]),
            None => clock,
        },
        told,
        quote,
    }
}

/// What somebody is called here.
pub(super) fn name(scene: &Scene<'_>, who: AccountId) -> String {
    if who == scene.model.me.account {
        tr("spoken-you")
    } else {
        scene.model.name_of(who)
    }
}

fn bubble_of<'a>(line: &'a Line, words: &'a Words, width: f32) -> Bubble<'a> {
    let (own, text, tick, (deleted, pinned)) = match line {
        Line::Bubble {
            own,
            text,
            tick,
            extra,
            ..
        } => (*own, text.as_str(), *tick, (extra.deleted, extra.pinned)),
        Line::Day(_) | Line::New | Line::Told(..) => (false, "", None, (false, false)),
    };
    let mentions = match line {
        Line::Bubble { extra, .. } => extra.mentions.as_slice(),
        Line::Day(_) | Line::New | Line::Told(..) => &[],
    };
    let room = match line {
        Line::Bubble { extra, .. } => files::size(extra, chips_width(width + 2.0 * SIDE) - 24.0),
        Line::Day(_) | Line::New | Line::Told(..) => Vec2::ZERO,
    };
    Bubble {
        own,
        text,
        room,
        mentions,
        told: words.told.as_deref(),
        quote: words.quote.as_ref().map(|(who, text, told)| Quoted {
            who,
            text,
            told: *told,
        }),
        time: &words.clock,
        tick: tick.filter(|tick| !deleted || *tick == Tick::Waiting),
        pinned,
    }
}

/// Draws one; the place of the message to go to when what it answers was clicked.
pub(super) fn show(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    menu: &mut entry_menu::State,
    chat: &Chat,
    line: &Line,
    rect: Rect,
) -> Option<u64> {
    let Line::Bubble {
        key,
        own,
        ts,
        tick: state,
        why,
        extra,
        ..
    } = line
    else {
        return None;
    };
    let words = words(scene, line);
    let shown = bubble_of(line, &words, rect.width());
    let laid = bubble::lay(ui, shown, rect.width() + 2.0 * SIDE);
    let note = if has_note(*state) { NOTE } else { 0.0 };
    let chips = chips_height(ui, extra, rect.width());
    let bottom = rect.bottom() - note - chips;
    let aside = if *own { 0.0 } else { menu.select.aside() };
    let left = [rect.left() + aside, rect.right() - laid.size.x][usize::from(*own)];
    let place = Rect::from_min_size(pos2(left, bottom - laid.size.y), laid.size);
    let row = rect.with_min_y(place.top() - 3.0).with_max_y(rect.bottom() + 1.0);
    menu.select.ground(ui, line, row);
    let spoken = spoken(scene, line, &words);
    let id = ui.scope_id().with(key);
    let shown = laid.show(ui, place, id, shown, &spoken);
    if !extra.files.is_empty() && words.told.is_none() {
        files::show(ui, scene, (chat.conv, *key, *own), extra, shown.room);
    }
    if let Some(account) = shown.person.filter(|it| *it != scene.model.me.account) {
        scene.act(Action::Show(Dialog::Person(account)));
    }
    let response = shown.response;
    hover_time(ui, scene, &response, place, (*ts, extra.edited));
    let about = about(scene, chat, line, words.told.is_some());
    if let Some(about) = about {
        menu.show(ui, scene, &about, &response, (place, rect));
    }
    if let BubbleKey::Stored(seq) = key {
        let row = Rect::from_min_max(
            pos2(rect.left() + aside, bottom + CHIP_GAP),
            pos2(rect.right(), bottom + chips),
        );
        show_chips(ui, scene, chat, *seq, &extra.chips, (row, *own));
    }
    if note > 0.0 {
        let below = Rect::from_min_max(pos2(rect.left(), bottom), rect.max);
        let why = why_late(scene, *state, why.as_deref(), *ts);
        note::show(ui, scene, chat.conv, *key, (*state, &why), below);
    }
    menu.select.check(ui, scene, line, row, &spoken);
    let quoted = extra.quote.as_ref().map(|quote| quote.seq);
    quoted.filter(|_| shown.quote_clicked)
}

/// What its menu has to know of it.
fn about<'a>(scene: &Scene<'_>, chat: &Chat, line: &'a Line, told: bool) -> Option<About<'a>> {
    let Line::Bubble {
        key,
        own,
        text,
        extra,
        ..
    } = line
    else {
        return None;
    };
    Some(About {
        conv: chat.conv,
        key: *key,
        own: *own,
        text,
        files: !extra.files.is_empty(),
        edited: extra.edited.is_some(),
        open: !told && scene.model.may_write(chat.conv),
        told,
        pinned: extra.pinned,
        may_pin: scene.model.may_pin(chat.conv),
    })
}

fn why_late(scene: &Scene<'_>, state: Option<Tick>, why: Option<&str>, ts: u64) -> String {
    let days = scene.now.wall_ms.saturating_sub(ts) / DAY_MS;
    match state {
        Some(Tick::Old) => tr_with("message-old", &[("days", days.into())]),
        _ => why.map_or_else(|| tr("message-late"), str::to_owned),
    }
}

/// Over the time stands when exactly, and when it was edited.
fn hover_time(
    ui: &Ui,
    scene: &Scene<'_>,
    response: &egui::Response,
    place: Rect,
    (ts, edited): (u64, Option<u64>),
) {
    let still = ui.input(|input| input.pointer.time_since_last_movement() > 0.4);
    if !still || !response.contains_pointer() {
        return;
    }
    let wide = if edited.is_some() { 110.0 } else { 60.0 };
    let drop = Rect::from_min_max(pos2(place.right() - wide, place.bottom() - 22.0), place.max);
    if !ui.rect_contains_pointer(drop) {
        return;
    }
    let sent = time::full(ts, scene.local);
    let words = match edited {
        None => sent,
        Some(edited) => {
            let times = [
                ("sent", sent.into()),
                ("edited", time::full(edited, scene.local).into()),
            ];
            tr_with("message-edited-when", &times)
        }
    };
    response.show_tooltip_text(words);
}

fn show_chips(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    chat: &Chat,
    seq: u64,
    chips: &[Chip],
    (row, own): (Rect, bool),
) {
    let widths = widths(ui, chips);
    let wide = chips_width(row.width());
    let (places, _) = chip::rows(&widths, wide);
    let used = places
        .iter()
        .zip(&widths)
        .map(|(at, wide)| at.x + wide)
        .fold(0.0, f32::max);
    let left = if own { row.right() - used } else { row.left() };
    for ((chip, at), wide) in chips.iter().zip(places).zip(widths) {
        let rect = Rect::from_min_size(pos2(left + at.x, row.top() + at.y), Vec2::new(wide, chip::HEIGHT));
        let names = names(scene, chip);
        let id = ui.scope_id().with(("chip", seq, &chip.emoji));
        let spoken = tr_with(
            "message-reaction-spoken",
            &[
                ("emoji", chip.emoji.clone().into()),
                ("names", names.clone().into()),
            ],
        );
        let response = chip::show(ui, rect, id, (&chip.emoji, chip.who.len()), chip.own, &spoken);
        let response = response.on_hover_text(names);
        if response.clicked() {
            let act = EntryAct::React(seq, chip.emoji.clone());
            scene.act(Action::Entry(chat.conv, act));
        }
    }
}

/// Whose an emoji is, in words.
fn names(scene: &Scene<'_>, chip: &Chip) -> String {
    let mut names: Vec<String> = chip
        .who
        .iter()
        .take(NAMES_MAX)
        .map(|who| name(scene, *who))
        .collect();
    if chip.who.len() > NAMES_MAX {
        let more = (chip.who.len() - NAMES_MAX) as u64;
        names.push(tr_with("message-reaction-more", &[("count", more.into())]));
    }
    names.join(", ")
}

fn spoken(scene: &Scene<'_>, line: &Line, words: &Words) -> String {
    let Line::Bubble {
        own,
        text,
        sender,
        tick: state,
        extra,
        ..
    } = line
    else {
        return String::new();
    };
    let who = if *own {
        tr("spoken-you")
    } else {
        name(scene, *sender)
    };
    let text = words.told.as_deref().unwrap_or(text);
    let clock = match extra.pinned {
        true => format!("{}, {}", words.clock, tr("pin-spoken")),
        false => words.clock.clone(),
    };
    match state.filter(|_| !extra.deleted) {
        Some(state) => format!("{who}, {clock}, {}: {text}", tick::words(state)),
        None => format!("{who}, {clock}: {text}"),
    }
}
