//! Who wrote a message in a group: a small picture and the name above the first of a run.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::chat::BubbleKey;
use crate::model::{Action, Dialog};
use crate::theme;
use crate::widget::avatar::Place;
use crate::widget::{self, label};
use breeze_protocol::AccountId;
use egui::{CursorIcon, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

/// Height of the name.
const NAME: f32 = 20.0;
/// Room for the picture and the gap after it.
const FACE: f32 = 40.0;
/// Across.
const PICTURE: f32 = 32.0;

/// How much taller a message is with its author's name.
pub(super) fn height(named: bool, first: bool) -> f32 {
    if named && first { NAME } else { 0.0 }
}

/// How much further to the right a message stands beside its author's picture.
pub(super) fn width(named: bool) -> f32 {
    if named { FACE } else { 0.0 }
}

/// Draws picture and name from this corner on; a click shows the person.
pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, (sender, key): (AccountId, BubbleKey), corner: Pos2) {
    let tokens = theme::tokens(ui);
    let name = scene.model.name_of(sender);
    let portrait = scene.model.portrait(sender, scene.now);
    let place = Place {
        centre: corner + Vec2::splat(PICTURE / 2.0),
        diameter: PICTURE,
        behind: tokens.surface2,
    };
    scene.picture(ui, &portrait, &name, place);
    let at = corner + Vec2::new(FACE + 2.0, NAME / 2.0 - 1.0);
    let format = fonts::format(12.0, Weight::Semi, tokens.accent);
    label::left(ui, at, fonts::line(ui, &name, format, 320.0));
    let face = Rect::from_min_size(corner, Vec2::splat(PICTURE));
    let id = ui.scope_id().with(("author", key));
    let response = ui.interact(face, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    widget::focus_ring(ui, &response, face, 16);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        scene.act(Action::Show(Dialog::Person(sender)));
    }
}
