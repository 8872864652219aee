//! How conversations are kept: shown at once, kept on the disk until the server knows, and what it does to list and noise.

use super::*;
use crate::model::list::Section;
use breeze_protocol::message::control::Done;
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};

const NONE: PrefsChange = PrefsChange {
    pinned: None,
    archived: None,
    unread: None,
    muted_until: None,
};
const PIN: PrefsChange = PrefsChange {
    pinned: Some(true),
    ..NONE
};
const ARCHIVE: PrefsChange = PrefsChange {
    archived: Some(true),
    ..NONE
};

/// A model that is up, with a chat with Rosa in it.
fn talk() -> Model {
    let mut model = model();
    server(&mut model, at(0), entry(1, ROSA, "hello"));
    model.open = None;
    model
}

fn keep(model: &mut Model, change: PrefsChange, mint: &mut Count) -> Vec<Command> {
    model.act(at(100), Action::Keep(CONV, change), mint)
}

fn said(commands: &[Command]) -> Vec<ItemSet> {
    let of = |command: &Command| match command {
        Command::Link(LinkCommand::Request(Ask::Keep(..), message)) => match &**message {
            breeze_protocol::ClientMessage::ItemSet(wish) => Some(*wish),
            _ => None,
        },
        _ => None,
    };
    commands.iter().filter_map(of).collect()
}

fn headings(model: &Model) -> Vec<(Heading, usize, usize)> {
    let of = |it: Section| (it.heading, it.count, it.rows.len());
    model.sections(at(200)).into_iter().map(of).collect()
}

#[test]
fn a_wish_shows_at_once_and_is_kept_until_the_server_has_it() {
    let (mut model, mut mint) = (talk(), Count(0));
    let commands = keep(&mut model, PIN, &mut mint);
    let wish = said(&commands)[0];
    assert_eq!((wish.conv, wish.change), (CONV, PIN));
    assert_eq!(
        changes(&commands),
        [&Change::PrefsWish(CONV, Some(Box::new(wish)))]
    );
    assert!(model.kept(Some(CONV)).pinned);
    assert!(keep(&mut model, PIN, &mut mint).is_empty(), "it is so already");
    // The connection ends first: the same wish is said again, under the same mid.
    model.apply(at(110), Event::Answer(Ask::Keep(CONV, wish.mid), Reply::Lost));
    let commands = server(&mut model, at(120), Synced { cursor: 9 });
    assert_eq!(said(&commands), [wish]);
    let done = Reply::Message(Box::new(Done {}.into()));
    let commands = model.apply(at(130), Event::Answer(Ask::Keep(CONV, wish.mid), done));
    let kept = Prefs {
        conv: CONV,
        pinned: true,
        ..Prefs::default()
    };
    assert_eq!(
        changes(&commands),
        [&Change::Prefs(kept), &Change::PrefsWish(CONV, None)]
    );
    assert!(said(&server(&mut model, at(140), Synced { cursor: 9 })).is_empty());
    assert!(model.kept(Some(CONV)).pinned);
}

#[test]
fn a_wish_taken_back_while_it_is_on_its_way_is_said_again() {
    let (mut model, mut mint) = (talk(), Count(0));
    let first = said(&keep(&mut model, PIN, &mut mint))[0];
    let unpin = PrefsChange {
        pinned: Some(false),
        ..NONE
    };
    let second = said(&keep(&mut model, unpin, &mut mint))[0];
    assert_eq!(second.change, unpin);
    // The first is carried out meanwhile, and answered.
    item(
        &mut model,
        ItemState::Prefs(Prefs {
            conv: CONV,
            pinned: true,
            ..Prefs::default()
        }),
    );
    let done = Reply::Message(Box::new(Done {}.into()));
    model.apply(at(130), Event::Answer(Ask::Keep(CONV, first.mid), done));
    assert!(!model.kept(Some(CONV)).pinned, "the later word counts");
    assert_eq!(said(&server(&mut model, at(140), Synced { cursor: 9 })), [second]);
}

#[test]
fn what_another_device_set_is_taken_over() {
    let mut model = talk();
    let told = Prefs {
        conv: CONV,
        archived: true,
        ..Prefs::default()
    };
    let commands = server(&mut model, at(1), ItemState::Prefs(told).into_item(7));
    assert!(changes(&commands).contains(&&Change::Prefs(told)));
    assert!(model.kept(Some(CONV)).archived);
    server(&mut model, at(2), ItemState::PrefsGone(CONV).into_item(8));
    assert!(!model.kept(Some(CONV)).archived);
}

#[test]
fn pinned_stands_above_and_what_is_put_away_is_folded_below() {
    let (mut model, mut mint) = (talk(), Count(0));
    keep(&mut model, PIN, &mut mint);
    assert_eq!(headings(&model)[0], (Heading::Pinned, 1, 1));
    model.open = Some(CONV);
    keep(&mut model, ARCHIVE, &mut mint);
    assert_eq!(model.open, None, "put away is away");
    assert_eq!(headings(&model).last(), Some(&(Heading::Archived, 1, 0)));
    model.act(at(150), Action::ShowArchived(true), &mut mint);
    assert_eq!(headings(&model).last(), Some(&(Heading::Archived, 1, 1)));
    model.act(at(150), Action::ShowArchived(false), &mut mint);
    model.act(at(160), Action::Filter("rosa".into()), &mut mint);
    assert_eq!(
        headings(&model),
        [(Heading::Archived, 1, 1)],
        "found all the same"
    );
}

#[test]
fn a_chat_marked_as_unread_counts_until_it_is_opened() {
    let (mut model, mut mint) = (talk(), Count(0));
    model.open = Some(CONV);
    model.act(at(90), Action::Seen(CONV, 1), &mut mint);
    let before = model.unread_total();
    let unread = PrefsChange {
        unread: Some(true),
        ..NONE
    };
    keep(&mut model, unread, &mut mint);
    assert_eq!((model.open, model.unread_total()), (None, before + 1));
    let commands = model.act(at(200), Action::OpenChat(CONV), &mut mint);
    assert_eq!(said(&commands)[0].change.unread, Some(false));
    assert_eq!(model.unread_total(), before);
}

#[test]
fn a_muted_chat_makes_no_noise_and_no_number() {
    let (mut model, mut mint) = (talk(), Count(0));
    let mute = |muted_until| PrefsChange {
        muted_until: Some(muted_until),
        ..NONE
    };
    model.focused = false;
    let noise = |commands: &[Command]| {
        commands
            .iter()
            .any(|command| matches!(command, Command::Notification(_)))
    };
    keep(&mut model, mute(at(1000).wall_ms), &mut mint);
    assert!(!noise(&server(
        &mut model,
        at(300),
        entry(2, ROSA, "are you there?")
    )));
    assert_eq!(model.unread_total(), 0);
    assert!(
        noise(&server(&mut model, at(1000), entry(3, ROSA, "now?"))),
        "its time is over"
    );
    assert!(model.unread_total() > 0);
}
