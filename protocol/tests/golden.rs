//! Golden samples: the wire as it was written down must still be read, and be written the same way.
//!
//! `golden/` holds one file per message and item kind (`client_send.json`; a second sample of a kind has
//! a word after a dot: `server_nack.answer.json`). Files are only ever added: names that a later version
//! adds go into a file of their own, `names_2.json`.

#[path = "bodies/reading.rs"]
mod reading;
#[path = "bodies/samples.rs"]
mod samples;

use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use breeze_protocol::codec::{self, Envelope};
use breeze_protocol::frame::{self, Decoder, Frame};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::code::{ErrorCode, GoodbyeCode, NackCode, RefusedCode};
use breeze_protocol::message::control::Ping;
use breeze_protocol::message::group::{MemberAct, Role as GroupRole};
use breeze_protocol::message::hello::{Registration, Role, Roster};
use breeze_protocol::message::item::{Direction, Item, ItemState, Relation};
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{ClientMessage, EndReason, PresenceState, ServerMessage, StatusKind, TransferId};
use reading::{bytes_of, hex_of, json, known, names, payload};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Debug;

fn reencode_client(text: &str, name: &str) -> String {
    payload(&codec::encode_client(&known(
        codec::decode_client(text.as_bytes()),
        name,
    )))
    .to_owned()
}

fn reencode_server(text: &str, name: &str) -> String {
    payload(&codec::encode_server(&known(
        codec::decode_server(text.as_bytes()),
        name,
    )))
    .to_owned()
}

fn check_direction(prefix: &str, kinds: &[&str], reencode: fn(&str, &str) -> String) {
    let mut covered = BTreeSet::new();
    for (name, text) in samples::all(prefix, ".json") {
        let kind = name.split('.').next().unwrap_or_default();
        let sample = json(&text);
        assert_eq!(sample["t"], kind, "{prefix}{name} holds another kind");
        assert_eq!(
            json(&reencode(&text, &name)),
            sample,
            "{prefix}{name} is written differently now"
        );
        covered.insert(kind.to_owned());
    }
    let kinds: BTreeSet<_> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    assert_eq!(covered, kinds, "every kind has a sample, and every sample a kind");
}

#[test]
fn every_client_message_has_a_sample_that_still_holds() {
    check_direction("client_", ClientMessage::KINDS, reencode_client);
}

#[test]
fn every_server_message_has_a_sample_that_still_holds() {
    check_direction("server_", ServerMessage::KINDS, reencode_server);
}

fn item_of(text: &str, name: &str) -> Item {
    match known(codec::decode_server(text.as_bytes()), name).message {
        ServerMessage::Item(item) => item,
        other => panic!("{name} is no item: {other:?}"),
    }
}

/// The sample's first word; new states do not compile until they have one.
fn item_word(state: &ItemState) -> &'static str {
    match state {
        ItemState::Profile(_) => "profile",
        ItemState::Contact(_) => "contact",
        ItemState::Request(_) => "request",
        ItemState::Conv(_) => "conv",
        ItemState::Mark(_) => "mark",
        ItemState::Prefs(_) => "prefs",
        ItemState::Draft(_) => "draft",
        ItemState::DraftGone(_) => "draft_gone",
        ItemState::Pins(_) => "pins",
        ItemState::PinsGone(_) => "pins_gone",
        ItemState::ProfileGone(_) => "profile_gone",
        ItemState::ContactGone(_) => "contact_gone",
        ItemState::RequestGone(_) => "request_gone",
        ItemState::ConvGone(_) => "conv_gone",
        ItemState::PrefsGone(_) => "prefs_gone",
    }
}

#[test]
fn every_item_kind_has_a_sample_that_still_holds() {
    let mut covered = BTreeSet::new();
    for (name, text) in samples::all("item_", ".json") {
        let item = item_of(&text, &name);
        let state = ItemState::from_item(&item)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .unwrap_or_else(|| panic!("{name} is an unknown item"));
        covered.insert(item_word(&state));
        assert_eq!(
            state.into_item(item.cursor),
            item,
            "{name} is packed differently now"
        );
        assert_eq!(json(&reencode_server(&text, &name)), json(&text));
    }
    let words = [
        "profile",
        "contact",
        "request",
        "conv",
        "mark",
        "prefs",
        "prefs_gone",
        "draft",
        "draft_gone",
        "pins",
        "pins_gone",
        "profile_gone",
        "contact_gone",
        "request_gone",
        "conv_gone",
    ];
    assert_eq!(covered, BTreeSet::from(words));
}

#[test]
fn an_unknown_item_is_passed_over() {
    let unknown = r#"{"t":"item","d":{"cursor":1,"kind":"mood","key":"2","value":{"colour":"blue"}}}"#;
    assert!(matches!(
        ItemState::from_item(&item_of(unknown, "mood")),
        Ok(None)
    ));
    let gone = r#"{"t":"item","d":{"cursor":1,"kind":"mood","key":"a:b"}}"#;
    assert!(matches!(ItemState::from_item(&item_of(gone, "mood")), Ok(None)));
}

/// Adds a field nobody knows to every object in `value`.
fn with_unknown_fields(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(with_unknown_fields);
            map.insert("zz_new".into(), serde_json::json!({"deep": [1, "two", null]}));
        }
        Value::Array(rows) => rows.iter_mut().for_each(with_unknown_fields),
        _ => {}
    }
}

#[test]
fn unknown_fields_are_passed_over_in_every_message() {
    let check = |prefix: &str, reencode: fn(&str, &str) -> String| {
        for (name, text) in samples::all(prefix, ".json") {
            let mut longer = json(&text);
            with_unknown_fields(&mut longer);
            let again = json(&reencode(&longer.to_string(), &name));
            if again["t"] != "item" {
                assert_eq!(again, json(&text), "{prefix}{name} with unknown fields");
            }
        }
    };
    check("client_", reencode_client);
    check("server_", reencode_server);
}

fn check_names<T: Serialize + DeserializeOwned + PartialEq + Debug>(list: &str, members: &[T]) {
    let spelled: Vec<String> = members
        .iter()
        .map(|member| match serde_json::to_value(member) {
            Ok(Value::String(name)) => name,
            other => panic!("{member:?} is written as {other:?}"),
        })
        .collect();
    assert_eq!(
        spelled,
        names(list),
        "{list}: names are only ever added, at the end"
    );
    for (member, name) in members.iter().zip(&spelled) {
        let back: T = serde_json::from_value(Value::String(name.clone())).expect("just written");
        assert_eq!(&back, member);
    }
}

/// Every member of an enum; a member left out does not compile.
macro_rules! every {
    ($name:ident { $($member:ident),+ }) => {{
        fn complete(it: $name) { match it { $($name::$member => {})+ } }
        [$({ complete($name::$member); $name::$member }),+]
    }};
}

/// What may be sent; `Other` is only ever read.
const MEMBER_ACTS: &[MemberAct] = &[
    MemberAct::Created,
    MemberAct::Added,
    MemberAct::Removed,
    MemberAct::Left,
    MemberAct::Renamed,
    MemberAct::Pictured,
    MemberAct::Role,
    MemberAct::Kept,
];

fn entry_kinds() -> Vec<EntryKind> {
    every!(EntryKind {
        Text,
        Other,
        Edit,
        Delete,
        Reaction,
        Member,
        File
    })
    .to_vec()
}

#[test]
fn every_name_on_the_wire_is_spelled_as_written_down() {
    assert_eq!(ClientMessage::KINDS, names("client_kinds"));
    assert_eq!(ServerMessage::KINDS, names("server_kinds"));
    check_names("refused", RefusedCode::ALL);
    check_names("nack", NackCode::ALL);
    check_names("error", ErrorCode::ALL);
    check_names("goodbye", GoodbyeCode::ALL);
    check_names(
        "presence_state",
        &every!(PresenceState {
            Online,
            Away,
            Busy,
            Doubtful,
            Offline,
            Unknown
        }),
    );
    check_names(
        "status",
        &every!(StatusKind {
            Online,
            Away,
            Busy,
            Invisible
        }),
    );
    check_names(
        "end_reason",
        &every!(EndReason {
            Left,
            LinkLost,
            TimedOut,
            Replaced,
            Kicked,
            ServerRestart,
            NodeLost
        }),
    );
    check_names(
        "resume_mode",
        &every!(ResumeMode {
            Delta,
            Snapshot,
            RolledBack
        }),
    );
    check_names("role", &every!(Role { Main, Transfer }));
    check_names("roster", &every!(Roster { Friends, Everyone }));
    check_names("registration", &every!(Registration { Invite, Closed }));
    check_names("entry", &entry_kinds());
    check_names("relation", &every!(Relation { Friend, Blocked }));
    check_names("direction", &every!(Direction { In, Out }));
    let transient: Vec<NackCode> = NackCode::ALL
        .iter()
        .copied()
        .filter(|code| code.is_transient())
        .collect();
    check_names("nack_transient", &transient);
}

#[test]
fn every_name_of_groups_is_spelled_as_written_down() {
    check_names("group_role", &every!(GroupRole { Owner, Admin, Member }));
    check_names("member_act", MEMBER_ACTS);
}

#[test]
fn an_unknown_code_is_kept_as_other() {
    fn other<T: DeserializeOwned + PartialEq + Debug>(expected: &T) {
        assert_eq!(
            &serde_json::from_str::<T>("\"from_the_future\"").expect("codes are open"),
            expected
        );
    }
    other(&RefusedCode::Other);
    other(&NackCode::Other);
    other(&ErrorCode::Other);
    other(&GoodbyeCode::Other);
    other(&EntryKind::Other);
    other(&MemberAct::Other);
    other(&GroupRole::Member);
}

fn only_frame(bytes: &[u8]) -> Frame {
    let mut decoder = Decoder::new(256 * 1024);
    decoder.buffer_mut().extend_from_slice(bytes);
    let frame = decoder
        .next_frame()
        .expect("a lawful frame")
        .expect("a whole frame");
    assert!(!decoder.is_mid_frame(), "bytes left over");
    frame
}

#[test]
fn frames_are_these_bytes() {
    for (name, hex) in samples::all("frame_", ".hex") {
        let bytes = bytes_of(&hex);
        let again = match only_frame(&bytes) {
            Frame::Message(json) => frame::encode_message(&json),
            Frame::Chunk {
                transfer,
                offset,
                bytes,
            } => frame::encode_chunk(transfer, offset, &bytes),
        };
        assert_eq!(again, bytes, "{name}");
    }
    let written = |name: &str, bytes: &[u8]| {
        let wanted = (name.to_owned(), hex_of(bytes));
        assert!(samples::all("frame_", ".hex").contains(&wanted), "{wanted:?}");
    };
    written(
        "message_ping",
        &codec::encode_client(&Envelope::plain(Ping { n: 7, got: 6 })),
    );
    let transfer: TransferId = "d41d8cd98f00b204e9800998ecf8427e".parse().expect("32 hex digits");
    written("chunk", &frame::encode_chunk(transfer, 16384, b"bytes"));
}

fn check_admin<T: Serialize + DeserializeOwned>(prefix: &str, kinds: usize) {
    let all = samples::all(prefix, ".json");
    assert!(all.len() >= kinds, "only {} samples {prefix}", all.len());
    for (name, text) in all {
        let again = |line: &Value| {
            let value: T =
                serde_json::from_value(line.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
            serde_json::to_value(&value).expect("plain data")
        };
        assert_eq!(again(&json(&text)), json(&text), "{prefix}{name}");
        let mut longer = json(&text);
        with_unknown_fields(&mut longer);
        assert_eq!(again(&longer), json(&text), "{prefix}{name} with unknown fields");
    }
}

#[test]
fn the_admin_lines_still_hold() {
    check_admin::<AdminRequest>("admin_request_", 15);
    check_admin::<AdminAnswer>("admin_answer_", 12);
    check_admin::<StartLine>("admin_start_", 1);
}
