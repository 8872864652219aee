//! The dialog that says how long messages of a conversation are kept.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::keeping::{Keeping, KeepingAct, days_words};
use crate::theme::{self, radius, space};
use crate::widget::{self, button, dialog, label};
use crate::words::{tr, tr_with};
use egui::{CursorIcon, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 38.0;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, keeping: &Keeping) -> bool {
    let Some(chat) = scene.model.chats.get(&keeping.conv) else {
        return true;
    };
    let may = scene.model.may_limit(keeping.conv);
    let now = chat.keep_days;
    dialog::show(ui, "keeping", &tr("keep-title"), |ui| {
        label::dim(ui, &tr(if may { "keep-text" } else { "keep-not-yours" }));
        ui.add_space(space::M);
        for days in scene.model.keep_choices(keeping.conv) {
            if row(ui, days, keeping.days, may && !keeping.busy) {
                scene.act(Action::Keeping(KeepingAct::Choose(days)));
            }
        }
        let most = scene.model.keep_days_max;
        if most > 0 {
            ui.add_space(space::S);
            let words = [("days", days_words(most).into())];
            label::dim(ui, &tr_with("keep-server", &words));
        }
        // Fewer days than now: something may go at once.
        let shorter = keeping.days > 0 && (now == 0 || keeping.days < now);
        if may && shorter {
            ui.add_space(space::S);
            let words = [("days", days_words(keeping.days).into())];
            label::error(ui, &tr_with("keep-warning", &words));
        }
        if let Some(error) = &keeping.error {
            ui.add_space(space::S);
            label::error(ui, error);
        }
        dialog::buttons(ui, |ui| {
            if !may {
                if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                    scene.act(Action::CloseDialog);
                }
                return;
            }
            let (words, kind) = if shorter {
                ("keep-erase", button::Kind::Danger)
            } else {
                ("keep-save", button::Kind::Primary)
            };
            let ready = !keeping.busy && keeping.days != now;
            if button::flow(ui, &tr(words), kind, ready, None).clicked() {
                scene.act(Action::Keeping(KeepingAct::Confirm));
            }
            if button::flow(ui, &tr("group-cancel"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// One choice; whether it was made.
fn row(ui: &mut Ui, days: u64, chosen: u64, enabled: bool) -> bool {
    let tokens = theme::tokens(ui);
    let (on, words) = (days == chosen, days_words(days));
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), sense);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, &words));
    if enabled && response.hovered() {
        ui.painter().rect_filled(rect, radius::L, tokens.hover);
    }
    let ring = pos2(rect.left() + 18.0, rect.center().y);
    let line = if on { tokens.accent } else { tokens.dim };
    ui.painter().circle_stroke(ring, 8.0, Stroke::new(1.5, line));
    if on {
        ui.painter().circle_filled(ring, 4.5, tokens.accent);
    }
    let ink = if enabled || on { tokens.text } else { tokens.dim };
    let wide = rect.width() - 48.0;
    let galley = fonts::line(ui, &words, fonts::format(14.0, Weight::Regular, ink), wide);
    label::left(ui, pos2(rect.left() + 38.0, rect.center().y), galley);
    widget::focus_ring(ui, &response, rect, radius::L);
    enabled && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
