//! Values of what files need, for proptest.

use super::{account, conv, hash, number, secret, text};
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::blob::BlobGet;
use breeze_protocol::message::hello::{self, Hello};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Any attachment at all, lawful or not.
pub(crate) fn attachment() -> impl Strategy<Value = Attachment> {
    let side = || option::of(any::<u32>());
    (hash(), number(), text(), text(), side(), side()).prop_map(|(hash, size, name, media, width, height)| {
        Attachment {
            hash,
            size,
            name,
            media,
            width,
            height,
        }
    })
}

pub(crate) fn blob_get() -> impl Strategy<Value = BlobGet> {
    prop_oneof![
        (account(), hash()).prop_map(|(account, hash)| BlobGet::picture(account, hash)),
        (conv(), number(), any::<u32>(), hash(), number()).prop_map(|(conv, seq, index, hash, offset)| {
            BlobGet::file(FilePlace { conv, seq, index }, hash, offset)
        }),
    ]
}

pub(crate) fn hello() -> impl Strategy<Value = Hello> {
    let role = select(vec![hello::Role::Main, hello::Role::Transfer]);
    (any::<u32>(), any::<u32>(), text(), role, option::of(secret())).prop_map(
        |(protocol_min, protocol_max, client, role, ticket)| Hello {
            protocol_min,
            protocol_max,
            client,
            role,
            ticket,
        },
    )
}
