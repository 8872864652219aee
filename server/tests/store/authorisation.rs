//! The table of who may do what: every operation by every relation, each cell in a world of its own.

use super::authorisation_of_entries::judge;
use super::bench::{self, Bench, NOW, Told, mid, newcomer, profile};
use super::groups::change;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::{Direction, ItemState};
use breeze_protocol::{AccountId, BlobHash, ConvId};
use breeze_server::store::{Audience, Change, ContactChange, GroupChange, Refusal, Registered, Store};

/// What an operation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Carried out, or shown.
    Yes,
    /// `nack{not_contact}`.
    Contact,
    /// `nack{not_member}`.
    Member,
    /// `nack{no_right}`.
    Right,
    /// `nack{bad_reference}`.
    Refer,
    /// `done`, and nothing has changed.
    Same,
    /// Not there, not told, passed over: as for something that does not exist.
    Hidden,
    /// Not even signed in: the account is disabled, its sockets are closed and its token is refused.
    Out,
}

use Cell::{Contact, Hidden, Member, Out, Refer, Right, Same, Yes};

/// How two people stand to each other, seen from the one who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    Myself,
    Friend,
    Stranger,
    BlockedByMe,
    BlockingMe,
    /// No friend, in the same group.
    FellowMember,
    /// No friend, was in the same group.
    FormerMember,
    /// No friend, admin of the same group.
    Admin,
    /// A friend whose account is disabled.
    Disabled,
}

pub(crate) const TOWARDS: [Towards; 9] = [
    Towards::Myself,
    Towards::Friend,
    Towards::Stranger,
    Towards::BlockedByMe,
    Towards::BlockingMe,
    Towards::FellowMember,
    Towards::FormerMember,
    Towards::Admin,
    Towards::Disabled,
];

/// What one person may do with another.
#[derive(Debug, Clone, Copy)]
enum WithOne {
    OpenChat,
    Send,
    ReadHistory,
    TellTyping,
    TellMark,
    SeeProfile,
    FollowProfile,
    GetPicture,
    SeePresence,
    Befriend,
    Unfriend,
    Block,
    Unblock,
    AddToGroup,
}

#[rustfmt::skip]
const WITH_ONE: [(WithOne, [Cell; 9]); 14] = [
    //                        myself   friend  stranger blocked  blocking fellow   former   admin    disabled
    (WithOne::OpenChat,      [Yes,     Yes,    Contact, Contact, Contact, Contact, Contact, Contact, Contact]),
    (WithOne::Send,          [Yes,     Yes,    Member,  Contact, Contact, Member,  Member,  Member,  Contact]),
    (WithOne::ReadHistory,   [Yes,     Yes,    Hidden,  Yes,     Yes,     Hidden,  Hidden,  Hidden,  Yes]),
    (WithOne::TellTyping,    [Hidden,  Yes,    Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Yes]),
    (WithOne::TellMark,      [Hidden,  Yes,    Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Yes]),
    (WithOne::SeeProfile,    [Yes,     Yes,    Hidden,  Yes,     Yes,     Yes,     Hidden,  Yes,     Yes]),
    (WithOne::FollowProfile, [Yes,     Yes,    Hidden,  Hidden,  Hidden,  Yes,     Hidden,  Yes,     Yes]),
    (WithOne::GetPicture,    [Yes,     Yes,    Hidden,  Yes,     Yes,     Yes,     Hidden,  Yes,     Yes]),
    (WithOne::SeePresence,   [Hidden,  Yes,    Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Hidden,  Yes]),
    (WithOne::Befriend,      [Hidden,  Hidden, Yes,     Hidden,  Hidden,  Yes,     Yes,     Yes,     Hidden]),
    (WithOne::Unfriend,      [Same,    Yes,    Same,    Yes,     Yes,     Same,    Same,    Same,    Yes]),
    (WithOne::Block,         [Contact, Yes,    Contact, Same,    Yes,     Yes,     Contact, Yes,     Yes]),
    (WithOne::Unblock,       [Same,    Same,   Same,    Yes,     Same,    Same,    Same,    Same,    Same]),
    (WithOne::AddToGroup,    [Yes,     Yes,    Contact, Contact, Contact, Contact, Contact, Contact, Contact]),
];

/// How somebody stands to a group and to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InGroup {
    Owner,
    /// A friend of the owner's, not in it.
    Friend,
    Stranger,
    /// In it, blocked by the owner.
    BlockedByOwner,
    /// In it, blocking the owner.
    BlockingOwner,
    Member,
    FormerMember,
    Admin,
    /// In it, account disabled.
    Disabled,
}

pub(crate) const IN_GROUP: [InGroup; 9] = [
    InGroup::Owner,
    InGroup::Friend,
    InGroup::Stranger,
    InGroup::BlockedByOwner,
    InGroup::BlockingOwner,
    InGroup::Member,
    InGroup::FormerMember,
    InGroup::Admin,
    InGroup::Disabled,
];

/// What somebody may do in a group.
#[derive(Debug, Clone, Copy)]
enum WithGroup {
    Send,
    Hear,
    ReadHistory,
    TellTypingToOwner,
    TellMarkToOwner,
    ListMembers,
    GetPicture,
    AddFriend,
    AddStranger,
    RemoveMember,
    RemoveAdmin,
    RemoveOwner,
    Rename,
    GiveRole,
    Leave,
}

#[rustfmt::skip]
const WITH_GROUP: [(WithGroup, [Cell; 9]); 15] = [
    //                              owner    friend  stranger blocked  blocking member   former  admin    disabled
    (WithGroup::Send,              [Yes,     Member, Member,  Yes,     Yes,     Yes,     Member, Yes,     Out]),
    (WithGroup::Hear,              [Yes,     Hidden, Hidden,  Yes,     Yes,     Yes,     Hidden, Yes,     Out]),
    (WithGroup::ReadHistory,       [Yes,     Hidden, Hidden,  Yes,     Yes,     Yes,     Hidden, Yes,     Out]),
    (WithGroup::TellTypingToOwner, [Yes,     Hidden, Hidden,  Hidden,  Hidden,  Yes,     Hidden, Yes,     Out]),
    (WithGroup::TellMarkToOwner,   [Yes,     Hidden, Hidden,  Hidden,  Hidden,  Yes,     Hidden, Yes,     Out]),
    (WithGroup::ListMembers,       [Yes,     Hidden, Hidden,  Yes,     Yes,     Yes,     Hidden, Yes,     Out]),
    (WithGroup::GetPicture,        [Yes,     Hidden, Hidden,  Yes,     Yes,     Yes,     Hidden, Yes,     Out]),
    (WithGroup::AddFriend,         [Yes,     Member, Member,  Yes,     Yes,     Yes,     Member, Yes,     Out]),
    (WithGroup::AddStranger,       [Contact, Member, Member,  Contact, Contact, Contact, Member, Contact, Out]),
    (WithGroup::RemoveMember,      [Yes,     Member, Member,  Right,   Right,   Right,   Member, Yes,     Out]),
    (WithGroup::RemoveAdmin,       [Yes,     Member, Member,  Right,   Right,   Right,   Member, Right,   Out]),
    (WithGroup::RemoveOwner,       [Refer,   Member, Member,  Right,   Right,   Right,   Member, Right,   Out]),
    (WithGroup::Rename,            [Yes,     Member, Member,  Right,   Right,   Right,   Member, Yes,     Out]),
    (WithGroup::GiveRole,          [Yes,     Member, Member,  Right,   Right,   Right,   Member, Right,   Out]),
    (WithGroup::Leave,             [Yes,     Member, Member,  Yes,     Yes,     Yes,     Member, Yes,     Out]),
];

/// What a refusal, or what is told after a change, comes to.
pub(crate) fn cell<T>(outcome: Result<T, Refusal>, told: &[Change]) -> Cell {
    let code = match outcome {
        Ok(_) if told.is_empty() => return Same,
        Ok(_) => return Yes,
        Err(Refusal::Nack(code)) => code,
        Err(other) => panic!("{other}"),
    };
    assert!(told.is_empty(), "a refusal changes nothing: {told:?}");
    refusal(code)
}

pub(crate) fn refusal(code: NackCode) -> Cell {
    match code {
        NackCode::NotContact => Contact,
        NackCode::NotMember => Member,
        NackCode::NoRight => Right,
        NackCode::BadReference => Refer,
        other => panic!("{other:?}"),
    }
}

fn shown(seen: bool) -> Cell {
    if seen { Yes } else { Hidden }
}

async fn said(bench: &mut Bench, sender: AccountId, conv: ConvId) -> Cell {
    match bench.send(sender, conv, mid(), "hello").await {
        Told::Entry(_) => Yes,
        other => refusal(other.code()),
    }
}

fn marked(told: &[Change], of: AccountId, to_whom: AccountId) -> Cell {
    let to = |it: &Change| matches!(it, Change::Mark { to, mark, .. } if mark.account == of && to.contains(&to_whom));
    shown(told.iter().any(to))
}

const PICTURE: BlobHash = BlobHash([9; 32]);
const NOWHERE: ConvId = ConvId(987_654);

async fn sees_presence(bench: &Bench, me: AccountId, other: AccountId) -> bool {
    let rows = bench.store.boot_rows().await.unwrap();
    rows.iter()
        .any(|row| row.account == other && row.friends.contains(&me))
}

/// A group of one host with these friends.
async fn group_of(bench: &mut Bench, host: AccountId, members: &[AccountId]) -> ConvId {
    let create = GroupChange::Create {
        title: "Tea".into(),
        members: members.to_vec(),
    };
    change(bench, host, create).await.unwrap()
}

/// Me, the other, and where we talk.
pub(crate) async fn pair(bench: &mut Bench, towards: Towards) -> (AccountId, AccountId, ConvId) {
    let me = bench.person("me").await;
    let other = if towards == Towards::Myself {
        me
    } else {
        bench.person("other").await
    };
    bench.store.avatar_put(other, PICTURE, vec![1]).await.unwrap();
    let mut shows = profile(other, "The other");
    shows.avatar = Some(PICTURE);
    bench
        .store
        .profile_set(mid(), shows, Audience::All)
        .await
        .unwrap();
    let mut conv = NOWHERE;
    if let Towards::Friend | Towards::BlockedByMe | Towards::BlockingMe | Towards::Disabled = towards {
        bench.befriend(me, other, "other").await;
    }
    if towards == Towards::Myself || sees_presence(bench, me, other).await {
        conv = bench.store.conv_open(me, mid(), other, NOW).await.unwrap();
        bench.changes().await;
        bench.say(other, conv, "hello").await;
    }
    match towards {
        Towards::BlockedByMe => bench.contact(me, ContactChange::Block(other)).await.unwrap(),
        Towards::BlockingMe => bench.contact(other, ContactChange::Block(me)).await.unwrap(),
        Towards::Disabled => drop(bench.store.set_disabled("other".into(), true).await.unwrap()),
        Towards::FellowMember | Towards::FormerMember | Towards::Admin => {
            let host = bench.person("host").await;
            bench.befriend(host, me, "me").await;
            bench.befriend(host, other, "other").await;
            let group = group_of(bench, host, &[me, other]).await;
            let then = match towards {
                Towards::Admin => GroupChange::Role(group, other, Role::Admin),
                Towards::FormerMember => GroupChange::Remove(group, other),
                _ => GroupChange::Rename(group, "Tea House".into(), None),
            };
            change(bench, host, then).await.unwrap();
        }
        Towards::Myself | Towards::Friend | Towards::Stranger => {}
    }
    bench.changes().await;
    (me, other, conv)
}

async fn with_one(what: WithOne, towards: Towards) -> Cell {
    let bench = &mut bench::memory(Roster::Friends);
    let (me, other, conv) = pair(bench, towards).await;
    let store = bench.store.clone();
    match what {
        WithOne::OpenChat => match store.conv_open(me, mid(), other, NOW).await {
            Ok(_) => Yes,
            Err(error) => cell::<()>(Err(error), &[]),
        },
        WithOne::Send => said(bench, me, conv).await,
        WithOne::ReadHistory => shown(store.history(me, conv, 0, 0, 10).await.unwrap().is_some()),
        WithOne::TellTyping => {
            let to = store.typing_to(me, conv).await.unwrap().members;
            shown(to.contains(&other) && sees_presence(bench, other, me).await)
        }
        WithOne::TellMark => {
            bench.mark(me, conv, (1, 1), Audience::All).await;
            let told = bench.changes().await;
            if towards == Towards::Myself {
                Hidden
            } else {
                marked(&told, me, other)
            }
        }
        WithOne::SeeProfile => {
            let items = bench.items(me).await;
            shown(
                items
                    .iter()
                    .any(|it| matches!(it, ItemState::Profile(it) if it.account == other)),
            )
        }
        WithOne::FollowProfile => {
            store
                .profile_set(mid(), profile(other, "New"), Audience::All)
                .await
                .unwrap();
            let told = bench.changes().await;
            shown(
                told.iter()
                    .any(|it| matches!(it, Change::Item { to, .. } if to.contains(&me))),
            )
        }
        WithOne::GetPicture => shown(store.avatar_get(me, other, PICTURE).await.unwrap().is_some()),
        WithOne::SeePresence => shown(sees_presence(bench, me, other).await),
        WithOne::Befriend => {
            bench.ask(me, if other == me { "me" } else { "other" }).await;
            let asked =
                |it: &ItemState| matches!(it, ItemState::Request(it) if it.direction == Direction::In);
            shown(bench.items(other).await.iter().any(asked))
        }
        WithOne::Unfriend => contact(bench, me, ContactChange::Unfriend(other)).await,
        WithOne::Block => contact(bench, me, ContactChange::Block(other)).await,
        WithOne::Unblock => contact(bench, me, ContactChange::Unblock(other)).await,
        WithOne::AddToGroup => {
            let create = GroupChange::Create {
                title: "Two".into(),
                members: vec![other],
            };
            let made = store.group(me, mid(), create).await;
            cell(made, &bench.changes().await)
        }
    }
}

async fn contact(bench: &mut Bench, me: AccountId, wish: ContactChange) -> Cell {
    cell(bench.contact(me, wish).await, &bench.changes().await)
}

/// A group and those in it whom the one who acts may have to do with.
pub(crate) struct Scene {
    pub(crate) group: ConvId,
    owner: AccountId,
    admin: AccountId,
    pub(crate) member: AccountId,
    /// The one who acts, and the device's token.
    pub(crate) actor: AccountId,
    pub(crate) token: [u8; 32],
    /// A friend of the actor's who is not in the group, and somebody nobody knows.
    friend: AccountId,
    stranger: AccountId,
}

pub(crate) async fn scene(bench: &mut Bench, role: InGroup) -> Scene {
    let new = newcomer("actor", None);
    let token = new.device.as_ref().unwrap().1;
    let actor = match bench.store.register(new).await.unwrap() {
        Registered::Made(device) => device.account,
        other => panic!("{other:?}"),
    };
    let owner = if role == InGroup::Owner {
        actor
    } else {
        bench.person("owner").await
    };
    let (admin, member) = (bench.person("admin").await, bench.person("member").await);
    let (friend, stranger) = (bench.person("friend").await, bench.person("stranger").await);
    for (a, b, name) in [
        (owner, admin, "admin"),
        (owner, member, "member"),
        (actor, friend, "friend"),
    ] {
        bench.befriend(a, b, name).await;
    }
    let mut in_it = vec![admin, member];
    if !matches!(role, InGroup::Owner | InGroup::Stranger) {
        bench.befriend(owner, actor, "actor").await;
    }
    if !matches!(role, InGroup::Owner | InGroup::Stranger | InGroup::Friend) {
        in_it.push(actor);
    }
    let group = group_of(bench, owner, &in_it).await;
    change(bench, owner, GroupChange::Role(group, admin, Role::Admin))
        .await
        .unwrap();
    bench.store.avatar_put(owner, PICTURE, vec![1]).await.unwrap();
    let named = GroupChange::Rename(group, "Tea".into(), Some(PICTURE));
    change(bench, owner, named).await.unwrap();
    match role {
        InGroup::BlockedByOwner => bench.contact(owner, ContactChange::Block(actor)).await.unwrap(),
        InGroup::BlockingOwner => bench.contact(actor, ContactChange::Block(owner)).await.unwrap(),
        InGroup::FormerMember => {
            change(bench, owner, GroupChange::Remove(group, actor))
                .await
                .unwrap();
        }
        InGroup::Admin => {
            change(bench, owner, GroupChange::Role(group, actor, Role::Admin))
                .await
                .unwrap();
        }
        InGroup::Disabled => drop(bench.store.set_disabled("actor".into(), true).await.unwrap()),
        InGroup::Owner | InGroup::Friend | InGroup::Stranger | InGroup::Member => {}
    }
    bench.changes().await;
    Scene {
        group,
        owner,
        admin,
        member,
        actor,
        token,
        friend,
        stranger,
    }
}

async fn with_group(what: WithGroup, role: InGroup) -> Cell {
    let bench = &mut bench::memory(Roster::Friends);
    let it = scene(bench, role).await;
    let (store, me, group) = (bench.store.clone(), it.actor, it.group);
    if store
        .device_by_token(it.token)
        .await
        .unwrap()
        .is_none_or(|device| device.disabled)
    {
        return Out;
    }
    let wish = match what {
        WithGroup::Send => return said(bench, me, group).await,
        WithGroup::Hear => {
            bench.hand(it.admin, group, mid(), "hello");
            let told = bench.changes().await;
            let heard = |it: &Change| matches!(it, Change::Entry { members, .. } if members.contains(&me));
            return shown(told.iter().any(heard));
        }
        WithGroup::ReadHistory => return shown(store.history(me, group, 0, 0, 10).await.unwrap().is_some()),
        WithGroup::TellTypingToOwner => {
            let to = store.typing_to(me, group).await.unwrap();
            return shown(to.members.contains(&it.owner));
        }
        WithGroup::TellMarkToOwner => {
            let head = bench.say(it.admin, group, "hello").await.seq;
            bench.mark(me, group, (head, head), Audience::All).await;
            return marked(&bench.changes().await, me, it.owner);
        }
        WithGroup::ListMembers => return shown(store.members_page(me, group, 0).await.unwrap().is_some()),
        WithGroup::GetPicture => {
            return shown(
                store
                    .group_avatar_get(me, group, PICTURE)
                    .await
                    .unwrap()
                    .is_some(),
            );
        }
        WithGroup::AddFriend => GroupChange::Invite(group, vec![it.friend]),
        WithGroup::AddStranger => GroupChange::Invite(group, vec![it.stranger]),
        WithGroup::RemoveMember => GroupChange::Remove(group, it.member),
        WithGroup::RemoveAdmin => GroupChange::Remove(group, it.admin),
        WithGroup::RemoveOwner => GroupChange::Remove(group, it.owner),
        WithGroup::Rename => GroupChange::Rename(group, "Harbour".into(), None),
        WithGroup::GiveRole => GroupChange::Role(group, it.member, Role::Admin),
        WithGroup::Leave => GroupChange::Leave(group),
    };
    let outcome = store.group(me, mid(), wish).await;
    cell(outcome, &bench.changes().await)
}

#[tokio::test]
async fn what_one_person_may_do_with_another() {
    judge(&WITH_ONE, TOWARDS, with_one).await;
}

#[tokio::test]
async fn what_somebody_may_do_in_a_group() {
    judge(&WITH_GROUP, IN_GROUP, with_group).await;
}
