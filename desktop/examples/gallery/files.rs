//! Scenes of files: every state of a transfer, and the questions asked about files.

use super::{SIZE, Scene, demo};
use breeze_desktop::model::files::{Draft, FileDialog, FileEvent, Source, Transfer};
use breeze_desktop::model::{Dialog, Model, ThemeChoice};
use breeze_protocol::message::attachment::Attachment;

/// A picture of a harbour, as far as a few lines can paint one.
pub(super) fn photo(hash: breeze_protocol::BlobHash) -> Vec<u8> {
    let [n, ..] = hash.0;
    let picture = image::RgbImage::from_fn(1600, 1200, |x, y| {
        let wave = ((f64::from(x) / 90.0).sin() * 18.0 + f64::from(y)) as u32;
        let sky = [
            250 - (y / 8).min(140) as u8,
            190 - (y / 12).min(90) as u8,
            120 + n,
        ];
        let sea = [20, (60 + wave % 70) as u8, (110 + wave % 60) as u8];
        image::Rgb(if wave < 640 { sky } else { sea })
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("a picture encodes");
    bytes.into_inner()
}

/// A chat full of files, in every state.
fn files(main: &Model) -> Model {
    let conv = demo::conv(demo::LIN);
    let mut model = main.clone();
    model.files.bytes_max = 1 << 29;
    let harbour = harbour();
    let (plan, film) = (
        demo::attachment(1, "floorplan-v3.pdf", 12_400_000, None),
        demo::attachment(
            2,
            "A very long name of a film that does not fit into its row at all.mkv",
            431_000_000,
            None,
        ),
    );
    let (tool, song) = (
        demo::attachment(3, "setup.exe", 2_100_000, None),
        demo::attachment(4, "song.mp3", 4_800_000, None),
    );
    let mut chat = demo::chat(
        demo::LIN,
        &[(demo::LIN, demo::WALL_MS - 60_000, "Look what I found")],
        0,
    );
    demo::file_entry(
        &mut chat,
        demo::LIN,
        std::slice::from_ref(&harbour),
        "the harbour at night",
    );
    demo::file_entry(&mut chat, demo::MIRA, std::slice::from_ref(&plan), "");
    demo::file_entry(&mut chat, demo::LIN, &[film.clone(), tool], "");
    demo::file_entry(&mut chat, demo::MIRA, std::slice::from_ref(&song), "and this");
    model.chats.insert(conv, chat);
    let mut tell = |event| drop(model.apply(demo::now(), breeze_desktop::model::event::Event::File(event)));
    tell(FileEvent::Here(vec![harbour.hash, plan.hash]));
    tell(FileEvent::Moved(
        Transfer::Down(film.hash),
        130_000_000,
        431_000_000,
    ));
    tell(FileEvent::Failed(
        Transfer::Down(song.hash),
        "This file is no longer on the server.".into(),
    ));
    model
}

fn harbour() -> Attachment {
    demo::attachment(9, "harbour.jpg", 181_204, Some((1600, 1200)))
}

pub(super) fn scenes(main: &Model) -> Vec<Scene> {
    let (light, dark) = (ThemeChoice::Light, ThemeChoice::Dark);
    let model = files(main);
    let conv = demo::conv(demo::LIN);
    let with = |dialog| Model {
        dialog: Some(Dialog::File(dialog)),
        ..model.clone()
    };
    let offer = FileDialog::Offer(Draft {
        conv,
        sources: vec![
            Source::Path("harbour.jpg".into()),
            Source::Path("floorplan-v3.pdf".into()),
        ],
        caption: String::new(),
    });
    let size = [1120.0, 860.0];
    vec![
        ("files-light", model.clone(), light, size),
        ("files-dark", model.clone(), dark, size),
        ("files-narrow", model.clone(), dark, [420.0, 760.0]),
        ("files-drop", model.clone(), light, SIZE),
        ("files-offer", with(offer), light, SIZE),
        (
            "files-risky",
            with(FileDialog::Risky(demo::attachment(3, "setup.exe", 1, None))),
            dark,
            SIZE,
        ),
        ("files-look", with(FileDialog::Look(harbour())), dark, SIZE),
    ]
}
