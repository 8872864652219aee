//! The session bus: one connection for each service used, made when it is first needed; no call takes longer than the limit.

use super::patience::{self, NoAnswer, Patience};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, Mutex, PoisonError};
use zbus::blocking::{Connection, connection::Builder};
use zbus::message::Flags;
use zbus::names::OwnedUniqueName;
use zbus::zvariant::{DynamicType, Type};

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no session bus, or it is gone.
    #[error("there is no session bus")]
    NoBus,
    /// Nobody of that name is there.
    #[error("the service is not there")]
    NobodyThere,
    /// It did not answer in time.
    #[error("the service does not answer")]
    Silent,
    /// It said no.
    #[error("the service failed: {0}")]
    Failed(String),
}

/// Where a method is.
#[derive(Debug, Clone)]
pub struct Method {
    /// Name of the service, well-known or unique.
    pub service: String,
    /// Object.
    pub path: String,
    /// Interface.
    pub interface: &'static str,
    /// Method.
    pub member: &'static str,
}

/// An answer and who gave it.
#[derive(Debug)]
pub struct Answer<T> {
    /// What was said.
    pub body: T,
    /// The connection that said it; a restarted service is another one.
    pub from: Option<OwnedUniqueName>,
}

/// The way to one service.
#[derive(Clone)]
pub struct Bus {
    patience: Patience,
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Bus {
    /// To the service of this name; nothing is opened yet.
    #[must_use]
    pub fn to(service: &'static str) -> Self {
        Self {
            patience: Patience::with(service),
            connection: Arc::default(),
        }
    }

    /// Calls a method and waits for its answer. For workers, not for the window.
    ///
    /// # Errors
    /// Why there is none.
    pub fn call<B, T>(&self, method: Method, body: B) -> Result<Answer<T>, CallError>
    where
        B: Serialize + DynamicType + Send + 'static,
        T: DeserializeOwned + Type + Send + 'static,
    {
        let connection = self.connection()?;
        let asked = self.patience.ask(move || {
            let name = Some(method.service.as_str());
            let interface = Some(method.interface);
            let reply =
                connection.call_method(name, method.path.as_str(), interface, method.member, &body)?;
            let from = reply.header().sender().map(|sender| sender.to_owned().into());
            Ok(Answer {
                body: reply.body().deserialize::<T>()?,
                from,
            })
        });
        match asked {
            Ok(answer) => answer.map_err(|error| self.failed(&error)),
            Err(why) => Err(unanswered(why)),
        }
    }

    /// Says something nobody has to answer.
    pub fn tell<B: Serialize + DynamicType>(&self, method: &Method, body: &B) {
        let Ok(connection) = self.connection() else { return };
        let message = zbus::Message::method_call(method.path.as_str(), method.member)
            .and_then(|it| it.destination(method.service.as_str()))
            .and_then(|it| it.interface(method.interface))
            .and_then(|it| it.with_flags(Flags::NoReplyExpected))
            .and_then(|it| it.build(body));
        if let Err(error) = message.and_then(|message| connection.send(&message)) {
            tracing::debug!(%error, "not said");
        }
    }

    /// The connection, made anew if there is none.
    ///
    /// # Errors
    /// When there is no session bus, or it does not answer.
    pub fn connection(&self) -> Result<Connection, CallError> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = slot.as_ref().filter(|it| !it.is_closed()) {
            return Ok(connection.clone());
        }
        *slot = None;
        let opened = self
            .patience
            .ask(|| Builder::session()?.method_timeout(patience::LIMIT).build());
        match opened {
            Ok(Ok(connection)) => Ok(slot.insert(connection).clone()),
            Ok(Err(error)) => {
                tracing::debug!(%error, "no session bus");
                Err(CallError::NoBus)
            }
            Err(why) => Err(unanswered(why)),
        }
    }

    /// Ends the connection; the next call makes a new one.
    pub fn leave(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn failed(&self, error: &zbus::Error) -> CallError {
        const NOBODY: [&str; 2] = [
            "org.freedesktop.DBus.Error.ServiceUnknown",
            "org.freedesktop.DBus.Error.NameHasNoOwner",
        ];
        const NO_REPLY: [&str; 3] = [
            "org.freedesktop.DBus.Error.NoReply",
            "org.freedesktop.DBus.Error.Timeout",
            "org.freedesktop.DBus.Error.TimedOut",
        ];
        match error {
            zbus::Error::MethodError(name, _, _) if NOBODY.contains(&name.as_str()) => CallError::NobodyThere,
            zbus::Error::MethodError(name, _, _) if NO_REPLY.contains(&name.as_str()) => CallError::Silent,
            zbus::Error::InputOutput(io) if io.kind() == std::io::ErrorKind::TimedOut => CallError::Silent,
            zbus::Error::InputOutput(_) => {
                self.leave();
                CallError::NoBus
            }
            error => CallError::Failed(error.to_string()),
        }
    }
}

fn unanswered(why: NoAnswer) -> CallError {
    match why {
        NoAnswer::Late | NoAnswer::Hanging => CallError::Silent,
        NoAnswer::Broken => CallError::Failed("the call broke off".into()),
    }
}
