//! A server nobody vouches for: its fingerprint in words, to be compared with what its operator sees.

use super::{back, finish};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::onboarding::{Busy, Onboarding};
use crate::theme::{self, space};
use crate::view::Scene;
use crate::widget::label;
use crate::words::{tr, tr_with};
use egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

/// Words in a row: read aloud, four are one breath.
const ROW: usize = 4;
const LINE: f32 = 26.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) {
    label::heading(ui, &tr("trust-title"));
    ui.add_space(space::S);
    label::dim(
        ui,
        &tr_with("trust-text", &[("address", state.address.clone().into())]),
    );
    ui.add_space(space::L);
    let list: Vec<&str> = state.fingerprint.split_whitespace().collect();
    words(ui, &list, &tr("trust-fingerprint"));
    let ready = state.busy == Busy::No;
    let verb = ("trust-button", "join-busy");
    finish(ui, scene, state, verb, ready, false, Action::Trust);
    back(ui, scene);
}

/// The words of a fingerprint in a box, in rows of four; two where the box is narrow.
pub(in crate::view) fn words(ui: &mut Ui, words: &[&str], name: &str) {
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let row = if width < 340.0 { ROW / 2 } else { ROW };
    let rows = words.len().div_ceil(row);
    #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
    let (height, cell) = (rows as f32 * LINE + 16.0, (width - 24.0) / row as f32);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    let spoken = format!("{name}: {}", words.join(" "));
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    ui.painter().rect_filled(rect, theme::radius::M, tokens.surface0);
    for (place, word) in words.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
        let at = Vec2::new((place % row) as f32 * cell, (place / row) as f32 * LINE);
        let corner = rect.min + Vec2::new(12.0, 8.0) + at;
        let galley = fonts::line(
            ui,
            word,
            fonts::format(14.0, Weight::Semi, tokens.text),
            cell - 4.0,
        );
        let line = Rect::from_min_size(corner, Vec2::new(cell, LINE));
        label::left(ui, pos2(line.left(), line.center().y), galley);
    }
}
