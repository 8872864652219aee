//! The ways in: what has been typed, and what was answered.

use super::near::Near;
use breeze_protocol::{BlobHash, StatusKind};

/// Which page of onboarding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// The cards.
    #[default]
    Ways,
    /// The three fields, to make an account.
    Register,
    /// Server or link, username, password.
    Login,
    /// An unknown server shows its fingerprint; trust it?
    Trust,
    /// Server or link, username, recovery code, new password.
    Recover,
}

/// What follows when the server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Then {
    /// The person goes on filling the form.
    #[default]
    Ask,
    /// Sign in.
    Login,
    /// Set a new password by the code.
    Recover,
}

/// What is known of the wanted username.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NameState {
    /// Nothing asked yet.
    #[default]
    Unknown,
    /// Asked.
    Asking,
    /// Free.
    Free,
    /// Taken; this one may be free.
    Taken {
        /// A suffix offered.
        offer: String,
    },
    /// Not allowed.
    NotAllowed,
}

/// What onboarding is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Busy {
    /// Nothing.
    #[default]
    No,
    /// Reaching the server.
    Connecting,
    /// Starting the server on this computer.
    StartingServer,
    /// Making the account, or signing in.
    SigningIn,
}

/// Fields and answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Onboarding {
    /// Page.
    pub page: Page,
    /// Link or address, as typed.
    pub link: String,
    /// Name of the server to host.
    pub host_name: String,
    /// Your name.
    pub name: String,
    /// Username.
    pub username: String,
    /// The person has typed in the username field (no prefilling any more).
    pub username_touched: bool,
    /// Password; on the page of the recovery code, the new one.
    pub password: String,
    /// Recovery code.
    pub code: String,
    /// Shown in clear.
    pub show_password: bool,
    /// What is known of the username.
    pub name_state: NameState,
    /// Busy with.
    pub busy: Busy,
    /// What went wrong, in words, with what to do.
    pub error: Option<String>,
    /// The server's name, once reached.
    pub server_name: String,
    /// `host:port`, once known.
    pub address: String,
    /// The fingerprint's words, on the trust page.
    pub fingerprint: String,
    /// The server runs on this computer and was started here.
    pub hosting: bool,
    /// Servers found on this network.
    pub near: Vec<Near>,
    /// There were more than can be shown.
    pub near_more: bool,
    /// The last error was that no server answered: offer "Host a server here".
    pub unreachable: bool,
}

/// One's own profile while it is edited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileDraft {
    /// Display name.
    pub display_name: String,
    /// Status text.
    pub status_text: String,
    /// Status.
    pub status: StatusKind,
    /// Picture kept as it is.
    pub avatar: Option<BlobHash>,
    /// A new picture: a square of 512 px at most, RGBA, decoded and not yet cropped (width, height, pixels).
    pub picture: Option<Picture>,
    /// Zoom, 100 = the whole shorter side, up to 400.
    pub zoom: u32,
    /// Middle of the crop, in thousandths of the picture's width and height.
    pub centre: (u32, u32),
    /// Being read, scaled or uploaded.
    pub busy: bool,
    /// What went wrong, in words.
    pub error: Option<String>,
}

/// A decoded picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// RGBA, row by row.
    pub rgba: std::sync::Arc<Vec<u8>>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}
