//! One's own devices, and signing them out from here.

use super::{Scene, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::theme;
use crate::widget::{button, dialog, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::message::session::SessionRow;
use egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "devices", &tr("devices-title"), |ui| {
        if scene.model.devices.is_empty() {
            label::dim(ui, &tr("devices-loading"));
        }
        let model = scene.model;
        for device in &model.devices {
            row(ui, scene, device);
        }
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

fn row(ui: &mut Ui, scene: &mut Scene<'_>, device: &SessionRow) {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 56.0), Sense::hover());
    icon::paint(
        ui.painter(),
        rect.left_center() + Vec2::new(14.0, 0.0),
        icon::DEVICE,
        22.0,
        tokens.dim,
    );
    let words = tr("devices-revoke");
    let mut right = rect.right();
    if !device.this {
        let width = button::natural_width(ui, &words);
        let place =
            Rect::from_center_size(pos2(right - width / 2.0, rect.center().y), Vec2::new(width, 36.0));
        let pressed = ui.push_id(device.device, |ui| {
            button::at(ui, place, &words, button::Kind::Danger, true).clicked()
        });
        if pressed.inner {
            scene.act(Action::Revoke(device.device));
        }
        right = place.left() - 8.0;
    }
    let second = second_line(scene, device);
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}, {second}", device.name)));
    let left = rect.left() + 36.0;
    let name = fonts::line(
        ui,
        &device.name,
        fonts::format(14.0, Weight::Semi, tokens.text),
        right - left,
    );
    label::left(ui, pos2(left, rect.center().y - 9.0), name);
    let galley = fonts::line(
        ui,
        &second,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        right - left,
    );
    label::left(ui, pos2(left, rect.center().y + 10.0), galley);
}

fn second_line(scene: &Scene<'_>, device: &SessionRow) -> String {
    let since = time::short(device.since_ms, scene.now.wall_ms, scene.local);
    match (device.this, device.heard_ms) {
        (true, _) => tr("devices-this"),
        (false, Some(ms)) => {
            let seconds = ms / 1000;
            tr_with("devices-live", &[("seconds", seconds.into())])
        }
        (false, None) => tr_with("devices-since", &[("time", since.into())]),
    }
}
