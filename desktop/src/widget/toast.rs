//! A short line that goes away by itself.

use super::{icon, label};
use crate::fonts::{self, Weight};
use crate::theme;
use crate::words::tr;
use egui::{Align2, Rect, Stroke, StrokeKind, Ui, Vec2};

/// Paint a toast whose bottom middle is at `bottom`; `true` when it was closed. Also returns its height.
pub fn at(ui: &mut Ui, bottom: egui::Pos2, width_max: f32, text: &str, failed: bool) -> (bool, f32) {
    let tokens = theme::tokens(ui);
    let ink = if failed { tokens.danger } else { tokens.text };
    let galley = fonts::lines(
        ui,
        text,
        fonts::format(13.0, Weight::Medium, ink),
        width_max - 64.0,
    );
    let size = Vec2::new(galley.size().x + 64.0, galley.size().y + 20.0);
    let rect = Align2::CENTER_BOTTOM.anchor_size(bottom, size);
    let shadow = egui::Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: tokens.shadow,
    };
    ui.painter().add(shadow.as_shape(rect, theme::radius::L));
    ui.painter().rect(
        rect,
        theme::radius::L,
        tokens.surface2,
        Stroke::new(1.0, tokens.line),
        StrokeKind::Inside,
    );
    let told = label::name(ui, rect, ui.scope_id().with(("toast", text)), text);
    ui.ctx()
        .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
    label::left(ui, rect.left_center() + Vec2::new(16.0, 0.0), galley);
    let close = Rect::from_center_size(rect.right_center() - Vec2::new(22.0, 0.0), Vec2::splat(28.0));
    let id_scope = format!("{} \u{2013} {text}", tr("toast-close"));
    let closed = icon::button(ui, close, icon::CLOSE, &id_scope, false).clicked();
    (closed, size.y)
}
