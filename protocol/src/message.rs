//! Every message of the wire, one enum per direction. The table below is the whole list: wire name, variant, payload.

pub mod attachment;
pub mod blob;
pub mod chat;
pub mod code;
pub mod contact;
pub mod control;
pub mod draft;
pub mod group;
pub mod hello;
pub mod item;
pub mod keep;
pub mod pin;
pub mod prefs;
pub mod presence;
pub mod resume;
pub mod search;
pub mod session;
pub mod sign_in;

use crate::codec::{DecodeError, parse};
use serde_json::value::RawValue;

macro_rules! messages {
    ($(#[$doc:meta])* $direction:ident { $($(#[$vdoc:meta])* $wire:literal => $variant:ident($payload:path),)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $direction {
            $($(#[$vdoc])* $variant($payload),)+
        }

        impl $direction {
            /// Every wire name of this direction, in the order of the table.
            pub const KINDS: &[&str] = &[$($wire),+];

            /// The wire name (`t`) of this message.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $wire,)+ }
            }

            /// Reads the payload `d` by its wire name. `Ok(None)` when the name is unknown to this version.
            ///
            /// # Errors
            /// [`DecodeError`] when the name is known and the payload is not of its shape.
            pub fn decode(kind: &str, payload: &RawValue) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match kind {
                    $($wire => Self::$variant(parse(payload)?),)+
                    _ => return Ok(None),
                }))
            }

            /// The payload `d` as JSON text.
            ///
            /// # Errors
            /// None in practice: every payload is plain data with string keys.
            pub fn payload(&self) -> serde_json::Result<Box<RawValue>> {
                match self { $(Self::$variant(payload) => serde_json::value::to_raw_value(payload),)+ }
            }
        }

        $(impl From<$payload> for $direction {
            fn from(payload: $payload) -> Self { Self::$variant(payload) }
        })+
    };
}

messages! {
    /// From the app to the server.
    ClientMessage {
        /// First message of a connection.
        "hello" => Hello(hello::Hello),
        /// Makes an account with an invite, and signs in.
        "register" => Register(sign_in::Register),
        /// Signs in by password: a new device.
        "login" => Login(sign_in::Login),
        /// Signs in by a device's token.
        "token" => Token(sign_in::Token),
        /// Asks whether a username is free, without using the invite up.
        "name_check" => NameCheck(sign_in::NameCheck),
        /// Asks for everything missed, and for live changes from now on.
        "resume" => Resume(resume::Resume),
        /// Sends a message.
        "send" => Send(chat::Send),
        /// How many entries and items of this connection are stored on this device.
        "ack" => Ack(chat::Ack),
        /// Read up to here.
        "read" => Read(chat::Read),
        /// The person is typing.
        "typing" => Typing(chat::Typing),
        /// Asks for a page of history.
        "history" => History(chat::History),
        /// Finds or makes the conversation with one friend, or with oneself.
        "conv_open" => ConvOpen(chat::ConvOpen),
        /// How the person wants to be seen.
        "status" => Status(presence::Status),
        /// Asks for a fresh presence snapshot.
        "presence_query" => PresenceQuery(presence::PresenceQuery),
        /// Asks somebody to become a friend.
        "friend_request" => FriendRequest(contact::FriendRequest),
        /// Answers such a wish.
        "friend_answer" => FriendAnswer(contact::FriendAnswer),
        /// Ends a friendship.
        "unfriend" => Unfriend(contact::Unfriend),
        /// Blocks somebody.
        "block" => Block(contact::Block),
        /// Takes a block back.
        "unblock" => Unblock(contact::Unblock),
        /// Changes one's own name, picture or status text.
        "profile_set" => ProfileSet(contact::ProfileSet),
        /// Changes one's own password.
        "password_change" => PasswordChange(sign_in::PasswordChange),
        /// Makes an invite.
        "invite_create" => InviteCreate(session::InviteCreate),
        /// Lists one's own invites.
        "invite_list" => InviteList(session::InviteList),
        /// Takes an invite back.
        "invite_revoke" => InviteRevoke(session::InviteRevoke),
        /// Lists one's own devices and live sessions.
        "sessions_list" => SessionsList(session::SessionsList),
        /// Signs one of one's own devices out.
        "session_revoke" => SessionRevoke(session::SessionRevoke),
        /// Begins an upload.
        "blob_begin" => BlobBegin(blob::BlobBegin),
        /// Asks how much of an upload has come.
        "blob_state" => BlobState(blob::BlobState),
        /// Ends an upload: check it and keep it.
        "blob_commit" => BlobCommit(blob::BlobCommit),
        /// Gives an upload up.
        "blob_cancel" => BlobCancel(blob::BlobCancel),
        /// Asks for somebody's picture, or for a file of a message.
        "blob_get" => BlobGet(blob::BlobGet),
        /// Heartbeat.
        "ping" => Ping(control::Ping),
        /// The person leaves: be grey at once.
        "bye" => Bye(control::Bye),
        /// Makes a group.
        "group_create" => GroupCreate(group::GroupCreate),
        /// Adds friends to a group.
        "group_invite" => GroupInvite(group::GroupInvite),
        /// Removes somebody from a group.
        "group_remove" => GroupRemove(group::GroupRemove),
        /// Leaves a group.
        "group_leave" => GroupLeave(group::GroupLeave),
        /// Changes a group's name and picture.
        "group_rename" => GroupRename(group::GroupRename),
        /// Gives a member another role.
        "group_role" => GroupRole(group::GroupRole),
        /// Asks for a page of a group's members.
        "members" => Members(group::Members),
        /// Asks for messages that hold every word of a query.
        "search" => Search(search::Search),
        /// Sets a new password by a code of the operator's, and signs in.
        "recover" => Recover(sign_in::Recover),
        /// Asks for a ticket for a transfer connection.
        "transfer_ticket" => TransferTicket(blob::TransferTicket),
        /// Keeps a conversation otherwise: pinned, muted, archived, unread.
        "item_set" => ItemSet(prefs::ItemSet),
        /// What stands in the composer of a conversation.
        "draft" => Draft(draft::Draft),
        /// Pins a message for everybody in its conversation, or takes it off.
        "message_pin" => MessagePin(pin::MessagePin),
        /// Keeps the messages of a conversation for so long.
        "conv_keep" => ConvKeep(keep::ConvKeep),
    }
}

messages! {
    /// From the server to the app.
    ServerMessage {
        /// Answer to `hello`.
        "hello_ok" => HelloOk(hello::HelloOk),
        /// Answer to `register`, `login` and `token`.
        "signed_in" => SignedIn(sign_in::SignedIn),
        /// The other answer to them, and to `name_check`.
        "refused" => Refused(sign_in::Refused),
        /// The name may be taken.
        "name_free" => NameFree(sign_in::NameFree),
        /// First answer to `resume`.
        "resumed" => Resumed(resume::Resumed),
        /// Everything missed has been sent.
        "synced" => Synced(resume::Synced),
        /// One chunk of everybody's presence; replaces what the client knew.
        "presence_snapshot" => PresenceSnapshot(presence::PresenceSnapshot),
        /// Changes of presence.
        "presence" => Presence(presence::Presence),
        /// A message is on the server's disk.
        "sent" => Sent(chat::Sent),
        /// A change was refused.
        "nack" => Nack(chat::Nack),
        /// One entry of a conversation.
        "event" => Event(chat::Event),
        /// One piece of state that is kept: a contact, a profile, a mark.
        "item" => Item(item::Item),
        /// How far the members of a conversation have received and read.
        "receipts" => Receipts(chat::Receipts),
        /// Somebody is typing.
        "typing" => Typing(chat::TypingNotice),
        /// A page of history.
        "history_page" => HistoryPage(chat::HistoryPage),
        /// Answer to `conv_open` and `group_create`.
        "conv_opened" => ConvOpened(chat::ConvOpened),
        /// A request was carried out; there is nothing more to say.
        "done" => Done(control::Done),
        /// A request cannot be carried out.
        "error" => Error(control::Error),
        /// Answer to `invite_create`.
        "invite" => Invite(session::Invite),
        /// Answer to `invite_list`.
        "invites" => Invites(session::Invites),
        /// Answer to `sessions_list`.
        "sessions" => Sessions(session::Sessions),
        /// Somebody signed in to this account on another device.
        "sign_in_notice" => SignInNotice(session::SignInNotice),
        /// Where an upload stands.
        "blob_offset" => BlobOffset(blob::BlobOffset),
        /// A download follows in chunk frames.
        "blob_info" => BlobInfo(blob::BlobInfo),
        /// Answer to `ping`.
        "pong" => Pong(control::Pong),
        /// The server ends this connection, and why.
        "goodbye" => Goodbye(control::Goodbye),
        /// Answer to `members`.
        "members_page" => MembersPage(group::MembersPage),
        /// What a search found.
        "search_page" => SearchPage(search::SearchPage),
        /// Answer to `transfer_ticket`.
        "ticket" => Ticket(blob::Ticket),
    }
}
