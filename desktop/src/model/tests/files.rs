//! Files in the model: chosen, read, sent, stopped, refused, deleted; and what is fetched.

use super::*;
use crate::model::Dialog;
use crate::model::entry_acts::EntryAct;
use crate::model::files::{FileAct, FileCommand, FileDialog, FileEvent, FileState, Source, Transfer};
use breeze_protocol::BlobHash;
use breeze_protocol::message::attachment::{Attachment, FilePlace};

fn file() -> Attachment {
    Attachment {
        hash: BlobHash([4; 32]),
        size: 1000,
        name: "plan.pdf".into(),
        media: String::new(),
        width: None,
        height: None,
    }
}

/// A model that is up, with a chat with Rosa, on a server that takes files.
fn ready() -> Model {
    let mut model = model();
    server(&mut model, at(0), entry(1, ROSA, "hello"));
    model.open = Some(CONV);
    model
}

fn act(model: &mut Model, act: FileAct, mint: &mut Count) -> Vec<Command> {
    model.act(at(100), Action::File(act), mint)
}

fn tell(model: &mut Model, event: FileEvent) -> Vec<Command> {
    model.apply(at(200), Event::File(event))
}

/// Chooses, sends and reads a file; the row of the outbox.
fn sent_file(model: &mut Model, mint: &mut Count) -> OutRow {
    act(
        model,
        FileAct::Offer(CONV, vec![Source::Path("/x/plan.pdf".into())]),
        mint,
    );
    act(model, FileAct::Caption(" the plan ".into()), mint);
    let commands = act(model, FileAct::Send, mint);
    let taken = commands.iter().find_map(|command| match command {
        Command::File(FileCommand::Take(files, most)) => Some((files[0].0, *most)),
        _ => None,
    });
    let (mid, most) = taken.expect("it is read");
    assert_eq!(most, 1 << 20, "up to what the server takes");
    let key = BubbleKey::Waiting(mid);
    assert_eq!(model.files.state(key, &file()), FileState::Reading);
    let commands = tell(model, FileEvent::Taken(mid, file()));
    let row = commands.into_iter().find_map(|command| match command {
        Command::Store(StoreCommand::Outbox(row)) => Some(row),
        _ => None,
    });
    row.expect("its message is written once it is read")
}

#[test]
fn a_file_is_asked_about_then_read_then_written() {
    let (mut model, mut mint) = (ready(), Count(0));
    let row = sent_file(&mut model, &mut mint);
    assert_eq!((row.kind, row.body.as_str()), (EntryKind::File, "the plan"));
    assert_eq!(row.attachments, [file()]);
    assert_eq!(
        model.files.state(BubbleKey::Waiting(row.mid), &file()),
        FileState::Waiting
    );
    tell(&mut model, FileEvent::Moved(Transfer::Up(row.mid), 0, 1000));
    model.apply(
        at(1200),
        Event::File(FileEvent::Moved(Transfer::Up(row.mid), 500, 1000)),
    );
    match model.files.state(BubbleKey::Waiting(row.mid), &file()) {
        FileState::Running(progress) => assert_eq!((progress.done, progress.rate), (500, 500)),
        other => panic!("{other:?}"),
    }
    let sent = Sent {
        mid: row.mid,
        conv: CONV,
        seq: 2,
        ts: 5,
        dup: false,
    };
    server(&mut model, at(1300), sent);
    assert_eq!(model.chats[&CONV].messages[&2].attachments, [file()]);
    assert_eq!(model.files.state(BubbleKey::Stored(2), &file()), FileState::Here);
}

#[test]
fn what_was_typed_goes_with_the_file_and_an_answer_stays_one() {
    let (mut model, mut mint) = (ready(), Count(0));
    model.act(at(1), Action::Compose(CONV, "look at this".into()), &mut mint);
    let reply = crate::model::entry_acts::EntryAct::Reply(1);
    model.act(at(1), Action::Entry(CONV, reply), &mut mint);
    act(
        &mut model,
        FileAct::Offer(
            CONV,
            vec![Source::Path("/x/a".into()), Source::Path("/x/b".into())],
        ),
        &mut mint,
    );
    match &model.dialog {
        Some(Dialog::File(FileDialog::Offer(draft))) => assert_eq!(draft.caption, "look at this"),
        other => panic!("{other:?}"),
    }
    act(&mut model, FileAct::Send, &mut mint);
    assert_eq!(model.chats[&CONV].draft, "");
    let rows: Vec<OutRow> = (1..=2)
        .flat_map(|n| tell(&mut model, FileEvent::Taken(Mid([n; 16]), file())))
        .filter_map(|command| match command {
            Command::Store(StoreCommand::Outbox(row)) => Some(row),
            _ => None,
        })
        .collect();
    let said: Vec<_> = rows.iter().map(|row| (row.body.as_str(), row.target)).collect();
    assert_eq!(said, [("look at this", Some(1)), ("", None)]);
}

#[test]
fn a_file_that_cannot_be_read_gives_its_words_back() {
    let (mut model, mut mint) = (ready(), Count(0));
    act(
        &mut model,
        FileAct::Offer(CONV, vec![Source::Path("/x/a".into())]),
        &mut mint,
    );
    act(&mut model, FileAct::Caption("words".into()), &mut mint);
    act(&mut model, FileAct::Send, &mut mint);
    tell(&mut model, FileEvent::NotTaken(Mid([1; 16]), "too large".into()));
    assert_eq!(model.chats[&CONV].draft, "words");
    assert_eq!(model.toasts[0].text, "too large");
    assert_eq!(model.files.preparing(CONV).count(), 0);
}

#[test]
fn an_upload_is_stopped_or_refused_and_can_be_tried_again() {
    let (mut model, mut mint) = (ready(), Count(0));
    let row = sent_file(&mut model, &mut mint);
    let commands = tell(
        &mut model,
        FileEvent::Failed(Transfer::Up(row.mid), "no room".into()),
    );
    assert!(commands.contains(&StoreCommand::OutboxRefused(row.mid, "no room".into()).into()));
    let retry = Action::RetryMessage(CONV, BubbleKey::Waiting(row.mid));
    let commands = model.act(at(300), retry, &mut mint);
    assert_eq!(
        commands,
        [StoreCommand::Outbox(row.clone()).into()],
        "with its files"
    );
    let commands = act(&mut model, FileAct::Cancel(Transfer::Up(row.mid)), &mut mint);
    assert!(commands.contains(&LinkCommand::CancelFile(Transfer::Up(row.mid)).into()));
    assert!(commands.contains(&StoreCommand::OutboxDrop(row.mid).into()));
    assert!(model.chats[&CONV].waiting.is_empty());
    assert_eq!(model.chats[&CONV].draft, "the plan", "the words are not lost");
}

#[test]
fn a_file_is_fetched_once_and_erased_with_its_message() {
    let (mut model, mut mint) = (ready(), Count(0));
    let carried = Entry {
        kind: EntryKind::File,
        attachments: vec![file()],
        ..entry(2, ROSA, "")
    };
    server(&mut model, at(1), carried.clone());
    let place = FilePlace {
        conv: CONV,
        seq: 2,
        index: 0,
    };
    let fetch = LinkCommand::FetchFile(place, file().hash, 1000);
    assert_eq!(act(&mut model, FileAct::Fetch(place), &mut mint), [fetch.into()]);
    assert!(
        act(&mut model, FileAct::Fetch(place), &mut mint).is_empty(),
        "it is on its way"
    );
    tell(&mut model, FileEvent::Came(file().hash));
    assert!(
        act(&mut model, FileAct::Fetch(place), &mut mint).is_empty(),
        "it is here"
    );
    act(&mut model, FileAct::Open(file()), &mut mint);
    assert_eq!(model.dialog, None, "a document is opened");
    let program = Attachment {
        name: "plan.pdf.exe".into(),
        ..file()
    };
    assert!(act(&mut model, FileAct::Open(program.clone()), &mut mint).is_empty());
    assert_eq!(model.dialog, Some(Dialog::File(FileDialog::Risky(program))));
    let deletion = Entry {
        kind: EntryKind::Delete,
        target: Some(2),
        n: 2,
        ..entry(3, ROSA, "")
    };
    server(&mut model, at(2), deletion);
    assert!(model.chats[&CONV].messages[&2].attachments.is_empty());
    // And when the deletion comes first.
    server(&mut model, at(3), carried);
    assert!(model.chats[&CONV].messages[&2].attachments.is_empty());
}

#[test]
fn without_a_server_that_takes_files_nothing_is_offered() {
    let (mut model, mut mint) = (ready(), Count(0));
    model.files.bytes_max = 0;
    act(
        &mut model,
        FileAct::Offer(CONV, vec![Source::Path("/x/a".into())]),
        &mut mint,
    );
    assert_eq!(model.dialog, None);
    assert!(act(&mut model, FileAct::Choose(CONV), &mut mint).is_empty());
}

#[test]
fn a_file_is_passed_on_with_its_caption_and_without_bytes() {
    let mut model = ready();
    let carried = Entry {
        kind: EntryKind::File,
        attachments: vec![file()],
        ..entry(2, ROSA, "the plan")
    };
    server(&mut model, at(1), carried);
    let act = Action::Entry(CONV, EntryAct::ForwardTo(2, CONV));
    let rows = model.act(at(2), act, &mut Count(0));
    let row = rows.into_iter().find_map(|command| match command {
        Command::Store(StoreCommand::Outbox(row)) => Some(row),
        _ => None,
    });
    let row = row.expect("a message of its own");
    assert_eq!(
        (row.kind, row.body.as_str(), row.target),
        (EntryKind::File, "the plan", None)
    );
    assert_eq!(row.attachments, [file()]);
}
