//! Getting back in by a code: who may, how often, and what becomes of everybody else who was in.

use super::bench::{self, Bench, NOW, mid, newcomer};
use breeze_protocol::AccountId;
use breeze_protocol::limit::RECOVERY_TRIES_MAX;
use breeze_protocol::message::hello::Roster;
use breeze_server::store::recovery::{RecoverWish, Recovered, Recovery};
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::{Registered, Store};

const RIGHT: [u8; 32] = [1; 32];
const WRONG: [u8; 32] = [2; 32];
const MINUTE_MS: u64 = 60_000;

fn wish(name: &str, code: [u8; 32]) -> RecoverWish {
    let mid = mid();
    let mut token = [9; 32];
    token[..16].copy_from_slice(&mid.0);
    RecoverWish {
        mid,
        skeleton: name.into(),
        code,
        password_hash: "hash of the new one".into(),
        device: ("new laptop".into(), token),
        now_ms: NOW,
    }
}

async fn with_code(bench: &mut Bench, name: &str) -> AccountId {
    let account = bench.person(name).await;
    let until = NOW + 30 * MINUTE_MS;
    bench.store.recovery_code(account, RIGHT, until).await.unwrap();
    account
}

/// What it came to, in one word.
fn word(recovered: &Recovered) -> &'static str {
    match recovered {
        Recovered::Done(..) => "done",
        Recovered::Repeat(_) => "repeat",
        Recovered::Disabled => "disabled",
        Recovered::Wrong => "wrong",
        Recovered::Expired => "expired",
        Recovered::Used => "used",
        Recovered::Void => "void",
    }
}

async fn tried(bench: &Bench, wish: RecoverWish) -> &'static str {
    word(&bench.store.recover(wish).await.unwrap())
}

#[tokio::test]
async fn a_code_lets_its_owner_in_once_and_signs_everybody_else_out() {
    for mut bench in bench::both() {
        let ann = with_code(&mut bench, "ann").await;
        let old = bench.store.devices(ann).await.unwrap();
        let first = wish("ann", RIGHT);
        let Recovered::Done(device, gone) = bench.store.recover(first.clone()).await.unwrap() else {
            panic!("the right code lets in")
        };
        assert_eq!(device.account, ann);
        assert_eq!(gone, [old[0].device]);
        let now = bench.store.devices(ann).await.unwrap();
        assert_eq!((now.len(), now[0].device), (1, device.device));
        let known = bench.store.credentials("ann".into()).await.unwrap().unwrap();
        assert_eq!(known.password_hash, "hash of the new one");
        let by_token = bench.store.device_by_token(first.device.1).await.unwrap();
        assert_eq!(by_token.unwrap().device, device.device);
        // The same wish again is a lost answer, any other a second use.
        assert_eq!(tried(&bench, first).await, "repeat");
        assert_eq!(tried(&bench, wish("ann", RIGHT)).await, "used");
        assert_eq!(tried(&bench, wish("ann", WRONG)).await, "wrong");
    }
}

/// Every way somebody may stand to a code; only its owner, in time, gets in, and only who has it learns more than "wrong".
#[tokio::test]
async fn who_gets_in_by_a_code() {
    let late = |name| RecoverWish {
        now_ms: NOW + 30 * MINUTE_MS,
        ..wish(name, RIGHT)
    };
    let table = [
        ("owner", wish("ann", RIGHT), "done"),
        ("owner, mistyped", wish("ann", WRONG), "wrong"),
        ("owner, too late", late("ann"), "expired"),
        ("friend, by the owner's code", wish("bob", RIGHT), "wrong"),
        ("stranger, by a guess", wish("ann", [0; 32]), "wrong"),
        ("nobody's name", wish("nobody", RIGHT), "wrong"),
        ("no name at all", wish("", RIGHT), "wrong"),
        ("somebody without a code", wish("dora", RIGHT), "wrong"),
        ("somebody shut", wish("erik", RIGHT), "disabled"),
        ("somebody shut, mistyped", wish("erik", WRONG), "wrong"),
    ];
    for (who, wish, expected) in table {
        let mut bench = bench::memory(Roster::Friends);
        with_code(&mut bench, "ann").await;
        let bob = bench.person("bob").await;
        let until = NOW + 30 * MINUTE_MS;
        bench.store.recovery_code(bob, [3; 32], until).await.unwrap();
        bench.person("dora").await;
        with_code(&mut bench, "erik").await;
        bench.store.set_disabled("erik".into(), true).await.unwrap();
        assert_eq!(tried(&bench, wish).await, expected, "{who}");
    }
}

#[tokio::test]
async fn wrong_tries_void_a_code_and_a_new_one_begins_anew() {
    for mut bench in bench::both() {
        let ann = with_code(&mut bench, "ann").await;
        for _ in 1..RECOVERY_TRIES_MAX {
            assert_eq!(tried(&bench, wish("ann", WRONG)).await, "wrong");
        }
        // One less than too many does no harm.
        let until = NOW + 30 * MINUTE_MS;
        bench.store.recovery_code(ann, RIGHT, until).await.unwrap();
        for _ in 0..RECOVERY_TRIES_MAX {
            assert_eq!(tried(&bench, wish("ann", WRONG)).await, "wrong");
        }
        assert_eq!(tried(&bench, wish("ann", RIGHT)).await, "void");
        assert_eq!(
            bench.store.devices(ann).await.unwrap().len(),
            1,
            "nothing was changed"
        );
        bench.store.recovery_code(ann, [4; 32], until).await.unwrap();
        assert_eq!(
            tried(&bench, wish("ann", RIGHT)).await,
            "wrong",
            "the older code is gone"
        );
        assert_eq!(tried(&bench, wish("ann", [4; 32])).await, "done");
    }
}

#[tokio::test]
async fn a_password_set_otherwise_takes_the_code_back() {
    let mut bench = bench::memory(Roster::Friends);
    let ann = with_code(&mut bench, "ann").await;
    bench
        .store
        .set_password(ann, "another".into(), None)
        .await
        .unwrap();
    assert_eq!(tried(&bench, wish("ann", RIGHT)).await, "wrong");
}

#[tokio::test]
async fn the_audit_tells_of_codes_and_the_file_holds_none() {
    let dir = tempfile::tempdir().unwrap();
    let code = "h4kq-w7md-2xvb-p9tn";
    {
        let bench = bench::open(bench::options(dir.path(), Roster::Friends));
        let Registered::Made(ann) = bench.store.register(newcomer("ann", None)).await.unwrap() else {
            panic!("not made")
        };
        let hash = breeze_server::secret::recovery_hash(code);
        let until = NOW + 30 * MINUTE_MS;
        bench.store.recovery_code(ann.account, hash, until).await.unwrap();
        for _ in 0..RECOVERY_TRIES_MAX {
            tried(&bench, wish("ann", WRONG)).await;
        }
        bench.store.recovery_code(ann.account, hash, until).await.unwrap();
        assert_eq!(tried(&bench, wish("ann", hash)).await, "done");
        bench.store.close().await;
    }
    let file = std::fs::read(dir.path().join(DATABASE_FILE)).unwrap();
    let holds = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!holds(code) && !holds(&code.replace('-', "")));
    for what in [
        "recovery code made",
        "recovery code void after wrong tries",
        "password set by recovery code",
    ] {
        assert!(holds(what), "{what}");
    }
}
