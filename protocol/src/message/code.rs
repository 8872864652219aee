//! Why the other side said no. Each code has one meaning, one counter and one sentence for the person.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+
            /// A code this version does not know. Never sent.
            #[serde(other)]
            Other,
        }

        impl $name {
            /// Every code of this kind that may be sent.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }
    };
}

codes! {
    /// Why sign-in was refused.
    RefusedCode {
        /// Unknown name or wrong password; which of them is not told.
        BadCredentials,
        /// The device was signed out.
        BadToken,
        /// The operator has disabled the account.
        Disabled,
        /// The invite is unknown, used up or expired.
        InviteInvalid,
        /// Somebody has that username, or one that looks like it.
        NameTaken,
        /// The username has characters or a shape that is not allowed.
        NameNotAllowed,
        /// The password is too short, too long or too common.
        WeakPassword,
        /// New accounts are made by the operator only.
        RegistrationClosed,
        /// The server has too much to do right now.
        Busy,
        /// Too many tries.
        SlowDown,
        /// The client speaks only protocols the server no longer speaks.
        ProtocolTooOld,
        /// The client speaks only protocols the server does not speak yet.
        ProtocolTooNew,
        /// The recovery code is not one of this name; whether the name exists is not told.
        RecoveryWrong,
        /// The recovery code was good and has expired.
        RecoveryExpired,
        /// The recovery code was good and has been used.
        RecoveryUsed,
        /// Wrong codes were tried too often before this one, which is void now.
        RecoveryVoid,
    }
}

codes! {
    /// Why a change was refused.
    NackCode {
        /// The other person is no friend, has blocked, or is gone; which is not told.
        NotContact,
        /// Not a member of that conversation.
        NotMember,
        /// Not allowed to do that.
        NoRight,
        /// Over a limit of length.
        TooLong,
        /// The same mid came before with another content.
        MidReused,
        /// Names something that does not exist.
        BadReference,
        /// Over a quota.
        Quota,
        /// The old password is wrong.
        BadPassword,
        /// The new password is too short, too long or too common.
        WeakPassword,
        /// The server's disk is full. Transient.
        StorageFull,
        /// Too much is waiting. Transient.
        Busy,
        /// Too many in a short time. Transient.
        SlowDown,
        /// The store cannot be reached. Transient.
        StoreDown,
    }
}

codes! {
    /// Why a request was not carried out.
    ErrorCode {
        /// A kind of request this server does not know.
        Unsupported,
        /// Not of the shape it should have.
        Malformed,
        /// Over a limit of size.
        TooLarge,
        /// Only after sign-in.
        NotSignedIn,
        /// Not now: another message has to come first.
        OutOfOrder,
        /// Does not exist, or not for you.
        NotFound,
        /// Too late.
        Expired,
        /// The bytes are not those that were announced.
        HashMismatch,
        /// A fault of the server's own; the operator's log has it.
        Internal,
        /// Over the quota of files.
        Quota,
        /// Too many at once; one of them has to end first.
        Busy,
        /// The server's disk is full.
        StorageFull,
    }
}

codes! {
    /// Why the server ends a connection.
    GoodbyeCode {
        /// The server restarts and will be back.
        Restarting,
        /// Another node will serve this person.
        Moving,
        /// The same device signed in again.
        Replaced,
        /// Signed out by the operator.
        Kicked,
        /// Signed out by the person on another device.
        Revoked,
        /// The account has been disabled.
        Disabled,
        /// The client does not read what it is sent.
        Slow,
        /// Nothing was heard for too long.
        TimedOut,
        /// Something came that is not a frame or not a message.
        BadFrame,
        /// The server has too many connections.
        Overload,
    }
}

impl NackCode {
    /// Whether the same request may succeed later without change.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::StorageFull | Self::Busy | Self::SlowDown | Self::StoreDown
        )
    }
}
