//! Subcommands: through the admin socket when a server runs, else on the store itself under the data lock.

use super::print::print;
use super::{Command, UserCommand};
use crate::admin::operator::{Operator, now_ms};
use crate::admin::socket;
use crate::config::{Config, Tls};
use crate::store::Store;
use crate::store::data_dir::{DataDir, file_bytes, make_files_private};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::open::{DATABASE_FILE, OpenStore, Place};
use crate::{identity, password, run};
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::{AccountId, DeviceId};
use std::path::Path;
use std::sync::Arc;

/// Asks, and prints the answer.
pub(super) fn ask(command: &Command, data: &Path, config: &Config) -> Result<(), String> {
    let mut next = Some(request(command));
    // The running server knows its directory by its absolute name.
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    while let Some(request) = next {
        let answer = match socket::ask(&absolute, &request)? {
            Some(answer) => answer,
            None => alone(request, data, config)?,
        };
        if let AdminAnswer::Error { text } = answer {
            return Err(text);
        }
        print(command, &answer);
        next = follow(command, &answer);
    }
    Ok(())
}

/// The next page of a long list, or the second half of an answer.
fn follow(command: &Command, answer: &AdminAnswer) -> Option<AdminRequest> {
    match (command, answer) {
        (Command::Status, AdminAnswer::Info { .. }) => Some(AdminRequest::Disk),
        (_, AdminAnswer::Users { rows, more: true }) => Some(AdminRequest::UserList {
            after: rows.last()?.account,
        }),
        (_, AdminAnswer::Sessions { rows, more: true }) => Some(AdminRequest::Sessions {
            after: rows.last()?.device,
        }),
        (_, AdminAnswer::Invites { rows, more: true }) => Some(AdminRequest::InviteList {
            before: rows.last()?.invite,
        }),
        _ => None,
    }
}

fn request(command: &Command) -> AdminRequest {
    match command {
        Command::Invite { uses, days, hours } => AdminRequest::Invite {
            uses: *uses,
            ttl_s: hours.unwrap_or(days * 24) * 60 * 60,
        },
        Command::Invites => AdminRequest::InviteList { before: 0 },
        Command::Revoke { invite } => AdminRequest::InviteRevoke { invite: *invite },
        Command::Sessions => AdminRequest::Sessions {
            after: DeviceId::default(),
        },
        Command::Status => AdminRequest::Info,
        Command::Log { lines } => AdminRequest::Log { lines: *lines },
        Command::Stop => AdminRequest::Stop,
        Command::User(UserCommand::List) => AdminRequest::UserList {
            after: AccountId::default(),
        },
        Command::User(UserCommand::Add { name, display_name }) => AdminRequest::UserAdd {
            username: name.clone(),
            display_name: display_name.clone(),
        },
        Command::User(UserCommand::Disable { name }) => AdminRequest::UserDisable {
            username: name.clone(),
        },
        Command::User(UserCommand::Enable { name }) => AdminRequest::UserEnable {
            username: name.clone(),
        },
        Command::User(UserCommand::ResetPassword { name }) => AdminRequest::UserResetPassword {
            username: name.clone(),
        },
    }
}

/// No server runs: works on the store itself, and leaves it as it found it.
fn alone(request: AdminRequest, data: &Path, config: &Config) -> Result<AdminAnswer, String> {
    let nothing = || {
        format!(
            "no server runs on {}, and it holds no data: check --data",
            data.display()
        )
    };
    if !data.is_dir() {
        return Err(nothing());
    }
    make_files_private();
    let dir = DataDir::open(data).map_err(|error| error.to_string())?;
    if file_bytes(&dir.path().join(DATABASE_FILE)) == 0 {
        return Err(nothing());
    }
    if matches!(request, AdminRequest::Stop) {
        return Err(format!(
            "no server runs on {}: there is nothing to stop",
            data.display()
        ));
    }
    let identity = match config.tls {
        Tls::On => Some(identity::load(dir.path()).map_err(|error| error.to_string())?),
        Tls::Off => None,
    };
    let dir_path = dir.path().to_owned();
    let open = OpenStore {
        start: false,
        ..OpenStore::new(Place::Dir(dir), config.roster, now_ms())
    };
    let data = dir_path;
    let (store, committed) = SqliteStore::open(open).map_err(|error| error.to_string())?;
    // Nobody is connected, so nobody is to be told.
    drop(committed);
    let operator = Operator {
        store: store.clone(),
        passwords: password::Pool::start().map_err(|error| error.to_string())?,
        inviter: Arc::new(run::inviter(config, &config.listen, identity.as_ref())),
        hub: None,
        data,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let answer = operator.answer(request).await;
        store.close().await;
        Ok(answer)
    })
}
