//! Settings: what is kept on this computer.

mod away;
mod notifications;
mod window;

use super::Scene;
use crate::model::{Action, ClockChoice, Dialog, ThemeChoice};
use crate::theme::space;
use crate::widget::{button, card, dialog, label, switch};
use crate::words::{tr, tr_with};
use egui::Ui;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "settings", &tr("settings-title"), |ui| {
        let settings = scene.model.settings.clone();
        label::caption(ui, &tr("settings-theme"));
        let themes = [ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark];
        let words = ["theme-system", "theme-light", "theme-dark"].map(tr);
        let chosen = themes
            .iter()
            .position(|theme| *theme == settings.theme)
            .unwrap_or(0);
        if let Some(theme) = switch::choice(ui, &words, chosen).and_then(|place| themes.get(place)) {
            scene.act(Action::SetTheme(*theme));
        }
        ui.add_space(space::L);
        label::caption(ui, &tr("settings-order"));
        let words = ["order-online", "order-recent"].map(tr);
        if let Some(place) = switch::choice(ui, &words, usize::from(settings.by_recency)) {
            scene.act(Action::ByRecency(place == 1));
        }
        ui.add_space(space::L);
        label::caption(ui, &tr("settings-clock"));
        let clocks = [ClockChoice::System, ClockChoice::Twelve, ClockChoice::TwentyFour];
        let words = ["clock-system", "clock-12", "clock-24"].map(tr);
        let chosen = clocks
            .iter()
            .position(|clock| *clock == settings.clock)
            .unwrap_or(0);
        if let Some(clock) = switch::choice(ui, &words, chosen).and_then(|place| clocks.get(place)) {
            scene.act(Action::SetClock(*clock));
        }
        ui.add_space(space::M);
        if switch::flow(ui, &tr("settings-motion"), settings.reduce_motion) {
            scene.act(Action::ReduceMotion(!settings.reduce_motion));
        }
        if switch::flow(ui, &tr("settings-ctrl-enter"), settings.ctrl_enter_sends) {
            scene.act(Action::CtrlEnter(!settings.ctrl_enter_sends));
        }
        ui.add_space(space::M);
        notifications::show(ui, scene);
        away::show(ui, scene);
        card::rule(ui);
        window::show(ui, scene);
        card::rule(ui);
        account(ui, scene);
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

fn account(ui: &mut Ui, scene: &mut Scene<'_>) {
    let me = &scene.model.me;
    let values = [
        ("name", me.username.clone().into()),
        ("server", scene.model.server_name.clone().into()),
    ];
    label::dim(ui, &tr_with("settings-account", &values));
    ui.add_space(space::M);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::S, space::S);
        if button::flow(ui, &tr("settings-devices"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Show(Dialog::Devices));
        }
        if button::flow(ui, &tr("settings-keys"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Show(Dialog::Keys));
        }
        if button::flow(ui, &tr("settings-sign-out"), button::Kind::Danger, true, None).clicked() {
            scene.act(Action::SignOut);
        }
    });
}
