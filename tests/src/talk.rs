//! One real window and a scripted friend who talk; what the window has is read from its disk.

use crate::client::Client;
use crate::people;
use crate::programs;
use crate::scene::{invite, join, open_first, say, type_into};
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, ConvId, ServerMessage};
use std::time::Duration;

/// The window's owner: the first account.
pub const MIRA: AccountId = AccountId(1);
/// A window on a busy machine takes so long at most to keep or to send something.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Both of them, and what they talk through.
pub struct Talk {
    /// The window's screen.
    pub screen: Screen,
    /// Mira's window.
    pub window: Window,
    /// The friend's connection.
    pub rosa: Client,
    /// The friend's account.
    pub friend: AccountId,
    /// Their chat.
    pub conv: ConvId,
    /// Their server.
    pub server: Server,
}

/// What a window has on its disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Every text, by conversation and place.
    pub texts: Vec<String>,
    /// How many wait in its outbox.
    pub waiting: i64,
}

impl Talk {
    /// Mira joins by this owner's link with a window that has not been started, and Rosa says hello.
    ///
    /// # Panics
    /// When a step does not happen in time.
    pub async fn begin(server: Server, mut window: Window, link: &str) -> Self {
        let screen = Screen::private();
        window.start(&screen, Some(link));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", Duration::from_secs(20), there).await;
        let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
        let (friend, rosa) = (rosa.account, rosa.online(&server).await);
        let conv = rosa.conv(MIRA).await;
        rosa.say(conv, "hello").await;
        let talk = Self {
            screen,
            window,
            rosa,
            friend,
            conv,
            server,
        };
        talk.until_kept("hello").await;
        talk
    }

    /// What is on the window's disk; `None` while that cannot be read.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        let db = self.disk()?;
        let mut rows = db.prepare("SELECT body FROM messages ORDER BY conv, seq").ok()?;
        let texts = rows.query_map([], |row| row.get(0)).ok()?;
        let texts = texts.collect::<Result<_, _>>().ok()?;
        let count = "SELECT count(*) FROM outbox";
        let waiting = db.query_row(count, [], |row| row.get(0)).ok()?;
        Some(Kept { texts, waiting })
    }

    /// The window's own stamp (wall ms) of the last change of the friend's status that it has heard of.
    #[must_use]
    pub fn stamped(&self) -> Option<u64> {
        let since = "SELECT since FROM people WHERE account = ?1";
        let friend = [self.friend.0.cast_signed()];
        let since: i64 = self.disk()?.query_row(since, friend, |row| row.get(0)).ok()?;
        Some(since.cast_unsigned())
    }

    fn disk(&self) -> Option<rusqlite::Connection> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(self.window.data().join("breeze.db"), flags).ok()
    }

    /// Waits for a text on the window's disk.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn until_kept(&self, text: &str) {
        let come = || self.kept()?.texts.iter().any(|kept| kept == text).then_some(());
        wait::until(&format!("{text:?} on the window's disk"), PATIENCE, come).await;
    }

    /// Waits until the window has everything it shall have, and nothing waits in its outbox; its texts.
    ///
    /// # Panics
    /// When that does not come.
    pub async fn settled(&self, within: Duration, whole: impl Fn(&[String]) -> bool) -> Vec<String> {
        let settled = || {
            let kept = self.kept()?;
            (kept.waiting == 0 && whole(&kept.texts)).then_some(kept.texts)
        };
        wait::until("everything is on the window's disk", within, settled).await
    }

    /// Opens the chat in the window.
    pub fn open(&self) {
        open_first(&self.screen, &self.window);
    }

    /// The same in a window that has just been started, and sees to it that its keys come: while X gives a window its input
    /// method, the first ones are lost on a busy machine. Rosa is told of somebody who types once one has come.
    ///
    /// # Panics
    /// When none does.
    pub async fn open_for_keys(&self, seq: u64) {
        self.open();
        let read = || (self.rosa.local().mark_of(self.conv, MIRA).read >= seq).then_some(());
        wait::until("the chat is open and read", PATIENCE, read).await;
        for _ in 0..5 {
            self.rosa.forget();
            type_into(&self.screen, &self.window, "x");
            let types = self.rosa.hear("typing", Duration::from_secs(3), |message| {
                matches!(message, ServerMessage::Typing(_)).then_some(())
            });
            if types.await.is_some() {
                self.screen.key("ctrl+a");
                self.screen.key("BackSpace");
                return;
            }
        }
        panic!("five keys were pressed, and none has come");
    }

    /// Types a text into the window and sends it.
    pub fn type_in(&self, text: &str) {
        say(&self.screen, &self.window, text);
    }

    /// What Rosa has of the window's own numbered texts.
    #[must_use]
    pub fn arrived(&self) -> Vec<usize> {
        numbered(&self.rosa.local().texts(self.conv), 'w')
    }

    /// Waits until Rosa has that text of the window's.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn until_arrived(&self, n: usize) {
        let here = || self.arrived().contains(&n).then_some(());
        wait::until("the text is at the friend's", PATIENCE, here).await;
    }

    /// The same folder in a new process, after `kill -9`.
    pub fn start_again(&mut self) {
        self.window.start(&self.screen, None);
    }
}

/// The numbers behind this letter, in the order of the texts.
#[must_use]
pub fn numbered(texts: &[String], head: char) -> Vec<usize> {
    let numbers = texts
        .iter()
        .filter_map(|text| text.strip_prefix(head)?.parse().ok());
    numbers.collect()
}

impl Drop for Talk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let folder = programs::picture_folder("talk");
            self.screen.keep(&self.screen.shot(), &folder, "failed");
        }
    }
}
