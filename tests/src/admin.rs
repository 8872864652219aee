//! The operator's channel as a test uses it: one question, one answer.

use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Asks over the socket at `path`.
///
/// # Errors
/// When there is no socket, or no answer.
pub fn ask(path: &Path, request: &AdminRequest) -> Result<AdminAnswer, String> {
    let line = serde_json::to_string(request).expect("requests are plain data");
    ask_raw(path, &line)
}

/// The same with any line.
///
/// # Errors
/// When there is no socket, or no answer.
pub fn ask_raw(path: &Path, line: &str) -> Result<AdminAnswer, String> {
    let mut stream = UnixStream::connect(path).map_err(|e| format!("{}: {e}", path.display()))?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .map_err(|e| e.to_string())?;
    stream
        .write_all(format!("{line}\n").as_bytes())
        .map_err(|e| e.to_string())?;
    let mut answer = String::new();
    BufReader::new(stream)
        .read_line(&mut answer)
        .map_err(|e| e.to_string())?;
    serde_json::from_str(&answer).map_err(|e| format!("{answer:?}: {e}"))
}
