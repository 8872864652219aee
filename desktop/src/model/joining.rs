//! The ways in: reaching a server, checking a name, making an account, signing in.

use super::command::{Commands, HostCommand, LinkCommand, Mint, StoreCommand};
use super::event::{Failure, LinkEvent};
use super::near::pin_words;
use super::onboarding::{Busy, NameState, Page, Then};
use super::{Action, Link, Me, Model, Now, Screen, Trouble};
use crate::words::{tr, tr_with};
use breeze_protocol::limit::{DISPLAY_NAME_CHARS, PASSWORD_CHARS, USERNAME_CHARS};
use breeze_protocol::link::{InviteLink, split_host};
use breeze_protocol::message::code::RefusedCode;
use breeze_protocol::message::sign_in::{Refused, Secret, SignedIn};

/// A name is checked when typing has paused this long, milliseconds: the server answers 20 checks per connection.
const NAME_PAUSE_MS: u64 = 400;

impl Model {
    /// What the person does in onboarding.
    pub(super) fn act_joining(&mut self, now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        let page = &mut self.onboarding;
        if is_new_words(&action) {
            page.error = None;
            page.unreachable = false;
        }
        match action {
            Action::ShowPage(to) => {
                page.page = to;
                page.busy = Busy::No;
                self.book.then = Then::Ask;
                if to == Page::Recover {
                    // The one that is forgotten.
                    page.password.clear();
                }
                if self.screen != Screen::Main {
                    self.screen = Screen::Onboarding;
                }
            }
            Action::TypeLink(text) => page.link = text,
            Action::TypeHostName(text) => page.host_name = text,
            Action::TypeName(text) => {
                page.name = text;
                if !page.username_touched {
                    page.username = proposed_username(&page.name);
                    self.name_typed(now);
                }
            }
            Action::TypeUsername(text) => {
                page.username_touched = !text.is_empty();
                page.username = text;
                self.name_typed(now);
            }
            Action::TakeOffer => {
                if let NameState::Taken { offer } = &page.name_state {
                    page.username = offer.clone();
                    page.username_touched = true;
                    self.name_typed(now);
                }
            }
            Action::TypePassword(text) => page.password = text,
            Action::ShowPassword(show) => page.show_password = show,
            Action::Join => return self.join(Then::Ask),
            Action::JoinNear(address) => {
                page.link = address;
                return self.join(Then::Ask);
            }
            Action::Login => return self.login(),
            Action::TypeCode(text) => page.code = text,
            Action::Recover => return self.recover(mint),
            Action::Trust => return self.trust(),
            Action::StartHosting => {
                page.busy = Busy::StartingServer;
                page.error = None;
                return vec![HostCommand::Start(page.host_name.trim().to_owned()).into()];
            }
            Action::Register => return self.register(mint),
            Action::Retry if page.page == Page::Recover => return self.recover(mint),
            Action::Retry => return self.retry(),
            _ => {}
        }
        Commands::new()
    }

    fn retry(&mut self) -> Commands {
        if self.screen == Screen::Onboarding {
            return self.join(self.book.then);
        }
        self.screen = Screen::Main;
        vec![LinkCommand::TryNow.into()]
    }

    fn name_typed(&mut self, now: Now) {
        self.onboarding.name_state = NameState::Unknown;
        let has_code = self
            .book
            .target
            .as_ref()
            .is_some_and(|target| !target.code.0.is_empty());
        let worth_it = USERNAME_CHARS.contains(&self.onboarding.username.chars().count());
        self.book.check_at = (has_code && worth_it).then_some(now.mono_ms + NAME_PAUSE_MS);
    }

    /// Typing has paused: ask whether the name is free.
    pub(super) fn name_check_due(&mut self, now: Now) -> Commands {
        if self.book.check_at.is_none_or(|at| at > now.mono_ms) || self.screen != Screen::Onboarding {
            return Commands::new();
        }
        self.book.check_at = None;
        // The link carries out one wish at a time and leaves an older one for a newer: a question about the name must
        // not take the place of the account being made.
        if self.onboarding.busy != Busy::No {
            return Commands::new();
        }
        let Some(target) = &self.book.target else {
            return Commands::new();
        };
        self.onboarding.name_state = NameState::Asking;
        let username = self.onboarding.username.clone();
        vec![
            LinkCommand::NameCheck {
                invite: target.code.clone(),
                username,
            }
            .into(),
        ]
    }

    /// Reads the field and reaches for the server.
    fn join(&mut self, then: Then) -> Commands {
        let text = self.onboarding.link.trim();
        let target = if text.starts_with("breeze:") {
            InviteLink::parse(text)
                .map_err(|bad| tr_with("join-bad-link", &[("why", bad.to_string().into())]))
        } else {
            let place = split_host(text.trim_end_matches('/')).ok_or_else(|| tr("join-bad-address"));
            place.map(|(host, port)| InviteLink {
                host,
                port,
                code: Secret::default(),
                pin: String::new(),
            })
        };
        self.book.then = then;
        match target {
            Ok(target) => self.reach(target),
            Err(words) => {
                self.onboarding.error = Some(words);
                Commands::new()
            }
        }
    }

    /// Reaches for a server.
    pub(super) fn reach(&mut self, target: InviteLink) -> Commands {
        self.onboarding.busy = Busy::Connecting;
        self.onboarding.error = None;
        self.onboarding.unreachable = false;
        self.onboarding.address = target.address();
        self.book.target = Some(target.clone());
        vec![LinkCommand::Reach(Box::new(target)).into()]
    }

    fn trust(&mut self) -> Commands {
        match self.book.target.clone() {
            Some(target) if !target.pin.is_empty() => self.reach(target),
            _ => Commands::new(),
        }
    }

    fn login(&mut self) -> Commands {
        let page = &mut self.onboarding;
        if page.username.trim().is_empty() || page.password.is_empty() {
            page.error = Some(tr("login-fields"));
            return Commands::new();
        }
        self.reach_then(Then::Login)
    }

    /// Reaches the server named on the page, or the one that was reached already.
    pub(super) fn reach_then(&mut self, then: Then) -> Commands {
        let page = &self.onboarding;
        let reached = self.book.target.clone().filter(|target| {
            page.link.trim().is_empty()
                || page.link.contains(&target.address())
                || page.link.trim() == target.host
        });
        match reached {
            Some(target) => {
                self.book.then = then;
                self.reach(target)
            }
            None => self.join(then),
        }
    }

    fn login_now(&mut self) -> Commands {
        self.onboarding.busy = Busy::SigningIn;
        let command = LinkCommand::Login {
            username: self.onboarding.username.trim().to_owned(),
            password: Secret(self.onboarding.password.clone()),
            status: self.me.status,
        };
        vec![command.into()]
    }

    fn register(&mut self, mint: &mut dyn Mint) -> Commands {
        let page = &mut self.onboarding;
        let (name, username) = (page.name.trim().to_owned(), page.username.trim().to_owned());
        let wrong = if !DISPLAY_NAME_CHARS.contains(&name.chars().count()) {
            Some("register-name")
        } else if !USERNAME_CHARS.contains(&username.chars().count()) {
            Some("register-username")
        } else if !PASSWORD_CHARS.contains(&page.password.chars().count()) {
            Some("refused-weak-password")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            page.error = Some(tr(wrong));
            return Commands::new();
        }
        let Some(target) = self.book.target.clone() else {
            return Commands::new();
        };
        page.error = None;
        page.busy = Busy::SigningIn;
        self.book.check_at = None;
        if page.name_state == NameState::Asking {
            page.name_state = NameState::Unknown;
        }
        let known = self
            .book
            .register
            .take()
            .filter(|(_, user, pass)| (user, pass) == (&username, &page.password));
        let mid = known.map_or_else(|| mint.mid(), |(mid, ..)| mid);
        self.book.register = Some((mid, username.clone(), page.password.clone()));
        let command = LinkCommand::Register {
            mid,
            invite: target.code,
            username,
            password: Secret(page.password.clone()),
            display_name: name,
            status: self.me.status,
        };
        vec![command.into()]
    }

    /// What the link says while one joins, and at every sign-in.
    pub(super) fn joining(&mut self, now: Now, event: LinkEvent) -> Commands {
        match event {
            LinkEvent::Reached { hello, address } => {
                self.onboarding.server_name = hello.server_name;
                self.onboarding.address = address;
                self.onboarding.busy = Busy::No;
                match self.book.then {
                    Then::Ask => {}
                    Then::Login => {
                        self.onboarding.page = Page::Login;
                        return self.login_now();
                    }
                    Then::Recover => return self.recover_now(),
                }
                let invited = self
                    .book
                    .target
                    .as_ref()
                    .is_some_and(|target| !target.code.0.is_empty());
                self.onboarding.page = if invited { Page::Register } else { Page::Login };
                if invited && !self.onboarding.username.is_empty() {
                    self.name_typed(now);
                }
            }
            LinkEvent::Fingerprint { address, pin } => {
                self.onboarding.busy = Busy::No;
                self.onboarding.page = Page::Trust;
                self.onboarding.address = address;
                self.onboarding.fingerprint = pin_words(&pin);
                if let Some(target) = &mut self.book.target {
                    target.pin = pin;
                }
            }
            LinkEvent::WrongPin { address } => {
                if self.screen == Screen::Onboarding {
                    self.join_stopped(tr_with("join-wrong-pin", &[("address", address.into())]));
                } else {
                    self.screen = Screen::Trouble(Trouble::WrongPin { address });
                }
            }
            LinkEvent::Protocol { server_old } => {
                if self.screen == Screen::Onboarding {
                    self.join_stopped(tr(if server_old {
                        "protocol-server-old"
                    } else {
                        "protocol-app-old"
                    }));
                } else {
                    self.screen = Screen::Trouble(Trouble::Protocol { server_old });
                }
            }
            LinkEvent::Name(answer) => self.name_answer(answer),
            LinkEvent::Refused(refused) => return self.sign_in_refused(refused),
            LinkEvent::SignedIn {
                signed,
                account,
                fresh,
            } => return self.signed_in(now, *signed, *account, fresh),
            _ => {}
        }
        Commands::new()
    }

    fn name_answer(&mut self, answer: Result<(), Refused>) {
        let page = &mut self.onboarding;
        if page.name_state != NameState::Asking {
            return;
        }
        page.name_state = match answer.map_err(|refused| refused.code) {
            Ok(()) => NameState::Free,
            Err(RefusedCode::NameTaken) => NameState::Taken {
                offer: offer(&page.username),
            },
            Err(RefusedCode::NameNotAllowed) => NameState::NotAllowed,
            Err(code @ (RefusedCode::InviteInvalid | RefusedCode::RegistrationClosed)) => {
                page.error = Some(refused_words(code));
                NameState::Unknown
            }
            Err(_) => NameState::Unknown,
        };
    }

    fn sign_in_refused(&mut self, refused: Refused) -> Commands {
        if self.screen != Screen::Onboarding {
            // By token: the device was signed out, or the account is shut.
            return match refused.code {
                RefusedCode::BadToken | RefusedCode::BadCredentials => {
                    self.screen = Screen::Trouble(Trouble::SignedOut);
                    self.drop_token()
                }
                RefusedCode::Disabled => {
                    self.screen = Screen::Trouble(Trouble::Disabled);
                    Commands::new()
                }
                _ => Commands::new(),
            };
        }
        self.onboarding.busy = Busy::No;
        self.onboarding.error = Some(refused_words(refused.code));
        match refused.code {
            RefusedCode::NameTaken => {
                self.onboarding.name_state = NameState::Taken {
                    offer: offer(&self.onboarding.username),
                };
            }
            RefusedCode::NameNotAllowed => self.onboarding.name_state = NameState::NotAllowed,
            _ => {}
        }
        Commands::new()
    }

    fn signed_in(
        &mut self,
        now: Now,
        signed: SignedIn,
        account: super::command::Account,
        fresh: bool,
    ) -> Commands {
        if !fresh {
            self.me.owner = signed.owner;
            return self.keep_account(account, signed.token.is_some());
        }
        let registered = self.book.register.is_some();
        let display_name = std::mem::take(&mut self.onboarding.name);
        let same = self.me.account == signed.account && self.server_name == account.server_name;
        if !same {
            let (hosting, name) = (self.hosting.clone(), account.server_name.clone());
            let status = self.me.status;
            self.leave(Page::Ways);
            self.hosting = hosting;
            self.server_name = name;
            self.me = Me {
                account: signed.account,
                display_name,
                status,
                ..Me::default()
            };
        }
        self.me.username = signed.username;
        self.me.owner = signed.owner;
        self.onboarding = super::onboarding::Onboarding::default();
        self.book.fresh = registered;
        self.book.pin.clone_from(&account.pin);
        self.book.register = None;
        self.book.recover = None;
        self.book.target = None;
        self.screen = Screen::Main;
        self.link = Link::Syncing { since: now.mono_ms };
        let mut commands = self.keep_account(account, true);
        // What waits from before is handed to the link again, through the store as ever.
        for chat in self.chats.values() {
            for waiting in chat.waiting.iter().filter(|waiting| waiting.refused.is_none()) {
                commands.push(StoreCommand::Outbox(waiting.row(chat.conv)).into());
            }
        }
        commands
    }

    /// Reaching the server failed while joining.
    pub(super) fn join_failed(&mut self, why: Failure) {
        // A connection that ends while the form is being filled is made again when it is needed.
        if self.onboarding.busy == Busy::No && self.onboarding.name_state != NameState::Asking {
            return;
        }
        if self.onboarding.name_state == NameState::Asking {
            self.onboarding.name_state = NameState::Unknown;
        }
        if self.onboarding.busy == Busy::No {
            return;
        }
        let address = self.onboarding.address.clone();
        self.join_stopped(failure_words(why, &address));
        self.onboarding.unreachable = matches!(why, Failure::Unreachable | Failure::NameUnknown);
    }

    fn join_stopped(&mut self, words: String) {
        self.onboarding.busy = Busy::No;
        self.onboarding.error = Some(words);
        if self.onboarding.page == Page::Trust {
            self.onboarding.page = Page::Ways;
        }
    }
}

/// Whether something else is shown or typed than what an error was about.
fn is_new_words(action: &Action) -> bool {
    matches!(
        action,
        Action::ShowPage(_)
            | Action::TypeLink(_)
            | Action::TypeName(_)
            | Action::TypeUsername(_)
            | Action::TypePassword(_)
            | Action::TypeCode(_)
            | Action::TakeOffer
    )
}

/// A username made from a name: letters and digits, small, at most 32.
fn proposed_username(name: &str) -> String {
    let letters = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>();
    letters.chars().take(*USERNAME_CHARS.end()).collect()
}

/// The name with the next number behind it.
fn offer(name: &str) -> String {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number: u32 = name[base.len()..].parse().unwrap_or(1);
    let suffix = number.saturating_add(1).to_string();
    let room = USERNAME_CHARS.end() - suffix.len();
    base.chars().take(room).collect::<String>() + &suffix
}

/// Why sign-in was refused, in words.
#[must_use]
pub fn refused_words(code: RefusedCode) -> String {
    tr(match code {
        RefusedCode::BadCredentials => "refused-bad-credentials",
        RefusedCode::BadToken => "refused-bad-token",
        RefusedCode::Disabled => "refused-disabled",
        RefusedCode::InviteInvalid => "refused-invite-invalid",
        RefusedCode::NameTaken => "refused-name-taken",
        RefusedCode::NameNotAllowed => "refused-name-not-allowed",
        RefusedCode::WeakPassword => "refused-weak-password",
        RefusedCode::RegistrationClosed => "refused-registration-closed",
        RefusedCode::Busy => "refused-busy",
        RefusedCode::SlowDown => "refused-slow-down",
        RefusedCode::ProtocolTooOld => "protocol-app-old",
        RefusedCode::ProtocolTooNew => "protocol-server-old",
        RefusedCode::RecoveryWrong => "refused-recovery-wrong",
        RefusedCode::RecoveryExpired => "refused-recovery-expired",
        RefusedCode::RecoveryUsed => "refused-recovery-used",
        RefusedCode::RecoveryVoid => "refused-recovery-void",
        RefusedCode::Other => "error-unknown",
    })
}

fn failure_words(why: Failure, address: &str) -> String {
    let name = match why {
        Failure::Unreachable => "join-unreachable",
        Failure::NameUnknown => "join-name-unknown",
        Failure::NotBreeze => "join-not-breeze",
        Failure::Untrusted => "join-untrusted",
        Failure::Lost => "join-lost",
        Failure::Busy => "refused-busy",
    };
    tr_with(name, &[("address", address.to_owned().into())])
}
