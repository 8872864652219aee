//! One JSON message in its envelope: `{"t":"kind","id":7,"d":{..}}`, with `re` in place of `id` in an answer.

use crate::frame;
use crate::limit::INTEGER_MAX;
use crate::message::{ClientMessage, ServerMessage};
use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Why a payload is not a message. Each ends the connection, except [`Decoded::Unknown`], which is not an error.
#[derive(Debug, thiserror::Error)]
#[error("not a message: {0}")]
pub struct DecodeError(#[from] serde_json::Error);

/// One message with the numbers that tie an answer to its request.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope<M> {
    /// Number of a request, chosen by its sender.
    pub id: Option<u64>,
    /// Number of the request this answers.
    pub re: Option<u64>,
    /// What it says.
    pub message: M,
}

/// What a well-formed envelope held.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoded<M> {
    /// A message this version knows.
    Known(Envelope<M>),
    /// A kind this version does not know: passed over, or `error{unsupported}` when it has an `id`.
    Unknown {
        /// Its wire name, cut to 64 bytes.
        kind: String,
        /// Its request number.
        id: Option<u64>,
    },
}

#[derive(Deserialize)]
struct WireIn<'a> {
    #[serde(borrow)]
    t: Cow<'a, str>,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    re: Option<u64>,
    #[serde(borrow, default)]
    d: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct WireOut<'a> {
    t: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    re: Option<u64>,
    d: &'a RawValue,
}

/// Reads one payload by its shape; unknown fields are passed over.
///
/// # Errors
/// [`DecodeError`] when it is not of that shape.
pub fn parse<T: DeserializeOwned>(payload: &RawValue) -> Result<T, DecodeError> {
    Ok(serde_json::from_str(object(payload.get())?)?)
}

fn open(bytes: &[u8]) -> Result<WireIn<'_>, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?;
    let wire = serde_json::from_str(object(text)?)?;
    if !integers_fit(bytes) {
        return Err(serde_json::Error::custom("an integer is over 2^53 - 1").into());
    }
    Ok(wire)
}

/// Refuses what is not an object: derived readers would also take an array of the fields in order,
/// which no other language's reader does.
fn object(text: &str) -> Result<&str, DecodeError> {
    if text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
        return Ok(text);
    }
    Err(serde_json::Error::custom("expected an object").into())
}

/// Whether every run of digits outside strings is at most [`INTEGER_MAX`], so that no number past it
/// reaches a store or a reader that would round it. `json` is well formed.
fn integers_fit(json: &[u8]) -> bool {
    let mut value: u64 = 0;
    let mut in_string = false;
    let mut bytes = json.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => drop(bytes.next()),
            b'0'..=b'9' if !in_string => {
                value = value.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                if value > INTEGER_MAX {
                    return false;
                }
            }
            _ => value = 0,
        }
    }
    true
}

fn unknown<M>(kind: &str, id: Option<u64>) -> Decoded<M> {
    let cut = kind
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|&end| end <= 64)
        .last();
    Decoded::Unknown {
        kind: kind[..cut.unwrap_or(0)].to_owned(),
        id,
    }
}

macro_rules! codec {
    ($decode:ident, $encode:ident, $direction:ident) => {
        /// Reads the payload of one message frame.
        ///
        /// # Errors
        /// [`DecodeError`] for broken JSON, a broken envelope, or a known kind with a payload of another shape.
        pub fn $decode(bytes: &[u8]) -> Result<Decoded<$direction>, DecodeError> {
            let wire = open(bytes)?;
            let payload = wire.d.unwrap_or(RawValue::NULL);
            Ok(match $direction::decode(&wire.t, payload)? {
                Some(message) => Decoded::Known(Envelope {
                    id: wire.id,
                    re: wire.re,
                    message,
                }),
                None => unknown(&wire.t, wire.id),
            })
        }

        /// One whole frame, ready for the socket.
        #[must_use]
        pub fn $encode(envelope: &Envelope<$direction>) -> Bytes {
            let payload = envelope
                .message
                .payload()
                .expect("payloads are plain data with string keys");
            let wire = WireOut {
                t: envelope.message.kind(),
                id: envelope.id,
                re: envelope.re,
                d: &payload,
            };
            let json = serde_json::to_vec(&wire).expect("an envelope is plain data");
            frame::encode_message(&json)
        }
    };
}

codec!(decode_client, encode_client, ClientMessage);
codec!(decode_server, encode_server, ServerMessage);

impl<M> Envelope<M> {
    /// A message nobody has to answer.
    pub fn plain(message: impl Into<M>) -> Self {
        Self {
            id: None,
            re: None,
            message: message.into(),
        }
    }

    /// A request that wants an answer numbered `id`.
    pub fn request(id: u64, message: impl Into<M>) -> Self {
        Self {
            id: Some(id),
            re: None,
            message: message.into(),
        }
    }

    /// The answer to the request numbered `re`.
    pub fn answer(re: Option<u64>, message: impl Into<M>) -> Self {
        Self {
            id: None,
            re,
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::control::{Bye, Ping};

    #[test]
    fn an_unknown_kind_or_field_is_passed_over() {
        let decoded = decode_client(br#"{"t":"levitate","id":3,"d":{"height":2}}"#).expect("well formed");
        assert_eq!(
            decoded,
            Decoded::Unknown {
                kind: "levitate".into(),
                id: Some(3)
            }
        );
        let decoded =
            decode_client(br#"{"t":"ping","d":{"n":1,"got":0,"mood":"fine"},"x":1}"#).expect("well formed");
        assert_eq!(decoded, Decoded::Known(Envelope::plain(Ping { n: 1, got: 0 })));
    }

    #[test]
    fn a_known_kind_of_another_shape_is_an_error() {
        assert!(decode_client(br#"{"t":"ping","d":{"n":"one"}}"#).is_err());
        assert!(decode_client(br#"{"t":"ping""#).is_err());
        assert!(decode_client(br#"[]"#).is_err());
        assert!(
            decode_client(br#"{"t":"bye"}"#).is_err(),
            "the payload is always there"
        );
        assert!(
            decode_client(br#"["bye",null,null,{}]"#).is_err(),
            "an envelope is an object"
        );
        assert!(
            decode_client(br#"{"t":"ping","d":[1,0]}"#).is_err(),
            "a payload is an object"
        );
        assert!(
            decode_client(b"{\"t\":\"bye\",\"x\":\"\xff\",\"d\":{}}").is_err(),
            "all of it is UTF-8"
        );
    }

    #[test]
    fn integers_stay_below_two_to_the_53() {
        let read =
            |seq: &str| decode_client(format!(r#"{{"t":"read","d":{{"conv":1,"seq":{seq}}}}}"#).as_bytes());
        assert!(read("9007199254740991").is_ok());
        assert!(read("9007199254740992").is_err());
        assert!(read("18446744073709551615").is_err());
        let quoted = br#"{"t":"bye","x":"\"99999999999999999999","d":{}}"#;
        assert!(decode_client(quoted).is_ok(), "digits in a string are no integer");
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let envelope: Envelope<ClientMessage> = Envelope::request(9, Bye {});
        let bytes = encode_client(&envelope);
        assert_eq!(
            decode_client(&bytes[5..]).expect("just encoded"),
            Decoded::Known(envelope)
        );
    }
}
