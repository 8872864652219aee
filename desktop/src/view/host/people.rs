//! Who is connected to the hosted server, heard how long ago; and everybody who has an account there.

use super::super::Scene;
use super::section;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::hosting::{HostAct, Hosting, PEOPLE_PAGES_MAX};
use crate::theme::{self, space};
use crate::widget::{button, card, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::admin::{AdminSession, AdminUser};
use egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

/// A session that was heard within this time is fine: two heartbeats.
const FRESH_MS: u64 = 10_000;
const ROW: f32 = 44.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    password(ui, scene, hosting);
    let seen = &hosting.panel.seen;
    section(
        ui,
        "hosting-sessions",
        seen.sessions.as_ref().map(|(rows, _)| rows.len()),
    );
    match &seen.sessions {
        None if hosting.running => {
            label::dim(ui, &tr("hosting-looking"));
        }
        Some((rows, _)) if !rows.is_empty() => rows.iter().for_each(|row| session(ui, row)),
        _ => {
            label::dim(ui, &tr("hosting-no-sessions"));
        }
    }
    if seen.sessions.as_ref().is_some_and(|(_, more)| *more) {
        label::dim(ui, &tr("hosting-more-sessions"));
    }
    card::rule(ui);
    section(
        ui,
        "hosting-everybody",
        seen.people.as_ref().map(|(rows, _)| rows.len()),
    );
    let Some((rows, more)) = &seen.people else { return };
    if rows.is_empty() {
        label::dim(ui, &tr("hosting-no-people"));
    }
    for row in rows {
        person(ui, scene, row, hosting.running);
    }
    if *more && hosting.panel.people_pages < PEOPLE_PAGES_MAX {
        if button::flow(ui, &tr("hosting-more-people"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Host(HostAct::MorePeople));
        }
    } else if *more {
        label::dim(ui, &tr("hosting-too-many"));
    }
}

/// A new password, or a code for one, once.
fn password(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    let (words, password, copy) = match (&hosting.panel.password, &hosting.panel.code) {
        (Some((name, password)), _) => {
            let words = tr_with("hosting-password", &[("name", name.clone().into())]);
            (words, password, "hosting-password-copy")
        }
        (None, Some((name, code, expires_ms))) => {
            let until = super::super::time::full(*expires_ms, scene.local);
            let words = [("name", name.clone().into()), ("until", until.into())];
            (tr_with("hosting-code", &words), code, "hosting-code-copy")
        }
        (None, None) => return,
    };
    label::dim(ui, &words);
    ui.add_space(space::XS);
    super::super::invite::link(ui, password);
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(space::S);
        if button::flow(ui, &tr(copy), button::Kind::Primary, true, None).clicked() {
            scene.act(Action::Copy(password.clone()));
        }
        if button::flow(ui, &tr("hosting-password-done"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Host(HostAct::ForgetPassword));
        }
    });
    card::rule(ui);
}

fn session(ui: &mut Ui, row: &AdminSession) {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let seconds = (row.heard_ms / 1000).to_string();
    let words = [
        ("name", row.username.clone().into()),
        ("address", row.address.clone().into()),
        ("seconds", seconds.clone().into()),
    ];
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, tr_with("hosting-session", &words)));
    let dot = pos2(rect.left() + 6.0, rect.center().y);
    let fresh = row.heard_ms < FRESH_MS;
    if fresh {
        ui.painter().circle_filled(dot, 5.0, tokens.online);
    } else {
        let ring = egui::Stroke::new(2.0, tokens.offline);
        ui.painter().circle_stroke(dot, 4.0, ring);
    }
    let heard = tr_with("hosting-heard", &[("seconds", seconds.into())]);
    let ink = if fresh { tokens.dim } else { tokens.warning_text };
    let galley = fonts::line(ui, &heard, fonts::format(12.0, Weight::Regular, ink), 140.0);
    let right = label::right(ui, rect.right_center(), galley).left();
    two_lines(
        ui,
        rect,
        rect.left() + 20.0,
        right - 8.0,
        &row.username,
        &row.address,
    );
}

/// How much room somebody's files take; nothing for none.
fn files_words(bytes: u64, quota: u64) -> Option<String> {
    let size = |bytes: u64| super::super::files::size_words(bytes);
    Some(match (bytes, quota) {
        (0, _) => return None,
        (bytes, 0) => tr_with("hosting-files", &[("size", size(bytes).into())]),
        (bytes, quota) => {
            let words = [("size", size(bytes).into()), ("quota", size(quota).into())];
            tr_with("hosting-files-of", &words)
        }
    })
}

fn person(ui: &mut Ui, scene: &mut Scene<'_>, row: &AdminUser, running: bool) {
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let notes: Vec<String> = [
        (row.owner, "hosting-owner"),
        (row.disabled, "hosting-disabled"),
        (row.sessions > 0, "hosting-connected"),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, key)| tr(key))
    .collect();
    let second = std::iter::once(format!("@{}", row.username))
        .chain(notes)
        .chain(files_words(row.files_bytes, row.files_quota))
        .collect::<Vec<_>>()
        .join(" \u{b7} ");
    let name = if row.display_name.is_empty() {
        &row.username
    } else {
        &row.display_name
    };
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}, {second}")));
    let mut right = rect.right();
    // The owner is not shut out of their own server by a slip of the hand.
    if running && !row.owner {
        let who = || [("name", row.username.clone().into())];
        let (verb, key, kind) = if row.disabled {
            ("hosting-enable", "hosting-enable-name", button::Kind::Quiet)
        } else {
            ("hosting-disable", "hosting-disable-name", button::Kind::Danger)
        };
        let act = HostAct::Disable(row.username.clone(), !row.disabled);
        right = verb_at(ui, scene, rect, right, (verb, &tr_with(key, &who()), kind), act);
        let spoken = tr_with("hosting-reset-name", &who());
        let act = HostAct::ResetPassword(row.username.clone());
        let reset = ("hosting-reset", spoken.as_str(), button::Kind::Quiet);
        right = verb_at(ui, scene, rect, right, reset, act);
        let place = Rect::from_center_size(pos2(right - 18.0, rect.center().y), Vec2::splat(36.0));
        let code = tr_with("hosting-recover-name", &who());
        if icon::button(ui, place, icon::KEY, &code, false).clicked() {
            scene.act(Action::Host(HostAct::Recover(row.username.clone())));
        }
        right = place.left() - 8.0;
    }
    two_lines(ui, rect, rect.left(), right, name, &second);
}

/// A button at the right end; where the next one ends.
fn verb_at(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    rect: Rect,
    right: f32,
    (verb, spoken, kind): (&str, &str, button::Kind),
    act: HostAct,
) -> f32 {
    let words = tr(verb);
    let width = button::natural_width(ui, &words);
    let place = Rect::from_center_size(pos2(right - width / 2.0, rect.center().y), Vec2::new(width, 36.0));
    if button::named(ui, place, &words, spoken, kind, true).clicked() {
        scene.act(Action::Host(act));
    }
    place.left() - 8.0
}

fn two_lines(ui: &Ui, rect: Rect, left: f32, right: f32, first: &str, second: &str) {
    let tokens = theme::tokens(ui);
    let room = (right - left).max(40.0);
    let galley = fonts::line(ui, first, fonts::format(14.0, Weight::Semi, tokens.text), room);
    label::left(ui, pos2(left, rect.center().y - 9.0), galley);
    let galley = fonts::line(ui, second, fonts::format(12.0, Weight::Regular, tokens.dim), room);
    label::left(ui, pos2(left, rect.center().y + 9.0), galley);
}
