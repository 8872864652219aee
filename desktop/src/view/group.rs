//! Dialogs about groups: making one, its page with members and roles, adding, renaming, leaving, removing.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::group::Group;
use crate::model::group_acts::{GroupAct, GroupDialog, GroupDraft};
use crate::model::person::Portrait;
use crate::theme::{self, space};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{self, button, dialog, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::message::group::Role;
use breeze_protocol::{AccountId, ConvId};
use egui::{CursorIcon, Popup, PopupCloseBehavior, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 48.0;
/// Friends or members shown without scrolling, at most and at least.
const LIST_MAX: f32 = 6.0 * ROW;
const LIST_MIN: f32 = 2.0 * ROW;
/// What else takes height in the dialogs with a list.
const NEW_REST: f32 = 500.0;
const ADD_REST: f32 = 330.0;
const ABOUT_REST: f32 = 400.0;

pub(super) fn show(ui: &Ui, scene: &mut Scene<'_>, shown: &GroupDialog) -> bool {
    match shown {
        GroupDialog::New(draft) => new(ui, scene, draft),
        GroupDialog::Add(conv, draft) => add(ui, scene, *conv, draft),
        GroupDialog::Rename(conv, draft) => rename(ui, scene, *conv, draft),
        GroupDialog::About(conv) => about(ui, scene, *conv),
        GroupDialog::Leave(conv) => leave(ui, scene, *conv),
        GroupDialog::Remove(conv, account) => remove(ui, scene, *conv, *account),
        GroupDialog::HandOver(conv, account) => hand_over(ui, scene, *conv, *account),
    }
}

fn new(ui: &Ui, scene: &mut Scene<'_>, draft: &GroupDraft) -> bool {
    dialog::show(ui, "group-new", &tr("group-new"), |ui| {
        picture(ui, scene, draft, AccountId(0));
        title(ui, scene, draft);
        ui.add_space(space::L);
        friends(ui, scene, draft, &[], NEW_REST);
        let words = tr(if draft.busy { "group-making" } else { "group-make" });
        let ready = !draft.busy && !draft.title.trim().is_empty();
        foot(ui, scene, draft, &words, ready);
    })
}

fn add(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, draft: &GroupDraft) -> bool {
    let members = scene.model.group(conv).map(|group| group.members.clone());
    let Some(members) = members else { return true };
    dialog::show(ui, "group-add", &tr("group-add-title"), |ui| {
        friends(ui, scene, draft, &members, ADD_REST);
        let ready = !draft.busy && !draft.chosen.is_empty();
        foot(ui, scene, draft, &tr("group-add-do"), ready);
    })
}

fn rename(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, draft: &GroupDraft) -> bool {
    dialog::show(ui, "group-rename", &tr("group-rename-title"), |ui| {
        picture(ui, scene, draft, AccountId(conv.0));
        title(ui, scene, draft);
        let ready = !draft.busy && !draft.title.trim().is_empty();
        foot(ui, scene, draft, &tr("group-rename-do"), ready);
    })
}

/// The picture, and what can be done about it. `number` chooses the gradient when there is none.
fn picture(ui: &mut Ui, scene: &mut Scene<'_>, draft: &GroupDraft, number: AccountId) {
    let tokens = theme::tokens(ui);
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 72.0), Sense::hover());
    let portrait = Portrait::still(number, draft.avatar);
    let place = Place {
        centre: row.left_center() + Vec2::new(36.0, 0.0),
        diameter: 72.0,
        behind: tokens.surface2,
    };
    scene.picture(ui, &portrait, draft.title.trim(), place);
    let words = tr("group-picture-choose");
    let size = Vec2::new(button::natural_width(ui, &words), button::HEIGHT);
    let left = row.left() + 72.0 + space::L;
    let choose = Rect::from_center_size(pos2(left + size.x / 2.0, row.center().y), size);
    if button::at(ui, choose, &words, button::Kind::Quiet, !draft.busy).clicked() {
        scene.act(Action::Group(GroupAct::ChoosePicture));
    }
    if draft.avatar.is_some() {
        let place = Rect::from_min_max(
            pos2(choose.right() + space::M, choose.top()),
            pos2(row.right(), choose.bottom()),
        );
        if button::words_at(ui, place, &tr("group-picture-none"), 14.0, tokens.dim).clicked() {
            scene.act(Action::Group(GroupAct::NoPicture));
        }
    }
    ui.add_space(space::L);
}

fn title(ui: &mut Ui, scene: &mut Scene<'_>, draft: &GroupDraft) {
    let name = tr("group-title");
    label::caption(ui, &name);
    let typed = field::flow(ui, Field::new(&name, &tr("group-title-hint")), &draft.title);
    if ui.memory(|memory| memory.focused().is_none()) {
        typed.response.request_focus();
    }
    if let Some(text) = typed.text {
        scene.act(Action::Group(GroupAct::TypeTitle(text)));
    }
    if typed.entered {
        scene.act(Action::Group(GroupAct::Confirm));
    }
}

/// What went wrong, and the buttons.
fn foot(ui: &mut Ui, scene: &mut Scene<'_>, draft: &GroupDraft, words: &str, ready: bool) {
    if let Some(error) = &draft.error {
        ui.add_space(space::S);
        label::error(ui, error);
    }
    dialog::buttons(ui, |ui| {
        if button::flow(ui, words, button::Kind::Primary, ready, None).clicked() {
            scene.act(Action::Group(GroupAct::Confirm));
        }
        if button::flow(ui, &tr("group-cancel"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::CloseDialog);
        }
    });
}

/// Friends to choose from, with a filter.
fn friends(ui: &mut Ui, scene: &mut Scene<'_>, draft: &GroupDraft, except: &[AccountId], rest: f32) {
    label::caption(ui, &tr("group-choose"));
    let all = scene.model.friends_by_name("", except);
    if all.is_empty() {
        let nobody = if except.is_empty() {
            "group-nobody"
        } else {
            "group-all-in"
        };
        label::dim(ui, &tr(nobody));
        return;
    }
    let name = tr("group-filter");
    if let Some(text) = field::flow(ui, Field::new(&name, &name), &draft.filter).text {
        scene.act(Action::Group(GroupAct::TypeFilter(text)));
    }
    ui.add_space(space::S);
    let found = scene.model.friends_by_name(&draft.filter, except);
    if found.is_empty() {
        label::dim(ui, &tr("group-none-found"));
    }
    egui::ScrollArea::vertical()
        .id_salt("friends")
        .max_height(list_height(ui, rest))
        .auto_shrink([false, true])
        .show_rows(ui, ROW, found.len(), |ui, rows| {
            for account in &found[rows] {
                choice(ui, scene, *account, draft.chosen.contains(account));
            }
        });
    ui.add_space(space::S);
    label::dim(
        ui,
        &tr_with("group-chosen", &[("count", draft.chosen.len().into())]),
    );
}

/// Room for a list beside what else the dialog holds.
fn list_height(ui: &Ui, rest: f32) -> f32 {
    (ui.ctx().content_rect().height() - rest).clamp(LIST_MIN, LIST_MAX)
}

/// A friend with a box to tick.
fn choice(ui: &mut Ui, scene: &mut Scene<'_>, account: AccountId, chosen: bool) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let name = scene.model.name_of(account);
    let spoken = tr_with("group-choose-name", &[("name", name.clone().into())]);
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, chosen, &spoken));
    let behind = if response.hovered() {
        tokens.hover
    } else {
        tokens.surface2
    };
    ui.painter().rect_filled(rect, theme::radius::L, behind);
    let username = scene
        .model
        .people
        .get(&account)
        .map(|person| person.username.clone());
    face(ui, scene, rect, account, behind);
    let right = rect.right() - 44.0;
    lines(
        ui,
        rect,
        right,
        &name,
        &format!("@{}", username.unwrap_or_default()),
    );
    tick(ui, pos2(rect.right() - 22.0, rect.center().y), chosen);
    widget::focus_ring(ui, &response, rect, theme::radius::L);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        scene.act(Action::Group(GroupAct::Choose(account)));
    }
}

/// A round box to tick.
pub(super) fn tick(ui: &Ui, centre: egui::Pos2, on: bool) {
    let tokens = theme::tokens(ui);
    let line = egui::Stroke::new(1.5, if on { tokens.accent } else { tokens.dim });
    let fill = if on { tokens.accent } else { tokens.surface2 };
    ui.painter().circle(centre, 10.0, fill, line);
    if on {
        icon::paint(ui.painter(), centre, icon::CHECK, 13.0, tokens.on_accent);
    }
}

fn face(ui: &Ui, scene: &mut Scene<'_>, row: Rect, account: AccountId, behind: egui::Color32) {
    let name = scene.model.name_of(account);
    let portrait = scene.model.portrait(account, scene.now);
    let place = Place {
        centre: row.left_center() + Vec2::new(24.0, 0.0),
        diameter: 32.0,
        behind,
    };
    scene.picture(ui, &portrait, &name, place);
}

fn lines(ui: &Ui, row: Rect, right: f32, name: &str, second: &str) -> Rect {
    let tokens = theme::tokens(ui);
    let left = row.left() + 52.0;
    let width = (right - left).max(40.0);
    let galley = fonts::line(ui, name, fonts::format(14.0, Weight::Semi, tokens.text), width);
    let place = label::left(ui, pos2(left, row.center().y - 9.0), galley);
    let galley = fonts::line(
        ui,
        second,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        width,
    );
    label::left(ui, pos2(left, row.center().y + 10.0), galley);
    place
}

fn about(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId) -> bool {
    let Some(chat) = scene.model.chats.get(&conv) else {
        return true;
    };
    let Some(group) = chat.group.clone() else {
        return true;
    };
    let portrait = Portrait {
        dot: None,
        ..scene.model.chat_portrait(chat, scene.now)
    };
    dialog::show(ui, "group", &tr("group-about"), |ui| {
        let tokens = theme::tokens(ui);
        let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 88.0), Sense::hover());
        let place = Place {
            centre: row.center(),
            diameter: 88.0,
            behind: tokens.surface2,
        };
        scene.picture(ui, &portrait, &group.title, place);
        ui.add_space(space::S);
        let bold = fonts::format(18.0, Weight::Bold, tokens.text);
        centred(ui, &group.title, bold);
        let dim = fonts::format(13.0, Weight::Regular, tokens.dim);
        centred(ui, &scene.model.group_headline(&group), dim);
        ui.add_space(space::M);
        members(ui, scene, conv, &group);
        dialog::buttons(ui, |ui| verbs(ui, scene, conv, &group));
    })
}

fn centred(ui: &mut Ui, text: &str, format: egui::TextFormat) {
    let galley = fonts::line(ui, text, format, ui.available_width());
    let size = Vec2::new(ui.available_width(), galley.size().y + 2.0);
    let (row, told) = ui.allocate_exact_size(size, Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, text));
    label::centre(ui, row.center(), galley);
}

fn verbs(ui: &mut Ui, scene: &mut Scene<'_>, conv: ConvId, group: &Group) {
    if button::flow(ui, &tr("group-add"), button::Kind::Primary, true, None).clicked() {
        scene.act(Action::Group(GroupAct::Add(conv)));
    }
    if group.may_rename() && button::flow(ui, &tr("group-rename"), button::Kind::Quiet, true, None).clicked()
    {
        scene.act(Action::Group(GroupAct::Rename(conv)));
    }
    if button::flow(ui, &tr("group-leave"), button::Kind::Danger, true, None).clicked() {
        scene.act(Action::Group(GroupAct::AskLeave(conv)));
    }
}

fn members(ui: &mut Ui, scene: &mut Scene<'_>, conv: ConvId, group: &Group) {
    let me = scene.model.me.account;
    let mut all = group.members.clone();
    let rank = |account: &AccountId| match group.role_of(*account) {
        Role::Owner => 0,
        Role::Admin => 1,
        Role::Member => 2,
    };
    all.sort_by_cached_key(|it| (rank(it), *it != me, scene.model.name_of(*it).to_lowercase(), *it));
    egui::ScrollArea::vertical()
        .id_salt("members")
        .max_height(list_height(ui, ABOUT_REST))
        .auto_shrink([false, true])
        .show_rows(ui, ROW, all.len(), |ui, rows| {
            for account in &all[rows] {
                member(ui, scene, conv, group, *account);
            }
        });
}

fn member(ui: &mut Ui, scene: &mut Scene<'_>, conv: ConvId, group: &Group, account: AccountId) {
    let tokens = theme::tokens(ui);
    let me = scene.model.me.account;
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    face(ui, scene, rect, account, tokens.surface2);
    let name = scene.model.name_of(account);
    let role = match group.role_of(account) {
        Role::Owner => tr("group-role-owner"),
        Role::Admin => tr("group-role-admin"),
        Role::Member => String::new(),
    };
    let username = match scene.model.people.get(&account) {
        Some(person) => format!("@{}", person.username),
        None if account == me => format!("@{}", scene.model.me.username),
        None => String::new(),
    };
    let mut right = rect.right() - 4.0;
    if group.may_remove(me, account) {
        let place = Rect::from_center_size(pos2(right - 16.0, rect.center().y), Vec2::splat(32.0));
        let spoken = tr_with("group-remove-name", &[("name", name.clone().into())]);
        if icon::button(ui, place, icon::CLOSE, &spoken, false).clicked() {
            scene.act(Action::Group(GroupAct::AskRemove(conv, account)));
        }
        right = place.left() - space::S;
    }
    if group.role == Role::Owner && account != me {
        let place = Rect::from_center_size(pos2(right - 16.0, rect.center().y), Vec2::splat(32.0));
        let spoken = tr_with("group-role-menu", &[("name", name.clone().into())]);
        let response = icon::button(ui, place, icon::CARET_DOWN, &spoken, false);
        roles(scene, &response, conv, account, group.role_of(account));
        right = place.left() - space::S;
    }
    if !role.is_empty() {
        let galley = fonts::line(
            ui,
            &role,
            fonts::format(12.0, Weight::Medium, tokens.accent),
            120.0,
        );
        right = label::right(ui, pos2(right, rect.center().y), galley).left() - space::S;
    }
    let shown = if account == me { tr("group-yourself") } else { name };
    let place = lines(ui, rect, right, &shown, &username);
    let spoken = [shown, role].join(" ");
    label::name(ui, place, ui.scope_id().with(("member", account)), spoken.trim());
}

/// The choice of another role.
fn roles(scene: &mut Scene<'_>, anchor: &Response, conv: ConvId, account: AccountId, now: Role) {
    let choices = match now {
        Role::Member => [
            ("group-make-admin", Role::Admin),
            ("group-make-owner", Role::Owner),
        ],
        Role::Admin | Role::Owner => [
            ("group-make-member", Role::Member),
            ("group-make-owner", Role::Owner),
        ],
    };
    Popup::menu(anchor)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ui.set_width(190.0);
            for (key, role) in choices {
                if button::words(ui, &tr(key), 14.0, theme::tokens(ui).text).clicked() {
                    scene.act(Action::Group(match role {
                        Role::Owner => GroupAct::AskHandOver(conv, account),
                        _ => GroupAct::SetRole(conv, account, role),
                    }));
                }
                ui.add_space(space::S);
            }
        });
}

fn leave(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId) -> bool {
    let Some(group) = scene.model.group(conv) else {
        return true;
    };
    let owner = group.role == Role::Owner && group.count > 1;
    let heading = tr_with("group-leave-title", &[("title", group.title.clone().into())]);
    dialog::show(ui, "group-leave", &heading, |ui| {
        label::dim(ui, &tr("group-leave-text"));
        if owner {
            ui.add_space(space::S);
            label::dim(ui, &tr("group-leave-owner"));
        }
        let act = GroupAct::Leave(conv);
        sure(ui, scene, conv, &tr("group-leave-do"), act);
    })
}

fn remove(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, account: AccountId) -> bool {
    let Some(group) = scene.model.group(conv) else {
        return true;
    };
    let name = scene.model.name_of(account);
    let words = [("name", name.into()), ("title", group.title.clone().into())];
    dialog::show(ui, "group-remove", &tr_with("group-remove-title", &words), |ui| {
        label::dim(ui, &tr_with("group-remove-text", &words));
        let act = GroupAct::Remove(conv, account);
        sure(ui, scene, conv, &tr("group-remove-do"), act);
    })
}

fn hand_over(ui: &Ui, scene: &mut Scene<'_>, conv: ConvId, account: AccountId) -> bool {
    let Some(group) = scene.model.group(conv) else {
        return true;
    };
    let name = scene.model.name_of(account);
    let words = [("name", name.into()), ("title", group.title.clone().into())];
    dialog::show(ui, "group-hand", &tr_with("group-hand-title", &words), |ui| {
        label::dim(ui, &tr_with("group-hand-text", &words));
        let act = GroupAct::SetRole(conv, account, Role::Owner);
        sure(ui, scene, conv, &tr("group-hand-do"), act);
    })
}

/// What cannot be taken back, and the way back to the group.
fn sure(ui: &mut Ui, scene: &mut Scene<'_>, conv: ConvId, words: &str, act: GroupAct) {
    dialog::buttons(ui, |ui| {
        if button::flow(ui, words, button::Kind::Danger, true, None).clicked() {
            scene.act(Action::Group(act));
        }
        if button::flow(ui, &tr("group-stay"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::Group(GroupAct::About(conv)));
        }
    });
}
