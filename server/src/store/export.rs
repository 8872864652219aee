//! One person's own data in a folder: JSON that any program reads, the pictures they brought, the files they may read.

use super::data_dir::make_dir_private;
use super::files;
use super::sqlite::check::hex;
use super::sqlite::export::{Export, Talk};
use super::sqlite::open::DATABASE_FILE;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Longest part of a file name made of usernames, characters.
const NAME_CHARS_MAX: usize = 80;

/// What an export came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Conversations, a file each.
    pub conversations: usize,
    /// Messages in them.
    pub messages: u64,
    /// Pictures, a file each.
    pub pictures: usize,
    /// Files of messages, each once.
    pub files: usize,
}

/// Why there is no export; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder is taken.
    #[error("{0} exists already: name a folder that does not exist yet")]
    Exists(String),
    /// There is no such account.
    #[error("nobody here is called {0}: `breeze-server user list` shows everybody")]
    Unknown(String),
    /// The database could not be read.
    #[error("the data cannot be read ({0}): `breeze-server verify` says more")]
    Unreadable(#[from] rusqlite::Error),
    /// The folder could not be written.
    #[error("the export could not be written ({0}): make room, or name another folder")]
    Unwritten(#[from] io::Error),
}

/// Writes everything of one account into a folder that does not exist yet. A server may run meanwhile.
///
/// # Errors
/// [`ExportError`]. What was written is taken away then.
pub fn write(data: &Path, username: &str, to: &Path) -> Result<Exported, ExportError> {
    if to.exists() {
        return Err(ExportError::Exists(to.display().to_string()));
    }
    let export = Export::open(&data.join(DATABASE_FILE), username)?
        .ok_or_else(|| ExportError::Unknown(username.to_owned()))?;
    make_dir_private(to)?;
    let done = fill(data, &export, to);
    if done.is_err() {
        // Half an export would be taken for a whole one.
        let _ = fs::remove_dir_all(to);
    }
    done
}

fn fill(data: &Path, export: &Export, to: &Path) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    let mut file = BufWriter::new(File::create(to.join("account.json"))?);
    writeln!(file, "{:#}", export.account()?)?;
    finish(file)?;
    let folder = to.join("conversations");
    make_dir_private(&folder)?;
    for talk in export.talks()? {
        let mut file = BufWriter::new(File::create(folder.join(file_name(&talk)))?);
        let mut first = true;
        file.write_all(b"[")?;
        export.messages::<ExportError>(&talk, |message| {
            let comma = if std::mem::take(&mut first) { "\n" } else { ",\n" };
            exported.messages += 1;
            Ok(write!(file, "{comma}{message}")?)
        })?;
        file.write_all(b"\n]\n")?;
        finish(file)?;
        exported.conversations += 1;
    }
    let folder = to.join("pictures");
    make_dir_private(&folder)?;
    for (hash, bytes) in export.pictures()? {
        fs::write(
            folder.join(format!("{}.{}", hex(&hash[..8]), kind(&bytes))),
            bytes,
        )?;
        exported.pictures += 1;
    }
    exported.files = fill_files(data, export, &to.join("files"))?;
    Ok(exported)
}

/// Files lie under their hash: names are their senders' words, and the conversations tell which is which. One that is
/// lost is left out.
fn fill_files(data: &Path, export: &Export, folder: &Path) -> Result<usize, ExportError> {
    make_dir_private(folder)?;
    let mut count = 0;
    for hash in export.files()? {
        match files::copy_out(data, hash, &folder.join(hash.to_string())) {
            Ok(()) => count += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(count)
}

fn finish(file: BufWriter<File>) -> io::Result<()> {
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}

/// Usernames hold letters, digits and `. - _` only, so they are file names everywhere; the number makes them unique.
fn file_name(talk: &Talk) -> String {
    let others: String = talk.others.join("+").chars().take(NAME_CHARS_MAX).collect();
    format!("{}-{others}.json", talk.conv)
}

/// What a picture's first bytes say it is.
fn kind(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, ..] => "jpg",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => "bin",
    }
}
