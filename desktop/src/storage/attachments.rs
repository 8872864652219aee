//! How the files of a message are kept beside it: as the wire writes them.

use breeze_protocol::message::attachment::Attachment;

/// For the database; `None` when there are none.
pub(super) fn pack(files: &[Attachment]) -> Option<String> {
    if files.is_empty() {
        return None;
    }
    serde_json::to_string(files).ok()
}

/// Out of the database. What is not understood is none.
pub(super) fn unpack(text: Option<String>) -> Vec<Attachment> {
    let read = text.and_then(|text| serde_json::from_str(&text).ok());
    read.unwrap_or_default()
}
