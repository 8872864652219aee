//! An invite link to hand out, with a copy button.

use super::{Scene, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::theme::{self, space};
use crate::widget::{button, dialog, label};
use crate::words::{tr, tr_with};
use egui::{Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, link: Option<&str>, expires_ms: u64) -> bool {
    dialog::show(ui, "invite", &tr("invite-title"), |ui| {
        label::dim(ui, &tr("invite-text"));
        ui.add_space(space::L);
        match link {
            Some(link) => self::link(ui, link),
            None => {
                label::dim(ui, &tr("invite-making"));
            }
        }
        if expires_ms > 0 && link.is_some() {
            ui.add_space(space::S);
            let until = time::full(expires_ms, scene.local);
            label::dim(ui, &tr_with("invite-until", &[("time", until.into())]));
        }
        dialog::buttons(ui, |ui| {
            let words = tr("invite-copy");
            if button::flow(ui, &words, button::Kind::Primary, link.is_some(), None).clicked()
                && let Some(link) = link
            {
                scene.act(Action::Copy(link.to_owned()));
            }
            if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// A link in a box, wrapped, so that all of it can be read.
pub(super) fn link(ui: &mut Ui, link: &str) {
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let mut job = egui::text::LayoutJob::single_section(
        link.to_owned(),
        fonts::format(13.0, Weight::Regular, tokens.text),
    );
    job.wrap = egui::text::TextWrapping {
        max_width: width - 24.0,
        break_anywhere: true,
        ..Default::default()
    };
    let galley = fonts::layout_job(ui, job);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, galley.size().y + 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, link));
    ui.painter().rect(
        rect,
        theme::radius::M,
        tokens.surface0,
        Stroke::NONE,
        StrokeKind::Inside,
    );
    ui.painter()
        .galley(rect.min + Vec2::splat(12.0), galley, tokens.text);
}
