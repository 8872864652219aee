//! The desktop's portal: whether there is a file dialog that answers, asked before one waits for it.

use super::bus::{Bus, CallError, Method};
use super::files;
use zbus::zvariant::OwnedValue;

/// Whether a file dialog can be opened; the error says in words what to do instead. Blocks: for a worker.
///
/// # Errors
/// The name of a sentence of the catalogue.
pub fn has_file_dialog() -> Result<(), &'static str> {
    let version = Method {
        service: "org.freedesktop.portal.Desktop".into(),
        path: "/org/freedesktop/portal/desktop".into(),
        interface: "org.freedesktop.DBus.Properties",
        member: "Get",
    };
    let property = (
        "org.freedesktop.portal.FileChooser".to_owned(),
        "version".to_owned(),
    );
    match Bus::to("portal").call::<_, OwnedValue>(version, property) {
        Ok(_) => Ok(()),
        // The dialogs' own fallback, where it is installed.
        Err(_) if files::has_program("zenity") => Ok(()),
        Err(CallError::Silent) => Err("picture-dialog-silent"),
        Err(error) => {
            tracing::debug!(%error, "no file dialog");
            Err("picture-no-dialog")
        }
    }
}
