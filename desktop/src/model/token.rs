//! Where the device's token is kept: in the system's secret store when one runs and is open, else in the database.
//!
//! It goes into the database first and leaves it once the secret store has it: at no moment is it in neither.

use super::command::{Account, Command, Commands, LinkCommand, StoreCommand};
use super::{Model, Screen, Trouble};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, DeviceId};

/// What a token is kept under: a token is only ever sent to a server that proved to be this one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenPlace {
    /// The server's pin; without one, its host and port.
    pub server: String,
    /// The account there.
    pub account: AccountId,
    /// The device: another data folder is another device.
    pub device: DeviceId,
}

/// To the part that speaks to the secret store.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenCommand {
    /// Read it, and try again until it can be read.
    Fetch(TokenPlace),
    /// Keep it.
    Keep(TokenPlace, Secret),
    /// Forget it.
    Forget(TokenPlace),
}

/// From the part that speaks to the secret store.
#[derive(Debug, Clone)]
pub enum TokenEvent {
    /// Here it is.
    Found(TokenPlace, Secret),
    /// The store is open and has no such token.
    Missing(TokenPlace),
    /// No store runs, it is locked, or it does not answer. It is tried again.
    Shut(TokenPlace),
    /// It is kept.
    Kept(TokenPlace),
}

/// What the model knows of its token.
#[derive(Debug, Clone, Default)]
pub struct TokenBook {
    /// The secret store has it, under this name.
    kept: Option<TokenPlace>,
    /// The account waits for its token.
    awaited: Option<Box<Account>>,
    /// The secret store cannot be read just now.
    shut: bool,
}

impl TokenPlace {
    /// Where the token of an account belongs.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let server = if account.pin.is_empty() {
            format!("{}:{}", account.host, account.port)
        } else {
            account.pin.clone()
        };
        Self {
            server,
            account: account.account,
            device: account.device,
        }
    }
}

impl Model {
    /// An account read from the disk: its token is at hand, or is fetched, or there is none.
    pub(super) fn use_account(&mut self, account: Account, kept_as: Option<String>) -> Commands {
        match (&account.token, kept_as) {
            (Some(token), _) => {
                let keep = TokenCommand::Keep(TokenPlace::of(&account), token.clone());
                vec![LinkCommand::Use(Box::new(account)).into(), keep.into()]
            }
            (None, Some(server)) => {
                let place = TokenPlace {
                    server,
                    ..TokenPlace::of(&account)
                };
                self.book.token.kept = Some(place.clone());
                self.book.token.awaited = Some(Box::new(account));
                vec![TokenCommand::Fetch(place).into()]
            }
            (None, None) => {
                self.screen = Screen::Trouble(Trouble::SignedOut);
                Commands::new()
            }
        }
    }

    /// Signed in: a token the secret store does not have yet goes into the database and then there.
    pub(super) fn keep_account(&mut self, mut account: Account, new_token: bool) -> Commands {
        let place = TokenPlace::of(&account);
        let kept = self.book.token.kept.clone().filter(|_| !new_token);
        if kept.as_ref() == Some(&place) {
            account.token = None;
            return vec![StoreCommand::SaveAccount(Box::new(account)).into()];
        }
        // A new key of the server is a new name in the secret store.
        self.book.token.kept = None;
        let keep = account
            .token
            .clone()
            .map(|token| TokenCommand::Keep(place, token).into());
        let forget = kept.map(|old| TokenCommand::Forget(old).into());
        let save: Command = StoreCommand::SaveAccount(Box::new(account)).into();
        std::iter::once(save).chain(keep).chain(forget).collect()
    }

    /// The token is worth nothing any more.
    pub(super) fn drop_token(&mut self) -> Commands {
        let mut commands: Commands = vec![StoreCommand::DropToken.into()];
        commands.extend(self.forget_token());
        commands
    }

    /// Takes the token out of the secret store.
    pub(super) fn forget_token(&mut self) -> Option<Command> {
        let place = std::mem::take(&mut self.book.token).kept?;
        Some(TokenCommand::Forget(place).into())
    }

    /// The person wants to try again: whether it is the token that is missing.
    pub(super) fn fetch_token_again(&self) -> Option<Command> {
        self.book.token.awaited.as_ref()?;
        Some(TokenCommand::Fetch(self.book.token.kept.clone()?).into())
    }

    /// Whether one cannot sign in because the secret store is shut.
    pub(super) fn is_token_shut(&self) -> bool {
        self.book.token.shut && self.book.token.awaited.is_some()
    }

    /// What the secret store said.
    pub(super) fn token_event(&mut self, event: TokenEvent) -> Commands {
        let book = &mut self.book.token;
        let awaited = |place: &TokenPlace| book.awaited.is_some() && book.kept.as_ref() == Some(place);
        match event {
            TokenEvent::Found(place, token) if awaited(&place) => {
                book.shut = false;
                let Some(mut account) = book.awaited.take() else {
                    return Commands::new();
                };
                account.token = Some(token);
                account.status = self.seen_status();
                vec![LinkCommand::Use(account).into()]
            }
            TokenEvent::Missing(place) if awaited(&place) => {
                book.awaited = None;
                self.screen = Screen::Trouble(Trouble::SignedOut);
                Commands::new()
            }
            TokenEvent::Shut(place) => {
                book.shut = awaited(&place);
                Commands::new()
            }
            TokenEvent::Kept(place) => {
                let server = place.server.clone();
                book.kept = Some(place);
                vec![StoreCommand::TokenKept(server).into()]
            }
            TokenEvent::Found(..) | TokenEvent::Missing(_) => Commands::new(),
        }
    }
}
