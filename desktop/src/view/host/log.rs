//! The newest lines of the hosted server's log.

use super::super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::hosting::Hosting;
use crate::theme::{self, space};
use crate::widget::{button, label};
use crate::words::tr;
use egui::{Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo};

/// Height of the box of lines.
const HEIGHT: f32 = 290.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    label::dim(ui, &tr("hosting-log-text"));
    ui.add_space(space::M);
    let tokens = theme::tokens(ui);
    let lines = hosting.panel.seen.log.as_deref().unwrap_or_default();
    egui::Frame::new()
        .fill(tokens.surface0)
        .corner_radius(theme::radius::M)
        .inner_margin(space::M)
        .show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt("log")
                .auto_shrink([false, false])
                .max_height(HEIGHT)
                .min_scrolled_height(HEIGHT)
                .stick_to_bottom(true)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = space::XS;
                    if lines.is_empty() {
                        label::dim(ui, &tr("hosting-log-empty"));
                    }
                    lines.iter().for_each(|text| line(ui, text));
                });
        });
    ui.add_space(space::S);
    if button::flow(
        ui,
        &tr("hosting-log-copy"),
        button::Kind::Quiet,
        !lines.is_empty(),
        None,
    )
    .clicked()
    {
        scene.act(Action::Copy(lines.join("\n")));
    }
}

fn line(ui: &mut Ui, text: &str) {
    let ink = theme::tokens(ui).text;
    let galley = fonts::lines(
        ui,
        text,
        fonts::format(12.0, Weight::Regular, ink),
        ui.available_width() - 8.0,
    );
    let (rect, told) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), galley.size().y), Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, galley, ink);
}
