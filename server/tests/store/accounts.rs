//! Accounts, devices, invites, passwords, the operator's list, pictures.

use super::bench::{self, NOW, mid, newcomer, profile};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{AccountId, BlobHash, DeviceId};
use breeze_server::store::desk::Desk;
use breeze_server::store::{Audience, Change, Credentials, Refusal, Registered, Store};

const HOUR_MS: u64 = 3_600_000;

#[tokio::test]
async fn the_start_up_invite_makes_the_owner_once() {
    for bench in bench::both() {
        let store = &bench.store;
        store
            .invite_create(None, mid(), [1; 32], 1, NOW + HOUR_MS)
            .await
            .unwrap();
        store
            .invite_create(None, mid(), [2; 32], 1, NOW + HOUR_MS)
            .await
            .unwrap();
        assert!(
            !store.invite_valid([1; 32], NOW).await.unwrap(),
            "a new start-up invite replaces the old one"
        );
        assert!(store.invite_valid([2; 32], NOW).await.unwrap());
        let Registered::Made(device) = store.register(newcomer("ann", Some([2; 32]))).await.unwrap() else {
            panic!("not made")
        };
        assert!(device.owner && !device.disabled && device.device.0 > 0);
        assert_eq!(store.owner().await.unwrap(), Some(device.account));
        let again = store.register(newcomer("bob", Some([2; 32]))).await.unwrap();
        assert!(matches!(again, Registered::InviteInvalid));
    }
}

#[tokio::test]
async fn an_invite_befriends_its_maker_and_opens_their_chat() {
    for mut bench in bench::both() {
        let maker = bench.person("ann").await;
        bench
            .store
            .invite_create(Some(maker), mid(), [5; 32], 2, NOW + 1000)
            .await
            .unwrap();
        bench.changes().await;
        let Registered::Made(device) = bench
            .store
            .register(newcomer("bob", Some([5; 32])))
            .await
            .unwrap()
        else {
            panic!("not made")
        };
        let changes = bench.changes().await;
        let bob = device.account;
        assert!(
            changes
                .iter()
                .any(|it| matches!(it, Change::Account(account) if *account == bob))
        );
        assert!(
            changes
                .iter()
                .any(|it| matches!(it, Change::Edge { friends: true, .. }))
        );
        for account in [maker, bob] {
            let items = bench.items(account).await;
            let convs = items
                .iter()
                .filter(|it| matches!(it, ItemState::Conv(conv) if conv.members == [maker, bob]));
            assert_eq!(convs.count(), 1, "{items:?}");
            assert_eq!(
                items
                    .iter()
                    .filter(|it| matches!(it, ItemState::Contact(_)))
                    .count(),
                1
            );
            assert_eq!(
                items
                    .iter()
                    .filter(|it| matches!(it, ItemState::Profile(_)))
                    .count(),
                2
            );
        }
        let to = bench
            .store
            .typing_to(bob, breeze_protocol::ConvId(1))
            .await
            .unwrap();
        assert_eq!(
            (to.members.as_slice(), to.group),
            ([maker, bob].as_slice(), false)
        );
    }
}

#[tokio::test]
async fn invites_end_by_use_by_time_and_by_their_maker() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        let store = bench.store.clone();
        let first = store
            .invite_create(Some(ann), mid(), [1; 32], 1, NOW + 1000)
            .await
            .unwrap();
        assert!(store.invite_valid([1; 32], NOW + 999).await.unwrap());
        assert!(!store.invite_valid([1; 32], NOW + 1000).await.unwrap(), "expired");
        store.register(newcomer("bob", Some([1; 32]))).await.unwrap();
        assert!(!store.invite_valid([1; 32], NOW).await.unwrap(), "used up");

        let repeat = mid();
        let second = store
            .invite_create(Some(ann), repeat, [2; 32], 5, NOW + 1000)
            .await
            .unwrap();
        let same = store
            .invite_create(Some(ann), repeat, [3; 32], 5, NOW + 1000)
            .await
            .unwrap();
        assert_eq!(second, same);
        assert!(
            !store.invite_valid([2; 32], NOW).await.unwrap(),
            "a repeat gets a fresh code"
        );
        let rows = store.invites(ann, NOW).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.invite).collect::<Vec<_>>(), [second]);
        assert_ne!(first, second);
        assert!(!store.invite_revoke(AccountId(99), mid(), second).await.unwrap());
        assert!(store.invite_revoke(ann, mid(), second).await.unwrap());
        assert!(!store.invite_valid([3; 32], NOW).await.unwrap(), "taken back");

        let refused = store
            .invite_create(Some(ann), mid(), [4; 32], 1001, NOW + 1000)
            .await;
        assert!(matches!(refused, Err(Refusal::Nack(NackCode::Quota))));
        store
            .invite_create(Some(ann), mid(), [6; 32], 1, NOW + 1000)
            .await
            .unwrap();
        store.set_disabled("ann".into(), true).await.unwrap();
        assert!(
            !store.invite_valid([6; 32], NOW).await.unwrap(),
            "its maker is shut"
        );
    }
}

#[tokio::test]
async fn a_repeated_registration_is_the_first_one() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        bench
            .store
            .invite_create(Some(ann), mid(), [1; 32], 1, NOW + 1000)
            .await
            .unwrap();
        let bob = newcomer("bob", Some([1; 32]));
        let Registered::Made(made) = bench.store.register(bob.clone()).await.unwrap() else {
            panic!("not made")
        };
        let Registered::Repeat(known) = bench.store.register(bob).await.unwrap() else {
            panic!("not known")
        };
        assert_eq!(
            (known.account, known.password_hash.as_str()),
            (made.account, "hash of bob")
        );
        let taken = bench.store.register(newcomer("bob", None)).await.unwrap();
        assert!(matches!(taken, Registered::NameTaken));
        let invalid = bench
            .store
            .register(newcomer("bob", Some([1; 32])))
            .await
            .unwrap();
        assert!(
            matches!(invalid, Registered::InviteInvalid),
            "a taken name is told with a valid invite only"
        );
        assert!(!bench.store.name_free("bob".into()).await.unwrap());
        assert!(bench.store.name_free("bo".into()).await.unwrap());
    }
}

#[tokio::test]
async fn devices_come_and_go() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        let bob = bench.person("bob").await;
        let store = &bench.store;
        let known = store.credentials_of(ann).await.unwrap().unwrap();
        let phone = store
            .add_device(known.clone(), "phone".into(), [8; 32], NOW + 5)
            .await
            .unwrap()
            .unwrap();
        let found = store.device_by_token([8; 32]).await.unwrap().unwrap();
        assert_eq!(
            (found.account, found.device, found.username.as_str()),
            (ann, phone.device, "ann")
        );
        assert!(store.device_by_token([9; 32]).await.unwrap().is_none());
        let names: Vec<String> = store
            .devices(ann)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["ann's laptop", "phone"]);
        assert!(!store.revoke_device(bob, mid(), phone.device).await.unwrap());
        assert!(store.revoke_device(ann, mid(), phone.device).await.unwrap());
        assert!(store.device_by_token([8; 32]).await.unwrap().is_none());
        let tablet = store
            .add_device(known.clone(), "tablet".into(), [10; 32], NOW)
            .await
            .unwrap()
            .unwrap();
        assert!(tablet.device > phone.device, "numbers are never given twice");
        let nobody = Credentials {
            account: AccountId(77),
            ..known
        };
        let added = store.add_device(nobody, "x".into(), [11; 32], NOW).await.unwrap();
        assert!(added.is_none());
    }
}

#[tokio::test]
async fn a_new_password_signs_the_other_devices_out() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        let store = &bench.store;
        let old = store.credentials_of(ann).await.unwrap().unwrap();
        let keep = store
            .add_device(old.clone(), "phone".into(), [8; 32], NOW)
            .await
            .unwrap()
            .unwrap()
            .device;
        let out = store.set_password(ann, "new".into(), Some(keep)).await.unwrap();
        assert_eq!(out.len(), 1);
        // Whoever was found to have the old password a moment before comes too late.
        let late = store
            .add_device(old, "thief".into(), [12; 32], NOW)
            .await
            .unwrap();
        assert!(late.is_none());
        assert_eq!(store.devices(ann).await.unwrap().len(), 1);
        let credentials = store.credentials("ann".into()).await.unwrap().unwrap();
        assert_eq!(
            (credentials.account, credentials.password_hash.as_str()),
            (ann, "new")
        );
        assert_eq!(
            store.set_password(ann, "newer".into(), None).await.unwrap(),
            [keep]
        );
        assert_eq!(
            store.credentials_of(ann).await.unwrap().unwrap().password_hash,
            "newer"
        );
        assert!(store.credentials("nobody".into()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_operator_sees_everybody_and_may_shut_an_account() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        assert_eq!(
            bench.store.set_disabled("bob".into(), true).await.unwrap(),
            Some(bob)
        );
        assert_eq!(
            bench.store.set_disabled("nobody".into(), true).await.unwrap(),
            None
        );
        let rows = bench.store.accounts(AccountId(0), 100).await.unwrap();
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.account, row.username.as_str(), row.disabled))
            .collect();
        assert_eq!(seen, [(ann, "ann", false), (bob, "bob", true)]);
        assert!(
            bench
                .store
                .credentials("bob".into())
                .await
                .unwrap()
                .unwrap()
                .disabled
        );
        let told = bench.send(ann, conv, mid(), "hello?").await;
        assert_eq!(told.code(), NackCode::NotContact);
        bench.store.set_disabled("bob".into(), false).await.unwrap();
        bench.say(ann, conv, "hello again").await;
    }
}

#[tokio::test]
async fn everybody_is_told_to_the_hub_at_boot() {
    for mut bench in bench::both() {
        let (ann, bob, _) = bench.friends("ann", "bob").await;
        let cid = bench.person("cid").await;
        bench
            .store
            .last_seen(vec![(ann, NOW + 9), (bob, NOW)])
            .await
            .unwrap();
        bench.store.last_seen(vec![(ann, NOW + 3)]).await.unwrap();
        let rows = bench.store.boot_rows().await.unwrap();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| (row.account, row.last_seen_ms, row.friends))
            .collect();
        assert_eq!(
            rows,
            [(ann, NOW + 3, vec![bob]), (bob, NOW, vec![ann]), (cid, 0, vec![])]
        );
    }
}

#[tokio::test]
async fn with_roster_everyone_all_are_friends() {
    let mut bench = bench::file(Roster::Everyone);
    let (ann, bob, cid) = (
        bench.person("ann").await,
        bench.person("bob").await,
        bench.person("cid").await,
    );
    let edges = bench
        .changes()
        .await
        .into_iter()
        .filter(|it| matches!(it, Change::Edge { friends: true, .. }))
        .count();
    assert_eq!(edges, 3);
    let rows = bench.store.boot_rows().await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.friends.len()).collect::<Vec<_>>(),
        [2, 2, 2]
    );
    let refused = bench
        .contact(ann, breeze_server::store::ContactChange::Unfriend(bob))
        .await;
    assert!(matches!(refused, Err(Refusal::Nack(NackCode::NoRight))));
    bench.store.conv_open(cid, mid(), ann, NOW).await.unwrap();
}

#[tokio::test]
async fn a_changed_roster_befriends_at_the_next_start() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
    bench.store.close().await;
    let bench = bench::open(bench::options(
        bench.dir.as_ref().unwrap().path(),
        Roster::Everyone,
    ));
    let rows = bench.store.boot_rows().await.unwrap();
    assert_eq!((&rows[0].friends, &rows[1].friends), (&vec![bob], &vec![ann]));
    assert!(bench.store.identity().head > 2);
}

#[tokio::test]
async fn pictures_are_shown_to_those_who_see_the_profile() {
    for mut bench in bench::both() {
        let (ann, bob, _) = bench.friends("ann", "bob").await;
        let stranger = bench.person("eve").await;
        let store = bench.store.clone();
        let hash = BlobHash([3; 32]);
        let with_picture = || breeze_protocol::message::item::Profile {
            avatar: Some(hash),
            ..profile(ann, "Ann")
        };
        let refused = store.profile_set(mid(), with_picture(), Audience::All).await;
        assert!(
            matches!(refused, Err(Refusal::Nack(NackCode::BadReference))),
            "not uploaded"
        );
        store.avatar_put(ann, hash, vec![1, 2, 3]).await.unwrap();
        assert_eq!(
            store.avatar_get(bob, ann, hash).await.unwrap(),
            None,
            "uploaded, not shown"
        );
        assert_eq!(
            store.avatar_get(ann, ann, hash).await.unwrap(),
            Some(vec![1, 2, 3])
        );
        store
            .profile_set(mid(), with_picture(), Audience::All)
            .await
            .unwrap();
        assert_eq!(
            store.avatar_get(bob, ann, hash).await.unwrap(),
            Some(vec![1, 2, 3])
        );
        assert_eq!(store.avatar_get(stranger, ann, hash).await.unwrap(), None);
        assert_eq!(store.avatar_get(bob, bob, hash).await.unwrap(), None);
        for n in 10..30 {
            store.avatar_put(ann, BlobHash([n; 32]), vec![n]).await.unwrap();
        }
        assert_eq!(
            store.avatar_get(bob, ann, hash).await.unwrap(),
            Some(vec![1, 2, 3]),
            "what is shown stays"
        );
        assert_eq!(
            store.avatar_get(ann, ann, BlobHash([10; 32])).await.unwrap(),
            None,
            "old tries make room"
        );
        assert!(!store.revoke_device(bob, mid(), DeviceId(999)).await.unwrap());
    }
}

#[tokio::test]
async fn a_repeated_sign_out_or_invite_taken_back_gets_its_first_answer() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        let store = &bench.store;
        let known = store.credentials_of(ann).await.unwrap().unwrap();
        let phone = store
            .add_device(known, "phone".into(), [8; 32], NOW)
            .await
            .unwrap()
            .unwrap();
        let invite = store
            .invite_create(Some(ann), mid(), [2; 32], 5, NOW + 1000)
            .await
            .unwrap();
        let (out, back, wrong) = (mid(), mid(), mid());
        for _ in 0..2 {
            assert!(store.revoke_device(ann, out, phone.device).await.unwrap());
            assert!(store.invite_revoke(ann, back, invite).await.unwrap());
            assert!(!store.invite_revoke(bob, wrong, invite).await.unwrap());
        }
        assert!(!store.revoke_device(ann, mid(), phone.device).await.unwrap());
        let other = store.revoke_device(ann, out, DeviceId(999)).await;
        assert!(matches!(other, Err(Refusal::Nack(NackCode::MidReused))));
    }
}
