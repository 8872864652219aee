//! One look at the server for its panel: only what the part on the screen shows.

use crate::link::ask_admin;
use crate::model::hosting::{Disk, Info, Look, Tab, Wanted};
use breeze_protocol::admin::{AdminAnswer, AdminRequest, AdminUser};
use breeze_protocol::{AccountId, DeviceId};
use std::path::Path;

/// Log lines shown: two screens full.
const LOG_LINES: u32 = 100;

/// Looks. What does not answer stays empty, and the panel shows what it had.
pub(super) fn at(socket: &Path, wanted: Wanted) -> Look {
    // How long it runs stands above every part.
    let mut look = Look {
        info: info(socket),
        ..Look::default()
    };
    match wanted.tab {
        Tab::Server => {
            if wanted.disk {
                look.disk = disk(socket);
            }
        }
        Tab::Invite => {
            if let Some(AdminAnswer::Invites { rows, more }) =
                ask_admin(socket, &AdminRequest::InviteList { before: 0 })
            {
                look.invites = Some((rows, more));
            }
        }
        Tab::People => {
            let after = DeviceId::default();
            if let Some(AdminAnswer::Sessions { rows, more }) =
                ask_admin(socket, &AdminRequest::Sessions { after })
            {
                look.sessions = Some((rows, more));
            }
            look.people = people(socket, wanted.people_pages);
        }
        Tab::Log => {
            if let Some(AdminAnswer::Log { lines }) =
                ask_admin(socket, &AdminRequest::Log { lines: LOG_LINES })
            {
                look.log = Some(lines);
            }
        }
    }
    look
}

fn info(socket: &Path) -> Option<Info> {
    match ask_admin(socket, &AdminRequest::Info)? {
        AdminAnswer::Info {
            start,
            name,
            sessions,
            accounts,
            uptime_ms,
            data,
        } => Some(Info {
            name,
            version: start.version,
            sessions,
            accounts,
            uptime_ms,
            data,
        }),
        _ => None,
    }
}

fn disk(socket: &Path) -> Option<Disk> {
    match ask_admin(socket, &AdminRequest::Disk)? {
        AdminAnswer::Disk {
            database,
            wal,
            pictures,
            free,
        } => Some(Disk {
            database,
            wal,
            pictures,
            free,
        }),
        _ => None,
    }
}

/// So many pages of people, one after the other.
fn people(socket: &Path, pages: u32) -> Option<(Vec<AdminUser>, bool)> {
    let mut all: Vec<AdminUser> = Vec::new();
    let mut left = false;
    for _ in 0..pages {
        let after = all.last().map_or(AccountId::default(), |row| row.account);
        let Some(AdminAnswer::Users { rows, more }) = ask_admin(socket, &AdminRequest::UserList { after })
        else {
            return None;
        };
        all.extend(rows);
        left = more;
        if !more {
            break;
        }
    }
    Some((all, left))
}
