//! Servers found on this network. Choosing one is the same as typing its address.

use super::card_head;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::near::Near;
use crate::model::onboarding::{Busy, Onboarding};
use crate::theme;
use crate::view::Scene;
use crate::widget::{self, icon, label};
use crate::words::{tr, tr_with};
use egui::{
    CursorIcon, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};

const ROW: f32 = 40.0;
const GAP: f32 = 10.0;
/// Rows seen at once; more are reached by scrolling.
const SEEN: usize = 2;

pub(super) fn card(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, rect: Rect) {
    let count = state.near.len();
    let text = match (count, state.near_more) {
        (0, _) => tr("near-looking"),
        (_, true) => tr("near-many"),
        _ => tr_with("near-found", &[("count", (count as u64).into())]),
    };
    card_head(ui, rect, icon::BROADCAST, &tr("near-title"), &text);
    if count == 0 {
        return none(ui, rect);
    }
    let top = if count > SEEN { 134.0 } else { 161.0 };
    let place = Rect::from_min_max(rect.min + Vec2::new(21.0, top), rect.max - Vec2::new(21.0, 20.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt("near"));
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(&mut child, |ui| {
            ui.spacing_mut().item_spacing.y = GAP;
            for near in &state.near {
                row(ui, scene, near, state.busy == Busy::No);
            }
        });
}

fn none(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    let words = tr("near-none");
    let galley = fonts::lines(
        ui,
        &words,
        fonts::format(13.0, Weight::Regular, tokens.dim),
        rect.width() - 42.0,
    );
    let at = rect.min + Vec2::new(21.0, 171.0);
    let told = Rect::from_min_size(at, galley.size());
    ui.painter().galley(at, galley, tokens.dim);
    label::name(ui, told, ui.scope_id().with("near-none"), &words);
}

fn row(ui: &mut Ui, scene: &mut Scene<'_>, near: &Near, ready: bool) {
    let tokens = theme::tokens(ui);
    let sense = if ready { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), sense);
    let words = [
        ("name", near.name.clone().into()),
        ("address", near.address.clone().into()),
    ];
    let spoken = tr_with("near-join", &words);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ready, &spoken));
    let fill = if response.hovered() {
        tokens.hover
    } else {
        tokens.surface2
    };
    let line = Stroke::new(1.0, tokens.line);
    ui.painter()
        .rect(rect, theme::radius::M, fill, line, StrokeKind::Inside);
    let address = fonts::line(
        ui,
        &near.address,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        rect.width() * 0.6,
    );
    let left = label::right(ui, pos2(rect.right() - 13.0, rect.center().y), address).left();
    let room = left - 8.0 - rect.left() - 13.0;
    let name = fonts::line(
        ui,
        &near.name,
        fonts::format(14.0, Weight::Regular, tokens.text),
        room,
    );
    label::left(ui, pos2(rect.left() + 13.0, rect.center().y), name);
    widget::focus_ring(ui, &response, rect, theme::radius::M);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        scene.act(Action::JoinNear(near.address.clone()));
    }
}
