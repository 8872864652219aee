//! Which part may name what: every exception to a wall stands in this one file, with its reason beside it.

/// No clock, no chance, no socket, no file, no window: time and identity come in as arguments.
pub(crate) const PURE: &[&str] = &["protocol/src/", "server/src/core", "desktop/src/model"];

/// Names a pure part never speaks. `core::net::IpAddr` is a plain number and allowed; `std::net` is not.
pub(crate) const IMPURE_NAMES: &[&str] = &[
    "tokio",
    "std::net",
    "std::fs",
    "std::thread",
    "std::process",
    "std::env",
    "Instant::now",
    "SystemTime::now",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "rand",
    "getrandom",
    "egui",
    "eframe",
    "winit",
    "rusqlite",
    "rustix",
];

/// Types and crates that open or hold a socket.
pub(crate) const SOCKET_NAMES: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "TcpSocket",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "ToSocketAddrs",
    "tokio::net",
    "socket2",
];

/// Where sockets live.
pub(crate) const SOCKET_HOMES: &[&str] = &[
    "server/src/net",
    "server/src/admin",
    "server/src/metrics",
    "server/src/bus",
    "server/src/store/pg",
    "desktop/src/link",
    "desktop/src/host",
    "desktop/src/platform",
];

/// Names that touch the file system.
pub(crate) const FILE_NAMES: &[&str] = &[
    "std::fs",
    "tokio::fs",
    "OpenOptions",
    "File::open",
    "File::create",
    "rustix::fs",
];

/// Where files are read and written.
pub(crate) const FILE_HOMES: &[&str] = &[
    "server/src/store",
    "server/src/config",
    "server/src/identity",
    "desktop/src/storage",
    "desktop/src/platform",
];

/// What asks the system for the wall clock, which may be set at any moment.
pub(crate) const WALL_CLOCK_NAMES: &[&str] = &["SystemTime::now"];

/// Where it is asked: once in each program.
pub(crate) const WALL_CLOCK_HOMES: &[&str] = &["server/src/clock", "desktop/src/platform.rs"];

/// Words that make a type part of a stored or sent format.
pub(crate) const SERDE_NAMES: &[&str] = &["Serialize", "Deserialize", "serde"];

/// The wire's own files.
pub(crate) const WIRE_FILES: &[&str] = &[
    "protocol/src/message",
    "protocol/src/admin.rs",
    "protocol/src/codec.rs",
    "protocol/src/id.rs",
    "protocol/src/presence.rs",
    "protocol/src/link.rs",
    "protocol/src/limit.rs",
];

/// Formats that never cross the wire: the operator's file, the person's settings, and what services on the session bus
/// say, whose formats are their own.
pub(crate) const CONFIG_FILES: &[&str] = &[
    "desktop/src/platform/bus",
    "desktop/src/platform/secrets",
    "server/src/config",
    "desktop/src/settings",
    "desktop/src/storage/settings",
];

/// Queues without an end, under every name they go by.
pub(crate) const UNBOUNDED_NAMES: &[&str] = &[
    "unbounded_channel",
    "UnboundedSender",
    "UnboundedReceiver",
    "unbounded",
    "std::sync::mpsc::channel",
];

/// The only home of colour.
pub(crate) const THEME: &[&str] = &["desktop/src/theme"];

/// Where every word a person reads must come from the catalogue.
pub(crate) const WORD_PARTS: &[&str] = &["desktop/src/view", "desktop/src/widget"];

/// The one file that may sleep in tests: it polls a condition against a deadline.
pub(crate) const SLEEPER: &str = "tests/src/wait.rs";

/// Crates of which two versions in one program mean two windows, two TLS stacks or two databases.
pub(crate) const ONE_VERSION: &[&str] = &["egui", "winit", "rustls", "libsqlite3-sys"];

/// Whether `path` is one of these files or lies in one of these folders: `a/core` stands for `a/core.rs` and `a/core/..`.
pub(crate) fn within(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| {
        path == *place
            || path
                .strip_prefix(place)
                .is_some_and(|rest| place.ends_with('/') || rest.starts_with('/') || rest == ".rs")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_front_page_and_its_folder_and_nothing_else() {
        for path in [
            "server/src/core.rs",
            "server/src/core/state.rs",
            "protocol/src/lib.rs",
        ] {
            assert!(within(path, PURE), "{path}");
        }
        for path in [
            "server/src/core_dump.rs",
            "server/src/net.rs",
            "desktop/src/models.rs",
        ] {
            assert!(!within(path, PURE), "{path}");
        }
    }
}
