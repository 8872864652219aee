//! Windows about one message: delete it, the texts it had, where to send it, which emoji.

use super::{Scene, emoji, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::entry_acts::{EntryAct, EntryDialog};
use crate::theme::{self, radius, space};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{self, button, dialog, label};
use crate::words::tr;
use breeze_protocol::ConvId;
use egui::{CursorIcon, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 48.0;
/// Chats shown without scrolling.
const LIST_MAX: f32 = 6.0 * ROW;
const PICTURE: f32 = 32.0;

/// What the window about a message remembers.
#[derive(Default)]
pub(super) struct State {
    /// Typed to find a chat.
    filter: String,
    /// The emoji to pick from.
    emoji: emoji::Picker,
}

impl State {
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        (conv, seq): (ConvId, u64),
        which: EntryDialog,
    ) -> bool {
        match which {
            EntryDialog::Delete => delete(ui, scene, conv, seq),
            EntryDialog::Edits => edits(ui, scene, conv, seq),
            EntryDialog::Forward => self.forward(ui, scene, conv, seq),
            EntryDialog::Emoji => self.emoji(ui, scene, conv, seq),
        }
    }

    /// The window is closed.
    pub(super) fn forget(&mut self) {
        self.filter.clear();
        self.emoji.forget();
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

impl State {
    /// An emoji to put under a message.
    fn emoji(&mut self, ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
        dialog::show(ui, "emoji", &tr("emoji-title"), |ui| {
            if let Some(emoji) = self.emoji.show(ui, &scene.model.settings.recent_emoji) {
                scene.act(Action::UsedEmoji(emoji.glyph.to_owned()));
                scene.act(Action::Entry(conv, EntryAct::React(seq, emoji.glyph.to_owned())));
            }
            dialog::buttons(ui, |ui| {
                if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                    scene.act(Action::CloseDialog);
                }
            });
        })
    }

    /// A small picker of chats.
    fn forward(&mut self, ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, seq: u64) -> bool {
        let text = text_of(scene, conv, seq);
        dialog::show(ui, "forward", &tr("forward-title"), |ui| {
            quoted(ui, &text);
            ui.add_space(space::M);
            let name = tr("forward-filter");
            if let Some(text) = field::flow(ui, Field::new(&name, &name), &self.filter).text {
                self.filter = text;
            }
            ui.add_space(space::S);
            let found = chats(scene, &self.filter);
            if found.is_empty() {
                label::dim(ui, &tr("forward-none"));
            }
            egui::ScrollArea::vertical()
                .id_salt("chats")
                .max_height(LIST_MAX)
                .auto_shrink([false, true])
                .show_rows(ui, ROW, found.len(), |ui, rows| {
                    for (to, name) in &found[rows] {
                        if row(ui, scene, *to, name) {
                            scene.act(Action::Entry(conv, EntryAct::ForwardTo(seq, *to)));
                        }
                    }
                });
            dialog::buttons(ui, |ui| {
                if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
                    scene.act(Action::CloseDialog);
                }
            });
        })
    }
}

/// Chats one may write to whose name fits, the one with the newest message first.
fn chats(scene: &Scene<'_>, filter: &str) -> Vec<(ConvId, String)> {
    let filter = filter.trim().to_lowercase();
    let mut found: Vec<(u64, ConvId, String)> = Vec::new();
    for chat in scene.model.chats.values() {
        let name = scene.model.chat_name(chat);
        if scene.model.may_write(chat.conv) && name.to_lowercase().contains(&filter) {
            let newest = chat.messages.values().next_back();
            found.push((newest.map_or(0, |message| message.ts), chat.conv, name));
        }
    }
    found.sort_by(|a, b| (b.0, &a.2).cmp(&(a.0, &b.2)));
    found.into_iter().map(|(_, conv, name)| (conv, name)).collect()
}

/// One chat to pick; whether it was.
fn row(ui: &mut Ui, scene: &mut Scene<'_>, to: ConvId, name: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let tokens = theme::tokens(ui);
    let behind = if response.hovered() {
        tokens.hover
    } else {
        tokens.surface2
    };
    ui.painter().rect_filled(rect, radius::L, behind);
    if let Some(chat) = scene.model.chats.get(&to) {
        let portrait = scene.model.chat_portrait(chat, scene.now);
        let place = Place {
            centre: pos2(rect.left() + 8.0 + PICTURE / 2.0, rect.center().y),
            diameter: PICTURE,
            behind,
        };
        scene.picture(ui, &portrait, name, place);
    }
    let wide = rect.width() - PICTURE - 32.0;
    let galley = fonts::line(ui, name, fonts::format(14.0, Weight::Medium, tokens.text), wide);
    label::left(ui, pos2(rect.left() + PICTURE + 20.0, rect.center().y), galley);
    widget::focus_ring(ui, &response, rect, radius::L);
    response.clicked()
}
