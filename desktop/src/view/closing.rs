//! The first time the window is closed: go on in the tray, or quit.

use super::Scene;
use crate::model::Action;
use crate::model::window::Closing;
use crate::theme::space;
use crate::widget::{button, dialog, label};
use crate::words::tr;
use egui::Ui;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "closing", &tr("closing-title"), |ui| {
        label::dim(ui, &tr("closing-text"));
        ui.add_space(space::S);
        label::dim(ui, &tr("closing-later"));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("closing-keep"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::ChooseClosing(Closing::Tray));
            }
            if button::flow(ui, &tr("closing-quit"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::ChooseClosing(Closing::Quit));
            }
        });
    })
}
