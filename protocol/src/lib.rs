//! The wire between Breeze's app and its server: ids, messages, limits, frames. Pure: bytes in, values out.
//!
//! `docs/protocol.md` describes the same thing for people who write a client in another language.

pub mod admin;
pub mod codec;
pub mod emoji;
pub mod fingerprint;
pub mod frame;
pub mod id;
pub mod limit;
pub mod link;
pub mod message;
pub mod presence;
pub mod terms;

pub use id::{AccountId, BlobHash, ConvId, DeviceId, Epoch, Instance, Mid, ServerId, TransferId};
pub use message::{ClientMessage, ServerMessage};
pub use presence::{EndReason, PresenceEntry, PresenceState, StatusKind};
