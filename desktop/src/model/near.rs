//! Servers on this network: what others say of themselves there, cleaned and bounded; and a key in words to compare.

use super::command::{Commands, HostCommand};
use super::onboarding::Page;
use super::{Model, Screen};
use breeze_protocol::fingerprint;
use core::net::{IpAddr, SocketAddr};

/// Servers shown at most: whoever has more around types the address.
pub const SHOWN_MAX: usize = 32;
/// Longest name shown, characters.
const NAME_CHARS_MAX: usize = 48;

/// A server somebody on the network says is there. No more than a typed address: nothing here is trusted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// What it calls itself, cleaned.
    pub name: String,
    /// `host:port`, as one would type it.
    pub address: String,
}

impl Near {
    /// From what was heard; `None` when it names no address of another computer.
    #[must_use]
    pub fn heard(name: &str, addresses: &[IpAddr], port: u16) -> Option<Self> {
        let usable = |ip: &&IpAddr| !ip.is_loopback() && !ip.is_unspecified() && !ip.is_multicast();
        // One with a scope cannot be typed.
        let plain = |ip: &&IpAddr| !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let mut usable: Vec<&IpAddr> = addresses.iter().filter(usable).filter(plain).collect();
        usable.sort_by_key(|ip| (ip.is_ipv6(), **ip));
        let address = SocketAddr::new(**usable.first()?, port);
        if port == 0 {
            return None;
        }
        let name = clean(name);
        let address = address.to_string();
        let name = if name.is_empty() { address.clone() } else { name };
        Some(Self { name, address })
    }
}

/// A name without what would hide, reorder or run away: one line, visible characters, not too many.
fn clean(name: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}')
    };
    let visible: String = name.chars().filter(|c| !hides(*c)).take(NAME_CHARS_MAX).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In order, without repetition, and no more than can be shown; and whether some were left out.
#[must_use]
pub fn shown(mut all: Vec<Near>) -> (Vec<Near>, bool) {
    all.sort();
    all.dedup();
    let more = all.len() > SHOWN_MAX;
    all.truncate(SHOWN_MAX);
    (all, more)
}

impl Model {
    /// The network is listened to while the page that shows it is open, and at no other time.
    pub(super) fn look_around(&mut self) -> Commands {
        let wanted = self.screen == Screen::Onboarding && self.onboarding.page == Page::Ways;
        if wanted == self.book.looking {
            return Commands::new();
        }
        self.book.looking = wanted;
        vec![HostCommand::Nearby(wanted).into()]
    }
}

/// A pin as the words two people compare; in hex when it is of a kind without words.
#[must_use]
pub fn pin_words(pin: &str) -> String {
    fingerprint::words(pin).map_or_else(|| hex_groups(pin), |words| words.join(" "))
}

/// A pin in groups of hex, two bytes each.
fn hex_groups(pin: &str) -> String {
    let digest = pin.strip_prefix("sha256/").unwrap_or(pin);
    let mut bits: u32 = 0;
    let mut held = 0;
    let mut hex = String::new();
    let mut bytes = 0;
    for c in digest.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            if bytes > 0 && bytes % 2 == 0 {
                hex.push(' ');
            }
            bytes += 1;
            hex += &format!("{:02x}", (bits >> held) & 0xff);
            bits &= (1 << held) - 1;
        }
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_one_that_can_be_typed() {
        let heard = |addresses: &[IpAddr]| Near::heard("Home", addresses, 7463).map(|it| it.address);
        assert_eq!(
            heard(&[ip("fd00::2"), ip("192.168.1.7")]).as_deref(),
            Some("192.168.1.7:7463"),
            "the shorter one first"
        );
        assert_eq!(heard(&[ip("fd00::2")]).as_deref(), Some("[fd00::2]:7463"));
        for no in ["127.0.0.1", "::1", "0.0.0.0", "224.0.0.251", "fe80::1"] {
            assert_eq!(heard(&[ip(no)]), None, "{no}");
        }
        assert_eq!(Near::heard("Home", &[ip("192.168.1.7")], 0), None);
    }

    #[test]
    fn a_hostile_name_is_shown_as_plain_letters() {
        let name = |name: &str| Near::heard(name, &[ip("192.168.1.7")], 1).unwrap().name;
        assert_eq!(name("Ho\u{202e}me\u{7}\n\n server\u{200b}"), "Home server");
        assert_eq!(name(&"x".repeat(10_000)).chars().count(), NAME_CHARS_MAX);
        assert_eq!(
            name("\u{2066}\u{200f}"),
            "192.168.1.7:1",
            "one without a name goes by its address"
        );
    }

    #[test]
    fn ten_thousand_answers_are_a_short_list() {
        let one =
            |number: u32| Near::heard(&format!("n{number:05}"), &[IpAddr::from(number.to_be_bytes())], 1);
        let all: Vec<Near> = (0x0a00_0001..0x0a00_0001 + 10_000).filter_map(one).collect();
        let (list, more) = shown(all);
        assert_eq!((list.len(), more), (SHOWN_MAX, true));
        let twice = vec![list[0].clone(), list[0].clone()];
        assert_eq!(shown(twice).0.len(), 1);
    }
}
