//! Seeded hostile bytes into everything that reads: no panic, no hang, no memory taken on a stranger's word.
//!
//! `BREEZE_FUZZ_SECONDS` is the time per body (2 unless set; `cargo xtask test` gives each a minute); a failure prints the `BREEZE_FUZZ_SEED`
//! that makes the same case the first one. The bodies are shared with `protocol/fuzz`.

#[path = "bodies/admin.rs"]
mod admin_body;
#[path = "bodies/chance.rs"]
mod chance;
#[path = "bodies/codec.rs"]
mod codec_body;
#[path = "bodies/frame.rs"]
mod frame_body;
#[path = "bodies/link.rs"]
mod link_body;
#[path = "bodies/samples.rs"]
mod samples;

use breeze_protocol::codec::{decode_client, decode_server};
use breeze_protocol::frame::{self, Decoder, FrameError};
use breeze_protocol::limit::FRAME_BYTES_MAX;
use chance::{Chance, spoil};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// Fewer cases than this are no evidence.
const CASES_MIN: u64 = 10_001;

/// Says how to replay the case that panicked.
struct Replay(&'static str, u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "replay: BREEZE_FUZZ_SEED={} cargo test -p breeze-protocol --test hostile {}",
                self.1, self.0
            );
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text:?}")),
    )
}

/// Case after case until the time is over; each case has its own seed, so a replay needs no history.
fn drive(name: &'static str, make: impl Fn(&mut Chance) -> Vec<u8>, body: impl Fn(&[u8]) -> bool) {
    let time = Duration::from_secs(variable("BREEZE_FUZZ_SECONDS").unwrap_or(2));
    let seed = variable("BREEZE_FUZZ_SEED").unwrap_or_else(|| RandomState::new().hash_one(name));
    println!("{name}: BREEZE_FUZZ_SEED={seed}");
    let start = Instant::now();
    let (mut cases, mut taken, mut slowest) = (0_u64, 0_u64, Duration::ZERO);
    // A slow computer gets longer to reach the least number of cases, but not for ever.
    while start.elapsed() < time || (cases < CASES_MIN && start.elapsed() < time * 10) {
        let case_seed = seed.wrapping_add(cases);
        let replay = Replay(name, case_seed);
        let data = make(&mut Chance::new(case_seed));
        let before = Instant::now();
        taken += u64::from(body(&data));
        slowest = slowest.max(before.elapsed());
        drop(replay);
        cases += 1;
    }
    println!("{name}: {cases} cases, {taken} taken as good, slowest {slowest:?}");
    assert!(
        cases >= CASES_MIN,
        "only {cases} cases: the driver proves nothing"
    );
    assert!(
        taken * 100 >= cases,
        "{taken} of {cases} were good: the bytes never get past the door"
    );
    assert!(taken < cases, "all were good: the bytes are not hostile");
    assert!(slowest < Duration::from_secs(5), "one case took {slowest:?}");
}

fn messages() -> Vec<Vec<u8>> {
    let prefixes = ["client_", "server_", "item_"];
    let found: Vec<_> = prefixes
        .iter()
        .flat_map(|prefix| samples::all(prefix, ".json"))
        .map(|(_, text)| text.into_bytes())
        .collect();
    assert!(found.len() > 60, "the golden samples are missing");
    found
}

/// A stream of lawful frames, frames whose length lies, unknown kinds and rubbish.
fn hostile_stream(chance: &mut Chance, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = chance.bytes(3);
    for _ in 0..chance.below(6) {
        match chance.below(10) {
            0..4 => stream.extend_from_slice(&frame::encode_message(chance.pick::<Vec<u8>>(messages))),
            4..6 => {
                let length = chance.below(100);
                let bytes = chance.bytes(length);
                let transfer = breeze_protocol::TransferId([bytes.len().to_le_bytes()[0]; 16]);
                stream.extend_from_slice(&frame::encode_chunk(transfer, chance.next(), &bytes));
            }
            6 => {
                let huge = [0, 1, 64, 4096, 4097, 262_144, 262_145, 0x00ff_ffff, u32::MAX];
                stream.extend_from_slice(&chance.pick(&huge).to_be_bytes());
                stream.push(chance.next().to_le_bytes()[0] % 4);
            }
            7 => {
                let mut lying = frame::encode_message(chance.pick::<Vec<u8>>(messages)).to_vec();
                lying[3] ^= chance.next().to_le_bytes()[0];
                stream.extend_from_slice(&lying);
            }
            8 => {
                let length = chance.below(30);
                stream.extend(chance.bytes(length));
            }
            _ => {
                stream.extend_from_slice(&[0, 0, 0, 9, 1]);
                stream.extend(chance.bytes(8));
            }
        }
    }
    stream
}

#[test]
fn frames_from_a_stranger() {
    let messages = messages();
    drive(
        "frames_from_a_stranger",
        |chance| hostile_stream(chance, &messages),
        frame_body::run,
    );
}

#[test]
fn messages_from_a_stranger() {
    let messages = messages();
    drive(
        "messages_from_a_stranger",
        |chance| spoil(chance, &messages),
        codec_body::run,
    );
}

#[test]
fn links_from_a_stranger() {
    let pin = "sha256/FXoO1ZcWqL0m3vN8Jx2uTgYb5RkSdE7hQpAiC4tV9zM";
    let links = [
        format!("breeze://chat.example.org:7463/?i=k7Qm2XvB9cLw4RtZ8NpYaD&pin={pin}"),
        format!("  breeze://[2001:db8::7]:9/?pin={pin}&i=abc&later=1 "),
        "breeze://127.0.0.1".to_owned(),
        "localhost:7463".to_owned(),
    ]
    .map(String::into_bytes);
    drive(
        "links_from_a_stranger",
        |chance| spoil(chance, &links),
        link_body::run,
    );
}

#[test]
fn admin_lines_from_a_stranger() {
    let lines: Vec<_> = samples::all("admin_", ".json")
        .into_iter()
        .map(|(_, text)| text.into_bytes())
        .collect();
    drive(
        "admin_lines_from_a_stranger",
        |chance| spoil(chance, &lines),
        admin_body::run,
    );
}

#[test]
fn a_declared_length_takes_no_memory() {
    let mut decoder = Decoder::new(FRAME_BYTES_MAX);
    let declared = u32::try_from(FRAME_BYTES_MAX).expect("256 KiB");
    decoder.buffer_mut().extend_from_slice(&declared.to_be_bytes());
    decoder.buffer_mut().extend_from_slice(&[0; 100]);
    assert_eq!(decoder.next_frame(), Ok(None), "lawful, its bytes not here yet");
    let held = decoder.buffer_mut().capacity();
    assert!(held < 1024, "{held} bytes are held for 104 that came");
    let mut decoder = Decoder::new(FRAME_BYTES_MAX);
    decoder.buffer_mut().extend_from_slice(&u32::MAX.to_be_bytes());
    let refused = FrameError::TooLarge {
        length: u32::MAX as usize,
        limit: FRAME_BYTES_MAX,
    };
    assert_eq!(
        decoder.next_frame(),
        Err(refused),
        "four bytes are enough to refuse"
    );
}

/// A reader that recurses would break the small stack.
#[test]
fn nesting_as_deep_as_a_frame_does_no_harm() {
    let nested = || {
        for open in ["[", "{\"a\":"] {
            let deep = open.repeat(FRAME_BYTES_MAX / open.len() - 64);
            let close = if open == "[" { "]" } else { "}" };
            let closed = format!("{deep}0{}", close.repeat(deep.len() / open.len()));
            for deep in [deep, closed] {
                for text in [
                    deep.clone(),
                    format!(r#"{{"t":"bye","x":{deep},"d":{{}}}}"#),
                    format!(r#"{{"t":"bye","d":{deep}}}"#),
                    format!(r#"{{"t":"bye","d":{{"x":{deep}}}}}"#),
                    format!(r#"{{"t":"item","d":{{"cursor":1,"kind":"conv","key":"1","value":{deep}}}}}"#),
                ] {
                    // Some are lawful: depth in a field nobody knows is passed over.
                    drop(decode_client(text.as_bytes()));
                    drop(decode_server(text.as_bytes()));
                }
            }
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(nested)
        .expect("one thread");
    thread.join().expect("no reader may panic");
}

#[test]
fn what_readers_of_json_disagree_on_is_refused() {
    let refused = |text: &str| assert!(decode_client(text.as_bytes()).is_err(), "{text}");
    refused(r#"{"t":"ping","t":"bye","d":{}}"#);
    refused(r#"{"t":"bye","d":{},"d":{}}"#);
    refused(r#"{"t":"ping","d":{"n":1,"n":2,"got":0}}"#);
    refused(r#"{"t":"ping","d":{"n":1.0,"got":0}}"#);
    refused(r#"{"t":"ping","d":{"n":1e3,"got":0}}"#);
    refused(r#"{"t":"ping","d":{"n":-1,"got":0}}"#);
    refused(r#"{"t":"ping","d":{"n":"1","got":0}}"#);
    refused(r#"{"t":"ping","id":-1,"d":{"n":1,"got":0}}"#);
    refused(r#"{"t":"bye","d":{}} {}"#);
    refused(r#"{"t":"bye","d":{},}"#);
    refused("\u{feff}{\"t\":\"bye\",\"d\":{}}");
    refused("{'t':'bye','d':{}}");
    refused(r#"{"t":"friend_request","d":{"mid":"019a3f5c8e2b7c41a6d09b7e4f128c04","username":"\ud800"}}"#);
    refused("");
}
