//! Friends, requests, blocks: what each side sees, and what it must not learn.

use super::bench::{self, Bench, NOW, mid, profile};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::item::{Direction, ItemState, Relation, Request};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::{Audience, Change, ContactChange, Refusal, Store, TypingTo};

async fn requests(bench: &Bench, account: AccountId) -> Vec<Request> {
    let items = bench.items(account).await;
    items
        .into_iter()
        .filter_map(|it| {
            if let ItemState::Request(request) = it {
                Some(request)
            } else {
                None
            }
        })
        .collect()
}

async fn relations(bench: &Bench, account: AccountId) -> Vec<(AccountId, Relation)> {
    let items = bench.items(account).await;
    let contact = |it| {
        if let ItemState::Contact(it) = it {
            Some((it.account, it.relation))
        } else {
            None
        }
    };
    items.into_iter().filter_map(contact).collect()
}

async fn name_seen(bench: &Bench, viewer: AccountId, subject: AccountId) -> Option<String> {
    let items = bench.items(viewer).await;
    items.into_iter().find_map(|it| match it {
        ItemState::Profile(profile) if profile.account == subject => Some(profile.display_name),
        _ => None,
    })
}

fn edges(changes: &[Change]) -> Vec<bool> {
    changes
        .iter()
        .filter_map(|it| {
            if let Change::Edge { friends, .. } = it {
                Some(*friends)
            } else {
                None
            }
        })
        .collect()
}

#[tokio::test]
async fn a_request_is_asked_seen_and_accepted() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        bench.ask(ann, "Bob").await;
        let out = requests(&bench, ann).await;
        assert_eq!(
            (
                out[0].direction,
                out[0].username.as_str(),
                out[0].display_name.as_str()
            ),
            (Direction::Out, "Bob", "")
        );
        let inn = requests(&bench, bob).await;
        assert_eq!(
            (inn[0].direction, inn[0].account, inn[0].username.as_str()),
            (Direction::In, ann, "ann")
        );
        assert!(
            name_seen(&bench, bob, ann).await.is_some(),
            "whoever asks shows who they are"
        );
        assert!(name_seen(&bench, ann, bob).await.is_none());
        bench.changes().await;
        bench
            .contact(
                bob,
                ContactChange::Answer {
                    account: ann,
                    accept: true,
                },
            )
            .await
            .unwrap();
        assert_eq!(edges(&bench.changes().await), [true]);
        assert_eq!(relations(&bench, ann).await, [(bob, Relation::Friend)]);
        assert_eq!(relations(&bench, bob).await, [(ann, Relation::Friend)]);
        assert!(requests(&bench, ann).await.is_empty() && requests(&bench, bob).await.is_empty());
        assert!(name_seen(&bench, ann, bob).await.is_some());
    }
}

#[tokio::test]
async fn a_request_to_nobody_looks_like_any_other() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        bench.changes().await;
        bench.ask(ann, "bob").await;
        bench.ask(ann, "nobody").await;
        bench.ask(ann, "not a name!").await;
        let out = requests(&bench, ann).await;
        assert_eq!(out.len(), 3);
        for request in &out {
            assert!(
                request.account.0 >= 1 << 52 && request.account.0 < 1 << 53,
                "{request:?}"
            );
            assert_eq!(
                (request.direction, request.display_name.as_str(), request.ts),
                (Direction::Out, "", NOW)
            );
        }
        bench.ask(ann, "nobody").await;
        assert_eq!(requests(&bench, ann).await.len(), 3, "asked once is enough");
        for request in out {
            bench
                .contact(
                    ann,
                    ContactChange::Answer {
                        account: request.account,
                        accept: false,
                    },
                )
                .await
                .unwrap();
        }
        assert!(requests(&bench, ann).await.is_empty());
        assert!(requests(&bench, bob).await.is_empty(), "taken back");
        bench.ask(ann, "bob").await;
        assert_eq!(requests(&bench, bob).await.len(), 1, "and asked anew");
    }
}

#[tokio::test]
async fn a_refused_request_stays_shown_as_sent() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        bench.ask(ann, "bob").await;
        let before = requests(&bench, ann).await;
        bench
            .contact(
                bob,
                ContactChange::Answer {
                    account: ann,
                    accept: false,
                },
            )
            .await
            .unwrap();
        assert_eq!(requests(&bench, ann).await, before);
        assert!(requests(&bench, bob).await.is_empty());
        assert!(name_seen(&bench, bob, ann).await.is_none());
        let late = bench
            .contact(
                bob,
                ContactChange::Answer {
                    account: ann,
                    accept: true,
                },
            )
            .await;
        assert!(matches!(late, Err(Refusal::Nack(NackCode::BadReference))));
        bench.ask(bob, "ann").await;
        assert!(
            relations(&bench, ann).await.is_empty(),
            "refused once, bob's own request is a new one"
        );
        bench
            .contact(
                ann,
                ContactChange::Answer {
                    account: bob,
                    accept: true,
                },
            )
            .await
            .unwrap();
        assert_eq!(relations(&bench, ann).await.len(), 1);
        assert!(requests(&bench, ann).await.is_empty());
    }
}

#[tokio::test]
async fn asking_each_other_is_an_answer_and_asking_oneself_nothing() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        bench.ask(ann, "ann").await;
        bench.ask(ann, "bob").await;
        bench.ask(bob, "ann").await;
        assert_eq!(relations(&bench, ann).await, [(bob, Relation::Friend)]);
        bench.ask(bob, "ann").await;
        assert!(requests(&bench, bob).await.is_empty());
    }
}

#[tokio::test]
async fn twenty_requests_a_day_are_enough() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        for n in 0..20 {
            bench.ask(ann, &format!("name{n}")).await;
        }
        let refused = bench
            .contact(
                ann,
                ContactChange::Request {
                    username: "one.more".into(),
                },
            )
            .await;
        assert!(matches!(refused, Err(Refusal::Nack(NackCode::SlowDown))));
    }
}

#[tokio::test]
async fn a_repeated_wish_has_its_first_answer_and_no_second_effect() {
    for mut bench in bench::both() {
        let (ann, bob, _) = bench.friends("ann", "bob").await;
        let once = mid();
        let wish = ContactChange::Block(bob);
        bench.store.contact(ann, once, wish.clone(), NOW).await.unwrap();
        bench.changes().await;
        bench.store.contact(ann, once, wish, NOW).await.unwrap();
        assert!(bench.changes().await.is_empty());
        let other = bench
            .store
            .contact(ann, once, ContactChange::Unblock(bob), NOW)
            .await;
        assert!(matches!(other, Err(Refusal::Nack(NackCode::MidReused))));
    }
}

#[tokio::test]
async fn unfriending_ends_it_for_both() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.contact(ann, ContactChange::Unfriend(bob)).await.unwrap();
        assert_eq!(edges(&bench.changes().await), [false]);
        assert!(relations(&bench, ann).await.is_empty() && relations(&bench, bob).await.is_empty());
        assert!(
            name_seen(&bench, bob, ann).await.is_some(),
            "they share a conversation"
        );
        assert_eq!(
            bench.send(bob, conv, mid(), "hello?").await.code(),
            NackCode::NotContact
        );
        let opened = bench.store.conv_open(bob, mid(), ann, NOW).await;
        assert!(
            matches!(opened, Err(Refusal::Nack(NackCode::NotContact))),
            "as for nobody"
        );
        let page = bench.store.history(bob, conv, 0, 0, 10).await.unwrap();
        assert!(page.is_some(), "what was said can still be read");
    }
}

#[tokio::test]
async fn a_block_cuts_both_ways_and_is_not_told() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.say(ann, conv, "before").await;
        let before = bench.items(bob).await;
        bench.contact(ann, ContactChange::Block(bob)).await.unwrap();
        let changes = bench.changes().await;
        assert_eq!(edges(&changes), [false]);
        let told_bob = changes
            .iter()
            .any(|it| matches!(it, Change::Item { to, .. } if to.contains(&bob)));
        assert!(!told_bob, "{changes:?}");
        assert_eq!(bench.items(bob).await, before);
        assert_eq!(relations(&bench, ann).await, [(bob, Relation::Blocked)]);
        for sender in [ann, bob] {
            assert_eq!(
                bench.send(sender, conv, mid(), "x").await.code(),
                NackCode::NotContact
            );
        }
        bench
            .store
            .profile_set(mid(), profile(ann, "New"), Audience::All)
            .await
            .unwrap();
        bench.mark(bob, conv, (1, 1), Audience::All).await;
        let told = bench.changes().await;
        let across = told.iter().any(|it| match it {
            Change::Item { to, .. } | Change::Mark { to, .. } => to.contains(&ann) && to.contains(&bob),
            _ => false,
        });
        assert!(!across, "{told:?}");
        assert_eq!(
            name_seen(&bench, bob, ann).await.as_deref(),
            Some("ANN"),
            "as it was before the block"
        );
        bench.ask(bob, "ann").await;
        bench.contact(ann, ContactChange::Unblock(bob)).await.unwrap();
        assert_eq!(edges(&bench.changes().await), [true]);
        assert_eq!(name_seen(&bench, bob, ann).await.as_deref(), Some("New"));
        assert_eq!(
            relations(&bench, ann).await,
            [(bob, Relation::Friend)],
            "the friendship comes back"
        );
        bench.say(bob, conv, "after").await;
    }
}

#[tokio::test]
async fn a_block_between_strangers_swallows_requests() {
    for mut bench in bench::both() {
        let (ann, eve) = (bench.person("ann").await, bench.person("eve").await);
        for target in [eve, AccountId(4711)] {
            let refused = bench.contact(ann, ContactChange::Block(target)).await;
            assert!(
                matches!(refused, Err(Refusal::Nack(NackCode::NotContact))),
                "unseen and absent are alike"
            );
        }
        bench.ask(eve, "ann").await;
        bench.contact(ann, ContactChange::Block(eve)).await.unwrap();
        assert!(requests(&bench, ann).await.is_empty());
        let out = requests(&bench, eve).await;
        bench
            .contact(
                eve,
                ContactChange::Answer {
                    account: out[0].account,
                    accept: false,
                },
            )
            .await
            .unwrap();
        bench.ask(eve, "ann").await;
        assert_eq!(requests(&bench, eve).await.len(), 1, "shown as sent");
        assert!(requests(&bench, ann).await.is_empty(), "and never delivered");
        let opened = bench.store.conv_open(eve, mid(), ann, NOW).await;
        assert!(matches!(opened, Err(Refusal::Nack(NackCode::NotContact))));
    }
}

#[tokio::test]
async fn what_is_changed_while_invisible_waits() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.say(bob, conv, "one").await;
        bench
            .store
            .profile_set(mid(), profile(ann, "Hidden"), Audience::OwnDevices)
            .await
            .unwrap();
        bench.mark(ann, conv, (1, 1), Audience::OwnDevices).await;
        let changes = bench.changes().await;
        let told_bob = changes.iter().any(|it| match it {
            Change::Item { to, .. } | Change::Mark { to, .. } => to.contains(&bob),
            _ => false,
        });
        assert!(!told_bob && !changes.is_empty(), "{changes:?}");
        assert_eq!(name_seen(&bench, bob, ann).await.as_deref(), Some("ANN"));
        assert_eq!(name_seen(&bench, ann, ann).await.as_deref(), Some("Hidden"));
        let mark_of_ann = |items: Vec<ItemState>| {
            items
                .into_iter()
                .any(|it| matches!(it, ItemState::Mark(it) if it.mark.account == ann))
        };
        assert!(!mark_of_ann(bench.items(bob).await));
        assert!(mark_of_ann(bench.items(ann).await));
        bench.store.publish(ann).await.unwrap();
        assert_eq!(name_seen(&bench, bob, ann).await.as_deref(), Some("Hidden"));
        assert!(mark_of_ann(bench.items(bob).await));
        bench.changes().await;
        bench.store.publish(ann).await.unwrap();
        assert!(bench.changes().await.is_empty(), "nothing is kept back any more");
        let none = bench.store.typing_to(ann, ConvId(99)).await.unwrap();
        assert_eq!(none, TypingTo::default());
    }
}
