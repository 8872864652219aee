//! Empty places that say what to do next, and lines that go away by themselves.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::theme;
use crate::widget::avatar::Place;
use crate::widget::{icon, label, toast};
use crate::words::{tr, tr_with};
use egui::{Rect, Ui, Vec2, pos2};

/// No chat is open. The one button of this state stands in the list.
pub(super) fn no_chat(ui: &Ui, scene: &Scene<'_>, rect: Rect) {
    let tokens = theme::tokens(ui);
    let friends = scene
        .model
        .people
        .values()
        .any(|person| person.relation.is_some());
    let centre = rect.center();
    icon::paint(
        ui.painter(),
        centre - Vec2::new(0.0, 64.0),
        icon::CHATS,
        48.0,
        tokens.line,
    );
    let (title, text) = if friends {
        ("no-chat-title", "no-chat-text")
    } else {
        ("no-friends-title", "no-friends-text")
    };
    title_and_text(ui, centre, rect.width(), &tr(title), &tr(text));
}

/// A chat without messages.
pub(super) fn no_messages(ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, rect: Rect) {
    let tokens = theme::tokens(ui);
    let name = scene.model.chat_name(chat);
    let portrait = scene.model.chat_portrait(chat, scene.now);
    let centre = rect.center();
    let place = Place {
        centre: centre - Vec2::new(0.0, 70.0),
        diameter: 80.0,
        behind: tokens.surface2,
    };
    scene.picture(ui, &portrait, &name, place);
    let text = if chat.loading {
        tr("no-messages-loading")
    } else if chat.is_saved(scene.model.me.account) {
        tr("saved-about")
    } else {
        tr_with("no-messages-text", &[("name", name.clone().into())])
    };
    title_and_text(ui, centre, rect.width(), &name, &text);
}

pub(super) fn title_and_text(ui: &Ui, centre: egui::Pos2, width: f32, title: &str, text: &str) {
    let tokens = theme::tokens(ui);
    let width = (width - 48.0).min(420.0);
    let galley = fonts::line(ui, title, fonts::format(16.0, Weight::Semi, tokens.text), width);
    let above = label::centre(ui, centre, galley);
    let mut job = egui::text::LayoutJob::single_section(
        text.to_owned(),
        fonts::format(13.0, Weight::Regular, tokens.dim),
    );
    job.wrap.max_width = width;
    job.halign = egui::Align::Center;
    let galley = fonts::layout_job(ui, job);
    ui.painter()
        .galley(pos2(centre.x, above.bottom() + 6.0), galley, tokens.dim);
    let whole = Rect::from_center_size(centre, Vec2::new(width, 80.0));
    label::name(
        ui,
        whole,
        ui.scope_id().with(("empty", title)),
        &format!("{title}. {text}"),
    );
}

/// Lines that go away by themselves, newest lowest.
pub(super) fn toasts(ui: &mut Ui, scene: &mut Scene<'_>) {
    let screen = ui.max_rect();
    let mut bottom = pos2(screen.center().x, screen.bottom() - 88.0);
    let model = scene.model;
    let alive = model
        .toasts
        .iter()
        .enumerate()
        .filter(|(_, toast)| toast.until > scene.now.mono_ms);
    let mut closed = Vec::new();
    for (place, line) in alive.rev().take(4) {
        let mut area = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(screen)
                .id_salt(("toast", place))
                .layer_id(egui::LayerId::new(
                    egui::Order::Foreground,
                    egui::Id::unique("toasts"),
                )),
        );
        let (close, height) = toast::at(
            &mut area,
            bottom,
            480.0_f32.min(screen.width() - 32.0),
            &line.text,
            line.failed,
        );
        if close {
            closed.push(place);
        }
        bottom.y -= height + 8.0;
    }
    for place in closed {
        scene.act(Action::DropToast(place));
    }
}
