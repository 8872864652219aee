//! The line above the composer that says what its text is for: an answer, or another text of a message.

use super::{Scene, message};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::entry_acts::{About, EntryAct};
use crate::theme::{self, radius};
use crate::widget::{icon, label, markdown};
use crate::words::{tr, tr_with};
use egui::{Rect, Ui, Vec2, pos2};

/// Height of the line, the space below it included.
const HEIGHT: f32 = 50.0;
const BUTTON: f32 = 30.0;

/// Height wanted.
pub(super) fn height(chat: &Chat) -> f32 {
    if chat.about.is_some() { HEIGHT } else { 0.0 }
}

/// Draws it, right above `below`.
pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, below: Rect) {
    let Some(about) = &chat.about else { return };
    let me = scene.model.me.account;
    let (seq, picture, head) = match about {
        About::Reply(seq) => {
            let who = chat
                .message(*seq)
                .map(|message| message::name(scene, message.sender));
            let words = [("name", who.unwrap_or_default().into())];
            (*seq, icon::REPLY, tr_with("about-reply", &words))
        }
        About::Edit { seq, .. } => (*seq, icon::PENCIL, tr("about-edit")),
    };
    let text = match chat.message(seq) {
        Some(original) => {
            let changes = chat.changes_of(me, seq);
            if changes.deleted {
                tr("message-deleted")
            } else {
                markdown::plain(changes.text(original))
            }
        }
        None => tr("message-earlier-text"),
    };
    let tokens = theme::tokens(ui);
    let rect = Rect::from_min_max(
        pos2(below.left(), below.top() - HEIGHT),
        pos2(below.right(), below.top() - 8.0),
    );
    ui.painter().rect_filled(rect, radius::L, tokens.surface0);
    let bar = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height())).shrink2(Vec2::new(0.0, 7.0));
    ui.painter()
        .rect_filled(bar.translate(Vec2::new(6.0, 0.0)), 1.5, tokens.accent);
    icon::paint(
        ui.painter(),
        pos2(rect.left() + 26.0, rect.center().y),
        picture,
        18.0,
        tokens.accent,
    );
    let (left, wide) = (rect.left() + 44.0, rect.width() - 44.0 - BUTTON - 16.0);
    let name = fonts::line(ui, &head, fonts::format(12.0, Weight::Semi, tokens.accent), wide);
    label::left(ui, pos2(left, rect.top() + 13.0), name);
    let said = fonts::line(ui, &text, fonts::format(13.0, Weight::Regular, tokens.dim), wide);
    let told = label::left(ui, pos2(left, rect.top() + 29.0), said);
    label::name(ui, told, ui.scope_id().with("about"), &format!("{head}: {text}"));
    let close = Rect::from_center_size(
        pos2(rect.right() - 8.0 - BUTTON / 2.0, rect.center().y),
        Vec2::splat(BUTTON),
    );
    if icon::button(ui, close, icon::CLOSE, &tr("about-cancel"), false).clicked() {
        scene.act(Action::Entry(chat.conv, EntryAct::Cancel));
    }
}
