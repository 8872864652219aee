//! Every limit of the wire: its name, its unit, its value and why. `hello_ok` tells the client those it must obey.

use serde::{Deserialize, Serialize};

/// Longest frame before sign-in, in bytes after the length word: enough for `register`, too small to be a weapon.
pub const FRAME_BYTES_MAX_UNSIGNED: usize = 4 * 1024;
/// Longest frame after sign-in, in bytes: a page of 128 KiB and one more row at its worst, a full text of escapes.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// Longest text of one message, in bytes of UTF-8: longer ones read better as a file.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
/// Longest body of a reaction, in bytes of UTF-8: the longest emoji in use, a family of four or a kiss with two skin
/// tones, has 35.
pub const REACTION_BYTES_MAX: usize = 64;
/// Most rows in one page of history or of a list.
pub const PAGE_ROWS_MAX: usize = 200;
/// Most bytes of rows in one page, counted as JSON (a control character takes six), so that a page always fits a frame.
/// A page always holds at least one row.
pub const PAGE_BYTES_MAX: usize = 128 * 1024;
/// Longest query of a search, in characters: more words than anybody remembers of a message.
pub const QUERY_CHARS_MAX: usize = 200;
/// Most rows in one page of a search: a screen of them, and each costs a look at the message.
pub const SEARCH_ROWS_MAX: usize = 50;
/// Longest draft that is kept for one's other devices, in bytes of UTF-8: what is longer stays where it is written.
pub const DRAFT_BYTES_MAX: usize = 4 * 1024;
/// Most pinned messages of one conversation: more are found by searching, and every member is told all of them.
pub const PINS_MAX: usize = 50;
/// Most requests of one connection that may wait for their answer.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 32;
/// Most people in one chunk of a presence snapshot.
pub const PRESENCE_CHUNK_MAX: usize = 1000;
/// Largest avatar, in bytes: 256 x 256 pixels fit easily.
pub const AVATAR_BYTES_MAX: usize = 64 * 1024;
/// Most members of a group on one node: each entry is handed to every one of them.
pub const GROUP_MEMBERS_MAX: usize = 5000;
/// Most members that are told with the group itself; of a larger group they are asked for in pages.
pub const MEMBERS_INLINE_MAX: usize = 50;
/// Most people named in one `group_create` or `group_invite`: the entry that tells of them stays small.
pub const GROUP_ADD_MAX: usize = 100;
/// Most members of a conversation in which marks are told member by member: more are a crowd.
pub const RECEIPT_MEMBERS_MAX: usize = 20;
/// Most members of a conversation in which typing is told: more would be noise.
pub const TYPING_MEMBERS_MAX: usize = 50;
/// Shortest and longest name of a group, in characters.
pub const TITLE_CHARS: std::ops::RangeInclusive<usize> = 1..=64;
/// Bytes of a blob in one chunk frame.
pub const BLOB_CHUNK_BYTES: usize = 16 * 1024;
/// Bytes of one file, unless the operator sets another limit: 512 MiB.
pub const FILE_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;
/// Bytes of all files one person has sent, unless the operator sets another limit: 5 GiB.
pub const FILE_QUOTA_BYTES_DEFAULT: u64 = 5 * 1024 * 1024 * 1024;
/// Files in one message: a row of pictures; more are more messages.
pub const ATTACHMENTS_MAX: usize = 10;
/// Longest name of a file, in bytes of UTF-8: what every file system takes.
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// Longest hint of what kind of file it is, in bytes.
pub const MEDIA_BYTES_MAX: usize = 100;
/// Uploads of one account, and downloads of one transfer connection, at once: more would only make each slower.
pub const TRANSFERS_MAX: usize = 4;
/// An upload nobody goes on with, and a whole one that no message names, is forgotten after this, in milliseconds: a day.
pub const UPLOAD_KEPT_MS: u64 = 24 * 60 * 60 * 1000;
/// Longest time for which the messages of a conversation may be kept before they are erased, in days: ten years. Longer is
/// for good.
pub const KEEP_DAYS_MAX: u64 = 3650;
/// A ticket for a transfer connection is good for this long, in milliseconds: long enough to connect, and once.
pub const TICKET_MS: u64 = 60_000;
/// Shortest and longest username, in characters.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Shortest and longest display name, in characters.
pub const DISPLAY_NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=64;
/// Shortest and longest password, in characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// How long a recovery code is valid, seconds: long enough to be read out over the telephone and typed.
pub const RECOVERY_TTL_S: u64 = 30 * 60;
/// Wrong recovery codes for one name that void its code: more than anybody mistypes.
pub const RECOVERY_TRIES_MAX: u32 = 5;
/// Longest status text, in characters: one line under a name.
pub const STATUS_TEXT_CHARS_MAX: usize = 80;
/// `name_check` questions per connection: enough to type a name, too few to harvest names.
pub const NAME_CHECKS_MAX: u32 = 20;
/// Missed changes above which a resume answers with a snapshot.
pub const RESUME_DELTA_MAX: u64 = 5000;
/// Entries per conversation in a snapshot.
pub const SNAPSHOT_ENTRIES: usize = 50;
/// A client pings this often, in milliseconds, whatever else flows.
pub const PING_EVERY_MS: u64 = 5000;
/// Largest integer on the wire: what every JSON reader can hold exactly (2^53 - 1).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The limits a server tells its clients in `hello_ok`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest frame after sign-in, bytes.
    pub frame_bytes: u64,
    /// Longest message text, bytes of UTF-8.
    pub body_bytes: u64,
    /// Largest avatar, bytes.
    pub avatar_bytes: u64,
    /// Most requests waiting for an answer.
    pub in_flight: u64,
    /// Milliseconds between pings.
    pub ping_ms: u64,
    /// Largest file, bytes; absent = this server takes no files.
    #[serde(default, skip_serializing_if = "crate::message::blob::is_zero")]
    pub file_bytes: u64,
    /// Days for which this server keeps messages at most, whatever a conversation says; absent = it has no such end.
    #[serde(default, skip_serializing_if = "crate::message::blob::is_zero")]
    pub keep_days: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: FRAME_BYTES_MAX as u64,
            body_bytes: BODY_BYTES_MAX as u64,
            avatar_bytes: AVATAR_BYTES_MAX as u64,
            in_flight: REQUESTS_IN_FLIGHT_MAX as u64,
            ping_ms: PING_EVERY_MS,
            file_bytes: FILE_BYTES_DEFAULT,
            keep_days: 0,
        }
    }
}
