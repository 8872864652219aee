//! Fuzz body: any text as an invite link and as a typed address.

use breeze_protocol::link::{InviteLink, split_host};
use breeze_protocol::message::sign_in::Secret;

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
            // Not a search for the code: a code may be spelled like the host.
            let other = InviteLink {
                code: Secret("other".to_owned()),
                ..link.clone()
            };
            assert_eq!(format!("{link:?}"), format!("{other:?}"), "a log shows the code");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}
