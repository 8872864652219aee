//! What can be done with a conversation as a whole: pinned, muted, put away, marked as unread; on a right click in the list, by
//! the menu key, and behind the dots in its header.

use super::Scene;
use crate::model::Action;
use crate::model::keeping::KeepingAct;
use crate::model::list::{Row, RowKey};
use crate::theme;
use crate::widget::{icon, menu};
use crate::words::tr;
use breeze_protocol::ConvId;
use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::prefs::PrefsChange;
use egui::{Pos2, Response, Ui};

/// How wide it is.
pub(super) const WIDTH: f32 = 220.0;
/// The choice between a moment's peace and silence for good: a working day, milliseconds.
const MUTE_MS: u64 = 8 * 60 * 60 * 1000;

/// The menu of a row of the list, as far as it is wanted now.
pub(super) fn of_row(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    row: &Row,
    response: &Response,
    open: &mut Option<(RowKey, Pos2)>,
) {
    let Some(conv) = row.conv else { return };
    let pointer = ui.input(|input| input.pointer.interact_pos());
    if let Some(at) = pointer.filter(|_| response.secondary_clicked()) {
        *open = Some((row.key, at));
    } else if response.has_focus() && menu::key(ui) {
        *open = Some((row.key, response.rect.left_bottom()));
    }
    let Some((_, at)) = open.filter(|(key, _)| *key == row.key) else {
        return;
    };
    if !show(ui, scene, conv, at) {
        *open = None;
    }
}

/// Shows it; whether it stays open.
pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, at: Pos2) -> bool {
    let id = ui.scope_id().with(("chat-menu", conv));
    menu::show(ui, id, at, WIDTH, |ui| rows(ui, scene, conv))
}

fn rows(ui: &mut Ui, scene: &mut Scene<'_>, conv: ConvId) -> bool {
    let ink = theme::tokens(ui).text;
    let kept = scene.model.kept(Some(conv));
    let unread = scene.model.chats.get(&conv).is_some_and(|chat| chat.unread > 0);
    let now_ms = scene.now.wall_ms;
    let none = PrefsChange::default();
    let mut wish = None;
    let mut row = |picture, words, change| {
        if menu::row(ui, picture, &tr(words), ink) {
            wish = Some(change);
        }
    };
    let (picture, words) = if kept.pinned {
        (icon::UNPIN, "chat-unpin")
    } else {
        (icon::PIN, "chat-pin")
    };
    let pinned = Some(!kept.pinned);
    row(picture, words, PrefsChange { pinned, ..none });
    let mute = |muted_until| PrefsChange {
        muted_until: Some(muted_until),
        ..none
    };
    if kept.is_muted(now_ms) {
        row(icon::BELL, "chat-unmute", mute(0));
    } else {
        row(icon::CLOCK, "chat-mute-hours", mute(now_ms + MUTE_MS));
        row(icon::BELL_OFF, "chat-mute", mute(INTEGER_MAX));
    }
    if !unread {
        let words = if kept.unread {
            "chat-mark-read"
        } else {
            "chat-mark-unread"
        };
        let unread = Some(!kept.unread);
        row(icon::ENVELOPE, words, PrefsChange { unread, ..none });
    }
    let words = if kept.archived {
        "chat-unarchive"
    } else {
        "chat-archive"
    };
    let archived = Some(!kept.archived);
    row(icon::ARCHIVE, words, PrefsChange { archived, ..none });
    if let Some(change) = wish {
        scene.act(Action::Keep(conv, change));
    }
    let keeping = menu::row(ui, icon::HISTORY, &tr("chat-keep"), ink);
    if keeping {
        scene.act(Action::Keeping(KeepingAct::Show(conv)));
    }
    keeping || wish.is_some()
}
