//! `breeze://` links open this program: a `.desktop` file and a line in the person's list of handlers, written and taken back.

use crate::model::window::LinkHandler;
use crate::words::{tr, tr_with};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The file's name; a package installs one of the same name, for everybody.
const FILE: &str = "breeze.desktop";
/// What the list of handlers calls our links.
const SCHEME: &str = "x-scheme-handler/breeze";
/// Stands in a file written from here, so that only that one is ever removed.
const MARK: &str = "X-Breeze-Written-By=settings";
/// Heading of the part of the list that says which program opens what.
const HEADING: &str = "[Default Applications]";
/// Where packages put their files when the system names no folders.
const SYSTEM_FOLDERS: &str = "/usr/local/share:/usr/share";

/// Changes it (`true`: links open this program; `false`: no longer), or only looks; says how it is now.
#[must_use]
pub fn handle(on: Option<bool>) -> LinkHandler {
    let Some(place) = Place::of_the_person() else {
        return LinkHandler::Failed(tr("links-no-home"));
    };
    let changed = match on {
        Some(true) => place.register(),
        Some(false) => place.forget(),
        None => Ok(()),
    };
    match changed {
        Ok(()) => place.look(),
        Err(error) => LinkHandler::Failed(tr_with("links-failed", &[("why", error.to_string().into())])),
    }
}

/// The person's own folders.
struct Place {
    /// `applications` in the data folder.
    applications: PathBuf,
    /// The list of handlers.
    list: PathBuf,
}

impl Place {
    fn of_the_person() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let folders = directories::BaseDirs::new()?;
        Some(Self {
            applications: folders.data_dir().join("applications"),
            list: folders.config_dir().join("mimeapps.list"),
        })
    }

    fn file(&self) -> PathBuf {
        self.applications.join(FILE)
    }

    fn look(&self) -> LinkHandler {
        let ours = fs::read_to_string(self.file()).is_ok_and(|text| text.contains(MARK));
        let list = fs::read_to_string(&self.list).unwrap_or_default();
        if ours && handler(&list) == Some(FILE) {
            return LinkHandler::Here(self.file().display().to_string());
        }
        let folders = env::var("XDG_DATA_DIRS")
            .ok()
            .filter(|folders| !folders.is_empty());
        let folders = folders.unwrap_or_else(|| SYSTEM_FOLDERS.to_owned());
        let packaged = folders
            .split(':')
            .any(|folder| Path::new(folder).join("applications").join(FILE).is_file());
        if packaged {
            LinkHandler::Package
        } else {
            LinkHandler::No
        }
    }

    fn register(&self) -> io::Result<()> {
        let program = env::current_exe()?;
        fs::create_dir_all(&self.applications)?;
        fs::write(self.file(), desktop_file(&program))?;
        self.change_list(|list| with_handler(list, FILE))
    }

    fn forget(&self) -> io::Result<()> {
        if fs::read_to_string(self.file()).is_ok_and(|text| text.contains(MARK)) {
            fs::remove_file(self.file())?;
        }
        self.change_list(without_handler)
    }

    fn change_list(&self, change: impl FnOnce(&str) -> String) -> io::Result<()> {
        let old = match fs::read_to_string(&self.list) {
            Ok(old) => old,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let new = change(&old);
        if new == old {
            return Ok(());
        }
        if let Some(folder) = self.list.parent() {
            fs::create_dir_all(folder)?;
        }
        // The list holds every other choice of the person: it is whole at every moment.
        let beside = self.list.with_extension("list.breeze");
        fs::write(&beside, new)?;
        fs::rename(beside, &self.list)
    }
}

fn desktop_file(program: &Path) -> String {
    // In quotes, with the few characters escaped that quotes do not cover, twice: once for the file, once for the line.
    let mut quoted = String::new();
    for c in program.display().to_string().chars() {
        match c {
            '"' | '`' | '$' => quoted.extend(['\\', '\\', c]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    format!(
        "[Desktop Entry]\nType=Application\nName={}\nComment={}\nExec=\"{quoted}\" %u\nIcon=breeze\n\
         Terminal=false\nCategories=Network;InstantMessaging;\nMimeType={SCHEME};\n{MARK}\n",
        tr("app-name"),
        tr("links-comment"),
    )
}

/// Who opens our links by this list.
fn handler(list: &str) -> Option<&str> {
    let mut inside = false;
    for line in list.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == HEADING;
        } else if let Some((name, value)) = line.split_once('=')
            && inside
            && name.trim() == SCHEME
        {
            return value.split(';').map(str::trim).find(|name| !name.is_empty());
        }
    }
    None
}

/// The list with this handler for our links; everything else stays as it is.
fn with_handler(list: &str, file: &str) -> String {
    if handler(list) == Some(file) {
        return list.to_owned();
    }
    let list = strip(list);
    let line = format!("{SCHEME}={file}\n");
    match list.split_once(&format!("{HEADING}\n")) {
        Some((before, after)) => format!("{before}{HEADING}\n{line}{after}"),
        None => {
            let gap = if list.is_empty() || list.ends_with("\n\n") {
                ""
            } else {
                "\n"
            };
            format!("{list}{gap}{HEADING}\n{line}")
        }
    }
}

/// The list without us.
fn without_handler(list: &str) -> String {
    if handler(list) == Some(FILE) {
        strip(list)
    } else {
        list.to_owned()
    }
}

fn strip(list: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in list.lines() {
        if line.trim().starts_with('[') {
            inside = line.trim() == HEADING;
        }
        let ours = inside
            && line
                .split_once('=')
                .is_some_and(|(name, _)| name.trim() == SCHEME);
        if !ours {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: &str =
        "[Default Applications]\ntext/html=browser.desktop\n\n[Added Associations]\na/b=c.desktop;\n";

    #[test]
    fn other_choices_stay_and_ours_can_be_taken_back() {
        let with = with_handler(OTHERS, FILE);
        assert_eq!(handler(&with), Some(FILE));
        assert!(with.contains("text/html=browser.desktop") && with.contains("a/b=c.desktop;"));
        assert_eq!(with_handler(&with, FILE), with, "twice is once");
        assert_eq!(without_handler(&with), OTHERS);
        assert_eq!(handler(&with_handler("", FILE)), Some(FILE));
        let theirs = format!("{HEADING}\n{SCHEME}=other.desktop\n");
        assert_eq!(without_handler(&theirs), theirs, "somebody else's stays");
        assert_eq!(handler(&with_handler(&theirs, FILE)), Some(FILE));
        let elsewhere = format!("[Added Associations]\n{SCHEME}=breeze.desktop\n");
        assert_eq!(handler(&elsewhere), None);
    }

    #[test]
    fn the_file_is_written_looked_at_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            applications: folder.path().join("share/applications"),
            list: folder.path().join("config/mimeapps.list"),
        };
        assert!(!matches!(place.look(), LinkHandler::Here(_)));
        place.register().unwrap();
        let LinkHandler::Here(file) = place.look() else {
            panic!("it is registered")
        };
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains("MimeType=x-scheme-handler/breeze;") && text.contains(" %u\n"));
        place.forget().unwrap();
        assert!(!place.file().exists());
        assert!(!matches!(place.look(), LinkHandler::Here(_)));
        fs::write(place.file(), "[Desktop Entry]\nName=Somebody else's\n").unwrap();
        place.forget().unwrap();
        assert!(place.file().exists(), "a file not written from here stays");
    }

    #[test]
    fn odd_paths_are_quoted() {
        let text = desktop_file(Path::new("/opt/my $breeze/100%/breeze"));
        assert!(
            text.contains("Exec=\"/opt/my \\\\$breeze/100%%/breeze\" %u"),
            "{text}"
        );
    }
}
