//! Files in the window: their bubbles in every state, choosing, dropping, the warning, the picture looked at large.

use super::{demo, done, open};
use breeze_desktop::model::chat::BubbleKey;
use breeze_desktop::model::event::Event;
use breeze_desktop::model::files::{Draft, FileAct, FileDialog, FileEvent, FileState, Source, Transfer};
use breeze_desktop::model::{Action, Dialog, Model, ThemeChoice};
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::PathBuf;

fn lins() -> ConvId {
    demo::conv(demo::LIN)
}

fn tell(model: &mut Model, event: FileEvent) {
    assert!(model.apply(demo::now(), Event::File(event)).is_empty());
}

/// A chat of one file by Lin, on a server that takes files.
fn with(file: &Attachment) -> Model {
    let mut model = demo::model();
    let mut chat = demo::chat(demo::LIN, &[], 0);
    demo::file_entry(&mut chat, demo::LIN, std::slice::from_ref(file), "the plan");
    model.chats.insert(lins(), chat);
    model.files.bytes_max = 1 << 29;
    model
}

fn place() -> FilePlace {
    FilePlace {
        conv: lins(),
        seq: 1,
        index: 0,
    }
}

fn pdf() -> Attachment {
    demo::attachment(7, "floorplan-v3.pdf", 12_400_000, None)
}

fn acts(harness: &mut Harness<'static, demo::Shown>) -> Vec<FileAct> {
    let of = |action| match action {
        Action::File(act) => Some(act),
        _ => None,
    };
    done(harness).into_iter().filter_map(of).collect()
}

#[test]
fn a_file_says_what_it_is_and_a_click_does_what_is_next() {
    let mut model = with(&pdf());
    let mut harness = open(model.clone());
    harness
        .get_by_label("File floorplan-v3.pdf, 12 MB, Not downloaded")
        .click();
    assert_eq!(acts(&mut harness), [FileAct::Fetch(place())]);
    let down = Transfer::Down(pdf().hash);
    tell(&mut model, FileEvent::Moved(down, 3_100_000, 12_400_000));
    let mut harness = open(model.clone());
    harness
        .get_by_label("File floorplan-v3.pdf, 12 MB, 3.1 MB of 12 MB")
        .click();
    assert_eq!(acts(&mut harness), [FileAct::Cancel(down)]);
    tell(&mut model, FileEvent::Failed(down, "It is gone.".into()));
    let mut harness = open(model.clone());
    harness
        .get_by_label("File floorplan-v3.pdf, 12 MB, It is gone.")
        .click();
    assert_eq!(acts(&mut harness), [FileAct::Fetch(place())]);
    tell(&mut model, FileEvent::Came(pdf().hash));
    let mut harness = open(model.clone());
    harness
        .get_by_label("File floorplan-v3.pdf, 12 MB, On this computer")
        .click();
    assert_eq!(acts(&mut harness), [FileAct::Open(pdf())]);
    harness.get_by_label("Save floorplan-v3.pdf as…").click();
    assert_eq!(acts(&mut harness), [FileAct::SaveAs(pdf())]);
    tell(
        &mut model,
        FileEvent::Saved(pdf().hash, PathBuf::from("/tmp/x.pdf")),
    );
    let mut harness = open(model);
    harness
        .get_by_label("Show the folder of floorplan-v3.pdf")
        .click();
    assert_eq!(acts(&mut harness), [FileAct::Folder(pdf().hash)]);
}

#[test]
fn a_picture_is_fetched_when_it_is_seen_and_shown_when_it_is_here() {
    let picture = demo::attachment(9, "harbour.jpg", 180_000, Some((1600, 1200)));
    let shown = demo::Shown::new(with(&picture), Box::new(|_| None));
    let mut harness = demo::harness(shown, [1120.0, 720.0], ThemeChoice::Light, |_| {});
    harness.run_ok();
    let fetch = Action::File(FileAct::Fetch(place()));
    assert!(
        harness.state().actions.contains(&fetch),
        "{:?}",
        harness.state().actions
    );
    let large = Attachment {
        size: 20_000_000,
        ..picture.clone()
    };
    let mut harness = open(with(&large));
    assert!(acts(&mut harness).is_empty(), "a large one waits for a click");
    let mut model = with(&picture);
    tell(&mut model, FileEvent::Came(picture.hash));
    let mut harness = open(model);
    let label = "Picture harbour.jpg, 180 kB, On this computer";
    // Nobody gives its bytes in this test, so it falls back to a row with the same name.
    let node = harness.query_by_label(label);
    assert!(
        node.is_some()
            || harness
                .query_by_label("File harbour.jpg, 180 kB, On this computer")
                .is_some()
    );
    assert!(acts(&mut harness).is_empty());
}

#[test]
fn the_paper_clip_is_there_when_the_server_takes_files() {
    let mut model = demo::model();
    let harness = open(model.clone());
    assert!(harness.query_by_label("Attach files").is_none());
    model.files.bytes_max = 1000;
    let mut harness = open(model);
    harness.get_by_label("Attach files").click();
    assert_eq!(acts(&mut harness), [FileAct::Choose(lins())]);
}

#[test]
fn what_was_chosen_is_shown_before_it_is_sent() {
    let mut model = demo::model();
    model.files.bytes_max = 1000;
    model.dialog = Some(Dialog::File(FileDialog::Offer(Draft {
        conv: lins(),
        sources: vec![
            Source::Path("/home/mira/harbour.jpg".into()),
            Source::Path("/home/mira/\u{202e}gpj.exe".into()),
        ],
        caption: "look".into(),
    })));
    let mut harness = open(model);
    harness.get_by_label("harbour.jpg");
    harness.get_by_label("_gpj.exe");
    harness.get_by_label("Leave out harbour.jpg").click();
    assert_eq!(acts(&mut harness), [FileAct::LeaveOut(0)]);
    harness.get_by_label("Send 2 files").click();
    assert_eq!(acts(&mut harness), [FileAct::Send]);
    harness.run();
    harness.key_press(egui::Key::Enter);
    assert_eq!(acts(&mut harness), [FileAct::Send]);
}

#[test]
fn a_program_is_not_opened_without_a_warning() {
    let mut model = demo::model();
    let file = demo::attachment(3, "setup.exe", 1000, None);
    model.dialog = Some(Dialog::File(FileDialog::Risky(file.clone())));
    let mut harness = open(model);
    harness.get_by_label("Open it anyway").click();
    assert_eq!(acts(&mut harness), [FileAct::OpenAnyway(file)]);
    harness.get_by_label("Keep it closed").click();
    assert_eq!(done(&mut harness), [Action::CloseDialog]);
}

#[test]
fn a_text_too_long_for_a_message_is_offered_as_a_file() {
    let mut model = demo::model();
    model.files.bytes_max = 1 << 20;
    if let Some(chat) = model.chats.get_mut(&lins()) {
        chat.draft = "x".repeat(20_000);
    }
    let mut harness = open(model);
    harness.get_by_label("Send as text file").click();
    assert_eq!(acts(&mut harness), [FileAct::OfferText(lins())]);
}

#[test]
fn a_file_that_waits_shows_how_far_it_is() {
    let mut model = demo::model();
    model.files.bytes_max = 1 << 20;
    let chat = model.chats.get_mut(&lins()).unwrap();
    let mid = breeze_protocol::Mid([5; 16]);
    chat.waiting.push(breeze_desktop::model::chat::Waiting {
        mid,
        kind: breeze_protocol::message::chat::EntryKind::File,
        attachments: vec![pdf()],
        ts: demo::WALL_MS,
        ..Default::default()
    });
    assert_eq!(
        model.files.state(BubbleKey::Waiting(mid), &pdf()),
        FileState::Waiting
    );
    tell(
        &mut model,
        FileEvent::Moved(Transfer::Up(mid), 6_200_000, 12_400_000),
    );
    let mut harness = open(model);
    let node = harness.get_by_label("File floorplan-v3.pdf, 12 MB, 6.2 MB of 12 MB");
    node.click();
    assert_eq!(acts(&mut harness), [FileAct::Cancel(Transfer::Up(mid))]);
}

#[test]
fn a_copied_picture_is_pasted_as_a_file() {
    let mut model = demo::model();
    model.files.bytes_max = 1000;
    let mut harness = open(model);
    harness.get_by_label("Message Lin Mei").focus();
    harness.run();
    let picture = egui::ColorImage::filled([3, 2], egui::Color32::from_rgb(9, 8, 7));
    harness.event(egui::Event::PasteImage(std::sync::Arc::new(picture)));
    let rgba = [9, 8, 7, 255].repeat(6);
    let source = Source::Picture(3, 2, std::sync::Arc::new(rgba));
    assert_eq!(acts(&mut harness), [FileAct::Offer(lins(), vec![source.clone()])]);
    harness.state_mut().model.dialog = Some(Dialog::File(FileDialog::Offer(Draft {
        conv: lins(),
        sources: vec![source],
        caption: String::new(),
    })));
    harness.run();
    let (seen, named) = (
        harness.get_by_label("The copied picture").rect(),
        harness.get_by_label("picture.png").rect(),
    );
    assert!(seen.bottom() <= named.top(), "{seen:?} above {named:?}");
}
