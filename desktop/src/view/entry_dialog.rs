//! Windows about one message: delete it, the texts it had, where to send it, which emoji.

use super::{Scene, entry_menu, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::entry_acts::{EntryAct, EntryDialog};
use crate::theme::{self, radius, space};
use crate::widget::avatar::Place;
use crate::widget::{self, button, dialog, label};
use crate::words::tr;
use breeze_protocol::ConvId;
use egui::{CursorIcon, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 48.0;
const PICTURE: f32 = 32.0;
const EMOJI: f32 = 42.0;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, (conv, seq): (ConvId, u64), which: EntryDialog) -> bool {
    match which {
        EntryDialog::Delete => delete(ui, scene, conv, seq),
        EntryDialog::Edits => edits(ui, scene, conv, seq),
        EntryDialog::Forward => forward(ui, scene, conv, seq),
        EntryDialog::Emoji => emoji(ui, scene, conv, seq),
    }
}

fn delete(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
    let text = text_of(scene, conv, seq);
    dialog::show(ui, "delete-message", &tr("delete-title"), |ui| {
        quoted(ui, &text);
        ui.add_space(space::M);
        label::dim(ui, &tr("delete-text"));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("delete-do"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::Entry(conv, EntryAct::Delete(seq)));
            }
            if button::flow(ui, &tr("delete-keep"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// What the message says, at most a few rows of it, on a ground of its own.
fn quoted(ui: &mut Ui, text: &str) {
    const ROWS_MAX: f32 = 4.0;
    let tokens = theme::tokens(ui);
    let wide = ui.available_width() - 2.0 * space::M;
    let galley = fonts::lines(ui, text, fonts::format(14.0, Weight::Regular, tokens.text), wide);
    let tall = galley.size().y.min(ROWS_MAX * 20.0);
    let size = Vec2::new(ui.available_width(), tall + 2.0 * space::S);
    let (rect, told) = ui.allocate_exact_size(size, Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, radius::L, tokens.surface0);
    let inside = rect.shrink2(Vec2::new(space::M, space::S));
    ui.painter()
        .with_clip_rect(inside)
        .galley(inside.min, galley, tokens.text);
}

fn text_of(scene: &Scene<'_>, conv: ConvId, seq: u64) -> String {
    let chat = scene.model.chats.get(&conv);
    let text = chat.and_then(|chat| chat.text_now(scene.model.me.account, seq));
    text.unwrap_or_else(|| tr("message-deleted"))
}

/// The texts of a message, the newest first.
fn edits(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
    let Some(chat) = scene.model.chats.get(&conv) else {
        return true;
    };
    let changes = chat.changes_of(scene.model.me.account, seq);
    let Some(message) = chat.message(seq).filter(|_| !changes.deleted) else {
        return true;
    };
    let first = (message.ts, message.body.clone());
    let mut texts = vec![first];
    texts.extend(changes.edits.into_iter().map(|edit| (edit.ts, edit.text)));
    dialog::show(ui, "edits", &tr("edits-title"), |ui| {
        for (ts, text) in texts.iter().rev() {
            label::caption(ui, &time::full(*ts, scene.local));
            quoted(ui, text);
            ui.add_space(space::M);
        }
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// A small picker of chats.
fn forward(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
    let text = text_of(scene, conv, seq);
    let sections = scene.model.sections(scene.now);
    let rows = sections.into_iter().flat_map(|section| section.rows);
    let rows: Vec<_> = rows
        .filter_map(|row| Some((row.conv.filter(|to| scene.model.may_write(*to))?, row)))
        .collect();
    dialog::show(ui, "forward", &tr("forward-title"), |ui| {
        quoted(ui, &text);
        ui.add_space(space::M);
        for (to, row) in &rows {
            let (rect, response) =
                ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
            let response = response.on_hover_cursor(CursorIcon::PointingHand);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &row.name));
            let tokens = theme::tokens(ui);
            if response.hovered() {
                ui.painter().rect_filled(rect, radius::L, tokens.hover);
            }
            let place = Place {
                centre: pos2(rect.left() + 8.0 + PICTURE / 2.0, rect.center().y),
                diameter: PICTURE,
                behind: tokens.surface2,
            };
            scene.picture(ui, &row.portrait, &row.name, place);
            let wide = rect.width() - PICTURE - 32.0;
            let name = fonts::line(
                ui,
                &row.name,
                fonts::format(14.0, Weight::Medium, tokens.text),
                wide,
            );
            label::left(ui, pos2(rect.left() + PICTURE + 20.0, rect.center().y), name);
            widget::focus_ring(ui, &response, rect, radius::L);
            if response.clicked() {
                scene.act(Action::Entry(conv, EntryAct::ForwardTo(seq, *to)));
            }
        }
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// Every emoji Breeze offers.
fn emoji(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
    dialog::show(ui, "emoji", &tr("emoji-title"), |ui| {
        let words = tr("reactions-all");
        let mut left = ui.available_width();
        let mut strip = Rect::NOTHING;
        let wide = left;
        for emoji in words.split_whitespace() {
            if left + EMOJI > wide {
                strip = ui.allocate_exact_size(Vec2::new(wide, EMOJI), Sense::hover()).0;
                left = 0.0;
            }
            let place = Rect::from_min_size(pos2(strip.left() + left, strip.top()), Vec2::splat(EMOJI));
            if entry_menu::pick(ui, place, emoji).clicked() {
                scene.act(Action::Entry(conv, EntryAct::React(seq, emoji.to_owned())));
            }
            left += EMOJI;
        }
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}
