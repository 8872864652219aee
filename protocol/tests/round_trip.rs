//! Any value that can be made survives the wire: encode, cut the bytes anywhere, decode, compare.

#[path = "bodies/values.rs"]
mod values;

use breeze_protocol::codec::{self, Decoded, Envelope};
use breeze_protocol::frame::{self, Decoder, Frame};
use breeze_protocol::limit::{
    BODY_BYTES_MAX, FRAME_BYTES_MAX, FRAME_BYTES_MAX_UNSIGNED, INTEGER_MAX, PAGE_ROWS_MAX, PRESENCE_CHUNK_MAX,
};
use breeze_protocol::link::{DEFAULT_PORT, InviteLink};
use breeze_protocol::message::chat::{EntryKind, Event, HistoryPage};
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::presence::PresenceSnapshot;
use breeze_protocol::message::sign_in::{Register, Secret};
use breeze_protocol::presence::{PresenceEntry, PresenceSource};
use breeze_protocol::{
    AccountId, BlobHash, ConvId, EndReason, Epoch, Instance, Mid, PresenceState, ServerId, ServerMessage,
    TransferId,
};
use proptest::collection::vec;
use proptest::prelude::*;

use values::{client_message, item_state, number, server_message};

fn envelope<M: std::fmt::Debug>(message: impl Strategy<Value = M>) -> impl Strategy<Value = Envelope<M>> {
    let numbers = prop_oneof![
        Just((None, None)),
        number().prop_map(|id| (Some(id), None)),
        number().prop_map(|re| (None, Some(re)))
    ];
    (numbers, message).prop_map(|((id, re), message)| Envelope { id, re, message })
}

/// Feeds `stream` in pieces of the given lengths, over and over, and returns every frame.
fn frames(stream: &[u8], cuts: &[usize]) -> Vec<Frame> {
    let mut decoder = Decoder::new(FRAME_BYTES_MAX);
    let mut found = Vec::new();
    let mut at = 0;
    for cut in cuts.iter().cycle() {
        if at == stream.len() {
            break;
        }
        let end = stream.len().min(at + cut);
        decoder.buffer_mut().extend_from_slice(&stream[at..end]);
        at = end;
        while let Some(frame) = decoder.next_frame().expect("lawful frames") {
            found.push(frame);
        }
    }
    assert!(!decoder.is_mid_frame(), "bytes were left over");
    found
}

fn payloads(stream: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    frames(stream, cuts)
        .into_iter()
        .map(|frame| match frame {
            Frame::Message(json) => json.to_vec(),
            Frame::Chunk { .. } => panic!("only messages were sent"),
        })
        .collect()
}

proptest! {
    #[test]
    fn client_messages(sent in vec(envelope(client_message()), 1..6), cuts in vec(1_usize..200, 1..20)) {
        let stream: Vec<u8> = sent.iter().flat_map(codec::encode_client).collect();
        let got: Vec<_> = payloads(&stream, &cuts)
            .iter()
            .map(|json| codec::decode_client(json).expect("just encoded"))
            .collect();
        prop_assert_eq!(got, sent.into_iter().map(Decoded::Known).collect::<Vec<_>>());
    }

    #[test]
    fn server_messages(sent in vec(envelope(server_message()), 1..6), cuts in vec(1_usize..200, 1..20)) {
        let stream: Vec<u8> = sent.iter().flat_map(codec::encode_server).collect();
        let got: Vec<_> = payloads(&stream, &cuts)
            .iter()
            .map(|json| codec::decode_server(json).expect("just encoded"))
            .collect();
        prop_assert_eq!(got, sent.into_iter().map(Decoded::Known).collect::<Vec<_>>());
    }

    #[test]
    fn chunks(id in any::<[u8; 16]>(), offset in any::<u64>(), bytes in vec(any::<u8>(), 0..300), cuts in vec(1_usize..50, 1..9)) {
        let transfer = TransferId(id);
        let got = frames(&frame::encode_chunk(transfer, offset, &bytes), &cuts);
        prop_assert_eq!(got, [Frame::Chunk { transfer, offset, bytes: bytes.into() }]);
    }

    #[test]
    fn items(cursor in number(), state in item_state()) {
        let item = state.clone().into_item(cursor);
        prop_assert_eq!(ItemState::from_item(&item).expect("just packed"), Some(state));
    }

    #[test]
    fn ids(short in any::<[u8; 16]>(), long in any::<[u8; 32]>()) {
        prop_assert_eq!(Mid(short).to_string().parse(), Ok(Mid(short)));
        prop_assert_eq!(ServerId(short).to_string().parse(), Ok(ServerId(short)));
        prop_assert_eq!(Epoch(short).to_string().parse(), Ok(Epoch(short)));
        prop_assert_eq!(Instance(short).to_string().parse(), Ok(Instance(short)));
        prop_assert_eq!(TransferId(short).to_string().parse(), Ok(TransferId(short)));
        prop_assert_eq!(BlobHash(long).to_string().parse(), Ok(BlobHash(long)));
        prop_assert!(BlobHash(long).to_string().parse::<Mid>().is_err());
        prop_assert!(Mid(short).to_string().parse::<BlobHash>().is_err());
    }

    #[test]
    fn links(
        host in "[a-z0-9][a-z0-9.-]{0,30}|[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}|::1|fe80::1%eth0",
        port in 1_u16..,
        code in "[A-Za-z0-9_-]{0,43}",
        pin in proptest::option::of("[A-Za-z0-9_-]{43}"),
    ) {
        let pin = pin.map(|digest| format!("sha256/{digest}")).unwrap_or_default();
        let link = InviteLink { host: host.clone(), port, code: Secret(code), pin };
        let printed = link.to_string();
        prop_assert_eq!(InviteLink::parse(&printed), Ok(link.clone()), "{}", printed);
        prop_assert_eq!(InviteLink::parse(&format!("\n {printed} ")), Ok(link));
        let bare = InviteLink::parse(&format!("breeze://{host}"));
        prop_assert_eq!(bare.map(|link| (link.host, link.port)), Ok((host, DEFAULT_PORT)));
    }
}

/// The worst text for JSON: every byte of it becomes six.
fn worst(bytes: usize) -> String {
    "\u{1}".repeat(bytes)
}

fn worst_event(body: String) -> Event {
    let big = INTEGER_MAX;
    let kind = EntryKind::Text;
    let (conv, sender, mid) = (ConvId(big), AccountId(big), Mid([255; 16]));
    Event {
        cursor: big,
        conv,
        seq: big,
        prev_seq: big,
        n: big,
        kind,
        sender,
        mid,
        ts: big,
        body,
        target: Some(big),
        attachments: Vec::new(),
    }
}

fn frame_length(message: impl Into<ServerMessage>) -> usize {
    codec::encode_server(&Envelope::answer(Some(INTEGER_MAX), message)).len() - frame::LENGTH_BYTES
}

#[test]
fn the_largest_lawful_values_fit_their_frames() {
    let register = Register {
        mid: Mid([255; 16]),
        invite: Secret("x".repeat(43)),
        username: "\u{10ffff}".repeat(32),
        password: Secret(worst(128)),
        display_name: worst(64),
        device: worst(64),
        instance: Instance([255; 16]),
    };
    let bytes = codec::encode_client(&Envelope::request(INTEGER_MAX, register));
    assert!(
        bytes.len() - frame::LENGTH_BYTES <= FRAME_BYTES_MAX_UNSIGNED,
        "register: {} bytes",
        bytes.len()
    );
    assert!(frame_length(worst_event(worst(BODY_BYTES_MAX))) <= FRAME_BYTES_MAX);
    let row = PresenceEntry(
        AccountId(INTEGER_MAX),
        INTEGER_MAX,
        PresenceState::Doubtful,
        Some(EndReason::ServerRestart),
        INTEGER_MAX,
    );
    let source = PresenceSource {
        node: INTEGER_MAX,
        boot: INTEGER_MAX,
    };
    let entries = vec![row; PRESENCE_CHUNK_MAX];
    assert!(
        frame_length(PresenceSnapshot {
            source,
            chunk: u32::MAX,
            last: false,
            entries
        }) <= FRAME_BYTES_MAX
    );
}

/// `PAGE_BYTES_MAX` counts rows as they travel: counted before escaping, a page of hostile texts would not fit.
#[test]
fn a_page_fits_when_its_rows_are_counted_as_they_travel() {
    let row_bytes = serde_json::to_vec(&worst_event(worst(BODY_BYTES_MAX)))
        .expect("plain data")
        .len();
    let rows = breeze_protocol::limit::PAGE_BYTES_MAX.div_ceil(row_bytes);
    let page = |rows: usize| HistoryPage {
        conv: ConvId(1),
        rows: vec![worst_event(worst(BODY_BYTES_MAX)); rows],
        more: true,
        gone: vec![(INTEGER_MAX, INTEGER_MAX); PAGE_ROWS_MAX],
    };
    assert!(
        frame_length(page(rows)) <= FRAME_BYTES_MAX,
        "one row over the limit still fits"
    );
    let counted_raw = breeze_protocol::limit::PAGE_BYTES_MAX / BODY_BYTES_MAX;
    assert!(
        frame_length(page(counted_raw)) > FRAME_BYTES_MAX,
        "counting raw bytes would break the frame"
    );
}
