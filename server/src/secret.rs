//! Secrets: how they are made, and the hash that is all the server keeps of them.

use crate::store::SecretHash;
use breeze_protocol::message::sign_in::Secret;
use sha2::{Digest, Sha256};

/// Bytes of chance in a device's token.
const TOKEN_BYTES: usize = 32;
/// Bytes of chance in an invite's code: short enough for a QR code, too long to guess.
const CODE_BYTES: usize = 16;
/// Characters of a random password that the operator reads aloud or copies: 5 bits each, 100 bits in all.
const PASSWORD_CHARS: usize = 20;
/// Thirty-two characters that nobody mistakes for each other.
const PASSWORD_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters between two hyphens of a random password.
const PASSWORD_GROUP: usize = 5;
/// Characters of a recovery code that the operator reads aloud: 5 bits each, 80 bits in all.
const RECOVERY_CHARS: usize = 16;
/// Characters between two hyphens of a recovery code.
const RECOVERY_GROUP: usize = 4;
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A device's token and its hash.
#[must_use]
pub fn mint() -> (Secret, SecretHash) {
    with_hash(Secret(base64url(&random::<TOKEN_BYTES>())))
}

/// An invite's code and its hash.
#[must_use]
pub fn mint_code() -> (Secret, SecretHash) {
    with_hash(Secret(base64url(&random::<CODE_BYTES>())))
}

/// The hash under which a secret is kept. Secrets are random, so a plain hash cannot be searched.
#[must_use]
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// A random id: a server, an epoch, a transfer, a mid of the server's own.
#[must_use]
pub fn random_id() -> [u8; 16] {
    random()
}

/// A password nobody chose, for `user add` and `user reset-password`.
#[must_use]
pub fn random_password() -> Secret {
    Secret(readable::<PASSWORD_CHARS>(PASSWORD_GROUP))
}

/// A recovery code and its hash.
#[must_use]
pub fn mint_recovery() -> (Secret, SecretHash) {
    let code = readable::<RECOVERY_CHARS>(RECOVERY_GROUP);
    let hash = recovery_hash(&code);
    (Secret(code), hash)
}

/// The hash of a recovery code as somebody typed it: hyphens, spaces and capitals are a matter of taste.
#[must_use]
pub fn recovery_hash(typed: &str) -> SecretHash {
    let letters = typed.chars().filter(|c| c.is_alphanumeric());
    hash(&letters.flat_map(char::to_lowercase).collect::<String>())
}

/// Random characters that can be read aloud, with a hyphen after each group.
fn readable<const N: usize>(group: usize) -> String {
    let mut text = String::with_capacity(N + N / group);
    for (place, byte) in random::<N>().into_iter().enumerate() {
        if place > 0 && place % group == 0 {
            text.push('-');
        }
        text.push(char::from(PASSWORD_ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// Bytes as base64url without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = [0_u8; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for place in 0..=chunk.len() {
            text.push(char::from(BASE64URL[(word >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

fn with_hash(secret: Secret) -> (Secret, SecretHash) {
    let hash = hash(&secret.0);
    (secret, hash)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system always has random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_the_one_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
    }

    #[test]
    fn secrets_differ_and_are_found_by_their_hash() {
        let (one, one_hash) = mint();
        let (two, _) = mint();
        assert_ne!(one.0, two.0);
        assert_eq!(one.0.len(), 43);
        assert_eq!(hash(&one.0), one_hash);
        assert_eq!(mint_code().0.0.len(), 22);
    }

    #[test]
    fn a_recovery_code_is_found_however_it_is_typed() {
        let (code, hash) = mint_recovery();
        assert_eq!(code.0.len(), 19, "{}", code.0);
        let shouted = code.0.to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash(&format!(" {shouted}\n")), hash);
        assert_ne!(recovery_hash(&code.0[1..]), hash);
    }

    #[test]
    fn a_random_password_is_strong_and_readable() {
        let password = random_password();
        assert_eq!(password.0.len(), 23);
        assert!(crate::password::is_strong(&password.0));
        assert!(!password.0.contains(['0', 'o', '1', 'l']), "{}", password.0);
    }
}
