//! A private screen for the check: its number chosen by the system, pictures of it, and whether anything is painted.

use crate::shell::{self, Fail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends with this.
#[derive(Debug)]
pub(crate) struct Screen {
    xvfb: Child,
    /// As in `:7`.
    pub(crate) display: String,
}

impl Screen {
    /// Starts Xvfb. Whoever is on this machine may draw on it (`-ac`): the app runs as another user.
    pub(crate) fn start() -> Result<Self, Fail> {
        let mut xvfb = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
                "-ac",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| Fail::usage(format!("Xvfb cannot be started: {e}")))?;
        let mut number = String::new();
        if let Some(stdout) = xvfb.stdout.take() {
            // An error leaves the number empty, which is said below.
            let _ = BufReader::new(stdout).read_line(&mut number);
        }
        let screen = Self {
            xvfb,
            display: format!(":{}", number.trim()),
        };
        if number.trim().is_empty() {
            return Err(Fail::new("Xvfb did not start"));
        }
        Ok(screen)
    }

    /// Takes a picture, and counts its colours.
    pub(crate) fn shot(&self, to: &Path) -> Result<usize, Fail> {
        let mut import = Command::new("import");
        import
            .args(["-silent", "-window", "root"])
            .arg(to)
            .env("DISPLAY", &self.display);
        shell::run(&mut import)?;
        let count = shell::read(Command::new("identify").args(["-format", "%k"]).arg(to))?;
        count
            .trim()
            .parse()
            .map_err(|_| Fail::new(format!("identify counts {count:?} colours")))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.xvfb.kill();
        let _ = self.xvfb.wait();
    }
}
