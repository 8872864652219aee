//! The links and addresses this server hands out, built from where it can be reached and the pin of its key.

use breeze_protocol::link::InviteLink;
use breeze_protocol::message::sign_in::Secret;

/// Where others reach this server, and how they know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inviter {
    host: String,
    port: u16,
    pin: String,
    next_pin: Option<String>,
}

impl Inviter {
    /// `host` is a name or an address, IPv6 without brackets; `pin` is empty when TLS is off.
    #[must_use]
    pub fn new(host: String, port: u16, pin: String) -> Self {
        Self {
            host,
            port,
            pin,
            next_pin: None,
        }
    }

    /// The link with which whoever has it may join.
    #[must_use]
    pub fn link(&self, code: &Secret) -> Secret {
        Secret(self.place(code.clone()).to_string())
    }

    /// `host:port`, as others may reach it.
    #[must_use]
    pub fn address(&self) -> String {
        self.place(Secret::default()).address()
    }

    /// Every address of this server, best first, for `signed_in`.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        vec![self.address()]
    }

    /// Pin of the key the server uses now; empty when TLS is off.
    #[must_use]
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// Pin of the key the server will use next. None is ever planned in version 1.
    #[must_use]
    pub fn next_pin(&self) -> Option<String> {
        self.next_pin.clone()
    }

    fn place(&self, code: Secret) -> InviteLink {
        InviteLink {
            host: self.host.clone(),
            port: self.port,
            code,
            pin: self.pin.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_read_back() {
        let pin = format!("sha256/{}", "A".repeat(43));
        let inviter = Inviter::new("fd00::2".into(), 7463, pin.clone());
        let link = InviteLink::parse(&inviter.link(&Secret("code".into())).0).unwrap();
        assert_eq!(
            (link.host.as_str(), link.port, link.code.0.as_str(), link.pin),
            ("fd00::2", 7463, "code", pin)
        );
        assert_eq!(inviter.addresses(), ["[fd00::2]:7463"]);
    }
}
