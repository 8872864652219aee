//! Writes the app's manual page and shell completions into the folder named: `breeze-pages FOLDER`.

use clap::CommandFactory;
use clap_complete::{Shell, generate_to};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or_else(|| std::io::Error::other("name the folder to write into"))?
        .into();
    std::fs::create_dir_all(&folder)?;
    let mut command = breeze_desktop::cli::Cli::command();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "breeze", &folder)?;
    }
    clap_mangen::generate_to(command, &folder)
}
