//! Groups and notes to oneself: who is in, since when they see what, who may do what, and what a block withholds.

use super::bench::{self, Bench, NOW, Told, mid, newcomer};
use super::device::Device;
use breeze_protocol::limit::{GROUP_ADD_MAX, GROUP_MEMBERS_MAX, MEMBERS_INLINE_MAX, RECEIPT_MEMBERS_MAX};
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{Group, MemberAct, MemberChange, Role};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{AccountId, BlobHash, ConvId};
use breeze_server::store::{
    Audience, Change, ConnId, ContactChange, GroupChange, Refusal, Registered, Store, TypingTo,
};

/// Changes a group, or the code of the refusal.
pub(crate) async fn change(bench: &Bench, me: AccountId, change: GroupChange) -> Result<ConvId, NackCode> {
    bench
        .store
        .group(me, mid(), change)
        .await
        .map_err(|refusal| match refusal {
            Refusal::Nack(code) => code,
            other => panic!("{other}"),
        })
}

pub(crate) fn create(title: &str, members: &[AccountId]) -> GroupChange {
    GroupChange::Create {
        title: title.into(),
        members: members.to_vec(),
    }
}

/// Ann with two friends, who are strangers to each other, in a group.
pub(crate) async fn trio(bench: &mut Bench) -> ([AccountId; 3], ConvId) {
    let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
    let cid = bench.person("cid").await;
    bench.befriend(ann, bob, "bob").await;
    bench.befriend(ann, cid, "cid").await;
    let conv = change(bench, ann, create("Tea House", &[bob, cid]))
        .await
        .unwrap();
    bench.changes().await;
    ([ann, bob, cid], conv)
}

async fn group(bench: &Bench, account: AccountId, conv: ConvId) -> Option<Group> {
    let items = bench.items(account).await;
    items.into_iter().find_map(|it| match it {
        ItemState::Conv(it) if it.conv == conv => it.group,
        _ => None,
    })
}

pub(crate) async fn seqs(
    bench: &Bench,
    account: AccountId,
    conv: ConvId,
) -> Option<(Vec<u64>, Vec<(u64, u64)>)> {
    let page = bench.store.history(account, conv, 0, 0, 200).await.unwrap()?;
    Some((page.rows.iter().map(|row| row.seq).collect(), page.gone))
}

fn entries(changes: &[Change]) -> Vec<(Event, Vec<AccountId>)> {
    let entry = |it: &Change| match it {
        Change::Entry { event, members, .. } => Some((event.clone(), members.clone())),
        _ => None,
    };
    changes.iter().filter_map(entry).collect()
}

#[tokio::test]
async fn a_group_is_made_of_friends_and_told_to_all() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        let cid = bench.person("cid").await;
        bench.befriend(ann, bob, "bob").await;
        bench.changes().await;
        for nobody in [cid, AccountId(99_999)] {
            let refused = change(&bench, ann, create("Tea", &[bob, nobody])).await;
            assert_eq!(refused, Err(NackCode::NotContact), "a stranger is like nobody");
        }
        assert!(bench.changes().await.is_empty(), "a refusal changes nothing");
        bench.befriend(ann, cid, "cid").await;
        bench.changes().await;
        let conv = change(&bench, ann, create("Tea", &[bob, cid, bob, ann]))
            .await
            .unwrap();
        let told = entries(&bench.changes().await);
        let [(event, members)] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!(members, &[ann, bob, cid]);
        assert_eq!((event.seq, event.prev_seq, event.n), (1, 0, 0), "not counted");
        assert_eq!((event.kind, event.sender), (EntryKind::Member, ann));
        let body = MemberChange::from_body(&event.body).unwrap();
        assert_eq!((body.did, body.accounts), (MemberAct::Created, vec![bob, cid]));
        for (account, role) in [(ann, Role::Owner), (bob, Role::Member)] {
            let seen = group(&bench, account, conv).await.unwrap();
            assert_eq!((seen.role, seen.count, seen.owner, seen.from), (role, 3, ann, 1));
        }
        let names = bench.items(bob).await;
        let names = names.iter().filter(|it| matches!(it, ItemState::Profile(_)));
        assert_eq!(names.count(), 3, "members see each other, friends or not");
        assert!(matches!(bench.send(bob, conv, mid(), "hello").await, Told::Entry(it) if it.n == 1));
    }
}

#[tokio::test]
async fn a_newcomer_sees_nothing_from_before_the_joining() {
    for mut bench in bench::both() {
        let ([ann, bob, _], conv) = trio(&mut bench).await;
        for text in ["one", "two"] {
            bench.say(bob, conv, text).await;
        }
        let dora = bench.person("dora").await;
        bench.befriend(ann, dora, "dora").await;
        bench.changes().await;
        let mut device = Device::fresh(&bench.store, dora).await;
        change(&bench, ann, GroupChange::Invite(conv, vec![dora]))
            .await
            .unwrap();
        let told = entries(&bench.changes().await);
        let first = told.iter().find(|(_, to)| to.contains(&dora)).unwrap();
        assert_eq!((first.0.seq, first.0.prev_seq, first.1.len()), (4, 0, 1));
        let others = told.iter().find(|(_, to)| to.contains(&ann)).unwrap();
        assert_eq!((others.0.prev_seq, others.1.len()), (3, 3));
        bench.say(ann, conv, "three").await;
        assert_eq!(seqs(&bench, dora, conv).await, Some((vec![4, 5], vec![(1, 3)])));
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![1, 2, 3, 4, 5], vec![])));
        let page = |before, after| bench.store.history(dora, conv, before, after, 200);
        let (below, above) = (
            page(4, 0).await.unwrap().unwrap(),
            page(0, 1).await.unwrap().unwrap(),
        );
        assert_eq!((below.rows.len(), below.gone), (0, vec![(1, 3)]));
        assert_eq!((above.rows.len(), above.gone), (2, vec![(2, 3)]));
        let fresh = Device::fresh(&bench.store, dora).await;
        device.catch_up(&bench.store, dora, fresh.cursor).await;
        assert_eq!(device, fresh, "what was missed and the snapshot agree");
        let bodies: Vec<String> = fresh.entries().map(|it| it.body.clone()).collect();
        assert!(!bodies.iter().any(|it| it == "one" || it == "two"), "{bodies:?}");
        let mark = fresh.items().into_iter().find_map(|it| match it {
            ItemState::Mark(it) if it.mark.account == dora => Some(it.mark.read),
            _ => None,
        });
        assert_eq!(mark, Some(4), "what was before is not unread");
    }
}

#[tokio::test]
async fn whoever_leaves_hears_nothing_more_and_begins_anew() {
    for mut bench in bench::both() {
        let ([ann, bob, cid], conv) = trio(&mut bench).await;
        bench.say(ann, conv, "while bob is here").await;
        change(&bench, bob, GroupChange::Leave(conv)).await.unwrap();
        let changes = bench.changes().await;
        let told = entries(&changes);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].1, [ann, cid]);
        let gone = changes.iter().any(|it| {
            matches!(it, Change::Item { to, state: ItemState::ConvGone(it), .. } if to == &[bob] && *it == conv)
        });
        assert!(gone, "{changes:?}");
        assert_eq!(
            bench.send(bob, conv, mid(), "x").await.code(),
            NackCode::NotMember
        );
        bench.say(ann, conv, "without bob").await;
        assert_eq!(seqs(&bench, bob, conv).await, None);
        assert!(bench.store.members_page(bob, conv, 0).await.unwrap().is_none());
        assert!(Device::fresh(&bench.store, bob).await.entries().next().is_none());
        change(&bench, ann, GroupChange::Invite(conv, vec![bob]))
            .await
            .unwrap();
        bench.changes().await;
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![5], vec![(1, 4)])));
        assert_eq!(group(&bench, bob, conv).await.unwrap().from, 5);
    }
}

#[tokio::test]
async fn a_group_has_an_owner_until_the_last_one_leaves() {
    for mut bench in bench::both() {
        let ([ann, bob, cid], conv) = trio(&mut bench).await;
        change(&bench, ann, GroupChange::Role(conv, cid, Role::Admin))
            .await
            .unwrap();
        bench.changes().await;
        change(&bench, ann, GroupChange::Leave(conv)).await.unwrap();
        let told = entries(&bench.changes().await);
        let left = MemberChange::from_body(&told[0].0.body).unwrap();
        assert_eq!(
            (left.did, left.owner),
            (MemberAct::Left, Some(cid)),
            "the admin before the member"
        );
        assert_eq!(group(&bench, cid, conv).await.unwrap().role, Role::Owner);
        change(&bench, cid, GroupChange::Role(conv, bob, Role::Owner))
            .await
            .unwrap();
        let seen = group(&bench, cid, conv).await.unwrap();
        assert_eq!((seen.role, seen.owner), (Role::Admin, bob), "handed over");
        change(&bench, bob, GroupChange::Leave(conv)).await.unwrap();
        change(&bench, cid, GroupChange::Leave(conv)).await.unwrap();
        for account in [ann, bob, cid] {
            assert_eq!(seqs(&bench, account, conv).await, None);
            assert_eq!(
                change(&bench, account, GroupChange::Leave(conv)).await,
                Err(NackCode::NotMember)
            );
        }
    }
}

#[tokio::test]
async fn a_change_of_a_group_is_made_once_per_mid() {
    for mut bench in bench::both() {
        let ([ann, bob, cid], conv) = trio(&mut bench).await;
        let (once, store) = (mid(), bench.store.clone());
        let remove = GroupChange::Remove(conv, bob);
        for _ in 0..2 {
            store.group(ann, once, remove.clone()).await.unwrap();
        }
        let other = store.group(ann, once, GroupChange::Remove(conv, cid)).await;
        assert!(matches!(other, Err(Refusal::Nack(NackCode::MidReused))));
        assert_eq!(entries(&bench.changes().await).len(), 1);
        assert_eq!(bench.send(ann, conv, once, "x").await.code(), NackCode::MidReused);
        let said = mid();
        bench.send(ann, conv, said, "hello").await;
        let under_the_same = store.group(ann, said, GroupChange::Leave(conv)).await;
        assert!(matches!(under_the_same, Err(Refusal::Nack(NackCode::MidReused))));
        let made = mid();
        let first = store.group(ann, made, create("Two", &[cid])).await.unwrap();
        assert_eq!(
            store.group(ann, made, create("Two", &[cid])).await.unwrap(),
            first
        );
    }
}

#[tokio::test]
async fn a_block_in_a_shared_group_withholds_marks_typing_and_profile_and_nothing_else() {
    for mut bench in bench::both() {
        let ([ann, bob, cid], conv) = trio(&mut bench).await;
        bench.contact(bob, ContactChange::Block(cid)).await.unwrap();
        bench.changes().await;
        let said = bench.say(bob, conv, "to all").await;
        bench.mark(cid, conv, (said.seq, said.seq), Audience::All).await;
        let told = bench.changes().await;
        let [Change::Mark { to, .. }] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!(to, &[ann, cid], "bob is not told how far cid is");
        let sees_mark = |items: Vec<ItemState>| {
            items
                .iter()
                .any(|it| matches!(it, ItemState::Mark(it) if it.mark.account == cid))
        };
        assert!(!sees_mark(bench.items(bob).await) && sees_mark(bench.items(ann).await));
        let to = bench.store.typing_to(cid, conv).await.unwrap();
        let expected = TypingTo {
            members: vec![ann, cid],
            group: true,
        };
        assert_eq!(to, expected);
        let renamed = super::bench::profile(cid, "Another");
        bench
            .store
            .profile_set(mid(), renamed, Audience::All)
            .await
            .unwrap();
        let page = bench.store.members_page(bob, conv, 0).await.unwrap().unwrap();
        let seen = page.rows.iter().find(|it| it.account == cid).unwrap();
        assert_eq!(seen.display_name, "CID", "as it was when bob blocked");
        bench.changes().await;
        bench.contact(bob, ContactChange::Unblock(cid)).await.unwrap();
        assert!(sees_mark(bench.items(bob).await), "told after all");
        let late = bench.changes().await;
        assert!(
            late.iter()
                .any(|it| matches!(it, Change::Mark { to, .. } if to == &[bob])),
            "{late:?}"
        );
    }
}

#[tokio::test]
async fn name_and_picture_are_for_members() {
    for mut bench in bench::both() {
        let ([ann, bob, _], conv) = trio(&mut bench).await;
        let eve = bench.person("eve").await;
        let hash = BlobHash([7; 32]);
        let rename = |title: &str, hash| GroupChange::Rename(conv, title.into(), hash);
        let unknown = change(&bench, ann, rename("Tea", Some(hash))).await;
        assert_eq!(unknown, Err(NackCode::BadReference), "nobody has brought it");
        bench.store.avatar_put(ann, hash, vec![1, 2, 3]).await.unwrap();
        change(&bench, ann, rename("Tea", Some(hash))).await.unwrap();
        for n in 0..20 {
            bench
                .store
                .avatar_put(ann, BlobHash([n + 10; 32]), vec![n])
                .await
                .unwrap();
        }
        let get = |viewer| bench.store.group_avatar_get(viewer, conv, hash);
        assert_eq!(
            get(bob).await.unwrap(),
            Some(vec![1, 2, 3]),
            "kept while it is shown"
        );
        assert_eq!(get(eve).await.unwrap(), None);
        for (title, code) in [("", NackCode::BadReference), (&"x".repeat(65), NackCode::TooLong)] {
            assert_eq!(change(&bench, ann, rename(title, None)).await, Err(code));
        }
        bench.changes().await;
        change(&bench, ann, rename("Tea", Some(hash))).await.unwrap();
        assert!(bench.changes().await.is_empty(), "nothing is new");
        change(&bench, ann, rename("Tea", None)).await.unwrap();
        let told = entries(&bench.changes().await);
        assert_eq!(
            MemberChange::from_body(&told[0].0.body).unwrap().did,
            MemberAct::Pictured
        );
        assert_eq!(group(&bench, bob, conv).await.unwrap().avatar, None);
    }
}

#[tokio::test]
async fn everybody_has_one_place_for_notes_to_oneself() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        let conv = bench.store.conv_open(ann, mid(), ann, NOW).await.unwrap();
        assert_eq!(bench.store.conv_open(ann, mid(), ann, NOW).await.unwrap(), conv);
        bench.changes().await;
        let note = bench.say(ann, conv, "milk").await;
        assert_eq!((note.seq, note.n), (1, 1));
        assert_eq!(
            bench.send(bob, conv, mid(), "x").await.code(),
            NackCode::NotMember
        );
        assert_eq!(seqs(&bench, bob, conv).await, None);
        let items = bench.items(ann).await;
        let own = items.iter().find_map(|it| match it {
            ItemState::Conv(it) => Some((it.members.clone(), it.group.clone())),
            _ => None,
        });
        assert_eq!(own, Some((vec![ann], None)));
        let group = change(&bench, ann, GroupChange::Invite(conv, vec![bob])).await;
        assert_eq!(group, Err(NackCode::BadReference), "no group");
    }
}

/// So many friends of one person, each by an invite.
async fn crowd(bench: &mut Bench, maker: AccountId, count: usize) -> Vec<AccountId> {
    let mut people = Vec::new();
    for n in 0..count {
        if n % 1000 == 0 {
            let code = [u8::try_from(n / 1000 + 1).unwrap(); 32];
            let made = bench
                .store
                .invite_create(Some(maker), mid(), code, 1000, NOW + 1000);
            made.await.unwrap();
        }
        let code = [u8::try_from(n / 1000 + 1).unwrap(); 32];
        match bench
            .store
            .register(newcomer(&format!("p{n}"), Some(code)))
            .await
            .unwrap()
        {
            Registered::Made(device) => people.push(device.account),
            other => panic!("{other:?}"),
        }
        if n % 50 == 0 {
            bench.changes().await;
        }
    }
    people
}

#[tokio::test]
async fn a_large_group_is_told_in_pages_and_without_marks() {
    let mut bench = bench::memory(Roster::Friends);
    let ann = bench.person("ann").await;
    let people = crowd(&mut bench, ann, MEMBERS_INLINE_MAX + 160).await;
    let conv = change(&bench, ann, create("Harbour", &people[..GROUP_ADD_MAX]))
        .await
        .unwrap();
    let too_many = change(&bench, ann, create("Harbour", &people[..=GROUP_ADD_MAX])).await;
    assert_eq!(too_many, Err(NackCode::Quota));
    for more in people[GROUP_ADD_MAX..].chunks(GROUP_ADD_MAX) {
        change(&bench, ann, GroupChange::Invite(conv, more.to_vec()))
            .await
            .unwrap();
    }
    bench.changes().await;
    let seen = group(&bench, people[3], conv).await.unwrap();
    assert_eq!((seen.count, seen.owner), (people.len() as u64 + 1, ann));
    let first = bench
        .store
        .members_page(people[3], conv, 0)
        .await
        .unwrap()
        .unwrap();
    let second = bench
        .store
        .members_page(people[3], conv, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((first.rows.len(), first.more), (200, true));
    assert_eq!((second.rows.len(), second.more), (people.len() + 1 - 200, false));
    assert_eq!(first.rows[0].role, Role::Owner);
    let said = bench.say(people[0], conv, "hello, harbour").await;
    bench
        .mark(people[1], conv, (said.seq, said.seq), Audience::All)
        .await;
    let told = bench.changes().await;
    assert!(
        matches!(&told[..], [Change::Mark { to, .. }] if to == &[people[1]]),
        "above {RECEIPT_MEMBERS_MAX} one's own only: {told:?}"
    );
    assert_eq!(
        bench.store.typing_to(ann, conv).await.unwrap(),
        TypingTo::default()
    );
    // Somebody known from a page only can be blocked, and does not see what changes from then on.
    let (one, two) = (people[120], people[121]);
    bench.contact(one, ContactChange::Block(two)).await.unwrap();
    let new = super::bench::profile(one, "Another");
    bench.store.profile_set(mid(), new, Audience::All).await.unwrap();
    let page = bench.store.members_page(two, conv, 0).await.unwrap().unwrap();
    let seen = page.rows.iter().find(|it| it.account == one).unwrap();
    assert_ne!(seen.display_name, "Another");
}

#[tokio::test]
async fn five_thousand_are_a_group_and_one_more_is_refused() {
    let mut bench = bench::memory(Roster::Friends);
    let ann = bench.person("ann").await;
    let people = crowd(&mut bench, ann, GROUP_MEMBERS_MAX).await;
    let conv = change(&bench, ann, create("Everybody", &[])).await.unwrap();
    let (last, most) = people.split_last().unwrap();
    for more in most.chunks(GROUP_ADD_MAX) {
        change(&bench, ann, GroupChange::Invite(conv, more.to_vec()))
            .await
            .unwrap();
        bench.changes().await;
    }
    let full = change(&bench, ann, GroupChange::Invite(conv, vec![*last])).await;
    assert_eq!(full, Err(NackCode::Quota));
    bench.hand(most[7], conv, mid(), "hello");
    let told = entries(&bench.changes().await);
    assert_eq!(told[0].1.len(), GROUP_MEMBERS_MAX);
    change(&bench, most[0], GroupChange::Leave(conv)).await.unwrap();
    change(&bench, ann, GroupChange::Invite(conv, vec![*last]))
        .await
        .unwrap();
    assert_eq!(seqs(&bench, *last, conv).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn a_change_of_a_group_answers_no_send() {
    let mut bench = bench::memory(Roster::Friends);
    let ([ann, ..], conv) = trio(&mut bench).await;
    change(&bench, ann, GroupChange::Rename(conv, "New".into(), None))
        .await
        .unwrap();
    for told in bench.changes().await {
        if let Change::Entry { origin, .. } = told {
            assert_eq!(origin, ConnId::NOBODY);
        }
    }
}
