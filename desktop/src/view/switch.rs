//! The switcher: a name typed, the arrows and Enter, and one is in that chat.

use super::Scene;
use super::search::open_row;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::list::Row;
use crate::model::search::SearchAct;
use crate::theme::{self, radius, space};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{self, badge, dialog, label};
use crate::words::tr;
use egui::{CursorIcon, Key, Modifiers, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 48.0;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, query: &str, at: usize) -> bool {
    let rows = scene.model.switch_rows(scene.now, query);
    let at = at.min(rows.len().saturating_sub(1));
    let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let chosen = if key(Key::ArrowDown) {
        (at + 1) % rows.len().max(1)
    } else if key(Key::ArrowUp) {
        (at + rows.len().saturating_sub(1)) % rows.len().max(1)
    } else {
        at
    };
    if chosen != at {
        scene.act(Action::Search(SearchAct::SwitchTo(chosen)));
    }
    if key(Key::Enter)
        && let Some(row) = rows.get(chosen)
    {
        open(scene, row);
    }
    dialog::show(ui, "switch", &tr("switch-title"), |ui| {
        let name = tr("switch-field");
        let typed = field::flow(ui, Field::new(&name, &tr("switch-hint")), query);
        if !typed.response.has_focus() {
            typed.response.request_focus();
        }
        if let Some(text) = typed.text {
            scene.act(Action::Search(SearchAct::Switch(text)));
        }
        ui.add_space(space::M);
        if rows.is_empty() {
            label::dim(ui, &tr("list-none-text"));
        }
        for (place, row) in rows.iter().enumerate() {
            if show_row(ui, scene, row, place == chosen) {
                open(scene, row);
            }
        }
        ui.add_space(space::S);
        label::dim(ui, &tr("switch-keys"));
    })
}

fn open(scene: &mut Scene<'_>, row: &Row) {
    scene.act(Action::CloseDialog);
    scene.act(open_row(row.key));
}

fn show_row(ui: &mut Ui, scene: &mut Scene<'_>, row: &Row, chosen: bool) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &row.name));
    let behind = match (chosen, response.hovered()) {
        (true, _) => tokens.selected,
        (false, true) => tokens.hover,
        (false, false) => tokens.surface2,
    };
    ui.painter().rect_filled(rect, radius::L, behind);
    let place = Place {
        centre: pos2(rect.left() + 26.0, rect.center().y),
        diameter: 32.0,
        behind,
    };
    scene.picture(ui, &row.portrait, &row.name, place);
    let ink = if row.dim { tokens.dim } else { tokens.text };
    let format = fonts::format(14.0, Weight::Semi, ink);
    let name = fonts::line(ui, &row.name, format, rect.width() - 110.0);
    label::left(ui, pos2(rect.left() + 52.0, rect.center().y), name);
    if row.unread > 0 {
        badge::paint(
            ui,
            pos2(rect.right() - 8.0, rect.center().y),
            row.unread,
            row.muted,
        );
    }
    widget::focus_ring(ui, &response, rect, radius::L);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
