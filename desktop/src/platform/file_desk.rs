//! Files and the person: dialogs, copying onto the shelf, saving, opening with the system's programs. Blocks: for workers.

use super::portal;
use crate::model::event::Event;
use crate::model::file_name;
use crate::model::files::{FileCommand, FileEvent, Source};
use crate::storage::shelf::{NotTaken, Shelf};
use crate::words::{tr, tr_with};
use breeze_protocol::Mid;
use breeze_protocol::message::attachment::Attachment;
use image::{ExtendedColorType, ImageEncoder, ImageReader};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Carries one command out; `tell` hears what comes of it.
pub fn carry_out(shelf: &Shelf, command: FileCommand, tell: &dyn Fn(Event)) {
    let tell = |event| tell(Event::File(event));
    match command {
        FileCommand::List(needed) => {
            shelf.sweep(&needed);
            tell(FileEvent::Here(shelf.list()));
        }
        FileCommand::KeepOnly(named) => {
            shelf.keep_only(&named, super::wall_ms());
            tell(FileEvent::Here(shelf.list()));
        }
        FileCommand::Choose(conv) => match portal::has_file_dialog() {
            Ok(()) => {
                if let Some(paths) = rfd::FileDialog::new().pick_files() {
                    tell(FileEvent::Chosen(conv, paths));
                }
            }
            Err(name) => tell(FileEvent::Said(tr(name))),
        },
        FileCommand::Take(files, bytes_max) => {
            for (mid, _, source) in files {
                tell(taken(shelf, mid, &source, bytes_max));
            }
        }
        FileCommand::SaveAs(hash, name) => match portal::has_file_dialog() {
            Ok(()) => {
                let Some(path) = rfd::FileDialog::new().set_file_name(&name).save_file() else {
                    return;
                };
                tell(match shelf.copy_to(hash, &path) {
                    Ok(()) => FileEvent::Saved(hash, path),
                    Err(error) => FileEvent::Said(unsaved(&error)),
                });
            }
            // Without a dialog it goes where downloads go, beside what is there.
            Err(_) => tell(match shelf.save_in(hash, &downloads(), &name) {
                Ok(path) => FileEvent::Saved(hash, path),
                Err(error) => FileEvent::Said(unsaved(&error)),
            }),
        },
        FileCommand::Open(hash, name) => {
            let opened = shelf.opened(hash, &name).and_then(|path| open(&path));
            if opened.is_err() {
                tell(FileEvent::Said(tr("file-not-opened")));
            }
        }
        FileCommand::Folder(path) => {
            if open(path.parent().unwrap_or(&path)).is_err() {
                tell(FileEvent::Said(tr("file-not-opened")));
            }
        }
    }
}

fn taken(shelf: &Shelf, mid: Mid, source: &Source, bytes_max: u64) -> FileEvent {
    let name = source.name();
    let done = match source {
        Source::Path(path) => shelf.take(path, bytes_max),
        Source::Text(text) => shelf.take_bytes(&mut text.as_bytes(), bytes_max),
        Source::Picture(width, height, rgba) => match png(*width, *height, rgba) {
            Some(png) => shelf.take_bytes(&mut png.as_slice(), bytes_max),
            None => return FileEvent::NotTaken(mid, tr("picture-broken")),
        },
    };
    let why = match done {
        Ok((hash, size)) => {
            let sides = sides(&shelf.path(hash), &name);
            return FileEvent::Taken(
                mid,
                Attachment {
                    hash,
                    size,
                    media: file_name::media(&name).to_owned(),
                    name,
                    width: sides.map(|(width, _)| width),
                    height: sides.map(|(_, height)| height),
                },
            );
        }
        Err(NotTaken::TooLarge) => {
            let mib = bytes_max / (1024 * 1024);
            tr_with("file-too-large", &[("name", name.into()), ("mib", mib.into())])
        }
        Err(NotTaken::NotAFile) => tr_with("file-not-one", &[("name", name.into())]),
        Err(NotTaken::System(error)) if error.kind() == io::ErrorKind::StorageFull => tr("store-disk-full"),
        Err(NotTaken::System(_)) => tr_with("file-unreadable", &[("name", name.into())]),
    };
    FileEvent::NotTaken(mid, why)
}

/// How many pixels a picture has; only its head is read.
fn sides(path: &Path, name: &str) -> Option<(u32, u32)> {
    if file_name::kind(name) != file_name::FileKind::Picture {
        return None;
    }
    let reader = ImageReader::open(path).ok()?.with_guessed_format().ok()?;
    reader.into_dimensions().ok()
}

fn png(width: u32, height: u32, rgba: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder
        .write_image(rgba, width, height, ExtendedColorType::Rgba8)
        .ok()?;
    Some(bytes)
}

fn unsaved(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::StorageFull {
        return tr("store-disk-full");
    }
    tr_with("file-not-saved", &[("why", error.to_string().into())])
}

/// Where the system keeps downloads.
fn downloads() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let folder = dirs
        .as_ref()
        .and_then(|dirs| dirs.download_dir().or(Some(dirs.home_dir())));
    folder.map_or_else(std::env::temp_dir, Path::to_path_buf)
}

/// Hands a path to the system, which knows the program for it.
fn open(path: &Path) -> io::Result<()> {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut child = Command::new(opener)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // It may live as long as the program it starts; waited for, so that it does not stay behind as a zombie.
    std::thread::Builder::new()
        .name("breeze-opener".into())
        .spawn(move || drop(child.wait()))
        .map(drop)
}
