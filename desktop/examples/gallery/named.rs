//! A group with pinned messages and with people named in it, and a name being completed.

use super::{Scene, tea};
use breeze_desktop::model::{Model, ThemeChoice};
use breeze_protocol::message::group::Role;
use breeze_protocol::message::pin::Pin;
use egui_kittest::Harness;

pub(super) fn scenes() -> Vec<Scene> {
    let size = super::SIZE;
    vec![
        ("pins-light", named(), ThemeChoice::Light, size),
        ("mention-dark", named(), ThemeChoice::Dark, size),
    ]
}

fn named() -> Model {
    let mut model = tea::tea(Role::Owner);
    if let Some(chat) = model.chats.get_mut(&tea::TEA) {
        let pin = |seq| Pin {
            seq,
            by: super::demo::LIN,
            ts: 1,
        };
        chat.pins = vec![pin(2), pin(4), pin(7)];
        for (seq, body) in [
            (4, "I can bring the **projector**, @mira has the key"),
            (5, "I will be there at six, @jonas.ortega"),
        ] {
            if let Some(message) = chat.messages.get_mut(&seq) {
                message.body = body.into();
            }
        }
    }
    model
}

/// Types the beginning of a name.
pub(super) fn begin(harness: &mut Harness<'static, super::Shown>) {
    let text = "Ask @";
    harness.event(egui::Event::Text(text.into()));
    harness.step();
    if let Some(chat) = harness.state_mut().model.chats.get_mut(&tea::TEA) {
        chat.draft = text.into();
    }
    harness.key_press(egui::Key::End);
    harness.run_ok();
}
