//! Names of things on the wire: integers the server hands out, and random values written as lower-case hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} lower-case hex characters")]
pub struct BadId {
    /// How many hex characters the id has.
    pub expected: usize,
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id! {
    /// A person's account on one server. Never reused.
    AccountId
}
number_id! {
    /// One data folder of one person: one device is one session at most.
    DeviceId
}
number_id! {
    /// A conversation.
    ConvId
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let mut bytes = [0; $bytes];
                hex_to_bytes(text, &mut bytes).map(|()| Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

hex_id! {
    /// Identity of one wish to change something: a UUIDv7 minted when the person acts, never reused.
    /// The server answers a repeated `mid` with its first answer.
    Mid, 16
}
hex_id! {
    /// A server's identity, random, made once with its database.
    ServerId, 16
}
hex_id! {
    /// One life of a server's data. Changes when data is restored or moved.
    Epoch, 16
}
hex_id! {
    /// One start of one client process, random.
    Instance, 16
}
hex_id! {
    /// One upload or download of a blob on one connection, random.
    TransferId, 16
}
hex_id! {
    /// SHA-256 of a blob's bytes: its name.
    BlobHash, 32
}

fn hex_to_bytes(text: &str, out: &mut [u8]) -> Result<(), BadId> {
    let bad = BadId {
        expected: out.len() * 2,
    };
    if text.len() != bad.expected {
        return Err(bad);
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (Some(high), Some(low)) = (hex_digit(pair[0]), hex_digit(pair[1])) else {
            return Err(bad);
        };
        *byte = high << 4 | low;
    }
    Ok(())
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_refuses_what_is_not_hex() {
        let mid = Mid([0xab; 16]);
        assert_eq!(mid.to_string().parse(), Ok(mid));
        assert_eq!("AB".repeat(16).parse::<Mid>(), Err(BadId { expected: 32 }));
        assert_eq!("ab".parse::<Mid>(), Err(BadId { expected: 32 }));
        assert_eq!("é".repeat(16).parse::<Mid>(), Err(BadId { expected: 32 }));
    }
}
