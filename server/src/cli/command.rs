//! Subcommands: through the admin socket when a server runs, else on the store itself under the data lock.

use super::print::print;
use super::{Command, UserCommand, care};
use crate::admin::operator::{Kept, Operator};
use crate::admin::socket;
use crate::clock::wall_ms;
use crate::config::{Config, Tls};
use crate::store::Store;
use crate::store::data_dir::{DataDir, file_bytes, make_files_private};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::open::{DATABASE_FILE, OpenStore, Place};
use crate::{identity, password, run};
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::{AccountId, DeviceId};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Asks, and prints the answer.
pub(super) fn ask(
    command: &Command,
    data: &Path,
    config_file: Option<PathBuf>,
    config: &Config,
) -> Result<(), String> {
    let mut next = request(command);
    if next.is_none() {
        return care::act(command, data, config);
    }
    // The running server knows its directory by its absolute name.
    let whole = absolute(data);
    while let Some(request) = next {
        let answer = match socket::ask(&whole, &request)? {
            Some(answer) => answer,
            None => alone(request, data, config_file.clone(), config)?,
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

/// What is asked of the server; `None` for what is done beside it.
fn request(command: &Command) -> Option<AdminRequest> {
    Some(match command {
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
        Command::User(UserCommand::Recover { name }) => AdminRequest::UserRecover {
            username: name.clone(),
        },
        Command::Backup { dir } => AdminRequest::Backup {
            dir: dir.as_ref().map(|dir| absolute(dir).display().to_string()),
        },
        Command::Restore { .. }
        | Command::Verify { .. }
        | Command::Export { .. }
        | Command::Doctor
        | Command::Audit { .. } => return None,
    })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// No server runs: works on the store itself, and leaves it as it found it.
fn alone(
    request: AdminRequest,
    data: &Path,
    config_file: Option<PathBuf>,
    config: &Config,
) -> Result<AdminAnswer, String> {
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
    let kept = Kept {
        data: dir.path().to_owned(),
        config: config_file,
    };
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
    let open = OpenStore {
        start: false,
        limits: config.file_limits().map_err(|error| error.to_string())?,
        ..OpenStore::new(Place::Dir(dir), config.roster, wall_ms())
    };
    let (store, committed) = SqliteStore::open(open).map_err(|error| error.to_string())?;
    // Nobody is connected, so nobody is to be told.
    drop(committed);
    let operator = Operator {
        store: store.clone(),
        passwords: password::Pool::start().map_err(|error| error.to_string())?,
        inviter: Arc::new(run::inviter(config, &config.listen, identity.as_ref())),
        hub: None,
        kept,
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
