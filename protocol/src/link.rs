//! An invite link: `breeze://host:port/?i=CODE&pin=sha256/BASE64URL`.

use crate::message::sign_in::Secret;
use std::fmt;

/// Port a server listens on unless told otherwise.
pub const DEFAULT_PORT: u16 = 7463;
/// What servers are called by mDNS on a local network.
pub const NEARBY_SERVICE: &str = "_breeze._tcp.local.";
/// Longest link read, bytes.
const LINK_BYTES_MAX: usize = 1024;

/// Where a server is and how to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// Host name or address, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The invite's code; empty when the link only names a server.
    pub code: Secret,
    /// `sha256/` and the base64url SHA-256 of the server's public key (SPKI); empty when the link has none.
    pub pin: String,
}

/// Why a text is not an invite link; the message is fit for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Another scheme.
    #[error("an invite link starts with breeze://")]
    Scheme,
    /// No usable host or port.
    #[error("the link names no server")]
    Host,
    /// The code is not one.
    #[error("the link's invite code is damaged")]
    Code,
    /// The pin is not one.
    #[error("the link's fingerprint is damaged")]
    Pin,
}

impl InviteLink {
    /// Reads a link. White space around it is passed over, unknown parameters too.
    ///
    /// # Errors
    /// [`BadLink`].
    pub fn parse(text: &str) -> Result<Self, BadLink> {
        let text = text.trim();
        let rest = text.strip_prefix("breeze://").ok_or(BadLink::Scheme)?;
        if text.len() > LINK_BYTES_MAX {
            return Err(BadLink::Host);
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = place.strip_suffix('/').unwrap_or(place);
        let (host, port) = split_host(authority).ok_or(BadLink::Host)?;
        let mut link = Self {
            host,
            port,
            code: Secret::default(),
            pin: String::new(),
        };
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("i", code)) => link.code = Secret(code.to_owned()),
                Some(("pin", pin)) => link.pin = pin.to_owned(),
                _ => {}
            }
        }
        let plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !plain(&link.code.0) {
            return Err(BadLink::Code);
        }
        if !link.pin.is_empty() {
            let digest = link.pin.strip_prefix("sha256/").ok_or(BadLink::Pin)?;
            if digest.len() != 43 || !plain(digest) {
                return Err(BadLink::Pin);
            }
        }
        Ok(link)
    }

    /// `host:port`, with brackets around an IPv6 address.
    #[must_use]
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "breeze://{}/", self.address())?;
        let code = (!self.code.0.is_empty()).then(|| format!("i={}", self.code.0));
        let pin = (!self.pin.is_empty()).then(|| format!("pin={}", self.pin));
        let query: Vec<String> = code.into_iter().chain(pin).collect();
        if query.is_empty() {
            Ok(())
        } else {
            write!(f, "?{}", query.join("&"))
        }
    }
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address. `None` when there is no host or the port is no port.
#[must_use]
pub fn split_host(authority: &str) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, tail) = rest.split_once(']')?;
        (
            host,
            if tail.is_empty() {
                None
            } else {
                Some(tail.strip_prefix(':')?)
            },
        )
    } else if authority.matches(':').count() > 1 {
        (authority, None)
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'%');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(fine) {
        return None;
    }
    let digits = |port: &&str| port.bytes().all(|b| b.is_ascii_digit());
    let port = port.map_or(Some(DEFAULT_PORT), |port| Some(port).filter(digits)?.parse().ok())?;
    (port != 0).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_print_and_parse() {
        let pin = format!("sha256/{}", "A".repeat(43));
        for text in [
            format!("breeze://example.org:7463/?i=abc-_9&pin={pin}"),
            format!("breeze://[::1]:9/?i=x&pin={pin}"),
            "breeze://127.0.0.1:7463/".to_owned(),
        ] {
            assert_eq!(InviteLink::parse(&text).expect("a good link").to_string(), text);
        }
        let bare = InviteLink::parse("breeze://h?i=x").expect("a slash lost on the way is forgiven");
        assert_eq!(bare.to_string(), "breeze://h:7463/?i=x");
    }

    #[test]
    fn a_damaged_link_says_what_is_wrong() {
        assert_eq!(InviteLink::parse("http://x"), Err(BadLink::Scheme));
        assert_eq!(InviteLink::parse("breeze:///?i=x"), Err(BadLink::Host));
        assert_eq!(InviteLink::parse("breeze://h:0/"), Err(BadLink::Host));
        assert_eq!(InviteLink::parse("breeze://h:+80/"), Err(BadLink::Host));
        assert_eq!(InviteLink::parse("breeze://h/elsewhere?i=x"), Err(BadLink::Host));
        assert_eq!(InviteLink::parse("breeze://h/?i=a b"), Err(BadLink::Code));
        assert_eq!(InviteLink::parse("breeze://h/?pin=md5/x"), Err(BadLink::Pin));
    }
}
