//! Groups in the window: the row, the header, names at what others write, the dialogs, notes to oneself.

use super::demo::{self, JONAS, LIN};
use super::tea::{TEA, tea};
use super::{done, open};
use breeze_desktop::model::group_acts::{GroupAct, GroupDialog, GroupDraft};
use breeze_desktop::model::{Action, Dialog};
use breeze_protocol::message::group::Role;
use egui_kittest::kittest::Queryable;

#[test]
fn a_group_has_a_row_a_header_names_and_lines() {
    let harness = open(tea(Role::Owner));
    harness.get_by_label_contains("Lin Mei made the group");
    harness.get_by_label_contains("Lin Mei added Rosa Silva");
    harness.get_by_label("Jonas Ortega");
    assert!(
        harness
            .query_all_by_label_contains("Tea House, group, 4 members, 3 online")
            .count()
            >= 2
    );
}

#[test]
fn a_click_on_its_row_opens_the_group() {
    let mut model = tea(Role::Member);
    model.open = None;
    let mut harness = open(model);
    harness.get_by_label_contains("Tea House, group").click();
    assert_eq!(done(&mut harness), [Action::OpenChat(TEA)]);
}

#[test]
fn a_group_is_made_of_chosen_friends() {
    let mut model = demo::model();
    let mut draft = GroupDraft {
        title: "Tea House".into(),
        ..GroupDraft::default()
    };
    draft.chosen.insert(JONAS);
    model.dialog = Some(Dialog::Group(GroupDialog::New(draft)));
    let mut harness = open(model);
    harness.get_by_label("Choose Lin Mei").click();
    assert_eq!(done(&mut harness), [Action::Group(GroupAct::Choose(LIN))]);
    harness.get_by_label_contains("One friend chosen");
    harness.get_by_label("Make group").click();
    assert_eq!(done(&mut harness), [Action::Group(GroupAct::Confirm)]);
}

#[test]
fn the_owner_sees_what_an_owner_may_do_and_a_member_does_not() {
    let mut model = tea(Role::Owner);
    model.dialog = Some(Dialog::Group(GroupDialog::About(TEA)));
    let mut harness = open(model);
    harness.get_by_label("Remove Jonas Ortega").click();
    let wanted = [Action::Group(GroupAct::AskRemove(TEA, JONAS))];
    assert_eq!(done(&mut harness), wanted);
    harness.get_by_label("Leave").click();
    assert_eq!(done(&mut harness), [Action::Group(GroupAct::AskLeave(TEA))]);
    let mut model = tea(Role::Member);
    model.dialog = Some(Dialog::Group(GroupDialog::About(TEA)));
    let harness = open(model);
    assert!(harness.query_by_label("Remove Jonas Ortega").is_none());
    assert!(harness.query_by_label("Name, picture").is_none());
    harness.get_by_label("Add friends");
}

#[test]
fn leaving_is_asked_about() {
    let mut model = tea(Role::Owner);
    model.dialog = Some(Dialog::Group(GroupDialog::Leave(TEA)));
    let mut harness = open(model);
    harness.get_by_label_contains("The group then belongs to");
    harness.get_by_label("Leave group").click();
    assert_eq!(done(&mut harness), [Action::Group(GroupAct::Leave(TEA))]);
}

#[test]
fn people_is_where_a_new_group_begins() {
    let mut model = demo::model();
    model.dialog = Some(Dialog::People {
        add: String::new(),
        said: None,
    });
    let mut harness = open(model);
    harness.get_by_label("New group").click();
    assert_eq!(done(&mut harness), [Action::Group(GroupAct::New)]);
}

#[test]
fn a_role_is_chosen_from_a_menu_and_handing_over_is_asked_about() {
    let about = Dialog::Group(GroupDialog::About(TEA));
    let chosen = |words: &str| {
        let mut model = tea(Role::Owner);
        model.dialog = Some(about.clone());
        let mut harness = open(model);
        harness.get_by_label("Role of Jonas Ortega").click();
        harness.run_ok();
        harness.get_by_label(words).click();
        done(&mut harness)
    };
    let admin = GroupAct::SetRole(TEA, JONAS, Role::Admin);
    assert_eq!(chosen("Make admin"), [Action::Group(admin)]);
    let ask = GroupAct::AskHandOver(TEA, JONAS);
    assert_eq!(chosen("Hand the group over"), [Action::Group(ask)]);
    let mut model = tea(Role::Owner);
    model.dialog = Some(Dialog::Group(GroupDialog::HandOver(TEA, JONAS)));
    let mut harness = open(model);
    harness.get_by_label("Hand over").click();
    let owner = GroupAct::SetRole(TEA, JONAS, Role::Owner);
    assert_eq!(done(&mut harness), [Action::Group(owner)]);
}
