//! Wishes made in dialogs: friends, invites, devices, one's own profile, settings.

use super::command::{Ask, Command, Commands, LinkCommand, Mint, PlatformCommand, StoreCommand};
use super::onboarding::ProfileDraft;
use super::window::Closing;
use super::{Action, Dialog, Model, Now};
use crate::words::tr;
use breeze_protocol::ClientMessage;
use breeze_protocol::limit::{DISPLAY_NAME_CHARS, STATUS_TEXT_CHARS_MAX};
use breeze_protocol::message::contact::{Block, FriendAnswer, FriendRequest, Unblock, Unfriend};
use breeze_protocol::message::session::{InviteCreate, SessionRevoke, SessionsList};

/// People who may join with one link made in the window, as it says there: a link that falls into other hands is good for
/// nothing once it was used. The Host panel makes links for more.
const INVITE_USES: u32 = 1;
/// Such a link is valid for a week, seconds.
const INVITE_TTL_S: u64 = 7 * 24 * 3600;

impl Model {
    /// What the person does in dialogs.
    pub(super) fn act_dialog(&mut self, now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        match action {
            Action::Show(dialog) => return self.show_dialog(dialog, mint),
            Action::CloseDialog => self.dialog = None,
            Action::StatusMenu(open) => self.status_menu = open,
            Action::SetStatus(status) => return self.set_status(status),
            Action::TypeFriend(text) => {
                if let Some(Dialog::People { add, said }) = &mut self.dialog {
                    *add = text;
                    *said = None;
                }
            }
            Action::AskFriend => return self.ask_friend(mint),
            Action::AnswerFriend(account, accept) => {
                return ask(
                    Ask::Plain,
                    FriendAnswer {
                        mid: mint.mid(),
                        account,
                        accept,
                    },
                );
            }
            Action::Unfriend(account) => {
                return ask(
                    Ask::Plain,
                    Unfriend {
                        mid: mint.mid(),
                        account,
                    },
                );
            }
            Action::Block(account) => {
                return ask(
                    Ask::Plain,
                    Block {
                        mid: mint.mid(),
                        account,
                    },
                );
            }
            Action::Unblock(account) => {
                return ask(
                    Ask::Plain,
                    Unblock {
                        mid: mint.mid(),
                        account,
                    },
                );
            }
            Action::MakeInvite => return self.make_invite(mint),
            Action::Revoke(device) => {
                let mut commands = ask(
                    Ask::Plain,
                    SessionRevoke {
                        mid: mint.mid(),
                        device,
                    },
                );
                commands.extend(ask(Ask::Devices, SessionsList {}));
                return commands;
            }
            action => return self.act_settings(now, action, mint),
        }
        Commands::new()
    }

    fn act_settings(&mut self, now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        match action {
            Action::SetTheme(theme) => {
                self.settings.theme = theme;
                let mut commands = self.keep_settings();
                commands.push(PlatformCommand::Theme.into());
                commands
            }
            Action::SetClock(clock) => {
                self.settings.clock = clock;
                self.keep_settings()
            }
            Action::UsedEmoji(glyph) => {
                super::emoji::used(&mut self.settings.recent_emoji, &glyph);
                self.keep_settings()
            }
            Action::ReduceMotion(on) => {
                self.settings.reduce_motion = on;
                self.keep_settings()
            }
            Action::ByRecency(on) => {
                self.settings.by_recency = on;
                self.keep_settings()
            }
            Action::CtrlEnter(on) => {
                self.settings.ctrl_enter_sends = on;
                self.keep_settings()
            }
            Action::CloseToTray(on) => {
                self.settings.closing = if on { Closing::Tray } else { Closing::Quit };
                self.keep_settings()
            }
            Action::WindowPlace(place) => {
                self.settings.place = Some(place);
                self.keep_settings()
            }
            Action::NotifyOf(what) => {
                self.settings.notify_of = what;
                self.keep_settings()
            }
            Action::AwayAfter(after) => {
                let mut commands = self.set_away_after(after);
                commands.extend(self.keep_settings());
                commands
            }
            Action::HideMessageText(on) => {
                self.settings.hide_message_text = on;
                self.keep_settings()
            }
            action => self.act_profile(now, action, mint),
        }
    }

    fn keep_settings(&self) -> Commands {
        vec![StoreCommand::Settings(self.settings.clone()).into()]
    }

    fn show_dialog(&mut self, dialog: Dialog, mint: &mut dyn Mint) -> Commands {
        self.status_menu = false;
        match dialog {
            Dialog::Profile(_) => {
                self.dialog = Some(Dialog::Profile(ProfileDraft {
                    display_name: self.me.display_name.clone(),
                    status_text: self.me.status_text.clone(),
                    status: self.me.status,
                    avatar: self.me.avatar,
                    zoom: 100,
                    centre: (500, 500),
                    ..ProfileDraft::default()
                }));
            }
            Dialog::Invite { .. } => return self.make_invite(mint),
            Dialog::Devices => {
                self.dialog = Some(Dialog::Devices);
                return ask(Ask::Devices, SessionsList {});
            }
            Dialog::Settings => {
                self.dialog = Some(Dialog::Settings);
                return vec![PlatformCommand::HandleLinks(None).into()];
            }
            dialog => self.dialog = Some(dialog),
        }
        Commands::new()
    }

    fn make_invite(&mut self, mint: &mut dyn Mint) -> Commands {
        self.dialog = Some(Dialog::Invite {
            link: None,
            expires_ms: 0,
        });
        ask(
            Ask::Invite,
            InviteCreate {
                mid: mint.mid(),
                uses: INVITE_USES,
                ttl_s: INVITE_TTL_S,
            },
        )
    }

    pub(super) fn set_status(&mut self, status: breeze_protocol::StatusKind) -> Commands {
        self.me.status = status;
        self.status_menu = false;
        vec![
            StoreCommand::Status(status).into(),
            LinkCommand::Status(self.seen_status()).into(),
        ]
    }

    fn ask_friend(&mut self, mint: &mut dyn Mint) -> Commands {
        let Some(Dialog::People { add, said }) = &mut self.dialog else {
            return Commands::new();
        };
        let username = add.trim().trim_start_matches('@').to_owned();
        if username.is_empty() {
            return Commands::new();
        }
        *said = None;
        add.clear();
        ask(
            Ask::Friend(username.clone()),
            FriendRequest {
                mid: mint.mid(),
                username,
            },
        )
    }

    fn act_profile(&mut self, _now: Now, action: Action, mint: &mut dyn Mint) -> Commands {
        let Some(Dialog::Profile(draft)) = &mut self.dialog else {
            return Commands::new();
        };
        match action {
            Action::TypeDisplayName(text) => draft.display_name = text,
            Action::TypeStatusText(text) => draft.status_text = text,
            Action::DraftStatus(status) => draft.status = status,
            Action::ChoosePicture => {
                draft.busy = true;
                draft.error = None;
                return vec![PlatformCommand::ChoosePicture.into()];
            }
            Action::PictureFile(path) => {
                draft.busy = true;
                draft.error = None;
                return vec![PlatformCommand::ReadPicture(path).into()];
            }
            Action::Crop { zoom, centre } => {
                draft.zoom = zoom.clamp(100, 400);
                draft.centre = (centre.0.min(1000), centre.1.min(1000));
            }
            Action::UseInitials => {
                draft.picture = None;
                draft.avatar = None;
                draft.error = None;
            }
            Action::SaveProfile => return self.save_profile(mint),
            _ => {}
        }
        Commands::new()
    }

    fn save_profile(&mut self, mint: &mut dyn Mint) -> Commands {
        let Some(Dialog::Profile(draft)) = &mut self.dialog else {
            return Commands::new();
        };
        let name = draft.display_name.trim();
        let wrong = if !DISPLAY_NAME_CHARS.contains(&name.chars().count()) {
            Some("register-name")
        } else if draft.status_text.trim().chars().count() > STATUS_TEXT_CHARS_MAX {
            Some("profile-status-long")
        } else {
            None
        };
        draft.error = wrong.map(tr);
        if wrong.is_some() || draft.busy {
            return Commands::new();
        }
        draft.busy = true;
        let mid = mint.mid();
        let status = draft.status;
        let command: Command = match draft.picture.clone() {
            Some(picture) => {
                self.book.profile = Some(mid);
                PlatformCommand::Pack {
                    picture,
                    zoom: draft.zoom,
                    centre: draft.centre,
                }
                .into()
            }
            None => LinkCommand::SetProfile {
                mid,
                display_name: name.to_owned(),
                status_text: draft.status_text.trim().to_owned(),
                avatar: draft.avatar,
                upload: None,
            }
            .into(),
        };
        let mut commands = if status == self.me.status {
            Commands::new()
        } else {
            self.set_status(status)
        };
        commands.push(command);
        commands
    }
}

fn ask(ask: Ask, message: impl Into<ClientMessage>) -> Commands {
    vec![LinkCommand::Request(ask, Box::new(message.into())).into()]
}
