//! Conversations as a whole: the menu of a row and of the header, what is pinned, muted, marked and put away.

use super::{demo, done, open, press};
use breeze_desktop::model::{Action, Model};
use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::prefs::{Prefs, PrefsChange};
use breeze_protocol::{AccountId, ConvId};
use egui::PointerButton;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn lins() -> ConvId {
    demo::conv(demo::LIN)
}

fn aikos() -> ConvId {
    demo::conv(AccountId(4))
}

/// The demo, one of its chats kept like this; the one with Lin is open.
fn kept(prefs: Prefs) -> Model {
    let mut model = demo::model();
    model.chats.get_mut(&prefs.conv).expect("it is there").prefs = prefs;
    model
}

fn changes(harness: &mut Harness<'static, demo::Shown>) -> Vec<PrefsChange> {
    let of = |action| match action {
        Action::Keep(conv, change) if [lins(), aikos()].contains(&conv) => Some(change),
        _ => None,
    };
    done(harness).into_iter().filter_map(of).collect()
}

fn right_click(harness: &mut Harness<'static, demo::Shown>, name: &str) {
    let at = harness.get_by_label_contains(name).rect().center();
    press(harness, at, PointerButton::Secondary);
}

#[test]
fn a_right_click_on_a_row_pins_mutes_marks_and_puts_away() {
    for (words, change) in [
        (
            "Pin to the top",
            PrefsChange {
                pinned: Some(true),
                ..PrefsChange::default()
            },
        ),
        (
            "Mute",
            PrefsChange {
                muted_until: Some(INTEGER_MAX),
                ..PrefsChange::default()
            },
        ),
        (
            "Mark as unread",
            PrefsChange {
                unread: Some(true),
                ..PrefsChange::default()
            },
        ),
        (
            "Archive",
            PrefsChange {
                archived: Some(true),
                ..PrefsChange::default()
            },
        ),
    ] {
        let mut harness = open(kept(Prefs {
            conv: aikos(),
            ..Prefs::default()
        }));
        right_click(&mut harness, "Aiko Kimura, away");
        harness.get_by_label(words).click();
        harness.run();
        assert_eq!(changes(&mut harness), [change], "{words}");
        assert!(harness.query_by_label(words).is_none(), "the menu is closed");
    }
}

#[test]
fn the_dots_of_the_header_take_it_back() {
    let prefs = Prefs {
        conv: lins(),
        pinned: true,
        archived: false,
        unread: false,
        muted_until: INTEGER_MAX,
    };
    let mut harness = open(kept(prefs));
    harness.get_by_label("Pinned, 1");
    harness.get_by_label_contains(", muted");
    harness.get_by_label("More about this chat").click();
    harness.run();
    harness.get_by_label("Unpin");
    harness.get_by_label("Unmute").click();
    let unmute = PrefsChange {
        muted_until: Some(0),
        ..PrefsChange::default()
    };
    assert_eq!(changes(&mut harness), [unmute]);
}

#[test]
fn what_is_put_away_is_one_line_below_the_list_until_it_is_unfolded() {
    let prefs = Prefs {
        conv: aikos(),
        archived: true,
        ..Prefs::default()
    };
    let mut model = kept(prefs);
    let mut harness = open(model.clone());
    harness.get_by_label("Archived, 1").click();
    assert!(done(&mut harness).contains(&Action::ShowArchived(true)));
    model.show_archived = true;
    let mut harness = open(model);
    right_click(&mut harness, "Aiko Kimura, away");
    harness.get_by_label("Take out of the archive");
}
