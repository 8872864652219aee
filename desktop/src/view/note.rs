//! The line under a message of one's own that is late, refused or old: why, and what can be done.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::{BubbleKey, Tick};
use crate::theme;
use crate::widget::{button, label};
use crate::words::tr;
use breeze_protocol::ConvId;
use egui::{Rect, Ui, pos2};

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    conv: ConvId,
    key: BubbleKey,
    (state, why): (Option<Tick>, &str),
    rect: Rect,
) {
    let tokens = theme::tokens(ui);
    let retry = ("message-retry", Action::RetryMessage(conv, key));
    let (ink, verbs) = match state {
        Some(Tick::Refused) => {
            let edit = ("message-take-back", Action::TakeBack(conv, key));
            (tokens.danger, vec![retry, edit])
        }
        Some(Tick::Old) => {
            let send = ("message-send-old", Action::SendOld(conv, key));
            (
                tokens.warning_text,
                vec![send, ("message-discard", Action::Discard(conv, key))],
            )
        }
        _ => (tokens.warning_text, vec![retry]),
    };
    let mut right = rect.right() - 4.0;
    ui.push_id(key, |ui| {
        for (name, action) in &verbs {
            let words = tr(name);
            let format = fonts::format(12.0, Weight::Medium, tokens.accent);
            let size = fonts::line(ui, &words, format, 200.0).size();
            let place = Rect::from_min_size(pos2(right - size.x, rect.center().y - size.y / 2.0), size);
            if button::words_at(ui, place, &words, 12.0, tokens.accent).clicked() {
                scene.act(action.clone());
            }
            right = place.left() - 12.0;
        }
    });
    let galley = fonts::line(
        ui,
        why,
        fonts::format(12.0, Weight::Regular, ink),
        right - rect.left(),
    );
    label::right(ui, pos2(right, rect.center().y), galley);
}
