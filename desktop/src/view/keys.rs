//! The one list of keyboard shortcuts.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::theme;
use crate::widget::{button, dialog, label};
use crate::words::tr;
use egui::{Role, Sense, Ui, Vec2, WidgetInfo};

/// Keys and the name of what they do; the keys are words too.
const KEYS: [&str; 20] = [
    "send", "newline", "emoji", "edit", "menu", "step", "number", "unread", "switch", "find", "search",
    "filter", "escape", "people", "settings", "page", "ends", "zoom", "help", "quit",
];

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "keys", &tr("keys-title"), |ui| {
        for name in KEYS {
            row(ui, &tr(&format!("key-{name}")), &tr(&format!("key-{name}-does")));
        }
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

fn row(ui: &mut Ui, keys: &str, does: &str) {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 28.0), Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{does}: {keys}")));
    let plain = fonts::format(13.0, Weight::Regular, tokens.text);
    label::left(
        ui,
        rect.left_center(),
        fonts::line(ui, does, plain, rect.width() * 0.55),
    );
    let bold = fonts::format(13.0, Weight::Medium, tokens.dim);
    label::right(
        ui,
        rect.right_center(),
        fonts::line(ui, keys, bold, rect.width() * 0.45),
    );
}
