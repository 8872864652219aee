//! The command line: start a server, or ask the one that runs.

mod care;
mod command;
mod print;

use crate::config::{self, Config, Tls};
use crate::fault::Fault;
use crate::{identity, logging, run};
use breeze_protocol::message::hello::Roster;
use clap::{Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A small chat server: who is there, told truthfully; messages, kept before they are acknowledged.
#[derive(Debug, Parser)]
#[command(name = "breeze-server", version, about)]
struct Cli {
    /// Where everything is kept
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration to read [default: breeze-server.toml in the data directory, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen here and nowhere else; may be given several times
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Vec<SocketAddr>,
    /// Under which host and port others reach this server
    #[arg(long, global = true, value_name = "HOST:PORT")]
    public: Option<String>,
    /// The server's name, for people
    #[arg(long)]
    name: Option<String>,
    /// Who is on whose list
    #[arg(long, value_enum)]
    roster: Option<RosterChoice>,
    /// Encryption; off only on loopback
    #[arg(long, value_enum)]
    tls: Option<TlsChoice>,
    /// Print one line of JSON when started
    #[arg(long)]
    json: bool,
    /// Stop when standard input ends
    #[arg(long)]
    parent_watch: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RosterChoice {
    Friends,
    Everyone,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TlsChoice {
    On,
    Off,
}

/// What to ask a server.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make an invite link; whoever joins with it becomes the owner's friend
    Invite {
        /// How many people may join with it
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
        uses: u32,
        /// For how many days it is valid
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=30))]
        days: u64,
        /// For how many hours it is valid, in place of days
        #[arg(long, conflicts_with = "days", value_parser = clap::value_parser!(u64).range(1..=720))]
        hours: Option<u64>,
    },
    /// Invites that may still be used
    Invites,
    /// Take an invite back; `invites` tells its number
    Revoke {
        /// Its number
        invite: u64,
    },
    /// See and change accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Who is connected now
    Sessions,
    /// What the running server is, and what its data takes
    Status,
    /// The newest log lines of the running server
    Log {
        /// How many at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        lines: u32,
    },
    /// Stop the running server
    Stop,
    /// Copy everything kept into a new folder, while the server runs or not
    Backup {
        /// A folder that does not exist yet [default: one in the data directory, named by the time]
        dir: Option<PathBuf>,
    },
    /// Put a backup in the place of the data, which is kept aside; the server must be stopped
    Restore {
        /// The backup's folder
        #[arg(required_unless_present = "accept")]
        dir: Option<PathBuf>,
        /// Go on from data that was set back without this command, as by a machine's snapshot
        #[arg(long, conflicts_with = "dir")]
        accept: bool,
    },
    /// Check that the data, or a backup, is whole
    Verify {
        /// The backup's folder [default: the data directory]
        dir: Option<PathBuf>,
    },
    /// Write everything of one account into a new folder, as JSON and pictures
    Export {
        /// Its username
        name: String,
        /// A folder that does not exist yet
        dir: PathBuf,
    },
    /// Look at everything the server depends on, and say what must be done
    Doctor,
    /// What was done to accounts, devices, invites and the data
    Audit {
        /// Check that no row was changed or taken out
        #[arg(long)]
        verify: bool,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Every account
    List,
    /// Make an account with a random password, printed once
    Add {
        /// Its username
        name: String,
        /// The name others see [default: the username]
        #[arg(long, default_value = "", hide_default_value = true)]
        display_name: String,
    },
    /// Shut an account; its connections end at once
    Disable {
        /// Its username
        name: String,
    },
    /// Open it again
    Enable {
        /// Its username
        name: String,
    },
    /// Give it a new random password, printed once; all its devices are signed out
    ResetPassword {
        /// Its username
        name: String,
    },
    /// Make a code by which somebody who forgot the password sets a new one in the app, printed once
    Recover {
        /// Its username
        name: String,
    },
}

/// The command line as such, for its manual pages and completions.
#[must_use]
pub fn command_line() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// The whole program. `fault` is `Fault::None` in the shipped one.
#[must_use]
pub fn main(fault: Fault) -> ExitCode {
    identity::install_provider();
    let cli = Cli::parse();
    match act(cli, fault) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("breeze-server: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn act(cli: Cli, fault: Fault) -> Result<(), String> {
    let data = match &cli.data {
        Some(data) => data.clone(),
        None => default_data()?,
    };
    let config = configure(&cli, &data)?;
    match &cli.command {
        Some(command) => {
            let file = cli
                .config
                .as_ref()
                .map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()));
            command::ask(command, &data, file, &config)
        }
        None => {
            logging::start(&config.log)?;
            let (json, parent_watch) = (cli.json, cli.parent_watch);
            run::serve(run::Options {
                data,
                config,
                config_file: cli.config,
                json,
                parent_watch,
                fault,
            })
        }
    }
}

fn default_data() -> Result<PathBuf, String> {
    directories::ProjectDirs::from("", "", "breeze-server")
        .map(|dirs| dirs.data_local_dir().to_owned())
        .ok_or_else(|| "this user has no home directory: name a data directory with --data".to_owned())
}

/// The file, with what the command line says over it.
fn configure(cli: &Cli, data: &std::path::Path) -> Result<Config, String> {
    let mut config = config::load(cli.config.as_deref(), data).map_err(|error| error.to_string())?;
    if !cli.listen.is_empty() {
        config.listen.clone_from(&cli.listen);
    }
    if let Some(public) = &cli.public {
        config.public.clone_from(public);
    }
    if let Some(name) = &cli.name {
        config.name.clone_from(name);
    }
    match cli.roster {
        Some(RosterChoice::Friends) => config.roster = Roster::Friends,
        Some(RosterChoice::Everyone) => config.roster = Roster::Everyone,
        None => {}
    }
    match cli.tls {
        Some(TlsChoice::On) => config.tls = Tls::On,
        Some(TlsChoice::Off) => config.tls = Tls::Off,
        None => {}
    }
    config.check().map_err(|error| error.to_string())?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_go_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join(config::CONFIG_FILE),
            "name = \"File\"\nroster = \"everyone\"",
        )
        .unwrap();
        let cli =
            Cli::try_parse_from(["breeze-server", "--name", "Flag", "--listen", "127.0.0.1:0"]).unwrap();
        let config = configure(&cli, dir.path()).unwrap();
        assert_eq!((config.name.as_str(), config.roster), ("Flag", Roster::Everyone));
        assert_eq!(config.listen, ["127.0.0.1:0".parse().unwrap()]);
        let cli = Cli::try_parse_from(["breeze-server", "--tls", "off"]).unwrap();
        let sentence = configure(&cli, dir.path()).unwrap_err();
        assert!(sentence.contains("listen on loopback only"), "{sentence}");
    }

    #[test]
    fn subcommands_are_read() {
        for line in [
            "invite --uses 3 --days 2",
            "invite --hours 1",
            "invites",
            "revoke 3",
            "status",
            "log --lines 20",
            "user add ann --display-name Ann",
            "user reset-password ann",
            "user recover ann",
            "sessions --data /tmp/x",
            "stop",
            "backup",
            "backup /tmp/x",
            "restore /tmp/x",
            "restore --accept",
            "verify",
            "doctor",
            "export ann /tmp/x",
            "audit --verify",
        ] {
            let words = std::iter::once("breeze-server").chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}
