//! The golden client: bytes as the first version wrote them, against the server of today and among people who use all that has
//! come since. It knows nothing of answers, reactions, pins and groups, passes over what it does not know, and goes on working.

use breeze_protocol::ConvId;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::group::GroupCreate;
use breeze_protocol::message::pin::MessagePin;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::Plan;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SCRIPT: &str = include_str!("../../golden/client_1.txt");
/// So long one message may take, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// The client: a socket, and the values it was told.
struct Golden {
    stream: TcpStream,
    values: BTreeMap<String, Value>,
}

impl Golden {
    async fn connect(to: SocketAddr, values: BTreeMap<String, Value>) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        Self { stream, values }
    }

    /// Plays one part of the script.
    async fn play(&mut self, part: &str) {
        let begins = format!("! {part}");
        let lines = SCRIPT.lines().skip_while(|line| *line != begins).skip(1);
        for line in lines.take_while(|line| !line.starts_with('!')) {
            match line.split_once(' ') {
                Some(("C", text)) => self.write(text).await,
                Some(("S", text)) => self.wait(text).await,
                _ => panic!("{line}"),
            }
        }
    }

    async fn write(&mut self, text: &str) {
        let mut text = text.to_owned();
        for (name, value) in &self.values {
            text = text.replace(&format!("\"${name}\""), &value.to_string());
        }
        assert!(!text.contains("\"$"), "{text}");
        let length = u32::try_from(text.len() + 1).unwrap();
        self.stream.write_all(&length.to_be_bytes()).await.unwrap();
        self.stream.write_all(&[0]).await.unwrap();
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn wait(&mut self, text: &str) {
        let wanted: Value = serde_json::from_str(text).unwrap();
        let found = tokio::time::timeout(SOON, async {
            loop {
                let message = self.read().await;
                let mut values = self.values.clone();
                if fits(&wanted, &message, &mut values) {
                    self.values = values;
                    return;
                }
                let refused = message["t"] == "goodbye" || message["t"] == "nack";
                assert!(!refused, "instead of {text}: {message}");
            }
        });
        found.await.unwrap_or_else(|_| panic!("never came: {text}"));
    }

    async fn read(&mut self) -> Value {
        loop {
            let length = self.stream.read_u32().await.unwrap();
            let mut frame = vec![0; usize::try_from(length).unwrap()];
            self.stream.read_exact(&mut frame).await.unwrap();
            // Another kind of frame is not for this client.
            if frame[0] == 0 {
                return serde_json::from_slice(&frame[1..]).unwrap();
            }
        }
    }
}

/// Whether a message has at least what is wanted. A value not known yet is learned.
fn fits(wanted: &Value, told: &Value, values: &mut BTreeMap<String, Value>) -> bool {
    match (wanted, told) {
        (Value::String(name), _) if name.starts_with('$') => {
            let known = values.entry(name[1..].to_owned()).or_insert_with(|| told.clone());
            known == told && !told.is_null()
        }
        (Value::Object(wanted), Value::Object(told)) => {
            let field = |key: &String| told.get(key).unwrap_or(&Value::Null);
            wanted.iter().all(|(key, value)| fits(value, field(key), values))
        }
        (Value::Array(wanted), Value::Array(told)) => {
            let mut pairs = wanted.iter().zip(told);
            wanted.len() == told.len() && pairs.all(|(wanted, told)| fits(wanted, told, values))
        }
        (wanted, told) => wanted == told,
    }
}

#[tokio::test]
async fn a_client_of_the_first_version_goes_on_working() {
    let mut server = Plan::new().plain().start();
    let (ada, [bob]) = star(&server, "ada", ["bob"]).await;
    let owner = ada.online(&server).await;
    let link = owner.invite(1, 3600).await.link.0;
    let code = InviteLink::parse(&link).unwrap().code.0;
    let values = BTreeMap::from([("invite".to_owned(), Value::from(code))]);
    let to = server.endpoint().address;
    let mut golden = Golden::connect(to, values).await;
    golden.play("join").await;
    // Everything that has come since.
    let conv = ConvId(golden.values["conv"].as_u64().unwrap());
    let grace = breeze_protocol::AccountId(golden.values["grace"].as_u64().unwrap());
    let said = owner.say(conv, "下午四点！").await.seq;
    owner.change(conv, EntryKind::Text, 1, "and cake").await.unwrap();
    owner
        .change(conv, EntryKind::Edit, said, "下午五点！")
        .await
        .unwrap();
    owner
        .change(conv, EntryKind::Reaction, 1, "\u{1f375}")
        .await
        .unwrap();
    let pin = MessagePin {
        mid: mid(),
        conv,
        seq: 1,
        pinned: true,
    };
    owner.wish(pin).await.unwrap();
    let group = GroupCreate {
        mid: mid(),
        title: "Tea House".into(),
        members: vec![grace, bob.account],
    };
    owner.ask(group).await.unwrap();
    owner.say(conv, "see you there").await;
    golden.play("hear").await;
    owner.say(conv, "while you were away").await;
    let mut golden = Golden::connect(to, golden.values).await;
    golden.play("return").await;
    server.assert_sound();
}
