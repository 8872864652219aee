//! A `breeze://` link opened while one is signed in: where it leads, shown and not followed.

use super::Scene;
use crate::fonts::Weight;
use crate::model::Action;
use crate::model::near::pin_words;
use crate::model::window::OpenedLink;
use crate::theme::{self, space};
use crate::widget::{button, dialog, label};
use crate::words::{tr, tr_with};
use breeze_protocol::link::InviteLink;
use egui::Ui;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, link: &OpenedLink) -> bool {
    dialog::show(ui, "opened", &tr("opened-title"), |ui| {
        let text = theme::tokens(ui).text;
        let place = [("address", link.address.clone().into())];
        label::flow(ui, &tr_with("opened-text", &place), 14.0, Weight::Regular, text);
        ui.add_space(space::M);
        if link.fingerprint.is_empty() {
            label::dim(ui, &tr("opened-no-key"));
        } else {
            label::caption(ui, &tr("opened-key"));
            label::flow(ui, &link.fingerprint, 13.0, Weight::Medium, text);
        }
        ui.add_space(space::L);
        let server = [("server", scene.model.server_name.clone().into())];
        let words = if link.same { "opened-same" } else { "opened-other" };
        label::dim(ui, &tr_with(words, &server));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
            if button::flow(ui, &tr("opened-copy"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::Copy(link.text.clone()));
            }
        });
    })
}

/// Where a link in the field leads, before anything connects.
pub(super) fn leads_to(text: &str) -> Option<String> {
    let link = InviteLink::parse(text).ok()?;
    let address = link.address().into();
    if link.pin.is_empty() {
        return Some(tr_with("join-leads-no-key", &[("address", address)]));
    }
    let key = pin_words(&link.pin).into();
    Some(tr_with("join-leads", &[("address", address), ("key", key)]))
}
