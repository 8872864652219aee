//! A secret store that records: one collection, open or locked, that may hang, fail, or want to ask the person first.

use crate::bus::Bus;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zbus::blocking::Connection;
use zbus::fdo;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
const SESSION: &str = "/org/freedesktop/secrets/session/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";
const NOTHING: &str = "/";

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// Open, and as it should be.
    #[default]
    Open,
    /// Locked.
    Locked,
    /// It wants to ask the person before anything is kept.
    Asking,
    /// It never answers.
    Silent,
    /// It answers everything with an error.
    Failing,
}

/// One secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is found by.
    pub attributes: BTreeMap<String, String>,
    /// The secret.
    pub value: String,
}

/// What is kept and what was done.
#[derive(Debug, Default)]
pub struct Record {
    /// Secrets, by their number.
    pub kept: BTreeMap<u32, Kept>,
    /// Calls of any kind.
    pub calls: usize,
    /// Questions to the person that were really asked: must stay 0.
    pub asked: usize,
    /// Questions taken back.
    pub dismissed: usize,
    manner: Manner,
    made: u32,
}

#[derive(Clone)]
struct State(Arc<Mutex<Record>>);

impl State {
    fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call and behaves as it is told to.
    async fn behave(&self) -> fdo::Result<()> {
        let manner = {
            let mut record = self.lock();
            record.calls += 1;
            record.manner
        };
        match manner {
            Manner::Silent => std::future::pending().await,
            Manner::Failing => Err(fdo::Error::Failed("not today".into())),
            Manner::Open | Manner::Locked | Manner::Asking => Ok(()),
        }
    }
}

struct Service(State);
struct Collection(State);
struct Item(State, u32);
struct Prompt(State);

fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text).expect("a good path").into()
}

fn item_path(number: u32) -> OwnedObjectPath {
    path(&format!("{LOGIN}/{number}"))
}

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    async fn read_alias(&self, _name: String) -> fdo::Result<OwnedObjectPath> {
        self.0.behave().await?;
        Ok(path(LOGIN))
    }

    async fn open_session(
        &self,
        algorithm: String,
        _input: OwnedValue,
    ) -> fdo::Result<(OwnedValue, OwnedObjectPath)> {
        self.0.behave().await?;
        assert_eq!(algorithm, "plain");
        let output = Value::from("").try_into().expect("a text is a value");
        Ok((output, path(SESSION)))
    }
}

#[zbus::interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    async fn search_items(&self, wanted: HashMap<String, String>) -> fdo::Result<Vec<OwnedObjectPath>> {
        self.0.behave().await?;
        let record = self.0.lock();
        let fits = |kept: &Kept| {
            wanted
                .iter()
                .all(|(name, value)| kept.attributes.get(name) == Some(value))
        };
        Ok(record
            .kept
            .iter()
            .filter(|(_, kept)| fits(kept))
            .map(|(number, _)| item_path(*number))
            .collect())
    }

    async fn create_item(
        &self,
        #[zbus(object_server)] server: &zbus::ObjectServer,
        properties: HashMap<String, OwnedValue>,
        secret: (OwnedObjectPath, Vec<u8>, Vec<u8>, String),
        replace: bool,
    ) -> fdo::Result<(OwnedObjectPath, OwnedObjectPath)> {
        self.0.behave().await?;
        let attributes = properties
            .get("org.freedesktop.Secret.Item.Attributes")
            .and_then(|value| HashMap::<String, String>::try_from(value.try_clone().ok()?).ok())
            .ok_or_else(|| fdo::Error::InvalidArgs("no attributes".into()))?;
        let number = {
            let mut record = self.0.lock();
            if record.manner == Manner::Asking {
                return Ok((path(NOTHING), path(PROMPT)));
            }
            let attributes: BTreeMap<_, _> = attributes.into_iter().collect();
            if replace {
                record.kept.retain(|_, kept| kept.attributes != attributes);
            }
            record.made += 1;
            let number = record.made;
            let value = String::from_utf8_lossy(&secret.2).into_owned();
            record.kept.insert(number, Kept { attributes, value });
            number
        };
        server.at(item_path(number), Item(self.0.clone(), number)).await?;
        Ok((item_path(number), path(NOTHING)))
    }

    #[zbus(property)]
    async fn locked(&self) -> fdo::Result<bool> {
        self.0.behave().await?;
        Ok(self.0.lock().manner == Manner::Locked)
    }
}

#[zbus::interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    async fn get_secret(
        &self,
        session: OwnedObjectPath,
    ) -> fdo::Result<(OwnedObjectPath, Vec<u8>, Vec<u8>, String)> {
        self.0.behave().await?;
        let record = self.0.lock();
        let kept = record.kept.get(&self.1);
        let kept = kept.ok_or_else(|| fdo::Error::Failed("gone".into()))?;
        Ok((
            session,
            Vec::new(),
            kept.value.clone().into_bytes(),
            "text/plain".into(),
        ))
    }

    async fn delete(&self) -> fdo::Result<OwnedObjectPath> {
        self.0.behave().await?;
        self.0.lock().kept.remove(&self.1);
        Ok(path(NOTHING))
    }
}

#[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(&self, _window: String) {
        self.0.lock().asked += 1;
    }

    async fn dismiss(&self) {
        self.0.lock().dismissed += 1;
    }
}

/// The store on a private bus; gone when dropped.
pub struct Secrets {
    _connection: Connection,
    state: State,
}

impl Secrets {
    /// Puts it on a bus.
    ///
    /// # Panics
    /// When the bus is gone or another one is there.
    #[must_use]
    pub fn on(bus: &Bus, manner: Manner) -> Self {
        let state = State(Arc::default());
        state.lock().manner = manner;
        let connection = bus
            .builder()
            .serve_at(PATH, Service(state.clone()))
            .and_then(|it| it.serve_at(LOGIN, Collection(state.clone())))
            .and_then(|it| it.serve_at(PROMPT, Prompt(state.clone())))
            .and_then(|it| it.name(NAME))
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("nobody else is on a private bus");
        Self {
            _connection: connection,
            state,
        }
    }

    /// What is kept and what was done.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.state.lock()
    }

    /// How it behaves from now on.
    pub fn behave(&self, manner: Manner) {
        self.record().manner = manner;
    }
}
