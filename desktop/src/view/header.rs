//! The head of a chat: picture, name, presence in words.

use super::{HEADER, Scene, chat_menu, presence};
use crate::fonts::{self, Weight};
use crate::model::chat::Chat;
use crate::model::group_acts::GroupAct;
use crate::model::person::{Headline, Standing};
use crate::model::{Action, Dialog};
use crate::theme::{self, Tokens};
use crate::widget::avatar::Place;
use crate::widget::{icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use egui::text::LayoutJob;
use egui::{Color32, Pos2, Rect, Stroke, Ui, Vec2, pos2};

/// From one button to the next.
const BUTTON: f32 = 36.0;

/// What the header remembers.
#[derive(Default)]
pub(super) struct State {
    /// The menu is open, of this chat and here.
    menu: Option<(ConvId, Pos2)>,
}

impl State {
    /// Draws it. Whether the search of this chat was asked for.
    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, narrow: bool) -> bool {
        let found = show(ui, scene, chat, narrow);
        let rect = ui.max_rect();
        let place = Rect::from_center_size(pos2(rect.right() - 33.0, rect.center().y), Vec2::splat(36.0));
        let button = icon::button(ui, place, icon::MORE, &tr("chat-more"), false);
        if button.clicked() {
            let at = pos2(place.right() - chat_menu::WIDTH - 12.0, place.bottom() + 4.0);
            self.menu = Some((chat.conv, at));
        }
        if let Some((_, at)) = self.menu.filter(|(conv, _)| *conv == chat.conv)
            && !chat_menu::show(ui, scene, chat.conv, at)
        {
            self.menu = None;
        }
        found
    }
}

fn show(ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, narrow: bool) -> bool {
    let rect = ui.max_rect();
    let tokens = theme::tokens(ui);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.line));
    let mut left = rect.left() + 16.0;
    if narrow {
        let back = Rect::from_center_size(pos2(left + 14.0, rect.center().y), Vec2::splat(36.0));
        if icon::button(ui, back, icon::BACK, &tr("chat-back"), false).clicked() {
            scene.act(Action::CloseChat);
        }
        left += 44.0;
    }
    let name = scene.model.chat_name(chat);
    let portrait = scene.model.chat_portrait(chat, scene.now);
    let centre = pos2(left + 22.0, rect.top() + HEADER / 2.0);
    scene.picture(
        ui,
        &portrait,
        &name,
        Place {
            centre,
            diameter: 44.0,
            behind: tokens.surface2,
        },
    );
    let saved = chat.is_saved(scene.model.me.account);
    let buttons = if saved { 2.0 } else { 3.0 };
    let right = rect.right() - 28.0 - BUTTON * buttons;
    let headline = scene.model.headline(chat.other);
    let text = left + 56.0;
    let title = fonts::line(
        ui,
        &name,
        fonts::format(16.0, Weight::Semi, tokens.text),
        right - text,
    );
    let place = label::left(ui, pos2(text, rect.top() + 22.0), title);
    let (spoken, second) = match &chat.group {
        Some(group) => {
            let members = scene.model.group_headline(group);
            let words = [("name", name.into()), ("members", members.clone().into())];
            (
                tr_with("spoken-group", &words),
                plain(members, tokens, right - text),
            )
        }
        None if saved => (name, plain(tr("saved-about"), tokens, right - text)),
        None => {
            let spoken = presence::sentence(scene, &name, &headline);
            (spoken, second_line(scene, &headline, tokens, right - text))
        }
    };
    label::name(ui, place, ui.scope_id().with("title"), &spoken);
    let galley = fonts::layout_job(ui, second);
    label::left(ui, pos2(text, rect.top() + 44.0), galley);
    buttons_of(ui, scene, chat, saved)
}

/// The buttons at the right end. Whether the search of this chat was asked for.
fn buttons_of(ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, saved: bool) -> bool {
    let rect = ui.max_rect();
    let place = |from_right: f32| {
        let x = rect.right() - 33.0 - BUTTON * from_right;
        Rect::from_center_size(pos2(x, rect.center().y), Vec2::splat(36.0))
    };
    let search = place(if saved { 1.0 } else { 2.0 });
    let find = icon::button(ui, search, icon::SEARCH, &tr("chat-find"), false).clicked();
    if saved {
        return find;
    }
    let (about, act) = match &chat.group {
        Some(_) => ("group-about", Action::Group(GroupAct::About(chat.conv))),
        None => ("chat-about", Action::Show(Dialog::Person(chat.other))),
    };
    if icon::button(ui, place(1.0), icon::INFO, &tr(about), false).clicked() {
        scene.act(act);
    }
    find
}

fn plain(text: String, tokens: &Tokens, width: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.append(&text, 0.0, fonts::format(13.0, Weight::Regular, tokens.dim));
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(1.0));
    job
}

fn second_line(scene: &Scene<'_>, headline: &Headline, tokens: &Tokens, width: f32) -> LayoutJob {
    let words = presence::words(scene, &headline.standing);
    let colour = state_colour(&headline.standing, tokens);
    let mut job = LayoutJob::default();
    job.append(&words, 0.0, fonts::format(13.0, Weight::Regular, colour));
    let status = headline.status_text.replace(['\n', '\r'], " ");
    if !status.is_empty() {
        let joint = if words.is_empty() { "" } else { " \u{b7} " };
        job.append(
            &format!("{joint}{status}"),
            0.0,
            fonts::format(13.0, Weight::Regular, tokens.dim),
        );
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(1.0));
    job
}

fn state_colour(standing: &Standing, tokens: &Tokens) -> Color32 {
    match standing {
        Standing::Online => tokens.online_text,
        Standing::Away => tokens.warning_text,
        Standing::Busy => tokens.danger,
        _ => tokens.dim,
    }
}
