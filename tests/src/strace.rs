//! A server under `strace`: syncs that fail on purpose, and a record of all it writes. No privilege is needed for it but
//! to trace one's own child.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a traced server has done, of all its starts, lies in its home folder under this name.
const RECORD: &str = "strace";
/// What strace writes behind a call it has not let through.
const INJECTED: &str = "(INJECTED)";
/// Bytes of one write that are recorded: a page of the database, and any file of the tests.
const BYTES_MAX: &str = "70000";
/// Bytes at the end of a record in which its last line is looked for.
const TAIL: u64 = 4096;
/// Every call that changes a file or its name, and those that tell which file a number is.
const WRITING: &str = "openat,open,creat,close,dup,dup2,dup3,pwrite64,pwritev,pwritev2,write,writev,ftruncate,truncate,\
                       fallocate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,\
                       copy_file_range,sendfile";

/// What is done to a server's calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracing {
    /// The n-th sync of each thread fails with EIO, counted from 1; of this file of the data directory alone, if one is
    /// named.
    FailingSync(u64, Option<&'static str>),
    /// Everything that is written is recorded, byte by byte; the n-th sync of each thread fails, if a number is given.
    Recorded(Option<u64>),
}

/// The program, started by a strace that stays aside: the server is this process's own child, and strace ends with it.
#[must_use]
pub fn command(tracing: &Tracing, home: &Path, data: &Path, program: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["--daemonize", "-f", "-q", "--seccomp-bpf"]);
    strace.args(["--output-append-mode", "-o"]).arg(record(home));
    let nth = match tracing {
        Tracing::FailingSync(nth, file) => {
            strace.args(["-e", "trace=fsync,fdatasync"]);
            if let Some(file) = file {
                strace.arg("-P").arg(data.join(file));
            }
            Some(*nth)
        }
        Tracing::Recorded(nth) => {
            let calls = format!("trace={WRITING}");
            strace.args(["-xx", "-ttt", "-s", BYTES_MAX, "-e", &calls]);
            *nth
        }
    };
    if let Some(nth) = nth {
        strace.args(["-e", &format!("inject=fsync,fdatasync:error=EIO:when={nth}")]);
    }
    strace.arg(program);
    strace
}

/// Where the record of a server with this home folder is.
#[must_use]
pub fn record(home: &Path) -> PathBuf {
    home.join(RECORD)
}

/// Whether the record of a server that has ended is written to its end: its first thread's end is the last line.
#[must_use]
pub fn complete(home: &Path, pid: u32) -> bool {
    let Ok(mut file) = File::open(record(home)) else {
        return false;
    };
    let mut tail = Vec::new();
    let back = file.metadata().map_or(0, |it| it.len()).min(TAIL);
    let read = file
        .seek(SeekFrom::End(-back.cast_signed()))
        .and_then(|_| file.read_to_end(&mut tail));
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.lines().rev().find(|line| line.contains(" +++ "));
    read.is_ok() && last.is_some_and(|line| line.starts_with(&format!("{pid} ")))
}

/// How many calls were made to fail.
#[must_use]
pub fn injected(home: &Path) -> u64 {
    let text = std::fs::read(record(home)).unwrap_or_default();
    String::from_utf8_lossy(&text).matches(INJECTED).count() as u64
}

/// Whether a test that traces can run. Without strace, or where nobody may trace, it says so, and fails under `CI`.
///
/// # Panics
/// When `CI` is set and there is no tracing: a test must not vanish unseen.
#[must_use]
pub fn possible() -> bool {
    let mut tried = Command::new("strace");
    tried.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "true"]);
    let why = match tried.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("{error}: apt-get install strace"),
    };
    assert!(
        std::env::var_os("CI").is_none(),
        "strace cannot trace here: {why}"
    );
    println!("NOT TESTED: strace cannot trace here: {why}");
    false
}
