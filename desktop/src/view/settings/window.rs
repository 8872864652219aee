//! Settings of the window's life: what closing it does, and whether invite links open this program.

use super::Scene;
use crate::model::Action;
use crate::model::window::{Closing, LinkHandler, NoTray, Tray};
use crate::theme::space;
use crate::widget::{button, label, switch};
use crate::words::{tr, tr_with};
use egui::Ui;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    label::caption(ui, &tr("settings-closing"));
    closing(ui, scene);
    ui.add_space(space::L);
    label::caption(ui, &tr("settings-links"));
    links(ui, scene);
}

fn closing(ui: &mut Ui, scene: &mut Scene<'_>) {
    let words = tr("settings-to-tray");
    let wanted = scene.model.settings.closing == Closing::Tray;
    if scene.model.tray != Tray::Here {
        switch::fixed(ui, &words, false);
        label::dim(ui, &reason(scene.model.tray));
        return;
    }
    if switch::flow(ui, &words, wanted) {
        scene.act(Action::CloseToTray(!wanted));
    }
    label::dim(
        ui,
        &tr(if wanted {
            "settings-to-tray-on"
        } else {
            "settings-to-tray-off"
        }),
    );
}

/// Why closing cannot leave Breeze in the tray.
fn reason(tray: Tray) -> String {
    tr(match tray {
        Tray::Looking | Tray::Here => "no-tray-looking",
        Tray::Missing(NoTray::NoBus) => "no-tray-bus",
        Tray::Missing(NoTray::NoWatcher) => "no-tray-watcher",
        Tray::Missing(NoTray::Silent) => "no-tray-silent",
        Tray::Missing(NoTray::Refused) => "no-tray-refused",
        Tray::Missing(NoTray::Unsupported) => "no-tray-unsupported",
    })
}

fn links(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (words, offer) = match &scene.model.link_handler {
        LinkHandler::Unknown => (tr("links-unknown"), None),
        LinkHandler::No => (tr("links-no"), Some(true)),
        LinkHandler::Package => (tr("links-package"), Some(true)),
        LinkHandler::Here(file) => {
            let file = [("file", file.clone().into())];
            (tr_with("links-here", &file), Some(false))
        }
        LinkHandler::Failed(why) => (why.clone(), Some(true)),
    };
    label::dim(ui, &words);
    if let Some(on) = offer {
        ui.add_space(space::S);
        let words = tr(if on { "links-open" } else { "links-stop" });
        if button::flow(ui, &words, button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::HandleLinks(on));
        }
    }
}
