//! A group for the tests and the gallery: four people, one of them added later.
#![allow(dead_code, reason = "shared by the tests and the gallery, each uses a part")]

use super::demo::{self, JONAS, LIN, MIRA, ROSA};
use breeze_desktop::model::Model;
use breeze_desktop::model::group::Group;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::group::{MemberAct, MemberChange, Role};
use breeze_protocol::{AccountId, ConvId};

/// The group.
pub(crate) const TEA: ConvId = ConvId(300);

/// The window of the pictures with a group that is open.
pub(crate) fn tea(role: Role) -> Model {
    let mut model = demo::model();
    let at = |minute: u64| demo::WALL_MS - (40 - minute) * 60_000;
    let mut chat = demo::chat(
        AccountId(0),
        &[
            (LIN, at(0), ""),
            (LIN, at(2), "Shall we meet on Friday?"),
            (JONAS, at(3), "Friday is good"),
            (JONAS, at(3), "I can bring the projector"),
            (MIRA, at(5), "I will be there at six"),
            (LIN, at(7), ""),
            (ROSA, at(9), "Can somebody pick me up?"),
        ],
        0,
    );
    chat.conv = TEA;
    let change = |did, accounts| MemberChange {
        title: Some("Tea House".into()),
        ..MemberChange::new(did, accounts)
    };
    for (seq, change) in [
        (1, change(MemberAct::Created, vec![MIRA, JONAS])),
        (6, change(MemberAct::Added, vec![ROSA])),
    ] {
        if let Some(message) = chat.messages.get_mut(&seq) {
            message.kind = EntryKind::Member;
            message.body = change.to_body();
        }
    }
    chat.group = Some(Group {
        title: "Tea House".into(),
        role,
        count: 4,
        owner: if role == Role::Owner { MIRA } else { LIN },
        admins: vec![],
        from: 1,
        members: vec![LIN, JONAS, ROSA, MIRA],
        ..Group::default()
    });
    model.chats.insert(TEA, chat);
    model.open = Some(TEA);
    model
}
