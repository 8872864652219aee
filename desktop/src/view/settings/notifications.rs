//! The settings' section about notifications: of what, and whether they show the text.

use crate::model::{Action, NotifyOf};
use crate::theme::space;
use crate::view::Scene;
use crate::widget::{label, switch};
use crate::words::tr;
use egui::Ui;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (of, hidden) = {
        let settings = &scene.model.settings;
        (settings.notify_of, settings.hide_message_text)
    };
    label::caption(ui, &tr("settings-notifications"));
    let choices = [NotifyOf::Everything, NotifyOf::Mentions, NotifyOf::Nothing];
    let words = ["notify-everything", "notify-mentions", "notify-nothing"].map(tr);
    let chosen = choices.iter().position(|it| *it == of).unwrap_or_default();
    if let Some(of) = switch::choice(ui, &words, chosen).and_then(|place| choices.get(place)) {
        scene.act(Action::NotifyOf(*of));
    }
    if of == NotifyOf::Mentions {
        label::dim(ui, &tr("notify-mentions-about"));
        ui.add_space(space::XS);
    }
    if of != NotifyOf::Nothing && switch::flow(ui, &tr("settings-show-text"), !hidden) {
        scene.act(Action::HideMessageText(!hidden));
    }
    ui.add_space(space::M);
}
