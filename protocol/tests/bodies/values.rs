//! Values of every representative kind, for proptest.

#[path = "files.rs"]
mod files;
#[path = "prefs.rs"]
mod prefs;

use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::blob::Ticket;
use breeze_protocol::message::chat::{
    Ack, EntryKind, Event, History, HistoryPage, Mark, Nack, Read, Receipts, Send, Sent,
};
use breeze_protocol::message::code::{GoodbyeCode, NackCode, RefusedCode};
use breeze_protocol::message::contact::{FriendRequest, ProfileSet};
use breeze_protocol::message::control::{Bye, Goodbye, Ping};
use breeze_protocol::message::group::{
    Group, GroupCreate, GroupInvite, GroupRename, GroupRole, MemberRow, Members, MembersPage, Role,
};
use breeze_protocol::message::item::{
    Contact, Conv, ConvMark, Direction, ItemState, Profile, Relation, Request,
};
use breeze_protocol::message::presence::{Presence, PresenceSnapshot, Status};
use breeze_protocol::message::resume::Resume;
use breeze_protocol::message::session::{SessionRow, Sessions};
use breeze_protocol::message::sign_in::{Recover, Refused, Register, Secret, SignedIn};
use breeze_protocol::presence::{PresenceEntry, PresenceSource};
use breeze_protocol::{
    AccountId, BlobHash, ClientMessage, ConvId, DeviceId, EndReason, Epoch, Instance, Mid, PresenceState,
    ServerMessage, StatusKind,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use files::{attachment, blob_get, hello};
use prefs::{conv_keep, draft, item_set, message_pin, pins, prefs};

pub(crate) fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(INTEGER_MAX), 0..=INTEGER_MAX]
}

pub(crate) fn account() -> impl Strategy<Value = AccountId> {
    number().prop_map(AccountId)
}

pub(crate) fn conv() -> impl Strategy<Value = ConvId> {
    number().prop_map(ConvId)
}

pub(crate) fn mid() -> impl Strategy<Value = Mid> {
    any::<[u8; 16]>().prop_map(Mid)
}

pub(crate) fn hash() -> impl Strategy<Value = BlobHash> {
    any::<[u8; 32]>().prop_map(BlobHash)
}

/// Any text at all, control characters and astral planes among it.
pub(crate) fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..40).prop_map(String::from_iter)
}

pub(crate) fn secret() -> impl Strategy<Value = Secret> {
    text().prop_map(Secret)
}

pub(crate) fn entry_kind() -> impl Strategy<Value = EntryKind> {
    use EntryKind::{Delete, Edit, File, Member, Other, Reaction, Text};
    select(vec![Text, Edit, Delete, Reaction, Member, File, Other])
}

pub(crate) fn send() -> impl Strategy<Value = Send> {
    let said = (text(), option::of(number()), vec(attachment(), 0..4));
    (mid(), conv(), entry_kind(), said).prop_map(|(mid, conv, kind, (body, target, attachments))| Send {
        mid,
        conv,
        kind,
        body,
        target,
        attachments,
    })
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    let numbers = (number(), conv(), number(), number(), number());
    let said = (text(), option::of(number()), vec(attachment(), 0..4));
    (numbers, entry_kind(), account(), mid(), number(), said).prop_map(
        |((cursor, conv, seq, prev_seq, n), kind, sender, mid, ts, (body, target, attachments))| Event {
            cursor,
            conv,
            seq,
            prev_seq,
            n,
            kind,
            sender,
            mid,
            ts,
            body,
            target,
            attachments,
        },
    )
}

pub(crate) fn presence_entry() -> impl Strategy<Value = PresenceEntry> {
    use EndReason::{Kicked, Left, LinkLost, NodeLost, Replaced, ServerRestart, TimedOut};
    use PresenceState::{Away, Busy, Doubtful, Offline, Online, Unknown};
    let state = select(vec![Online, Away, Busy, Doubtful, Offline, Unknown]);
    let reason = select(vec![
        Left,
        LinkLost,
        TimedOut,
        Replaced,
        Kicked,
        ServerRestart,
        NodeLost,
    ]);
    (account(), number(), state, proptest::option::of(reason), number()).prop_map(
        |(account, version, state, reason, age)| PresenceEntry(account, version, state, reason, age),
    )
}

pub(crate) fn source() -> impl Strategy<Value = PresenceSource> {
    (number(), number()).prop_map(|(node, boot)| PresenceSource { node, boot })
}

pub(crate) fn mark() -> impl Strategy<Value = Mark> {
    (account(), number(), number()).prop_map(|(account, delivered, read)| Mark {
        account,
        delivered,
        read,
    })
}

pub(crate) fn status() -> impl Strategy<Value = Status> {
    use StatusKind::{Away, Busy, Invisible, Online};
    select(vec![Online, Away, Busy, Invisible]).prop_map(|state| Status { state })
}

pub(crate) fn register() -> impl Strategy<Value = Register> {
    (
        mid(),
        secret(),
        text(),
        secret(),
        text(),
        text(),
        any::<[u8; 16]>(),
    )
        .prop_map(
            |(mid, invite, username, password, display_name, device, instance)| Register {
                mid,
                invite,
                username,
                password,
                display_name,
                device,
                instance: Instance(instance),
            },
        )
}

fn recover() -> impl Strategy<Value = Recover> {
    let words = (text(), secret(), secret(), text());
    (mid(), words, any::<[u8; 16]>()).prop_map(|(mid, (username, code, new_password, device), instance)| {
        Recover {
            mid,
            username,
            code,
            new_password,
            device,
            instance: Instance(instance),
        }
    })
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        register().prop_map(Into::into),
        recover().prop_map(Into::into),
        (any::<[u8; 16]>(), number(), number(), status()).prop_map(|(epoch, boot, cursor, status)| {
            Resume {
                epoch: Epoch(epoch),
                boot,
                cursor,
                status,
            }
            .into()
        }),
        send().prop_map(Into::into),
        blob_get().prop_map(Into::into),
        hello().prop_map(Into::into),
        item_set().prop_map(Into::into),
        draft().prop_map(Into::into),
        message_pin().prop_map(Into::into),
        conv_keep().prop_map(Into::into),
        number().prop_map(|n| Ack { n }.into()),
        (conv(), number()).prop_map(|(conv, seq)| Read { conv, seq }.into()),
        (conv(), number(), number(), any::<u32>()).prop_map(|(conv, before, after, limit)| History {
            conv,
            before,
            after,
            limit
        }
        .into()),
        (mid(), text()).prop_map(|(mid, username)| FriendRequest { mid, username }.into()),
        (mid(), text(), proptest::option::of(hash()), text()).prop_map(
            |(mid, display_name, avatar, status_text)| {
                ProfileSet {
                    mid,
                    display_name,
                    avatar,
                    status_text,
                }
                .into()
            }
        ),
        status().prop_map(Into::into),
        group_wish(),
        (number(), number()).prop_map(|(n, got)| Ping { n, got }.into()),
        Just(Bye {}.into()),
    ]
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    select(vec![Role::Owner, Role::Admin, Role::Member])
}

fn group_wish() -> BoxedStrategy<ClientMessage> {
    prop_oneof![
        (mid(), text(), vec(account(), 0..5)).prop_map(|(mid, title, members)| GroupCreate {
            mid,
            title,
            members
        }
        .into()),
        (mid(), conv(), vec(account(), 0..5)).prop_map(|(mid, conv, accounts)| GroupInvite {
            mid,
            conv,
            accounts
        }
        .into()),
        (mid(), conv(), text(), proptest::option::of(hash())).prop_map(|(mid, conv, title, avatar)| {
            GroupRename {
                mid,
                conv,
                title,
                avatar,
            }
            .into()
        }),
        (mid(), conv(), account(), role()).prop_map(|(mid, conv, account, role)| GroupRole {
            mid,
            conv,
            account,
            role
        }
        .into()),
        (conv(), any::<u32>()).prop_map(|(conv, page)| Members { conv, page }.into()),
    ]
    .boxed()
}

fn members_page() -> BoxedStrategy<ServerMessage> {
    let row = (account(), role(), text(), text(), proptest::option::of(hash())).prop_map(
        |(account, role, username, display_name, avatar)| MemberRow {
            account,
            role,
            username,
            display_name,
            avatar,
        },
    );
    (conv(), any::<u32>(), vec(row, 0..4), any::<bool>())
        .prop_map(|(conv, page, rows, more)| {
            MembersPage {
                conv,
                page,
                rows,
                more,
            }
            .into()
        })
        .boxed()
}

fn group() -> BoxedStrategy<Group> {
    let numbers = (number(), account(), vec(account(), 0..3), number());
    (text(), proptest::option::of(hash()), role(), numbers)
        .prop_map(|(title, avatar, role, (count, owner, admins, from))| Group {
            title,
            avatar,
            role,
            count,
            owner,
            admins,
            from,
        })
        .boxed()
}

pub(crate) fn plain_server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        (mid(), conv(), number(), number(), any::<bool>()).prop_map(|(mid, conv, seq, ts, dup)| Sent {
            mid,
            conv,
            seq,
            ts,
            dup
        }
        .into()),
        (mid(), select(NackCode::ALL), number()).prop_map(|(mid, code, retry_ms)| {
            Nack {
                mid,
                code,
                transient: code.is_transient(),
                retry_ms,
            }
            .into()
        }),
        (select(RefusedCode::ALL), number()).prop_map(|(code, retry_ms)| Refused { code, retry_ms }.into()),
        (
            select(GoodbyeCode::ALL),
            number(),
            number(),
            proptest::option::of(any::<[u8; 16]>())
        )
            .prop_map(|(reason, retry_after_ms, jitter_ms, instance)| {
                Goodbye {
                    reason,
                    retry_after_ms,
                    jitter_ms,
                    instance: instance.map(Instance),
                }
                .into()
            }),
        (
            account(),
            number(),
            text(),
            any::<bool>(),
            proptest::option::of(secret()),
            vec(text(), 0..3)
        )
            .prop_map(|(account, device, username, owner, token, addresses)| {
                let device = DeviceId(device);
                SignedIn {
                    account,
                    device,
                    username,
                    owner,
                    token,
                    next_pin: None,
                    addresses,
                }
                .into()
            }),
    ]
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        plain_server_message(),
        event().prop_map(Into::into),
        (number(), item_state()).prop_map(|(cursor, state)| state.into_item(cursor).into()),
        (conv(), vec(mark(), 0..5)).prop_map(|(conv, marks)| Receipts { conv, marks }.into()),
        (
            conv(),
            vec(event(), 0..5),
            any::<bool>(),
            vec((number(), number()), 0..3)
        )
            .prop_map(|(conv, rows, more, gone)| HistoryPage {
                conv,
                rows,
                more,
                gone
            }
            .into()),
        (
            source(),
            any::<u32>(),
            any::<bool>(),
            vec(presence_entry(), 0..20)
        )
            .prop_map(|(source, chunk, last, entries)| PresenceSnapshot {
                source,
                chunk,
                last,
                entries
            }
            .into()),
        (source(), vec(presence_entry(), 0..20))
            .prop_map(|(source, entries)| Presence { source, entries }.into()),
        vec(session_row(), 0..4).prop_map(|rows| Sessions { rows }.into()),
        members_page(),
        (secret(), number()).prop_map(|(ticket, ttl_ms)| Ticket { ticket, ttl_ms }.into()),
    ]
}

pub(crate) fn session_row() -> impl Strategy<Value = SessionRow> {
    let live = proptest::option::of((text(), number()));
    (number(), text(), any::<bool>(), live, number()).prop_map(|(device, name, this, live, since_ms)| {
        let (address, heard_ms) = live.unzip();
        SessionRow {
            device: DeviceId(device),
            name,
            this,
            address,
            heard_ms,
            since_ms,
        }
    })
}

fn whole_conv() -> impl Strategy<Value = Conv> {
    let numbers = (number(), number(), number());
    (
        conv(),
        vec(account(), 0..4),
        numbers,
        proptest::option::of(group()),
        (number(), number()),
    )
        .prop_map(
            |(conv, members, (head, n, base_seq), group, (keep_days, from))| Conv {
                conv,
                members,
                head,
                n,
                base_seq,
                group,
                keep_days,
                from,
            },
        )
}

pub(crate) fn item_state() -> BoxedStrategy<ItemState> {
    let profile = (account(), text(), text(), proptest::option::of(hash()), text()).prop_map(
        |(account, username, display_name, avatar, status_text)| Profile {
            account,
            username,
            display_name,
            avatar,
            status_text,
        },
    );
    let contact = (
        account(),
        select(vec![Relation::Friend, Relation::Blocked]),
        number(),
    )
        .prop_map(|(account, relation, since)| Contact {
            account,
            relation,
            since,
        });
    let request = (
        account(),
        select(vec![Direction::In, Direction::Out]),
        text(),
        text(),
        number(),
    )
        .prop_map(|(account, direction, username, display_name, ts)| Request {
            account,
            direction,
            username,
            display_name,
            ts,
        });
    prop_oneof![
        profile.prop_map(ItemState::Profile),
        contact.prop_map(ItemState::Contact),
        request.prop_map(ItemState::Request),
        whole_conv().prop_map(ItemState::Conv),
        (conv(), mark()).prop_map(|(conv, mark)| ItemState::Mark(ConvMark { conv, mark })),
        prefs().prop_map(ItemState::Prefs),
        draft().prop_map(ItemState::Draft),
        pins().prop_map(ItemState::Pins),
        conv().prop_map(ItemState::PinsGone),
        conv().prop_map(ItemState::DraftGone),
        conv().prop_map(ItemState::PrefsGone),
        account().prop_map(ItemState::ProfileGone),
        account().prop_map(ItemState::ContactGone),
        account().prop_map(ItemState::RequestGone),
        conv().prop_map(ItemState::ConvGone),
    ]
    .boxed()
}
