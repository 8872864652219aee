//! A menu of rows at a place of the window, and the keys that ask for one.

use super::{icon, label};
use crate::fonts::{self, Weight};
use crate::theme::{self, radius};
use egui::{
    Color32, CursorIcon, Frame, Id, Key, Modifiers, Popup, PopupKind, Pos2, Role, Sense, Stroke, Ui, Vec2,
    WidgetInfo, pos2,
};

const ROW: f32 = 34.0;

/// Shows one at a place, as wide as told; `add` draws its rows and says whether one was chosen. Whether it stays open.
pub fn show(ui: &Ui, id: Id, at: Pos2, width: f32, add: impl FnOnce(&mut Ui) -> bool) -> bool {
    let tokens = theme::tokens(ui);
    let shadow = egui::Shadow {
        offset: [0, 4],
        blur: 20,
        spread: 0,
        color: tokens.shadow,
    };
    let frame = Frame::new()
        .fill(tokens.surface2)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(radius::L)
        .shadow(shadow)
        .inner_margin(6);
    let mut open = true;
    Popup::new(id, ui.ctx().clone(), at, ui.layer_id())
        .kind(PopupKind::Menu)
        .frame(frame)
        .gap(0.0)
        .open_bool(&mut open)
        .show(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            if add(ui) {
                ui.close();
            }
        });
    open
}

/// A row of it; whether it was chosen.
pub fn row(ui: &mut Ui, picture: &str, words: &str, ink: Color32) -> bool {
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, words));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, radius::S, tokens.hover);
    }
    let place = pos2(rect.left() + 18.0, rect.center().y);
    icon::paint(ui.painter(), place, picture, 18.0, ink);
    let galley = fonts::line(ui, words, fonts::format(14.0, Weight::Regular, ink), width - 46.0);
    label::left(ui, pos2(rect.left() + 38.0, rect.center().y), galley);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// The key that opens menus, or Shift+F10 where there is none.
pub fn key(ui: &Ui) -> bool {
    ui.input_mut(|input| {
        input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
    })
}
