//! A dialog over the window: scrim, rounded surface, title, Esc and a click beside it close it.

use super::label;
use crate::theme::{self, space};
use egui::{Frame, Id, Margin, Modal, Stroke, Ui};

/// Width of a dialog; smaller windows make it smaller.
pub const WIDTH: f32 = 420.0;
const MARGIN: f32 = 21.0;
/// The part of the right margin in which the scroll bar stands, when there is one: never over the content.
const BAR: f32 = 14.0;

/// Show a dialog; `true` when it wants to be closed.
pub fn show(ui: &Ui, name: &str, title: &str, content: impl FnOnce(&mut Ui)) -> bool {
    sized(ui, name, title, WIDTH, content)
}

/// The same, as wide as told.
pub fn sized(ui: &Ui, name: &str, title: &str, wanted: f32, content: impl FnOnce(&mut Ui)) -> bool {
    let tokens = theme::tokens(ui);
    let screen = ui.ctx().content_rect();
    let width = wanted.min(screen.width() - space::XXL) - 2.0 * MARGIN;
    let shadow = egui::Shadow {
        offset: [0, 8],
        blur: 32,
        spread: 0,
        color: tokens.shadow,
    };
    let frame = Frame::new()
        .fill(tokens.surface2)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(theme::radius::XXL)
        .shadow(shadow)
        .inner_margin(Margin {
            right: 6,
            ..Margin::same(20)
        });
    let height_max = screen.height() - 4.0 * space::XL;
    Modal::new(Id::unique(("dialog", name)))
        .backdrop_color(tokens.scrim)
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(width + BAR);
            ui.spacing_mut().item_spacing = egui::vec2(space::S, 0.0);
            egui::ScrollArea::vertical()
                .max_height(height_max)
                .min_scrolled_height(height_max)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.set_width(width);
                    ui.add_space(1.0);
                    label::heading(ui, title);
                    ui.add_space(space::L);
                    content(ui);
                });
        })
        .should_close()
}

/// The row of buttons at the end of a dialog, from the right: `add` is called with a right-to-left row.
pub fn buttons(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.add_space(space::L + space::XS);
    let size = egui::vec2(ui.available_width(), super::button::HEIGHT);
    ui.allocate_ui_with_layout(size, egui::Layout::right_to_left(egui::Align::Center), add);
}
