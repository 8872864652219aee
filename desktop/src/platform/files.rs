//! The few files outside the database: the data folder's place, the hosted server's folder and output, reading a picture.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Longest picture file read, bytes: the largest that can decode within the limits.
pub const PICTURE_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Longest start line read, bytes.
const START_LINE_BYTES_MAX: u64 = 64 * 1024;
/// The hosted server's start line; there from its first start until the person stops it.
const START_FILE: &str = "server-start.json";

/// First line of a small text file.
#[must_use]
pub fn first_line(path: &str) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}

/// Longest loader's cache read, bytes: far above a full desktop's.
const LOADER_CACHE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The dynamic loader's list of libraries, if this system keeps one.
#[must_use]
pub fn loader_cache() -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open("/etc/ld.so.cache").ok()?;
    file.take(LOADER_CACHE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether a library can be loaded by name: from the loader's cache, or from a folder of `LD_LIBRARY_PATH`.
#[must_use]
pub fn has_library(cache: &[u8], name: &str) -> bool {
    // Names stand in the cache one after another, each ended by a zero byte.
    let ended = [name.as_bytes(), b"\0"].concat();
    let listed = cache
        .windows(ended.len())
        .any(|window| window == ended.as_slice());
    listed
        || std::env::var_os("LD_LIBRARY_PATH")
            .is_some_and(|folders| std::env::split_paths(&folders).any(|folder| folder.join(name).exists()))
}

/// Where the data lives when nothing else is said: `BREEZE_HOME`, else the system's place.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    if let Some(home) = std::env::var_os("BREEZE_HOME").filter(|home| !home.is_empty()) {
        return Some(home.into());
    }
    directories::ProjectDirs::from("", "", "breeze").map(|dirs| dirs.data_dir().to_owned())
}

/// Where a server on this computer may have its admin socket: hosted from here, or started by hand.
#[must_use]
pub fn admin_sockets(data: &Path) -> Vec<PathBuf> {
    let mut folders = vec![server_folder(data)];
    folders.extend(
        directories::ProjectDirs::from("", "", "breeze-server").map(|dirs| dirs.data_dir().to_owned()),
    );
    folders
        .into_iter()
        .map(|folder| folder.join("admin.sock"))
        .collect()
}

/// Where the server hosted from a data folder keeps its own.
#[must_use]
pub fn server_folder(data: &Path) -> PathBuf {
    data.join("server")
}

/// Writes the hosted server's settings, unless it has some: they are its operator's from then on.
///
/// # Errors
/// When the folder cannot be written.
pub fn keep_server_settings(folder: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    std::fs::create_dir_all(folder)?;
    let path = folder.join("breeze-server.toml");
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// First line of a start file, once it is whole.
fn whole_line(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path)
        .ok()?
        .take(START_LINE_BYTES_MAX)
        .read_to_string(&mut text)
        .ok()?;
    let (line, _) = text.split_once('\n')?;
    Some(line.to_owned())
}

/// The hosted server's files.
#[derive(Debug)]
pub struct ServerFiles {
    /// Its data folder.
    pub data: PathBuf,
    /// Where it prints its start line; a file, so that it outlives this program.
    pub output: File,
    /// Where it writes its log.
    pub log: File,
    start: PathBuf,
}

impl ServerFiles {
    /// The start line of the server hosted from this folder last, if the person has not stopped it since.
    #[must_use]
    pub fn last_start(data: &Path) -> Option<String> {
        whole_line(&data.join(START_FILE))
    }

    /// The person has stopped the server: it is not to come back by itself.
    pub fn forget_start(data: &Path) {
        // When the file cannot be removed, the server starts once more, and can be stopped once more.
        drop(std::fs::remove_file(data.join(START_FILE)));
    }

    /// Makes the folder and empty files.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn make(data: &Path) -> io::Result<Self> {
        let server = server_folder(data);
        std::fs::create_dir_all(&server)?;
        let start = data.join(START_FILE);
        let output = File::create(&start)?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.join("server.log"))?;
        Ok(Self {
            data: server,
            output,
            log,
            start,
        })
    }

    /// The start line, once it is whole.
    #[must_use]
    pub fn start_line(&self) -> Option<String> {
        whole_line(&self.start)
    }

    /// The last line of the log, for the person.
    #[must_use]
    pub fn last_words(&self) -> String {
        let log = self.start.with_file_name("server.log");
        let text = std::fs::read_to_string(log).unwrap_or_default();
        text.lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim()
            .to_owned()
    }
}

/// A picture file's bytes; `None` in the second place when it is too large.
///
/// # Errors
/// When it cannot be read.
pub fn picture_bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > PICTURE_FILE_BYTES_MAX {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(PICTURE_FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Whether a program can be started by this name.
#[must_use]
pub fn has_program(name: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}

/// Where a package keeps the programs that belong to the app, below the folder that holds `bin/`.
const PACKAGE_FOLDER: &str = "lib/breeze";

/// A program that came with this one: from the package's own folder, or beside it.
#[must_use]
pub fn sibling(name: &str) -> Option<PathBuf> {
    sibling_of(&std::env::current_exe().ok()?, name)
}

/// The package's own folder comes first: beside a packaged app may lie the server of another package and version.
fn sibling_of(own: &Path, name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let bin = own.parent()?;
    let packaged = bin.parent().map(|above| above.join(PACKAGE_FOLDER).join(&name));
    packaged
        .into_iter()
        .chain([bin.join(&name)])
        .find(|path| path.is_file())
}

/// Adds one line to a file, for measurements.
#[derive(Debug)]
pub struct LineFile(File);

impl LineFile {
    /// Opens it.
    #[must_use]
    pub fn open(path: &Path) -> Option<Self> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .ok()
            .map(Self)
    }

    /// Adds a line.
    pub fn line(&mut self, text: &str) {
        use std::io::Write;
        // A measurement that cannot be written must not disturb what is measured.
        drop(writeln!(self.0, "{text}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_of_this_package_goes_before_one_that_lies_beside() {
        let root = tempfile::tempdir().unwrap();
        let (bin, package) = (root.path().join("bin"), root.path().join("lib/breeze"));
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(&package).unwrap();
        let app = bin.join("breeze");
        let name = format!("server{}", std::env::consts::EXE_SUFFIX);
        assert_eq!(sibling_of(&app, "server"), None);
        std::fs::write(bin.join(&name), "").unwrap();
        assert_eq!(sibling_of(&app, "server"), Some(bin.join(&name)));
        std::fs::write(package.join(&name), "").unwrap();
        assert_eq!(sibling_of(&app, "server"), Some(package.join(&name)));
    }
}
