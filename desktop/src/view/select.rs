//! Choosing several messages: a box beside each, and a bar in place of the composer that copies them.

use super::{Scene, group, message, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::{BubbleKey, Line};
use crate::model::file_name;
use crate::theme::{self, radius};
use crate::widget::{self, button, label};
use crate::words::{tr, tr_with};
use egui::{CursorIcon, Event, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Height of the bar.
pub(super) const HEIGHT: f32 = 64.0;
/// How far the messages of others stand aside for the box.
const ASIDE: f32 = 36.0;
/// More are not copied at once: nobody reads them.
const CHOSEN_MAX: usize = 1_000;

/// Which messages are chosen.
#[derive(Default)]
pub(super) struct State {
    on: bool,
    /// By place, each as it will be copied: it may have left memory by then.
    chosen: BTreeMap<u64, String>,
    /// The one that was chosen or put back last: a click with Shift goes on from there.
    last: Option<u64>,
    /// Those between two clicks, to be chosen in the next frame.
    between: Option<RangeInclusive<u64>>,
    /// The box of this one wants the keyboard.
    focus: Option<u64>,
}

impl State {
    /// Whether messages are being chosen.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Begins with this message.
    pub(super) fn begin(&mut self, seq: u64) {
        *self = Self {
            on: true,
            last: Some(seq),
            between: Some(seq..=seq),
            focus: Some(seq),
            ..Self::default()
        };
    }

    /// How far a message stands aside.
    pub(super) fn aside(&self) -> f32 {
        if self.on { ASIDE } else { 0.0 }
    }

    /// Chooses what lies between two clicks, as far as it can be.
    pub(super) fn fill(&mut self, scene: &Scene<'_>, lines: &[Line]) {
        let Some(between) = self.between.take() else {
            return;
        };
        for line in lines {
            if let Some(seq) = choosable(line).filter(|seq| between.contains(seq))
                && self.chosen.len() < CHOSEN_MAX
            {
                self.chosen.insert(seq, copied(scene, line));
            }
        }
    }

    /// The ground under a message that is chosen; painted before the message.
    pub(super) fn ground(&self, ui: &Ui, line: &Line, row: Rect) {
        let chosen = choosable(line).is_some_and(|seq| self.chosen.contains_key(&seq));
        if self.on && chosen {
            let ground = row.expand2(Vec2::new(8.0, 0.0));
            ui.painter()
                .rect_filled(ground, radius::L, theme::tokens(ui).selected);
        }
    }

    /// The box beside a message. A click anywhere in its row ticks it, or takes the tick back.
    pub(super) fn check(&mut self, ui: &mut Ui, scene: &Scene<'_>, line: &Line, row: Rect, spoken: &str) {
        let Some(seq) = choosable(line).filter(|_| self.on) else {
            return;
        };
        let on = self.chosen.contains_key(&seq);
        let response = ui.interact(row, ui.scope_id().with(("select", seq)), Sense::click());
        let name = tr_with("select-spoken", &[("message", spoken.into())]);
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, &name));
        if self.focus == Some(seq) {
            self.focus = None;
            response.request_focus();
        }
        group::tick(ui, pos2(row.left() + 12.0, row.bottom() - 18.0), on);
        widget::focus_ring(ui, &response, row, radius::L);
        if !response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            return;
        }
        let shift = ui.input(|input| input.modifiers.shift);
        match self.last.filter(|_| shift) {
            Some(last) => self.between = Some(last.min(seq)..=last.max(seq)),
            None if self.chosen.remove(&seq).is_some() => {}
            None if self.chosen.len() < CHOSEN_MAX => {
                self.chosen.insert(seq, copied(scene, line));
            }
            None => {}
        }
        self.last = Some(seq);
        ui.ctx().request_repaint();
    }

    /// The bar in place of the composer. Ctrl+C copies and Escape gives it up, as its buttons do.
    pub(super) fn bar(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let rect = ui.max_rect();
        let tokens = theme::tokens(ui);
        ui.painter()
            .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, tokens.line));
        let count = self.chosen.len() as u64;
        let words = tr_with("select-count", &[("count", count.into())]);
        let (copy, cancel) = (tr("select-copy"), tr("select-cancel"));
        let mut right = rect.right() - 16.0;
        let mut place = |wide: f32| {
            let corner = pos2(right - wide, rect.center().y - button::HEIGHT / 2.0);
            right -= wide + 8.0;
            Rect::from_min_size(corner, Vec2::new(wide, button::HEIGHT))
        };
        let at = place(button::natural_width(ui, &copy));
        let copy = button::at(ui, at, &copy, button::Kind::Primary, count > 0).clicked();
        let at = place(button::natural_width(ui, &cancel));
        let cancel = button::at(ui, at, &cancel, button::Kind::Quiet, true).clicked();
        let format = fonts::format(14.0, Weight::Medium, tokens.text);
        let left = rect.left() + 20.0;
        let told = label::left(
            ui,
            pos2(left, rect.center().y),
            fonts::line(ui, &words, format, right - left),
        );
        let told = label::name(ui, told, ui.scope_id().with("count"), &words);
        ui.ctx()
            .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
        if scene.model.dialog.is_some() {
            return;
        }
        let (pressed, escape) = ui.input_mut(|input| {
            let before = input.events.len();
            input.events.retain(|event| !matches!(event, Event::Copy));
            (input.events.len() < before, input.key_pressed(egui::Key::Escape))
        });
        if (copy || pressed) && count > 0 {
            let texts: Vec<&str> = self.chosen.values().map(String::as_str).collect();
            scene.act(Action::Copy(texts.join("\n\n")));
            *self = Self::default();
        } else if cancel || escape {
            *self = Self::default();
        }
    }
}

/// The place of a message that can be chosen.
fn choosable(line: &Line) -> Option<u64> {
    match line {
        Line::Bubble {
            key: BubbleKey::Stored(seq),
            unsupported: false,
            extra,
            ..
        } if !extra.deleted => Some(*seq),
        _ => None,
    }
}

/// A message as it is copied: who and when, then the text as it was written, then its files by name.
fn copied(scene: &Scene<'_>, line: &Line) -> String {
    let Line::Bubble {
        sender,
        text,
        ts,
        extra,
        ..
    } = line
    else {
        return String::new();
    };
    let me = &scene.model.me;
    let name = if *sender == me.account {
        me.display_name.clone()
    } else {
        message::name(scene, *sender)
    };
    let mut all = format!("{name}, {}", time::full(*ts, scene.local));
    let names = extra
        .files
        .iter()
        .map(|file| format!("📎 {}", file_name::shown(&file.name)));
    for part in [text.clone()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(names)
    {
        all.push('\n');
        all.push_str(&part);
    }
    all
}
