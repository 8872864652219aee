//! Accounts and their devices, made through the front door: the owner's link, then invites.

use crate::client::script::{instance, mid};
use crate::client::{Client, Endpoint, Habits, Sink};
use crate::local::Local;
use crate::server::Server;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::sign_in::{Register, Secret, SignedIn};
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{AccountId, Instance};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One data folder of one person.
#[derive(Clone)]
pub struct Device {
    /// Its token.
    pub token: Secret,
    /// The process now using it.
    pub instance: Instance,
    /// Its store.
    pub local: Arc<Mutex<Local>>,
}

/// One account and its first device.
#[derive(Clone)]
pub struct Person {
    /// Username.
    pub username: String,
    /// Password.
    pub password: String,
    /// Number.
    pub account: AccountId,
    /// First device.
    pub device: Device,
}

impl Device {
    /// Its store.
    pub fn local(&self) -> MutexGuard<'_, Local> {
        self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects and signs in, and does not resume yet.
    ///
    /// # Errors
    /// When there is no connection or the token is refused.
    pub async fn sign_in(&self, to: &Endpoint, habits: Habits, sink: Option<Sink>) -> Result<Client, String> {
        let client = Client::connect_as(to, habits, Arc::clone(&self.local), sink).await?;
        let token = breeze_protocol::message::sign_in::Token {
            token: self.token.clone(),
            instance: self.instance,
        };
        match client.ask(token).await? {
            breeze_protocol::ServerMessage::SignedIn(_) => Ok(client),
            other => Err(format!("{other:?}")),
        }
    }

    /// Connects, signs in and resumes.
    ///
    /// # Errors
    /// When there is no connection, the token is refused or the server dies.
    pub async fn try_online(
        &self,
        to: &Endpoint,
        habits: Habits,
        sink: Option<Sink>,
    ) -> Result<Client, String> {
        let mut client = self.sign_in(to, habits, sink).await?;
        client.try_resume(StatusKind::Online).await?;
        Ok(client)
    }

    /// The same with everything as usual.
    ///
    /// # Panics
    /// When it fails.
    pub async fn online(&self, to: &Endpoint) -> Client {
        self.online_as(to, StatusKind::Online).await
    }

    /// The same, seen as the person chose.
    ///
    /// # Panics
    /// When it fails.
    pub async fn online_as(&self, to: &Endpoint, status: StatusKind) -> Client {
        let mut client = self
            .sign_in(to, Habits::default(), None)
            .await
            .expect("the server is there");
        client.resume(status).await;
        client
    }

    /// The same with a folder of its own, as it is now.
    #[must_use]
    pub fn copied(&self) -> Self {
        let local = self.local().clone();
        Self {
            local: Arc::new(Mutex::new(local)),
            ..self.clone()
        }
    }

    /// The same folder used by another process.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self {
            instance: instance(),
            ..self.clone()
        }
    }
}

impl Person {
    /// Online on the first device.
    ///
    /// # Panics
    /// When it fails.
    pub async fn online(&self, server: &Server) -> Client {
        self.device.online(&server.endpoint()).await
    }

    /// Another device of the same account.
    ///
    /// # Panics
    /// When it fails.
    pub async fn second_device(&self, server: &Server) -> Device {
        let client = Client::connect(&server.endpoint(), Habits::default())
            .await
            .expect("the server is there");
        let signed_in = client
            .login(&self.username, &self.password)
            .await
            .expect("the password is right");
        device(&signed_in)
    }
}

fn device(signed_in: &SignedIn) -> Device {
    let token = signed_in.token.clone().expect("a new device gets a token");
    Device {
        token,
        instance: instance(),
        local: Arc::default(),
    }
}

/// The password of a person of this name.
#[must_use]
pub fn password_of(username: &str) -> String {
    format!("{username} has a long password")
}

/// What somebody of this name says to join by a link.
///
/// # Panics
/// When the link is none.
#[must_use]
pub fn wish_to_join(link: &Secret, username: &str) -> Register {
    let link = InviteLink::parse(&link.0).expect("the server prints good links");
    Register {
        mid: mid(),
        invite: link.code,
        username: username.to_owned(),
        password: Secret(password_of(username)),
        display_name: username.to_owned(),
        device: "first device".to_owned(),
        instance: instance(),
    }
}

/// Joins by a link.
///
/// # Panics
/// When it fails.
pub async fn join(to: &Endpoint, link: &Secret, username: &str) -> Person {
    let quiet = Habits {
        heartbeat: false,
        ..Habits::default()
    };
    let client = Client::connect(to, quiet).await.expect("the server is there");
    let signed_in = client
        .register(wish_to_join(link, username))
        .await
        .expect("the link is good");
    let (username, password) = (signed_in.username.clone(), password_of(username));
    Person {
        username,
        password,
        account: signed_in.account,
        device: device(&signed_in),
    }
}

/// The owner, by the link the server printed.
///
/// # Panics
/// When it fails.
pub async fn owner(server: &Server, username: &str) -> Person {
    let link = server
        .start_line()
        .owner_link
        .clone()
        .expect("a new server prints the owner's link");
    join(&server.endpoint(), &link, username).await
}

/// Friends of `maker`, with whom each has a chat; they are no friends of each other.
///
/// # Panics
/// When it fails.
pub async fn befriend(server: &Server, maker: &Person, usernames: &[impl AsRef<str>]) -> Vec<Person> {
    let client = maker.device.restarted().online(&server.endpoint()).await;
    let uses = u32::try_from(usernames.len()).expect("a handful");
    let link = client.invite(uses, 3600).await.link;
    client.bye().await;
    let mut people = Vec::new();
    for username in usernames {
        people.push(join(&server.endpoint(), &link, username.as_ref()).await);
    }
    people
}

/// A server's owner and friends of the owner: the usual start of a test.
///
/// # Panics
/// When it fails.
pub async fn star<const N: usize>(server: &Server, center: &str, points: [&str; N]) -> (Person, [Person; N]) {
    let center = owner(server, center).await;
    let points = befriend(server, &center, &points).await;
    (center, points.try_into().ok().expect("one person for each name"))
}

/// Many friends of one person, each joining from an address of its own.
///
/// # Panics
/// When it fails.
pub async fn crowd(server: &Server, maker: &Person, prefix: &str, count: usize) -> Vec<Person> {
    let client = maker.device.restarted().online(&server.endpoint()).await;
    let link = client
        .invite(u32::try_from(count).expect("at most a thousand"), 3600)
        .await
        .link;
    client.bye().await;
    let mut people = Vec::with_capacity(count);
    for batch in (0..count).collect::<Vec<_>>().chunks(16) {
        let mut joining = tokio::task::JoinSet::new();
        for &n in batch {
            let (to, link, name) = (
                server.endpoint().from_host(n),
                link.clone(),
                format!("{prefix}{n}"),
            );
            joining.spawn(async move { join(&to, &link, &name).await });
        }
        people.extend(joining.join_all().await);
    }
    people
}

/// Makes each of `these` a friend of each of `those`, in the store of a server that is down. Through the front door it
/// would take a request and an answer for each pair, and a person may ask twenty a day.
///
/// # Panics
/// When the store cannot be written.
pub fn befriend_while_down(data: &Path, these: &[Person], those: &[Person]) {
    let mut store = rusqlite::Connection::open(data.join("breeze.db")).expect("the server has made it");
    let change = store.transaction().expect("nobody else has it open");
    let mut insert = change
        .prepare(
            "INSERT INTO contacts (owner, other, friend) VALUES (?1, ?2, 1)
             ON CONFLICT (owner, other) DO UPDATE SET friend = 1",
        )
        .expect("the table of contacts");
    for (one, two) in these
        .iter()
        .flat_map(|one| those.iter().map(move |two| (one, two)))
    {
        for (owner, other) in [(one, two), (two, one)] {
            let row = [owner.account, other.account].map(|account| account.0.cast_signed());
            insert.execute(row).expect("a row of contacts");
        }
    }
    drop(insert);
    change.commit().expect("the disk has room");
}
