//! Fuzz body: any bytes as the payload of a message frame, read as both directions.

use breeze_protocol::codec::{self, DecodeError, Decoded, Envelope};
use breeze_protocol::frame::LENGTH_BYTES;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{ClientMessage, ServerMessage};
use bytes::Bytes;
use std::fmt::Debug;

/// True when the bytes are a known message of one direction.
pub(crate) fn run(data: &[u8]) -> bool {
    let client: bool = check::<ClientMessage>(data, codec::decode_client, codec::encode_client).is_some();
    let server = check::<ServerMessage>(data, codec::decode_server, codec::encode_server);
    if let Some(ServerMessage::Item(item)) = &server
        && let Ok(Some(state)) = ItemState::from_item(item)
    {
        let again = ItemState::from_item(&state.clone().into_item(item.cursor));
        assert_eq!(again.expect("just packed"), Some(state));
    }
    client || server.is_some()
}

type Decode<M> = fn(&[u8]) -> Result<Decoded<M>, DecodeError>;
type Encode<M> = fn(&Envelope<M>) -> Bytes;

/// Whatever is read can be written, and is then read as the same thing.
fn check<M: Debug + PartialEq>(data: &[u8], decode: Decode<M>, encode: Encode<M>) -> Option<M> {
    let envelope = match decode(data) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
        Ok(Decoded::Unknown { kind, .. }) => {
            assert!(kind.len() <= 64, "an unknown kind is cut before it reaches a log");
            return None;
        }
        Ok(Decoded::Known(envelope)) => envelope,
    };
    assert!(
        std::str::from_utf8(data).is_ok(),
        "a message was read from bytes that are not UTF-8"
    );
    let frame = encode(&envelope);
    match decode(&frame[LENGTH_BYTES + 1..]) {
        Ok(Decoded::Known(again)) => assert_eq!(again, envelope),
        other => panic!("{envelope:?} was written as something else: {other:?}"),
    }
    Some(envelope.message)
}
