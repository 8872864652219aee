//! Invite links of the hosted server: one made as wished, as text and QR code, and those that are open.

use super::super::{Scene, invite, time};
use super::{qr, section};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::hosting::{Busy, HostAct, Hosting};
use crate::theme::{self, space};
use crate::widget::{button, card, label, switch};
use crate::words::{tr, tr_with};
use breeze_protocol::admin::AdminInvite;
use egui::{Rect, Sense, Ui, Vec2, pos2};

/// Edge of the QR code.
const CODE: f32 = 176.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting, picture: &mut qr::Picture) {
    wishes(ui, scene, hosting);
    if let Some(link) = &hosting.link {
        ui.add_space(space::L);
        made(ui, scene, hosting, link, picture);
    }
    card::rule(ui);
    open(ui, scene, hosting);
}

/// For how long and for how many, and the button that makes it.
fn wishes(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    let panel = &hosting.panel;
    label::caption(ui, &tr("hosting-ttl"));
    let words = ["ttl-hour", "ttl-day", "ttl-week"].map(tr);
    if let Some(place) = switch::choice(ui, &words, panel.ttl) {
        scene.act(Action::Host(HostAct::Ttl(place)));
    }
    ui.add_space(space::M);
    label::caption(ui, &tr("hosting-uses"));
    let words = ["uses-one", "uses-ten", "uses-hundred"].map(tr);
    if let Some(place) = switch::choice(ui, &words, panel.uses) {
        scene.act(Action::Host(HostAct::Uses(place)));
    }
    if hosting.link.is_none() {
        ui.add_space(space::XS);
        label::dim(ui, &tr("hosting-limits"));
    }
    ui.add_space(space::M);
    let words = match (panel.busy, &hosting.link) {
        (Busy::Inviting, _) => tr("hosting-making"),
        (_, Some(_)) => tr("hosting-make-another"),
        (_, None) => tr("hosting-make"),
    };
    let kind = if hosting.link.is_some() {
        button::Kind::Quiet
    } else {
        button::Kind::Primary
    };
    let ready = hosting.running && panel.busy == Busy::No;
    if button::flow(ui, &words, kind, ready, None).clicked() {
        scene.act(Action::Host(HostAct::MakeInvite));
    }
}

/// The link: beside its code where there is room, else under it.
fn made(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting, link: &str, picture: &mut qr::Picture) {
    let wide = ui.available_width() > 2.2 * CODE;
    let text = |ui: &mut Ui, scene: &mut Scene<'_>| {
        label::caption(ui, &tr("hosting-link"));
        invite::link(ui, link);
        ui.add_space(space::XS);
        let until = time::full(hosting.panel.expires_ms, scene.local);
        label::dim(ui, &tr_with("invite-until", &[("time", until.into())]));
        ui.add_space(space::S);
        if button::flow(ui, &tr("hosting-copy-link"), button::Kind::Primary, true, None).clicked() {
            scene.act(Action::Copy(link.to_owned()));
        }
    };
    if wide {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            picture.show(ui, link, CODE);
            ui.vertical(|ui| text(ui, scene));
        });
    } else {
        picture.show(ui, link, CODE);
        ui.add_space(space::M);
        text(ui, scene);
    }
    ui.add_space(space::S);
    label::dim(ui, &tr("hosting-link-text"));
}

fn open(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    let Some((rows, more)) = &hosting.panel.seen.invites else {
        section(ui, "hosting-open-invites", None);
        if hosting.running {
            label::dim(ui, &tr("hosting-looking"));
        }
        return;
    };
    section(ui, "hosting-open-invites", Some(rows.len()));
    if rows.is_empty() {
        label::dim(ui, &tr("hosting-no-invites"));
    }
    for invite in rows {
        row(ui, scene, invite);
    }
    if *more {
        label::dim(ui, &tr("hosting-more-invites"));
    }
}

fn row(ui: &mut Ui, scene: &mut Scene<'_>, invite: &AdminInvite) {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 48.0), Sense::hover());
    let first = tr_with("hosting-invite-row", &[("uses", invite.uses_left.into())]);
    let maker = if invite.maker.is_empty() {
        tr("hosting-invite-owner")
    } else {
        invite.maker.clone()
    };
    let until = time::full(invite.expires_ms, scene.local);
    let second = tr_with(
        "hosting-invite-until",
        &[("time", until.into()), ("maker", maker.into())],
    );
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{first} {second}")));
    let verb = tr("hosting-revoke");
    let number = invite.invite.to_string();
    let spoken = tr_with("hosting-revoke-name", &[("number", number.into())]);
    let width = button::natural_width(ui, &verb);
    let place = Rect::from_center_size(
        pos2(rect.right() - width / 2.0, rect.center().y),
        Vec2::new(width, 36.0),
    );
    if button::named(ui, place, &verb, &spoken, button::Kind::Quiet, true).clicked() {
        scene.act(Action::Host(HostAct::Revoke(invite.invite)));
    }
    let room = place.left() - 8.0 - rect.left();
    let galley = fonts::line(
        ui,
        &first,
        fonts::format(14.0, Weight::Regular, tokens.text),
        room,
    );
    label::left(ui, pos2(rect.left(), rect.center().y - 9.0), galley);
    let galley = fonts::line(
        ui,
        &second,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        room,
    );
    label::left(ui, pos2(rect.left(), rect.center().y + 10.0), galley);
}
