//! The settings' section about being away by itself.

use crate::model::Action;
use crate::model::away::AwayAfter;
use crate::theme::space;
use crate::view::Scene;
use crate::widget::{label, switch};
use crate::words::{tr, tr_with};
use egui::Ui;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let after = scene.model.settings.away_after;
    label::caption(ui, &tr("settings-away"));
    let words = AwayAfter::MINUTES.map(|minutes| match minutes {
        0 => tr("away-never"),
        minutes => tr_with("away-minutes", &[("count", minutes.into())]),
    });
    let chosen = AwayAfter::MINUTES
        .map(AwayAfter::minutes)
        .iter()
        .position(|it| *it == after);
    if let Some(place) = switch::choice(ui, &words, chosen.unwrap_or(usize::MAX))
        && let Some(minutes) = AwayAfter::MINUTES.get(place)
    {
        scene.act(Action::AwayAfter(AwayAfter::minutes(*minutes)));
    }
    ui.add_space(space::M);
}
