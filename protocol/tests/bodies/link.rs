//! Fuzz body: any text as an invite link and as a typed address.

use breeze_protocol::link::{InviteLink, split_host};

/// True when the text is a link.
pub(crate) fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    if let Some((host, port)) = split_host(&text) {
        assert!(!host.is_empty() && host.len() <= 255 && port != 0);
        assert!(
            host.is_ascii() && !host.contains(['/', '?', '@', '[', ']', ' ']),
            "{host:?}"
        );
    }
    match InviteLink::parse(&text) {
        Ok(link) => {
            let printed = link.to_string();
            assert_eq!(InviteLink::parse(&printed).as_ref(), Ok(&link), "{printed}");
            assert!(link.code.0.is_empty() || !format!("{link:?}").contains(&format!("\"{}\"", link.code.0)));
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}
