//! Answers to requests, and what the hosted server and the pictures' worker say.

use super::chat::Chat;
use super::command::{Ask, Commands, LinkCommand};
use super::entries::nack_words;
use super::event::{PictureEvent, Reply};
use super::group_acts::{group_picture, group_words};
use super::keeping::keeping_words;
use super::pins::pin_words;
use super::{Dialog, Model, Now};
use crate::words::{tr, tr_with};
use breeze_protocol::ServerMessage;
use breeze_protocol::message::code::ErrorCode;

impl Model {
    /// A request was answered, or never will be.
    pub(super) fn answer(&mut self, now: Now, ask: Ask, reply: Reply) -> Commands {
        if let Ask::Fill(conv) = ask {
            return self.filled(now, conv, reply);
        }
        if let Ask::Draft(conv) = ask {
            return self.draft_answered(now.mono_ms, conv, &reply);
        }
        if let Ask::Keep(conv, mid) = ask {
            return self.keep_answered(now, (conv, mid), reply);
        }
        let message = match reply {
            Reply::Lost => return self.unanswered(now, &ask),
            Reply::Message(message) => *message,
        };
        match (ask, message) {
            (Ask::Newer(conv), ServerMessage::HistoryPage(page)) => {
                return self.newer_from_server(conv, page);
            }
            (Ask::Around(conv, seq), ServerMessage::HistoryPage(page)) => {
                return self.around_from_server(now, (conv, seq), page);
            }
            (Ask::Search(no), ServerMessage::SearchPage(page)) => return self.search_page(now, no, page),
            (ask, ServerMessage::HistoryPage(page)) => return self.history_page(&ask, page),
            (Ask::OpenConv(account), ServerMessage::ConvOpened(opened)) => {
                self.book.opening = None;
                let conv = opened.conv;
                let chat = self.chats.entry(conv).or_insert_with(|| Chat {
                    conv,
                    ..Chat::default()
                });
                chat.other = account;
                return self.show_chat(conv);
            }
            (Ask::Group, ServerMessage::ConvOpened(opened)) => return self.group_made(opened.conv),
            (Ask::Group, ServerMessage::Done(_)) => self.group_done(),
            (Ask::Group, ServerMessage::Nack(nack)) => self.group_failed(now, group_words(nack.code)),
            (Ask::Group, ServerMessage::Error(error)) => self.group_failed(now, error_words(error.code)),
            (Ask::Members(_), ServerMessage::MembersPage(page)) => return self.members_page(page),
            (Ask::Members(_), _) => {}
            (Ask::Friend(name), ServerMessage::Done(_)) => {
                self.friend_said(tr_with("friend-asked", &[("name", name.into())]))
            }
            (Ask::Friend(_), ServerMessage::Nack(nack)) => self.friend_said(nack_words(nack.code)),
            (Ask::Invite, ServerMessage::Invite(invite)) => {
                if let Some(Dialog::Invite { link, expires_ms }) = &mut self.dialog {
                    *link = Some(invite.link.0);
                    *expires_ms = invite.expires_ms;
                }
            }
            (Ask::Devices, ServerMessage::Sessions(sessions)) => self.devices = sessions.rows,
            (Ask::Profile, ServerMessage::Done(_)) => {
                if matches!(self.dialog, Some(Dialog::Profile(_))) {
                    self.dialog = None;
                }
            }
            (Ask::Profile, ServerMessage::Nack(nack)) => self.profile_failed(now, nack_words(nack.code)),
            (Ask::Profile, ServerMessage::Error(error)) => self.profile_failed(now, error_words(error.code)),
            (Ask::Pin, ServerMessage::Nack(nack)) => self.toast(now, pin_words(nack.code), true),
            (Ask::Keeping, ServerMessage::Done(_)) => self.keeping_done(),
            (Ask::Keeping, ServerMessage::Nack(nack)) => self.keeping_failed(keeping_words(nack.code)),
            (Ask::Keeping, ServerMessage::Error(error)) => self.keeping_failed(error_words(error.code)),
            (Ask::Hole(conv, after), _) => return self.hole_failed(conv, after),
            (ask, _) if ask.is_history() => self.history_failed(now, &ask),
            (_, ServerMessage::Nack(nack)) => self.toast(now, nack_words(nack.code), true),
            (_, ServerMessage::Error(error)) => self.toast(now, error_words(error.code), true),
            _ => {}
        }
        Commands::new()
    }

    fn unanswered(&mut self, now: Now, ask: &Ask) -> Commands {
        match ask {
            ask if ask.is_history() => self.history_failed(now, ask),
            Ask::Friend(_) => self.friend_said(tr("not-connected")),
            Ask::Group => self.group_failed(now, tr("not-connected")),
            Ask::Members(_) => {}
            Ask::Profile => self.profile_failed(now, tr("not-connected")),
            Ask::Keeping => self.keeping_failed(tr("not-connected")),
            Ask::Pin => self.toast(now, tr("pin-offline"), true),
            Ask::OpenConv(_) => {
                self.book.opening = None;
                self.toast(now, tr("not-connected"), true);
            }
            _ => self.toast(now, tr("not-connected"), true),
        }
        Commands::new()
    }

    /// No history, and no hits, came of it.
    fn history_failed(&mut self, now: Now, ask: &Ask) {
        match ask {
            Ask::Older(conv) => {
                if let Some(chat) = self.chats.get_mut(conv) {
                    chat.loading = false;
                }
            }
            Ask::Newer(conv) => self.newer_failed(*conv),
            Ask::Around(conv, _) => self.jump_failed(now, *conv),
            Ask::Search(no) => self.search_unanswered(*no),
            _ => {}
        }
    }

    fn friend_said(&mut self, words: String) {
        if let Some(Dialog::People { said, .. }) = &mut self.dialog {
            *said = Some(words);
        }
    }

    fn profile_failed(&mut self, now: Now, words: String) {
        if let Some(Dialog::Profile(draft)) = &mut self.dialog {
            draft.busy = false;
            draft.error = Some(words);
        } else {
            self.toast(now, words, true);
        }
    }

    /// The pictures' worker says something.
    pub(super) fn picture_event(&mut self, now: Now, event: PictureEvent) -> Commands {
        if let Some(draft) = self.group_draft() {
            return group_picture(draft, event);
        }
        let Some(Dialog::Profile(draft)) = &mut self.dialog else {
            return Commands::new();
        };
        match event {
            PictureEvent::None => draft.busy = false,
            PictureEvent::Read(picture) => {
                draft.busy = false;
                draft.error = None;
                draft.picture = Some(picture);
                draft.zoom = 100;
                draft.centre = (500, 500);
            }
            PictureEvent::Refused(words) => self.profile_failed(now, words),
            PictureEvent::Packed(hash, bytes) => {
                let Some(mid) = self.book.profile.take() else {
                    return Commands::new();
                };
                return vec![
                    super::command::StoreCommand::PutBlob(hash, bytes.clone()).into(),
                    LinkCommand::SetProfile {
                        mid,
                        display_name: draft.display_name.trim().to_owned(),
                        status_text: draft.status_text.trim().to_owned(),
                        avatar: Some(hash),
                        upload: Some((hash, bytes)),
                    }
                    .into(),
                ];
            }
        }
        Commands::new()
    }
}

/// Why a request was not carried out, in words.
#[must_use]
pub fn error_words(code: ErrorCode) -> String {
    tr(match code {
        ErrorCode::Unsupported => "error-unsupported",
        ErrorCode::Malformed => "error-malformed",
        ErrorCode::TooLarge => "error-too-large",
        ErrorCode::NotSignedIn => "error-not-signed-in",
        ErrorCode::OutOfOrder => "error-out-of-order",
        ErrorCode::NotFound => "error-not-found",
        ErrorCode::Expired => "error-expired",
        ErrorCode::HashMismatch => "error-hash-mismatch",
        ErrorCode::Internal => "error-internal",
        ErrorCode::Quota => "nack-quota",
        ErrorCode::Busy => "refused-busy",
        ErrorCode::StorageFull => "nack-storage-full",
        ErrorCode::Other => "error-unknown",
    })
}
