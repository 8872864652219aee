//! A forgotten password: a code from whoever runs the server, and a new password.

use super::Model;
use super::command::{Commands, LinkCommand, Mint};
use super::onboarding::{Busy, Page, Then};
use crate::words::tr;
use breeze_protocol::limit::PASSWORD_CHARS;
use breeze_protocol::message::sign_in::Secret;

impl Model {
    /// The person has filled the page in.
    pub(super) fn recover(&mut self, mint: &mut dyn Mint) -> Commands {
        let page = &mut self.onboarding;
        let words = [page.username.trim(), page.code.trim(), &page.password].map(str::to_owned);
        let wrong = if words.iter().any(String::is_empty) {
            Some("recover-fields")
        } else if !PASSWORD_CHARS.contains(&page.password.chars().count()) {
            Some("refused-weak-password")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            page.error = Some(tr(wrong));
            return Commands::new();
        }
        let known = self.book.recover.take().filter(|(_, sent)| *sent == words);
        let mid = known.map_or_else(|| mint.mid(), |(mid, _)| mid);
        self.book.recover = Some((mid, words));
        self.reach_then(Then::Recover)
    }

    /// The server is reached.
    pub(super) fn recover_now(&mut self) -> Commands {
        let Some((mid, [username, code, new_password])) = self.book.recover.clone() else {
            self.onboarding.busy = Busy::No;
            return Commands::new();
        };
        self.onboarding.page = Page::Recover;
        self.onboarding.busy = Busy::SigningIn;
        let command = LinkCommand::Recover {
            mid,
            username,
            code: Secret(code),
            new_password: Secret(new_password),
            status: self.me.status,
        };
        vec![command.into()]
    }
}
