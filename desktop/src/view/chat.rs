//! The lines of a chat: days, "New messages", bubbles. Visible ones are laid out; an anchor keeps the place.

use super::message::{self, NOTE, has_note};
use super::scroll::{self, Anchor, Placed};
use super::{Scene, author, entry_menu, select, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::{BubbleKey, Chat, Line};
use crate::model::entry_acts::EntryAct;
use crate::model::past::SPOT_MS;
use crate::model::search::SearchAct;
use crate::theme::{self, radius};
use crate::widget::{self, badge, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use egui::{CursorIcon, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Space between the edges of the chat and its bubbles.
pub(super) const SIDE: f32 = 20.0;
const BOTTOM: f32 = 12.0;
const GROUP_GAP: f32 = 12.0;
const BUBBLE_GAP: f32 = 4.0;
const DAY: f32 = 42.0;
const NEW: f32 = 36.0;
const TOLD: f32 = 30.0;
/// Heights kept; more than fit in memory at once are never shown together.
const HEIGHTS_MAX: usize = 20_000;

/// What the chat remembers.
#[derive(Default)]
pub(super) struct State {
    conv: Option<ConvId>,
    /// `None`: stays at the newest.
    anchor: Option<Anchor>,
    /// Of each bubble, with what it showed when it was measured.
    heights: HashMap<BubbleKey, (u64, f32)>,
    /// Width the heights were measured at, and how the times in them were written.
    width: f32,
    local: Option<time::Local>,
    /// Newest entry reported as seen.
    seen: u64,
    /// The page asked for began at this entry.
    asked: Option<u64>,
    /// Messages looked up on the disk because they are answered here.
    looked_up: HashSet<u64>,
    /// The message to go to.
    jump: Option<u64>,
    menu: entry_menu::State,
    /// The page that follows was asked for at this entry.
    asked_newer: Option<u64>,
    /// The last jump of the model's that was made.
    jumped: u64,
}

impl State {
    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat) {
        let rect = ui.max_rect();
        let local = scene.local.clone();
        let lines = scene
            .model
            .lines(chat.conv, scene.now, &|ms| time::day_number(ms, &local.zone));
        let width = rect.width() - 2.0 * SIDE;
        if self.conv != Some(chat.conv) {
            *self = Self {
                conv: Some(chat.conv),
                ..Self::default()
            };
            self.anchor = first_unread(&lines, rect.height());
        }
        if self.local.as_ref() != Some(&local)
            || (self.width - width).abs() > 0.5
            || self.heights.len() > HEIGHTS_MAX
        {
            self.width = width;
            self.local = Some(local);
            self.heights.clear();
        }
        if lines.is_empty() {
            super::notice::no_messages(ui, scene, chat, rect);
            return;
        }
        let typing = typing_words(scene, chat);
        let foot = if typing.is_some() { NOTE + BOTTOM } else { BOTTOM };
        let height = rect.height() - foot;
        self.go(scene, chat, &lines, height);
        let frame = self.place(ui, scene, &lines, height, scroll_wish(ui, rect, height));
        let drawn = |wanted| {
            frame
                .placed
                .iter()
                .any(|placed| key(&lines[placed.index]) == Some(wanted))
        };
        self.menu.keep(drawn);
        self.menu.select.fill(scene, &lines);
        for placed in &frame.placed {
            self.line(ui, scene, chat, &lines, *placed);
        }
        if let Some(words) = typing {
            typing_line(ui, rect, &words);
        }
        self.report(scene, chat, &lines, &frame);
        if !frame.at_bottom || chat.past.is_some() {
            self.jump_button(ui, scene, chat, rect);
        }
        scroll_bar(ui, rect, &lines, &frame);
    }

    /// The messages being chosen in this chat, when they are.
    pub(super) fn selecting(&mut self, conv: ConvId) -> Option<&mut select::State> {
        Some(&mut self.menu.select).filter(|select| select.is_on() && self.conv == Some(conv))
    }

    /// Goes to the message that was asked for, here or by the model, which fetches what is not in memory.
    fn go(&mut self, scene: &mut Scene<'_>, chat: &Chat, lines: &[Line], height: f32) {
        let there = |seq: u64| lines.iter().any(|line| stored(line) == Some(seq));
        let mut to = self.jump.take();
        if let Some(seq) = to.filter(|seq| !there(*seq)) {
            scene.act(Action::Search(SearchAct::Go(chat.conv, seq)));
            to = None;
        }
        if let Some(spot) = chat
            .spot
            .filter(|spot| spot.jump != self.jumped && there(spot.seq))
        {
            self.jumped = spot.jump;
            to = Some(spot.seq);
        }
        if let Some(seq) = to {
            self.anchor = Some(Anchor {
                key: BubbleKey::Stored(seq),
                top: (height * 0.3).max(NEW),
            });
        }
    }

    /// Where the lines stand after this frame's scrolling; remembers the anchor for the next.
    fn place(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        lines: &[Line],
        height: f32,
        wish: Wish,
    ) -> scroll::Frame {
        let found = self.anchor.and_then(|anchor| {
            let index = lines.iter().position(|line| key(line) == Some(anchor.key))?;
            Some((index, anchor.top))
        });
        let mut measure = |index: usize| self.height(ui, scene, &lines[index], index == 0);
        let mut frame = scroll::fill(lines.len(), height, found, &mut measure);
        match wish {
            Wish::Stay => {}
            Wish::Bottom => frame = scroll::fill(lines.len(), height, None, &mut measure),
            Wish::Top => frame = scroll::fill(lines.len(), height, Some((0, 0.0)), &mut measure),
            Wish::By(points) => {
                if let Some(first) = frame.placed.first() {
                    let moved = Some((first.index, first.top + points));
                    frame = scroll::fill(lines.len(), height, moved, &mut measure);
                }
            }
        }
        self.anchor = if frame.at_bottom {
            None
        } else {
            anchor_of(&frame, lines)
        };
        frame
    }

    fn height(&mut self, ui: &Ui, scene: &Scene<'_>, line: &Line, first_line: bool) -> f32 {
        match line {
            Line::Day(_) => DAY,
            Line::New => NEW,
            Line::Told(..) => TOLD,
            Line::Bubble {
                key,
                first,
                named,
                tick,
                text,
                extra,
                ..
            } => {
                let gap = if *first && !first_line {
                    GROUP_GAP
                } else {
                    BUBBLE_GAP
                };
                let note = if has_note(*tick) { NOTE } else { 0.0 };
                let gap = gap + author::height(*named, *first);
                let shows = fingerprint(&(text, extra, tick.is_some()));
                if let Some((_, height)) = self.heights.get(key).filter(|(before, _)| *before == shows) {
                    return height + gap + note;
                }
                let height = message::height(ui, scene, line, self.width - author::width(*named));
                self.heights.insert(*key, (shows, height));
                height + gap + note
            }
        }
    }

    fn line(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, lines: &[Line], placed: Placed) {
        let pane = ui.max_rect();
        let rect = Rect::from_min_size(
            pos2(pane.left() + SIDE, pane.top() + placed.top),
            Vec2::new(self.width, placed.height),
        );
        match &lines[placed.index] {
            Line::Day(ms) => day(ui, rect, &time::day(*ms, scene.now.wall_ms, scene.local)),
            Line::New => new_messages(ui, rect),
            Line::Told(seq, words) => told(ui, rect, (*seq, words)),
            line @ Line::Bubble {
                key,
                named,
                first,
                sender,
                extra,
                ..
            } => {
                if *named && *first {
                    let gap = if placed.index == 0 { BUBBLE_GAP } else { GROUP_GAP };
                    author::show(ui, scene, (*sender, *key), rect.min + Vec2::new(0.0, gap));
                }
                let rect = rect.with_min_x(rect.left() + author::width(*named));
                let unknown = extra
                    .quote
                    .as_ref()
                    .filter(|quote| quote.who.is_none() && !quote.deleted);
                if let Some(quote) = unknown
                    && self.looked_up.insert(quote.seq)
                {
                    scene.act(Action::Entry(chat.conv, EntryAct::Quote(quote.seq)));
                }
                spot_ground(ui, scene, chat, line, rect);
                let wish = message::show(ui, scene, &mut self.menu, chat, line, rect);
                self.jump = wish.or(self.jump);
            }
        }
    }

    /// Tell the model what was seen, and when older messages are wanted.
    fn report(&mut self, scene: &mut Scene<'_>, chat: &Chat, lines: &[Line], frame: &scroll::Frame) {
        let newest = frame
            .placed
            .iter()
            .filter_map(|placed| stored(&lines[placed.index]))
            .max();
        if let Some(seq) = newest.filter(|seq| *seq > self.seen && scene.model.focused) {
            self.seen = seq;
            scene.act(Action::Seen(chat.conv, seq));
        }
        let newest = chat.shown().keys().next_back().copied();
        if chat.past.is_some() && frame.at_bottom && self.asked_newer != newest {
            self.asked_newer = newest;
            scene.act(Action::Search(SearchAct::Newer(chat.conv)));
        }
        let oldest = chat.shown().keys().next().copied();
        if frame.at_top && chat.has_older() && !chat.loading && self.asked != oldest {
            self.asked = oldest;
            scene.act(Action::Older(chat.conv));
        }
    }

    fn jump_button(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, pane: Rect) {
        let tokens = theme::tokens(ui);
        let centre = pos2(pane.right() - 16.0 - 20.0, pane.bottom() - 12.0 - 20.0);
        let rect = Rect::from_center_size(centre, Vec2::splat(40.0));
        let response = ui.interact(rect, ui.scope_id().with("jump"), Sense::click());
        let spoken = match chat.unread {
            0 => tr("chat-jump"),
            count => tr_with("chat-jump-count", &[("count", count.into())]),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        let fill = if response.hovered() {
            tokens.hover
        } else {
            tokens.surface2
        };
        ui.painter()
            .circle(centre, 19.5, fill, Stroke::new(1.0, tokens.line));
        icon::paint(ui.painter(), centre, icon::DOWN, 18.0, tokens.dim);
        if chat.unread > 0 {
            badge::paint(ui, pos2(rect.right() + 4.0, rect.top() + 2.0), chat.unread, false);
        }
        widget::focus_ring(ui, &response, rect, 20);
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            self.anchor = None;
            scene.act(Action::Search(SearchAct::ToNewest(chat.conv)));
            ui.ctx().request_repaint();
        }
    }
}

/// The message one has just jumped to stands on a tinted ground for a moment.
fn spot_ground(ui: &Ui, scene: &Scene<'_>, chat: &Chat, line: &Line, rect: Rect) {
    let spot = chat.spot.filter(|spot| stored(line) == Some(spot.seq));
    if spot.is_some_and(|spot| scene.now.mono_ms < spot.since + SPOT_MS) {
        let wide = rect.expand2(Vec2::new(SIDE - 8.0, 2.0));
        let ground = wide.with_min_y(rect.top() + BUBBLE_GAP - 2.0);
        let tokens = theme::tokens(ui);
        let edge = Stroke::new(1.5, tokens.accent);
        ui.painter()
            .rect(ground, radius::L, tokens.surface1, edge, StrokeKind::Inside);
    }
}

/// A wish to scroll.
enum Wish {
    Stay,
    By(f32),
    Top,
    Bottom,
}

fn scroll_wish(ui: &Ui, rect: Rect, page: f32) -> Wish {
    let over = ui.rect_contains_pointer(rect);
    let wheel = if over {
        ui.input(|input| input.smooth_scroll_delta().y)
    } else {
        0.0
    };
    let key = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if key(Modifiers::NONE, Key::PageUp) {
        return Wish::By(page * 0.9);
    }
    if key(Modifiers::NONE, Key::PageDown) {
        return Wish::By(-page * 0.9);
    }
    if key(Modifiers::COMMAND, Key::Home) {
        return Wish::Top;
    }
    if key(Modifiers::COMMAND, Key::End) {
        return Wish::Bottom;
    }
    if wheel.abs() > 0.0 {
        Wish::By(wheel)
    } else {
        Wish::Stay
    }
}

/// What a bubble shows, in a number: another one is measured anew.
fn fingerprint(shown: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    shown.hash(&mut hasher);
    hasher.finish()
}

fn key(line: &Line) -> Option<BubbleKey> {
    match line {
        Line::Bubble { key, .. } => Some(*key),
        Line::Told(seq, _) => Some(BubbleKey::Stored(*seq)),
        Line::Day(_) | Line::New => None,
    }
}

fn stored(line: &Line) -> Option<u64> {
    match key(line)? {
        BubbleKey::Stored(seq) => Some(seq),
        BubbleKey::Waiting(_) => None,
    }
}

fn anchor_of(frame: &scroll::Frame, lines: &[Line]) -> Option<Anchor> {
    frame.placed.iter().find_map(|placed| {
        Some(Anchor {
            key: key(&lines[placed.index])?,
            top: placed.top,
        })
    })
}

/// A chat opens at its oldest unread message; `fill` keeps it at the bottom when all of it fits.
fn first_unread(lines: &[Line], height: f32) -> Option<Anchor> {
    let new = lines.iter().position(|line| matches!(line, Line::New))?;
    let key = lines[new..].iter().find_map(key)?;
    Some(Anchor {
        key,
        top: (height * 0.3).max(NEW),
    })
}

fn day(ui: &Ui, rect: Rect, words: &str) {
    let tokens = theme::tokens(ui);
    let galley = fonts::line(
        ui,
        words,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        rect.width(),
    );
    let size = Vec2::new(galley.size().x + 20.0, 21.0);
    let centre = pos2(rect.center().x, rect.bottom() - 8.0 - size.y / 2.0);
    let pill = Rect::from_center_size(centre, size);
    ui.painter().rect_filled(pill, size.y / 2.0, tokens.surface0);
    label::centre(ui, centre, galley);
    label::name(ui, pill, ui.scope_id().with(("day", words)), words);
}

fn new_messages(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    let words = tr("chat-new");
    let galley = fonts::line(
        ui,
        &words,
        fonts::format(12.0, Weight::Semi, tokens.accent),
        rect.width(),
    );
    let y = rect.bottom() - 8.0 - 8.0;
    let text = label::centre(ui, pos2(rect.center().x, y), galley);
    let line = Stroke::new(1.0, tokens.accent.gamma_multiply(0.55));
    ui.painter().hline(rect.left()..=text.left() - 10.0, y, line);
    ui.painter().hline(text.right() + 10.0..=rect.right(), y, line);
    label::name(ui, text, ui.scope_id().with("new"), &words);
}

/// A change of the group, quiet between the messages.
fn told(ui: &Ui, rect: Rect, (seq, words): (u64, &str)) {
    let tokens = theme::tokens(ui);
    let format = fonts::format(12.0, Weight::Regular, tokens.dim);
    let galley = fonts::line(ui, words, format, rect.width());
    let place = label::centre(ui, pos2(rect.center().x, rect.bottom() - 11.0), galley);
    label::name(ui, place, ui.scope_id().with(("told", seq)), words);
}

/// Who types, in words; `None` when nobody does.
fn typing_words(scene: &Scene<'_>, chat: &Chat) -> Option<String> {
    let names = scene.model.typing_names(chat, scene.now);
    Some(match names.as_slice() {
        [] => return None,
        [name] => tr_with("chat-typing", &[("name", name.clone().into())]),
        [first, second] => {
            let both = [("first", first.clone().into()), ("second", second.clone().into())];
            tr_with("chat-typing-two", &both)
        }
        many => tr_with("chat-typing-many", &[("count", many.len().into())]),
    })
}

fn typing_line(ui: &Ui, pane: Rect, words: &str) {
    let tokens = theme::tokens(ui);
    let galley = fonts::line(
        ui,
        words,
        fonts::format(12.0, Weight::Regular, tokens.accent),
        pane.width() - 48.0,
    );
    let place = label::left(
        ui,
        pos2(
            pane.left() + SIDE + 12.0,
            pane.bottom() - BOTTOM - NOTE / 2.0 + 3.0,
        ),
        galley,
    );
    let told = label::name(ui, place, ui.scope_id().with("typing"), words);
    ui.ctx()
        .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
}

/// A thin mark of where one is, while the pointer is over the chat.
#[expect(clippy::cast_precision_loss, reason = "lines in memory are few")]
fn scroll_bar(ui: &Ui, rect: Rect, lines: &[Line], frame: &scroll::Frame) {
    let everything = frame.at_bottom && frame.at_top;
    if everything || !ui.rect_contains_pointer(rect) {
        return;
    }
    let (Some(first), Some(last)) = (frame.placed.first(), frame.placed.last()) else {
        return;
    };
    let count = lines.len() as f32;
    let track = rect.shrink2(Vec2::new(0.0, 4.0));
    let top = track.top() + track.height() * first.index as f32 / count;
    let bottom = track.top() + track.height() * (last.index + 1) as f32 / count;
    let bottom = bottom.max(top + 24.0).min(track.bottom());
    let bar = Rect::from_min_max(
        pos2(rect.right() - 6.0, (bottom - 24.0).min(top)),
        pos2(rect.right() - 2.0, bottom),
    );
    let tokens = theme::tokens(ui);
    ui.painter().rect(
        bar,
        radius::S,
        tokens.dim.gamma_multiply(0.4),
        Stroke::NONE,
        StrokeKind::Inside,
    );
}
