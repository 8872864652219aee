//! One question to the secret store at a time, each on a connection of its own: the session it opens ends with it.

use crate::model::token::TokenPlace;
use crate::platform::bus::{Bus, CallError, Method};
use crate::words::{tr, tr_with};
use breeze_protocol::message::sign_in::Secret;
use std::collections::HashMap;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const NAME: &str = "org.freedesktop.secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const PATH: &str = "/org/freedesktop/secrets";
/// "No object": no collection, or no question to the person.
const NOTHING: &str = "/";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Shut {
    /// None runs. It is not started: some ask the person questions when they start.
    #[error("no secret store runs")]
    Absent,
    /// It is locked, or has no collection for secrets.
    #[error("the secret store is locked")]
    Locked,
    /// It would ask the person something first.
    #[error("the secret store asks a question first")]
    Asks,
    /// It failed or did not answer.
    #[error(transparent)]
    Failed(#[from] CallError),
}

/// What an open store has.
pub(super) enum Found {
    /// The token.
    Here(Secret),
    /// No such token.
    Nothing,
}

/// A secret as the interface has it: session, parameters, value, type.
type Sealed = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// The way to the secret store.
pub(super) struct Store(Bus);

impl Store {
    pub(super) fn new() -> Self {
        Self(Bus::to("secrets"))
    }

    /// Reads a token.
    pub(super) fn fetch(&self, place: &TokenPlace) -> Result<Found, Shut> {
        self.opened(|collection, session| {
            let Some(item) = self.items(&collection, place)?.into_iter().next() else {
                return Ok(Found::Nothing);
            };
            let (_, _, value, _): Sealed = self.call(item.as_str(), ITEM, "GetSecret", session)?;
            Ok(String::from_utf8(value).map_or(Found::Nothing, |token| Found::Here(Secret(token))))
        })
    }

    /// Keeps a token, in place of the one there was.
    pub(super) fn keep(&self, place: &TokenPlace, token: &Secret) -> Result<(), Shut> {
        self.opened(|collection, session| {
            let label = tr_with("secret-label", &[("server", place.server.clone().into())]);
            let mut properties: HashMap<String, Value<'static>> = HashMap::new();
            properties.insert(format!("{ITEM}.Label"), Value::from(label));
            properties.insert(format!("{ITEM}.Attributes"), Value::from(attributes(place)));
            let sealed: Sealed = (
                session,
                Vec::new(),
                token.0.clone().into_bytes(),
                "text/plain".into(),
            );
            let body = (properties, sealed, true);
            let (item, prompt): (OwnedObjectPath, OwnedObjectPath) =
                self.call(collection.as_str(), COLLECTION, "CreateItem", body)?;
            self.without_question(&prompt)?;
            if item.as_str() == NOTHING {
                return Err(Shut::Locked);
            }
            // Only what can be read again is kept: the copy in the database goes.
            match self.items(&collection, place)?.is_empty() {
                true => Err(Shut::Failed(CallError::Failed("not kept".into()))),
                false => Ok(()),
            }
        })
    }

    /// Forgets a token.
    pub(super) fn forget(&self, place: &TokenPlace) -> Result<(), Shut> {
        self.opened(|collection, _| {
            for item in self.items(&collection, place)? {
                let prompt: OwnedObjectPath = self.call(item.as_str(), ITEM, "Delete", ())?;
                self.without_question(&prompt)?;
            }
            Ok(())
        })
    }

    /// Does something with the open collection and a session; the connection ends with it.
    fn opened<T>(
        &self,
        work: impl FnOnce(OwnedObjectPath, OwnedObjectPath) -> Result<T, Shut>,
    ) -> Result<T, Shut> {
        let done = self
            .open()
            .and_then(|(collection, session)| work(collection, session));
        self.0.leave();
        done
    }

    fn open(&self) -> Result<(OwnedObjectPath, OwnedObjectPath), Shut> {
        let runs = Method {
            service: "org.freedesktop.DBus".into(),
            path: "/org/freedesktop/DBus".into(),
            interface: "org.freedesktop.DBus",
            member: "NameHasOwner",
        };
        if !self.0.call::<_, bool>(runs, NAME.to_owned())?.body {
            return Err(Shut::Absent);
        }
        let collection: OwnedObjectPath = self.call(PATH, SERVICE, "ReadAlias", "default".to_owned())?;
        if collection.as_str() == NOTHING {
            return Err(Shut::Locked);
        }
        let property = (COLLECTION.to_owned(), "Locked".to_owned());
        let locked: OwnedValue = self.call(collection.as_str(), PROPERTIES, "Get", property)?;
        if bool::try_from(locked).unwrap_or(true) {
            return Err(Shut::Locked);
        }
        // The bus is this person's own: sealing what crosses it would hide nothing from who can listen there.
        let plain = ("plain".to_owned(), Value::from(""));
        let (_, session): (OwnedValue, OwnedObjectPath) = self.call(PATH, SERVICE, "OpenSession", plain)?;
        Ok((collection, session))
    }

    fn items(&self, collection: &OwnedObjectPath, place: &TokenPlace) -> Result<Vec<OwnedObjectPath>, Shut> {
        let wanted = attributes(place);
        self.call(collection.as_str(), COLLECTION, "SearchItems", wanted)
    }

    /// A question to the person is taken back at once.
    fn without_question(&self, prompt: &OwnedObjectPath) -> Result<(), Shut> {
        if prompt.as_str() == NOTHING {
            return Ok(());
        }
        self.0.tell(&method(prompt.as_str(), PROMPT, "Dismiss"), &());
        Err(Shut::Asks)
    }

    fn call<B, T>(
        &self,
        path: &str,
        interface: &'static str,
        member: &'static str,
        body: B,
    ) -> Result<T, Shut>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType + Send + 'static,
        T: serde::de::DeserializeOwned + zbus::zvariant::Type + Send + 'static,
    {
        Ok(self.0.call(method(path, interface, member), body)?.body)
    }
}

fn method(path: &str, interface: &'static str, member: &'static str) -> Method {
    Method {
        service: NAME.to_owned(),
        path: path.to_owned(),
        interface,
        member,
    }
}

fn attributes(place: &TokenPlace) -> HashMap<String, String> {
    let pairs = [
        ("application", tr("app-name")),
        ("server", place.server.clone()),
        ("account", place.account.0.to_string()),
        ("device", place.device.0.to_string()),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
