//! The configuration: the example is what it says, and everything that cannot be gets a sentence that names it.

use breeze_server::config::{self, CONFIG_FILE, Config};
use std::path::Path;

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("breeze-server.toml")
}

#[test]
fn the_example_is_the_default_and_explains_every_line() {
    let text = std::fs::read_to_string(example()).unwrap();
    let config = config::load(Some(&example()), Path::new("/nowhere")).unwrap();
    config.check().unwrap();
    let usual = Config::default();
    assert_eq!(config.timing().unwrap(), usual.timing().unwrap());
    assert_eq!(config.caps().unwrap(), usual.caps().unwrap());
    assert_eq!(config.backups().unwrap(), usual.backups().unwrap());
    assert_eq!(usual.backups().unwrap().map(|it| it.keep), Some(7));
    let plain = |config: &Config| {
        let it = config.clone();
        (
            it.name,
            it.listen,
            it.public,
            it.tls,
            it.announce,
            it.roster,
            it.registration,
            it.log,
        )
    };
    assert_eq!(plain(&config), plain(&usual));
    let lines: Vec<&str> = text.lines().collect();
    let keys = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'));
    let mut count = 0;
    for (at, line) in keys {
        assert!(
            lines[at - 1].starts_with('#'),
            "{line} has its explanation above it"
        );
        count += 1;
    }
    assert_eq!(count, 10 + 4 + 13, "every key is in the example");
}

#[test]
fn no_file_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(config::load(None, dir.path()).unwrap(), Config::default());
    Config::default().check().unwrap();
}

#[test]
fn the_file_in_the_data_directory_is_read() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(CONFIG_FILE), "name = \"Home\"").unwrap();
    assert_eq!(config::load(None, dir.path()).unwrap().name, "Home");
    let missing = config::load(Some(&dir.path().join("other.toml")), dir.path())
        .unwrap_err()
        .to_string();
    assert!(missing.contains("other.toml does not exist"), "{missing}");
}

#[test]
fn an_unknown_key_is_named() {
    for (text, key) in [
        ("nam = \"x\"", "nam"),
        ("[timing]\nlease = 5", "lease"),
        ("[caps]\nmax = 1", "max"),
    ] {
        let sentence = config::parse(text).unwrap_err();
        assert!(sentence.contains(&format!("unknown field `{key}`")), "{sentence}");
    }
}

#[test]
fn values_outside_their_limits_are_named_with_the_limits() {
    for (text, part) in [
        ("name = \"\"", "`name` must have 1 to 64 characters"),
        ("listen = []", "`listen` must name 1 to 16 addresses"),
        ("public = \"a b\"", "`public` must be host:port"),
        ("tls = \"off\"", "--listen 127.0.0.1:7463"),
        (
            "[timing]\ncoalesce_ms = 5000",
            "`timing.coalesce_ms` must be from 0 to 1000, not 5000",
        ),
        (
            "[timing]\ntcp_user_timeout_ms = 60000",
            "`timing.slow_ms` must be less than `timing.tcp_user_timeout_ms`",
        ),
        (
            "[timing]\ndoubtful_ms = 15000",
            "`timing.doubtful_ms` must be less than `timing.lease_ms`",
        ),
        (
            "[caps]\ntotal = 0",
            "`caps.total` must be from 1 to 1000000, not 0",
        ),
    ] {
        let sentence = config::parse(text).unwrap().check().unwrap_err().to_string();
        assert!(sentence.contains(part), "{text}: {sentence}");
    }
    let loopback = "tls = \"off\"\nlisten = [\"127.0.0.1:0\", \"[::1]:0\"]";
    config::parse(loopback).unwrap().check().unwrap();
}
