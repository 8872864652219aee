//! What became of messages: whatever order it comes in, and whatever the person wishes.

use super::*;
use crate::model::Dialog;
use crate::model::changes::{Chip, Extra};
use crate::model::chat::{Chat, Message};
use crate::model::entry_acts::{About, EntryAct, EntryDialog};
use crate::model::event::StoreEvent;
use proptest::prelude::*;

fn change(seq: u64, sender: AccountId, kind: EntryKind, target: u64, body: &str) -> Entry {
    Entry {
        kind,
        target: Some(target),
        n: 2,
        ..entry(seq, sender, body)
    }
}

/// Rosa says something and then oneself does.
fn talk() -> Model {
    let mut model = model();
    server(&mut model, at(1), entry(1, ROSA, "tea at four?"));
    server(&mut model, at(2), entry(2, ME, "yes"));
    model.act(at(3), Action::OpenPerson(ROSA), &mut Count(0));
    model
}

fn act(model: &mut Model, act: EntryAct) -> Vec<Command> {
    model.act(at(10), Action::Entry(CONV, act), &mut Count(40))
}

fn out(commands: &[Command]) -> Vec<OutRow> {
    let row = |command: &Command| match command {
        Command::Store(StoreCommand::Outbox(row)) => Some(row.clone()),
        _ => None,
    };
    commands.iter().filter_map(row).collect()
}

/// Text and what stands around it, of each bubble.
fn bubbles(model: &Model) -> Vec<(String, Extra, Option<Tick>)> {
    let lines = model.lines(CONV, at(20), &|_| 0);
    let bubble = |line: Line| match line {
        Line::Bubble {
            text, extra, tick, ..
        } => Some((text, extra, tick)),
        _ => None,
    };
    lines.into_iter().filter_map(bubble).collect()
}

fn texts(model: &Model) -> Vec<String> {
    bubbles(model).into_iter().map(|(text, ..)| text).collect()
}

#[test]
fn an_edit_a_reaction_and_a_deletion_stand_at_their_message_and_have_no_line() {
    let mut model = talk();
    server(
        &mut model,
        at(4),
        change(3, ROSA, EntryKind::Edit, 1, "tea at five?"),
    );
    server(&mut model, at(4), change(4, ME, EntryKind::Reaction, 1, "🍵"));
    server(&mut model, at(4), change(5, ROSA, EntryKind::Reaction, 1, "🍵"));
    server(&mut model, at(4), change(6, ROSA, EntryKind::Reaction, 2, "👍"));
    assert_eq!(texts(&model), ["tea at five?", "yes"]);
    let both = Chip {
        emoji: "🍵".into(),
        who: vec![ME, ROSA],
        own: true,
    };
    let first = &bubbles(&model)[0].1;
    assert_eq!(first.chips, [both]);
    assert_eq!(first.edited, Some(entry(3, ROSA, "").ts));
    server(&mut model, at(5), change(7, ROSA, EntryKind::Reaction, 2, ""));
    assert_eq!(bubbles(&model)[1].1.chips, [], "taken back");
    server(&mut model, at(6), change(8, ROSA, EntryKind::Delete, 1, ""));
    assert!(bubbles(&model)[0].1.deleted);
    let held = format!("{:?}", model.chats[&CONV].messages);
    assert!(!held.contains("tea"), "{held}");
    assert_eq!(model.chats[&CONV].n, 2, "only messages are counted");
    assert_eq!(model.unread_total(), 1);
}

#[test]
fn what_somebody_else_does_to_a_message_that_is_not_theirs_says_nothing() {
    let mut model = talk();
    server(&mut model, at(4), change(3, ROSA, EntryKind::Edit, 2, "no"));
    server(&mut model, at(4), change(4, ROSA, EntryKind::Delete, 2, ""));
    server(
        &mut model,
        at(4),
        change(5, ROSA, EntryKind::Reaction, 2, "not an emoji"),
    );
    assert_eq!(texts(&model), ["tea at four?", "yes"]);
    assert_eq!(bubbles(&model)[1].1, Extra::default());
}

#[test]
fn a_reaction_on_an_open_chat_makes_no_new_line_and_no_unread() {
    let mut model = talk();
    model.act(at(4), Action::Seen(CONV, 2), &mut Count(0));
    model.focused = false;
    let line = model.chats[&CONV].new_after;
    let commands = server(&mut model, at(5), change(3, ROSA, EntryKind::Reaction, 2, "👍"));
    assert_eq!(model.unread_total(), 0);
    assert_eq!(model.chats[&CONV].new_after, line);
    let notified = commands.iter().any(|it| matches!(it, Command::Notification(_)));
    assert!(!notified, "{commands:?}");
}

#[test]
fn an_answer_quotes_what_it_answers_as_it_is_now() {
    let mut model = talk();
    act(&mut model, EntryAct::Reply(1));
    assert_eq!(model.chats[&CONV].about, Some(About::Reply(1)));
    model.act(at(11), Action::Compose(CONV, "better five".into()), &mut Count(0));
    let rows = out(&model.act(at(12), Action::Send(CONV), &mut Count(40)));
    assert_eq!((rows[0].kind, rows[0].target), (EntryKind::Text, Some(1)));
    let quote = |model: &Model| bubbles(model)[2].1.quote.clone();
    let quoted = quote(&model).expect("it quotes while it waits");
    assert_eq!((quoted.who, quoted.text.as_str()), (Some(ROSA), "tea at four?"));
    let stored = Entry {
        mid: rows[0].mid,
        ..change(3, ME, EntryKind::Text, 1, "better five")
    };
    server(&mut model, at(13), Entry { n: 3, ..stored });
    server(&mut model, at(14), change(4, ROSA, EntryKind::Delete, 1, ""));
    let quoted = quote(&model).expect("it still answers");
    assert_eq!((quoted.deleted, quoted.text.as_str()), (true, ""));
}

#[test]
fn an_answer_to_what_is_not_in_memory_quotes_what_the_disk_has() {
    let mut model = talk();
    server(
        &mut model,
        at(4),
        change(3, ME, EntryKind::Text, 1, "better five"),
    );
    if let Some(chat) = model.chats.get_mut(&CONV) {
        chat.messages.remove(&1);
    }
    let quote = |model: &Model| bubbles(model)[1].1.quote.clone().expect("it answers");
    assert_eq!((quote(&model).who, quote(&model).deleted), (None, false));
    let asked = act(&mut model, EntryAct::Quote(1));
    assert_eq!(asked, [StoreCommand::Quote(CONV, 1).into()]);
    let found = StoreEvent::Quoted(CONV, 1, ROSA, Some("tea at four?".into()));
    model.apply(at(5), Event::Store(found));
    assert_eq!(
        (quote(&model).who, quote(&model).text.as_str()),
        (Some(ROSA), "tea at four?")
    );
    server(&mut model, at(6), change(4, ROSA, EntryKind::Delete, 1, ""));
    assert_eq!((quote(&model).deleted, quote(&model).text.as_str()), (true, ""));
    assert!(!format!("{:?}", model.chats).contains("tea at four"));
}

#[test]
fn an_edit_waits_is_shown_at_once_and_brings_the_draft_back() {
    let mut model = talk();
    model.act(
        at(4),
        Action::Compose(CONV, "half a thought".into()),
        &mut Count(0),
    );
    act(&mut model, EntryAct::EditLast);
    assert_eq!(model.chats[&CONV].draft, "yes");
    model.act(at(11), Action::Compose(CONV, "yes, gladly".into()), &mut Count(0));
    let kept = model.act(at(900), Action::Quit, &mut Count(0));
    let draft = StoreCommand::Draft(CONV, "half a thought".into()).into();
    assert!(kept.contains(&draft), "an unfinished edit is no draft: {kept:?}");
    let commands = model.act(at(12), Action::Send(CONV), &mut Count(40));
    let rows = out(&commands);
    assert_eq!((rows[0].kind, rows[0].target), (EntryKind::Edit, Some(2)));
    assert_eq!(model.chats[&CONV].draft, "half a thought");
    let (text, extra, tick) = bubbles(&model)[1].clone();
    assert_eq!((text.as_str(), tick), ("yes, gladly", Some(Tick::Waiting)));
    assert!(extra.edited.is_some());
    let sent = Sent {
        mid: rows[0].mid,
        conv: CONV,
        seq: 3,
        ts: 5,
        dup: false,
    };
    server(&mut model, at(13), sent);
    assert_eq!(bubbles(&model)[1].2, Some(Tick::Stored));
    assert_eq!(model.chats[&CONV].n, 2, "an edit is not counted");
}

#[test]
fn an_edit_that_changes_nothing_or_is_given_up_sends_nothing() {
    let mut model = talk();
    act(&mut model, EntryAct::Edit(2));
    assert_eq!(model.act(at(12), Action::Send(CONV), &mut Count(40)), []);
    act(&mut model, EntryAct::Edit(2));
    act(&mut model, EntryAct::Cancel);
    assert_eq!(
        (model.chats[&CONV].draft.as_str(), &model.chats[&CONV].about),
        ("", &None)
    );
    for wish in [
        EntryAct::Edit(1),
        EntryAct::AskDelete(1),
        EntryAct::Delete(1),
        EntryAct::Edit(9),
    ] {
        assert_eq!(
            act(&mut model, wish.clone()),
            [],
            "{wish:?} of what is not one's own"
        );
        assert_eq!((&model.chats[&CONV].about, &model.dialog), (&None, &None));
    }
}

#[test]
fn deleting_asks_and_then_erases_at_once() {
    let mut model = talk();
    act(&mut model, EntryAct::AskDelete(2));
    assert_eq!(model.dialog, Some(Dialog::Entry(CONV, 2, EntryDialog::Delete)));
    let rows = out(&act(&mut model, EntryAct::Delete(2)));
    assert_eq!(
        (rows[0].kind, rows[0].target, rows[0].body.as_str()),
        (EntryKind::Delete, Some(2), "")
    );
    assert_eq!(model.dialog, None);
    assert!(bubbles(&model)[1].1.deleted, "shown as wished");
    assert_eq!(out(&act(&mut model, EntryAct::Delete(2))), [], "once is enough");
    assert_eq!(out(&act(&mut model, EntryAct::React(2, "👍".into()))), []);
}

#[test]
fn a_reaction_goes_on_and_off() {
    let mut model = talk();
    let mut body = |emoji: &str| {
        let commands = model.act(
            at(10),
            Action::Entry(CONV, EntryAct::React(1, emoji.into())),
            &mut Count(u8::try_from(model.chats[&CONV].waiting.len()).expect("few") + 60),
        );
        out(&commands).into_iter().map(|row| row.body).collect::<Vec<_>>()
    };
    assert_eq!(body("👍"), ["👍"]);
    assert_eq!(body("❤️"), ["❤️"], "another in its place");
    assert_eq!(body("❤️"), [""], "and back");
    assert_eq!(body("no emoji"), [""; 0]);
    assert_eq!(bubbles(&model)[0].1.chips, []);
}

fn refuse(model: &mut Model, row: &OutRow, code: NackCode) -> Vec<Command> {
    let nack = Nack {
        mid: row.mid,
        code,
        transient: false,
        retry_ms: 0,
    };
    server(model, at(20), nack)
}

#[test]
fn a_refused_change_is_not_shown_any_more_and_its_words_are_given_back() {
    let mut model = talk();
    act(&mut model, EntryAct::Edit(2));
    model.act(at(11), Action::Compose(CONV, "better".into()), &mut Count(0));
    let rows = out(&model.act(at(12), Action::Send(CONV), &mut Count(40)));
    let commands = refuse(&mut model, &rows[0], NackCode::NotContact);
    assert_eq!(commands, [StoreCommand::OutboxDrop(rows[0].mid).into()]);
    assert_eq!(texts(&model), ["tea at four?", "yes"]);
    assert_eq!(model.chats[&CONV].draft, "better");
    assert!(matches!(
        model.chats[&CONV].about,
        Some(About::Edit { seq: 2, .. })
    ));
    assert_eq!(model.toasts.len(), 1);
    act(&mut model, EntryAct::Cancel);
    let rows = out(&act(&mut model, EntryAct::Delete(2)));
    refuse(&mut model, &rows[0], NackCode::BadReference);
    assert!(!bubbles(&model)[1].1.deleted);
    assert_eq!(model.toasts.len(), 1, "somebody was faster; nothing to say");
}

#[test]
fn a_full_disk_gives_the_words_of_an_edit_back() {
    let mut model = talk();
    act(&mut model, EntryAct::Edit(2));
    model.act(at(11), Action::Compose(CONV, "better".into()), &mut Count(0));
    let rows = out(&model.act(at(12), Action::Send(CONV), &mut Count(40)));
    let failed = StoreEvent::OutboxFailed(rows[0].mid, crate::model::event::StoreFailure::Full);
    model.apply(at(13), Event::Store(failed));
    assert_eq!(model.chats[&CONV].draft, "better");
    assert_eq!(texts(&model), ["tea at four?", "yes"]);
}

#[test]
fn a_page_of_history_that_is_older_than_a_deletion_brings_nothing_back() {
    let mut model = model();
    server(&mut model, at(1), change(4, ROSA, EntryKind::Delete, 2, ""));
    let page = HistoryPage {
        conv: CONV,
        rows: vec![
            entry(1, ROSA, "kept"),
            entry(2, ROSA, "rosebud"),
            change(3, ROSA, EntryKind::Edit, 2, "rosebud again"),
        ],
        more: false,
        gone: Vec::new(),
    };
    let reply = Reply::Message(Box::new(page.into()));
    model.apply(at(2), Event::Answer(Ask::Older(CONV), reply));
    assert_eq!(texts(&model)[0], "kept");
    assert!(bubbles(&model)[1].1.deleted);
    assert!(!format!("{:?}", model.chats).contains("rosebud"));
}

#[test]
fn a_deletion_erases_what_is_shown_of_the_past_as_well() {
    let text = |seq, kind, target, body: &str| {
        Message::new(Entry {
            kind,
            target,
            ..entry(seq, ROSA, body)
        })
    };
    let past = crate::model::past::Past {
        messages: [(1, text(1, EntryKind::Text, None, "rosebud"))].into(),
        later: [(5, text(5, EntryKind::Edit, Some(1), "rosebud again"))].into(),
        ..Default::default()
    };
    let mut chat = Chat {
        past: Some(past),
        ..Chat::default()
    };
    chat.take(text(9, EntryKind::Delete, Some(1), ""));
    assert!(!format!("{chat:?}").contains("rosebud"));
}

#[test]
fn the_list_and_a_notification_do_not_say_what_is_deleted() {
    let mut model = talk();
    model.open = None;
    model.focused = false;
    let said = |commands: &[Command]| format!("{commands:?}");
    server(&mut model, at(4), entry(3, ROSA, "the one before"));
    let shown = server(
        &mut model,
        at(5),
        Entry {
            n: 4,
            ..entry(4, ROSA, "rosebud")
        },
    );
    assert!(said(&shown).contains("rosebud"), "{shown:?}");
    let after = server(
        &mut model,
        at(6),
        Entry {
            n: 4,
            ..change(5, ROSA, EntryKind::Delete, 4, "")
        },
    );
    let told = said(&after);
    assert!(told.contains("Show") && told.contains("the one before"), "{told}");
    assert!(!format!("{:?}", model.sections(at(7))).contains("rosebud"));
    let after = server(
        &mut model,
        at(8),
        Entry {
            n: 4,
            ..change(6, ROSA, EntryKind::Delete, 3, "")
        },
    );
    assert!(!said(&after).contains("the one before"), "{after:?}");
}

#[test]
fn forwarding_sends_the_text_as_it_is_now() {
    let mut model = talk();
    server(
        &mut model,
        at(4),
        change(3, ROSA, EntryKind::Edit, 1, "tea at five?"),
    );
    let other = ConvId(32);
    let conv = Conv {
        conv: other,
        members: vec![ME, JON],
        head: 0,
        n: 0,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    act(&mut model, EntryAct::Forward(1));
    assert_eq!(model.dialog, Some(Dialog::Entry(CONV, 1, EntryDialog::Forward)));
    let rows = out(&act(&mut model, EntryAct::ForwardTo(1, other)));
    assert_eq!((rows[0].conv, rows[0].body.as_str()), (other, "tea at five?"));
    assert_eq!((rows[0].kind, rows[0].target), (EntryKind::Text, None));
    assert_eq!((&model.dialog, model.open), (&None, Some(other)));
}

/// A chat of some messages and what became of them, as a server would number it.
fn history() -> impl Strategy<Value = Vec<Message>> {
    let step = (0..4_u8, 1..8_u64, prop::sample::select(vec![ME, ROSA]), 0..3_u8);
    prop::collection::vec(step, 1..30).prop_map(|steps| {
        let place = |at: usize| at as u64 + 1;
        let rows = steps.into_iter().enumerate();
        rows.map(|(at, (kind, target, sender, word))| {
            let kinds = [
                EntryKind::Text,
                EntryKind::Edit,
                EntryKind::Delete,
                EntryKind::Reaction,
            ];
            let kind = kinds[usize::from(kind)];
            let body = match kind {
                EntryKind::Delete => String::new(),
                EntryKind::Reaction => ["👍", "❤️", ""][usize::from(word)].to_owned(),
                _ => format!("words {at}"),
            };
            Message {
                seq: place(at),
                prev_seq: place(at) - 1,
                sender,
                body,
                kind,
                target: (kind != EntryKind::Text).then_some(target.min(place(at) - 1).max(1)),
                ..Message::default()
            }
        })
        .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_entries_come_changes_nothing(
        rows in history(),
        order in any::<u64>(),
        again in any::<u64>(),
    ) {
        let taken = |rows: &[Message]| {
            let mut chat = Chat::default();
            for row in rows {
                chat.take(row.clone());
            }
            chat
        };
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|row| (row.seq ^ order).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        shuffled.extend(rows.iter().filter(|row| again >> (row.seq % 64) & 1 == 1).cloned());
        let (straight, mixed) = (taken(&rows), taken(&shuffled));
        prop_assert_eq!(&straight.messages, &mixed.messages);
        prop_assert_eq!(straight.changes(ME), mixed.changes(ME));
    }
}
