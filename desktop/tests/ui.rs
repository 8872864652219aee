//! The window without a screen: found by accessible names, clicked, typed into, and looked at as pixels.
#![allow(clippy::unwrap_used, reason = "a test may stop where its ground is missing")]

#[path = "ui/chat.rs"]
mod chat;
#[path = "ui/demo.rs"]
mod demo;
#[path = "ui/emoji.rs"]
mod emoji;
#[path = "ui/entries.rs"]
mod entries;
#[path = "ui/files.rs"]
mod files;
#[path = "ui/grey.rs"]
mod grey;
#[path = "ui/groups.rs"]
mod groups;
#[path = "ui/host.rs"]
mod host;
#[path = "ui/keeping.rs"]
mod keeping;
#[path = "ui/list.rs"]
mod list;
#[path = "ui/mentions.rs"]
mod mentions;
#[path = "ui/onboarding.rs"]
mod onboarding;
#[path = "ui/pins.rs"]
mod pins;
#[path = "ui/prefs.rs"]
mod prefs;
#[path = "ui/profile.rs"]
mod profile;
#[path = "ui/recovery.rs"]
mod recovery;
#[path = "ui/search.rs"]
mod search;
#[path = "ui/select.rs"]
mod select;
#[path = "ui/tea.rs"]
mod tea;
#[path = "ui/window.rs"]
mod window;

use breeze_desktop::model::{Action, Model, ThemeChoice};
use egui::{Event, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;

/// A light window of the usual size, settled.
fn open(model: Model) -> Harness<'static, demo::Shown> {
    sized(model, [1120.0, 720.0])
}

fn sized(model: Model, size: [f32; 2]) -> Harness<'static, demo::Shown> {
    let shown = demo::Shown::new(model, Box::new(|_| None));
    let mut harness = demo::harness(shown, size, ThemeChoice::Light, |_| {});
    harness.run_ok();
    harness.check_accessibility();
    harness.state_mut().actions.clear();
    harness
}

/// What was done since the window was opened.
fn done(harness: &mut Harness<'static, demo::Shown>) -> Vec<Action> {
    harness.run_ok();
    std::mem::take(&mut harness.state_mut().actions)
}

/// Moves the pointer there and clicks.
fn press(harness: &mut Harness<'static, demo::Shown>, at: Pos2, button: PointerButton) {
    harness.event(Event::PointerMoved(at));
    harness.step();
    for pressed in [true, false] {
        harness.event(Event::PointerButton {
            pos: at,
            button,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.step();
    }
    harness.run_ok();
}
