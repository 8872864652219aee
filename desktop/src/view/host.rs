//! The server hosted on this computer: its address, a link to hand out, stopping it; and the question on quitting.

use super::{Scene, invite};
use crate::fonts::Weight;
use crate::model::Action;
use crate::theme::{self, space};
use crate::widget::{button, dialog, label};
use crate::words::tr;
use egui::Ui;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "host", &tr("hosting-title"), |ui| {
        let Some(hosting) = scene.model.hosting.clone() else {
            label::dim(ui, &tr("hosting-none"));
            return;
        };
        let tokens = theme::tokens(ui);
        let (words, ink) = if hosting.running {
            (tr("hosting-running"), tokens.online_text)
        } else {
            (tr("hosting-stopped"), tokens.dim)
        };
        label::flow(ui, &words, 14.0, Weight::Semi, ink);
        ui.add_space(space::XS);
        label::dim(ui, &tr("hosting-text"));
        ui.add_space(space::L);
        label::caption(ui, &tr("hosting-address"));
        invite::link(ui, &hosting.address);
        ui.add_space(space::M);
        label::caption(ui, &tr("hosting-link"));
        match &hosting.link {
            Some(link) => invite::link(ui, link),
            None => {
                label::dim(ui, &tr("invite-making"));
            }
        }
        dialog::buttons(ui, |ui| {
            let copy = tr("invite-copy");
            if button::flow(ui, &copy, button::Kind::Primary, hosting.link.is_some(), None).clicked()
                && let Some(link) = &hosting.link
            {
                scene.act(Action::Copy(link.clone()));
            }
            if button::flow(
                ui,
                &tr("hosting-stop"),
                button::Kind::Danger,
                hosting.running,
                None,
            )
            .clicked()
            {
                scene.act(Action::StopHosting);
            }
            if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// Quitting while hosting: stop the server, or leave it running.
pub(super) fn quit(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "quit", &tr("quit-title"), |ui| {
        label::dim(ui, &tr("quit-text"));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("quit-keep"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::QuitHosting(false));
            }
            if button::flow(ui, &tr("quit-stop"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::QuitHosting(true));
            }
            if button::flow(ui, &tr("dialog-cancel"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}
