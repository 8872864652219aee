//! A forgotten password: a code from whoever runs the server, and a new password.

use super::super::Scene;
use super::{finish, password, server_and_name};
use crate::model::Action;
use crate::model::onboarding::{Busy, Onboarding, Page};
use crate::theme::{self, space};
use crate::widget::field::{self, Field};
use crate::widget::{button, label};
use crate::words::tr;
use egui::Ui;

/// The way here, under the password that is forgotten.
pub(super) fn door(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.add_space(space::S);
    let accent = theme::tokens(ui).accent;
    if button::words(ui, &tr("login-forgot"), 13.0, accent).clicked() {
        scene.act(Action::ShowPage(Page::Recover));
    }
}

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) {
    label::heading(ui, &tr("recover-title"));
    ui.add_space(space::XS);
    label::dim(ui, &tr("recover-text"));
    ui.add_space(space::L);
    let named = server_and_name(ui, scene, state);
    let code = tr("recover-code");
    label::caption(ui, &code);
    let typed = field::flow(ui, Field::new(&code, &tr("recover-code-hint")), &state.code);
    if let Some(text) = typed.text {
        scene.act(Action::TypeCode(text));
    }
    ui.add_space(space::M);
    let entered = password(ui, scene, state, "recover-password", &tr("new-password-hint"));
    let entered = entered || typed.entered || named;
    let filled = [&state.username, &state.code, &state.password]
        .iter()
        .all(|text| !text.trim().is_empty());
    let place = !state.link.trim().is_empty() || !state.address.is_empty();
    let words = ("recover-button", "login-busy");
    let ready = filled && place && state.busy == Busy::No;
    finish(ui, scene, state, words, ready, entered, Action::Recover);
    back(ui, scene);
}

fn back(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.add_space(space::L);
    ui.vertical_centered(|ui| {
        let dim = theme::tokens(ui).dim;
        if button::words(ui, &tr("recover-back"), 13.0, dim).clicked() {
            scene.act(Action::ShowPage(Page::Login));
        }
    });
}
