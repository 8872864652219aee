//! A person's card: picture, names, presence, and what one can do about them.

use super::{Scene, presence};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::theme::{self, space};
use crate::widget::avatar::Place;
use crate::widget::{button, dialog, label};
use crate::words::tr;
use breeze_protocol::AccountId;
use breeze_protocol::message::item::Relation;
use egui::{Sense, Ui, Vec2};

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, account: AccountId) -> bool {
    let Some(person) = scene.model.people.get(&account) else {
        return true;
    };
    let name = person.name().to_owned();
    dialog::show(ui, "person", &tr("person-title"), |ui| {
        let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 120.0), Sense::hover());
        let portrait = scene.model.portrait(account, scene.now);
        let place = Place {
            centre: row.center(),
            diameter: 120.0,
            behind: theme::tokens(ui).surface2,
        };
        scene.picture(ui, &portrait, &name, place);
        ui.add_space(space::M);
        let headline = scene.model.headline(account);
        let tokens = theme::tokens(ui);
        centred(ui, &name, fonts::format(18.0, Weight::Bold, tokens.text));
        centred(
            ui,
            &format!("@{}", person.username),
            fonts::format(13.0, Weight::Regular, tokens.dim),
        );
        let standing = presence::words(scene, &headline.standing);
        for text in [standing, headline.status_text.clone()] {
            if !text.is_empty() {
                ui.add_space(space::XS);
                centred(ui, &text, fonts::format(14.0, Weight::Regular, tokens.text));
            }
        }
        dialog::buttons(ui, |ui| verbs(ui, scene, account, person.relation));
    })
}

fn centred(ui: &mut Ui, text: &str, format: egui::TextFormat) {
    let galley = fonts::line(ui, text, format, ui.available_width());
    let (row, told) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), galley.size().y), Sense::hover());
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    label::centre(ui, row.center(), galley);
}

fn verbs(ui: &mut Ui, scene: &mut Scene<'_>, account: AccountId, relation: Option<Relation>) {
    if button::flow(ui, &tr("dialog-close"), button::Kind::Primary, true, None).clicked() {
        scene.act(Action::CloseDialog);
    }
    match relation {
        Some(Relation::Friend) => {
            if button::flow(ui, &tr("person-block"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::Block(account));
            }
            if button::flow(ui, &tr("person-unfriend"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::Unfriend(account));
            }
        }
        Some(Relation::Blocked) => {
            if button::flow(ui, &tr("people-unblock"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::Unblock(account));
            }
        }
        None => {
            if button::flow(ui, &tr("person-block"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::Block(account));
            }
        }
    }
}
