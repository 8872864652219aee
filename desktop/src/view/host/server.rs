//! What the hosted server is: its address, its fingerprint in words, people, disk, and whether it starts by itself.

use super::super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::hosting::{Autostart, Busy, HostAct, Hosting, size_words};
use crate::theme::{self, space};
use crate::view::onboarding::trust;
use crate::widget::{card, icon, label, switch};
use crate::words::{tr, tr_with};
use breeze_protocol::fingerprint;
use egui::{Rect, Sense, Ui, Vec2, pos2};

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    label::caption(ui, &tr("hosting-address"));
    address(ui, scene, &hosting.address);
    if let Some(words) = fingerprint::words(&hosting.pin) {
        ui.add_space(space::M);
        label::caption(ui, &tr("hosting-words"));
        trust::words(ui, &words, &tr("hosting-words"));
        ui.add_space(space::XS);
        label::dim(ui, &tr("hosting-words-text"));
    }
    ui.add_space(space::M);
    figures(ui, hosting);
    if !hosting.foreign {
        card::rule(ui);
        start_with_the_system(ui, scene, hosting);
    }
}

fn address(ui: &mut Ui, scene: &mut Scene<'_>, address: &str) {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 44.0), Sense::hover());
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, address));
    ui.painter().rect_filled(rect, theme::radius::M, tokens.surface0);
    let galley = fonts::line(
        ui,
        address,
        fonts::format(14.0, Weight::Medium, tokens.text),
        rect.width() - 60.0,
    );
    label::left(ui, pos2(rect.left() + 12.0, rect.center().y), galley);
    let place = Rect::from_center_size(pos2(rect.right() - 24.0, rect.center().y), Vec2::splat(36.0));
    if icon::button(ui, place, icon::COPY, &tr("hosting-copy-address"), false).clicked() {
        scene.act(Action::Copy(address.to_owned()));
    }
}

/// Rows of a name and a value.
fn figures(ui: &mut Ui, hosting: &Hosting) {
    let seen = &hosting.panel.seen;
    let Some(info) = &seen.info else {
        if hosting.running {
            label::dim(ui, &tr("hosting-looking"));
        }
        return;
    };
    let people = [
        ("people", info.accounts.to_string().into()),
        ("sessions", info.sessions.to_string().into()),
    ];
    figure(ui, "hosting-people", &tr_with("hosting-people-count", &people));
    if let Some(disk) = seen.disk {
        let words = [
            ("used", size_words(disk.database + disk.wal).into()),
            ("pictures", size_words(disk.pictures).into()),
            ("free", size_words(disk.free).into()),
        ];
        figure(ui, "hosting-disk", &tr_with("hosting-disk-use", &words));
    }
    figure(ui, "hosting-folder", &info.data);
    figure(ui, "hosting-version", &info.version);
}

fn figure(ui: &mut Ui, key: &str, value: &str) {
    let tokens = theme::tokens(ui);
    let name = tr(key);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 24.0), Sense::hover());
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}: {value}")));
    let galley = fonts::line(ui, &name, fonts::format(13.0, Weight::Regular, tokens.dim), 80.0);
    label::left(ui, rect.left_center(), galley);
    let galley = fonts::line(
        ui,
        value,
        fonts::format(13.0, Weight::Regular, tokens.text),
        rect.width() - 84.0,
    );
    label::left(ui, pos2(rect.left() + 84.0, rect.center().y), galley);
    if rect.width() < 420.0 {
        told.on_hover_text(value);
    }
}

fn start_with_the_system(ui: &mut Ui, scene: &mut Scene<'_>, hosting: &Hosting) {
    let (on, reason) = match &hosting.autostart {
        Autostart::On => (true, None),
        Autostart::Off => (false, None),
        Autostart::Unknown => (false, Some(tr("autostart-asking"))),
        Autostart::Cannot(why) => (false, Some(why.clone())),
    };
    let free = reason.is_none() && hosting.panel.busy == Busy::No;
    let flipped = ui
        .add_enabled_ui(free, |ui| switch::flow(ui, &tr("autostart"), on))
        .inner;
    if free && flipped {
        scene.act(Action::Host(HostAct::Autostart(!on)));
    }
    let reason = reason.or_else(|| (hosting.panel.busy == Busy::System).then(|| tr("autostart-asking")));
    if let Some(reason) = reason {
        label::dim(ui, &reason);
    }
}
