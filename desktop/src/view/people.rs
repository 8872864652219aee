//! People: ask somebody by name, requests in and out, who is blocked.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::group_acts::GroupAct;
use crate::model::person::{Portrait, Request};
use crate::model::{Action, Dialog, Model};
use crate::theme::{self, space};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{button, card, dialog, label};
use crate::words::{tr, tr_with};
use breeze_protocol::AccountId;
use breeze_protocol::message::item::{Direction, Relation};
use egui::{Rect, Sense, Ui, Vec2, pos2};

/// Rows shown of each kind; the box scrolls.
const ROW: f32 = 52.0;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, add: &str, said: Option<&str>) -> bool {
    dialog::show(ui, "people", &tr("people-title"), |ui| {
        ask(ui, scene, add, said);
        new_group(ui, scene);
        incoming(ui, scene);
        outgoing(ui, scene);
        blocked(ui, scene);
        foot(ui, scene);
    })
}

fn requests(model: &Model, direction: Direction) -> Vec<&Request> {
    model
        .requests
        .values()
        .filter(|request| request.direction == direction)
        .collect()
}

fn incoming(ui: &mut Ui, scene: &mut Scene<'_>) {
    let waiting = requests(scene.model, Direction::In);
    section(ui, "people-incoming", waiting.len());
    for request in waiting {
        let named = !request.display_name.is_empty();
        let name = if named {
            &request.display_name
        } else {
            &request.username
        };
        let words = tr_with("people-wants", &[("name", request.username.clone().into())]);
        let verbs = [("people-accept", true), ("people-decline", false)];
        row(ui, scene, request.account, name, &words, |ui, scene| {
            for (key, yes) in verbs {
                let kind = if yes {
                    button::Kind::Primary
                } else {
                    button::Kind::Quiet
                };
                if button::flow(ui, &tr(key), kind, true, None).clicked() {
                    scene.act(Action::AnswerFriend(request.account, yes));
                }
            }
        });
    }
}

fn outgoing(ui: &mut Ui, scene: &mut Scene<'_>) {
    let waiting = requests(scene.model, Direction::Out);
    section(ui, "people-outgoing", waiting.len());
    for request in waiting {
        row(
            ui,
            scene,
            request.account,
            &request.username,
            &tr("people-waiting"),
            |ui, scene| {
                if button::flow(ui, &tr("people-withdraw"), button::Kind::Quiet, true, None).clicked() {
                    scene.act(Action::AnswerFriend(request.account, false));
                }
            },
        );
    }
}

fn blocked(ui: &mut Ui, scene: &mut Scene<'_>) {
    let people = scene.model.people.values();
    let blocked: Vec<_> = people
        .filter(|person| person.relation == Some(Relation::Blocked))
        .collect();
    section(ui, "people-blocked", blocked.len());
    for person in blocked {
        row(
            ui,
            scene,
            person.account,
            person.name(),
            &person.username,
            |ui, scene| {
                if button::flow(ui, &tr("people-unblock"), button::Kind::Quiet, true, None).clicked() {
                    scene.act(Action::Unblock(person.account));
                }
            },
        );
    }
}

fn ask(ui: &mut Ui, scene: &mut Scene<'_>, add: &str, said: Option<&str>) {
    let name = tr("people-add");
    label::caption(ui, &name);
    let words = tr("people-ask");
    let width = button::natural_width(ui, &words);
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), field::HEIGHT), Sense::hover());
    let (left, right) = row.split_left_right_at_x(row.right() - width - space::S);
    let typed = field::at(ui, left, Field::new(&name, &tr("people-add-hint")), add);
    let ready = !add.trim().is_empty();
    let verb = right.with_min_x(right.left() + space::S);
    let clicked = button::at(ui, verb, &words, button::Kind::Primary, ready).clicked();
    if ready && (clicked || typed.entered) {
        scene.act(Action::AskFriend);
    }
    if let Some(text) = typed.text {
        scene.act(Action::TypeFriend(text));
    }
    if let Some(said) = said {
        ui.add_space(space::S);
        label::dim(ui, said);
    }
}

fn new_group(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.add_space(space::M);
    let width = ui.available_width();
    if button::flow(ui, &tr("group-new"), button::Kind::Quiet, true, Some(width)).clicked() {
        scene.act(Action::Group(GroupAct::New));
    }
}

fn section(ui: &mut Ui, key: &str, count: usize) {
    if count == 0 {
        return;
    }
    ui.add_space(space::L);
    let dim = theme::tokens(ui).dim;
    label::flow(ui, &tr(key), 12.0, Weight::Semi, dim);
    ui.add_space(space::XS);
}

fn row(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    account: AccountId,
    name: &str,
    second: &str,
    verbs: impl FnOnce(&mut Ui, &mut Scene<'_>),
) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let portrait = Portrait::still(
        account,
        scene.model.people.get(&account).and_then(|person| person.avatar),
    );
    let place = Place {
        centre: rect.left_center() + Vec2::new(16.0, 0.0),
        diameter: 32.0,
        behind: tokens.surface2,
    };
    scene.picture(ui, &portrait, name, place);
    let builder = egui::UiBuilder::new()
        .max_rect(rect)
        .id_salt(("person", account))
        .layout(egui::Layout::right_to_left(egui::Align::Center));
    let mut child = ui.new_child(builder);
    verbs(&mut child, scene);
    let left = rect.left() + 44.0;
    let width = (child.min_rect().left() - 8.0 - left).max(40.0);
    let galley = fonts::line(ui, name, fonts::format(14.0, Weight::Semi, tokens.text), width);
    let at = label::left(ui, pos2(left, rect.center().y - 9.0), galley);
    label::name(
        ui,
        Rect::from_min_size(at.min, Vec2::new(width, 36.0)),
        ui.scope_id().with(("who", account)),
        &format!("{name}, {second}"),
    );
    let galley = fonts::line(
        ui,
        second,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        width,
    );
    label::left(ui, pos2(left, rect.center().y + 10.0), galley);
}

fn foot(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.add_space(space::S);
    card::rule(ui);
    label::dim(ui, &tr("people-invite-text"));
    dialog::buttons(ui, |ui| {
        if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::CloseDialog);
        }
        if button::flow(ui, &tr("list-empty-button"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Show(Dialog::Invite {
                link: None,
                expires_ms: 0,
            }));
        }
    });
}
