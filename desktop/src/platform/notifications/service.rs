//! `org.freedesktop.Notifications`: asked once what it can, then told; a restarted one is a new one.

use super::{Pictures, face};
use crate::link::Sink;
use crate::model::event::Event;
use crate::model::notification::{Notification, NotificationEvent, Subject};
use crate::platform::bus::{Bus, CallError, Method};
use crate::words::tr;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zbus::MatchRule;
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::{OwnedValue, Value};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// A service that did not answer is left alone so long: what would come then is old news.
const LEFT_ALONE: Duration = Duration::from_secs(10);
/// Signals that may wait to be read.
const SIGNALS_MAX: usize = 64;
/// The only action: a click on the notification itself.
const CLICK: &str = "default";
/// The name of the app's icon and of its desktop file.
const APP: &str = "breeze";

/// What is on the screen: the service's number of each subject, and which service gave it.
#[derive(Debug, Default)]
struct Shown {
    owner: String,
    numbers: BTreeMap<Subject, u32>,
}

/// The service, as far as it is known.
#[derive(Debug, Clone)]
struct Known {
    owner: String,
    /// The text is read as markup.
    markup: bool,
    /// It says by a property when it wants to disturb nobody.
    inhibits: bool,
}

/// The way to the service.
pub(super) struct Service {
    sink: Sink,
    pictures: Pictures,
    bus: Bus,
    known: Option<Known>,
    shown: Arc<Mutex<Shown>>,
    heard: Option<Connection>,
    left_until: Option<Instant>,
}

type Notify = (
    String,
    u32,
    String,
    String,
    String,
    Vec<String>,
    HashMap<String, Value<'static>>,
    i32,
);

impl Service {
    pub(super) fn new(sink: Sink, pictures: Pictures) -> Self {
        Self {
            sink,
            pictures,
            bus: Bus::to("notifications"),
            known: None,
            shown: Arc::default(),
            heard: None,
            left_until: None,
        }
    }

    /// Shows one, in place of the one about the same if there is one.
    pub(super) fn show(&mut self, it: &Notification) {
        if self.left_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        self.left_until = None;
        let shown = match self.try_show(it) {
            // It was restarted since it was last spoken to.
            Err(CallError::NobodyThere | CallError::NoBus) if self.known.take().is_some() => {
                self.try_show(it)
            }
            shown => shown,
        };
        if let Err(error) = shown {
            tracing::debug!(%error, "a notification was not shown");
            self.known = None;
            if matches!(error, CallError::Silent) {
                self.left_until = Some(Instant::now() + LEFT_ALONE);
            }
        }
    }

    fn try_show(&mut self, it: &Notification) -> Result<(), CallError> {
        let known = self.known()?;
        if known.inhibits && self.is_inhibited(&known) {
            return Ok(());
        }
        let mut hints: HashMap<String, Value<'static>> = HashMap::new();
        hints.insert("desktop-entry".into(), Value::from(APP));
        hints.insert("category".into(), Value::from("im.received"));
        hints.insert("urgency".into(), Value::U8(1));
        let face = it
            .picture
            .and_then(|(hash, grey)| face::image_data(&(self.pictures)(hash)?, grey));
        if let Some(face) = face {
            hints.insert("image-data".into(), face);
        }
        let text = if known.markup {
            escaped(&it.text)
        } else {
            it.text.clone()
        };
        // Held over the call: a click that comes at once finds its subject.
        let mut shown = lock(&self.shown);
        let replaces = shown.numbers.get(&it.subject).copied().unwrap_or(0);
        let actions = vec![CLICK.to_owned(), tr("notification-open")];
        let (app, icon, title) = (tr("app-name"), APP.to_owned(), it.title.clone());
        let body: Notify = (app, replaces, icon, title, text, actions, hints, -1);
        let answer = self.bus.call::<_, u32>(method(&known.owner, "Notify"), body)?;
        shown.numbers.insert(it.subject, answer.body);
        Ok(())
    }

    /// Takes one back.
    pub(super) fn close(&mut self, subject: Subject) {
        let (owner, number) = {
            let mut shown = lock(&self.shown);
            (shown.owner.clone(), shown.numbers.remove(&subject))
        };
        if let Some(number) = number {
            self.bus.tell(&method(&owner, "CloseNotification"), &number);
        }
    }

    /// Takes all back.
    pub(super) fn close_all(&mut self) {
        let subjects: Vec<Subject> = lock(&self.shown).numbers.keys().copied().collect();
        for subject in subjects {
            self.close(subject);
        }
    }

    /// What the service can, asked when it is first met.
    fn known(&mut self) -> Result<Known, CallError> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let connection = self.bus.connection()?;
        self.listen(&connection);
        let can = self
            .bus
            .call::<_, Vec<String>>(method(NAME, "GetCapabilities"), ())?;
        let owner = can
            .from
            .map_or_else(|| NAME.to_owned(), |owner| owner.to_string());
        let mut known = Known {
            owner,
            markup: can.body.iter().any(|it| it == "body-markup"),
            inhibits: false,
        };
        known.inhibits = self.inhibited(&known).is_some();
        let mut shown = lock(&self.shown);
        if shown.owner != known.owner {
            // Another service counts anew: its numbers belong to others' notifications.
            shown.numbers.clear();
            shown.owner.clone_from(&known.owner);
        }
        drop(shown);
        self.known = Some(known.clone());
        Ok(known)
    }

    /// Whether it wants to disturb nobody just now; `None` when it does not say.
    fn inhibited(&self, known: &Known) -> Option<bool> {
        let get = Method {
            interface: "org.freedesktop.DBus.Properties",
            ..method(&known.owner, "Get")
        };
        let property = (NAME.to_owned(), "Inhibited".to_owned());
        let answer = self.bus.call::<_, OwnedValue>(get, property).ok()?;
        bool::try_from(answer.body).ok()
    }

    fn is_inhibited(&self, known: &Known) -> bool {
        self.inhibited(known).unwrap_or(false)
    }

    /// Hears of clicks and of closed notifications, on a thread that lives as long as the connection.
    fn listen(&mut self, connection: &Connection) {
        if self.heard.as_ref().is_some_and(|heard| !heard.is_closed()) {
            return;
        }
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .sender(NAME)
            .and_then(|rule| rule.interface(NAME));
        let signals = rule
            .and_then(|rule| MessageIterator::for_match_rule(rule.build(), connection, Some(SIGNALS_MAX)));
        let signals = match signals {
            Ok(signals) => signals,
            Err(error) => return tracing::debug!(%error, "clicks on notifications are not heard"),
        };
        let (shown, sink) = (self.shown.clone(), self.sink.clone());
        let worker = std::thread::Builder::new().name("breeze-clicks".into());
        let started = worker.spawn(move || {
            for message in signals.map_while(Result::ok) {
                if let Some(subject) = heard(&message, &shown) {
                    sink.put_waiting(Event::Notification(NotificationEvent::Opened(subject)));
                }
            }
        });
        match started {
            Ok(_) => self.heard = Some(connection.clone()),
            Err(error) => tracing::warn!(%error, "no thread for clicks on notifications"),
        }
    }
}

/// What a signal says: the subject that was clicked, if it says that.
fn heard(message: &zbus::Message, shown: &Mutex<Shown>) -> Option<Subject> {
    let header = message.header();
    let mut shown = lock(shown);
    if header.sender()?.as_str() != shown.owner {
        return None;
    }
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (number, action): (u32, String) = message.body().deserialize().ok()?;
            let clicked = shown.numbers.iter().find(|(_, it)| **it == number);
            clicked.filter(|_| action == CLICK).map(|(subject, _)| *subject)
        }
        "NotificationClosed" => {
            let (number, _why): (u32, u32) = message.body().deserialize().ok()?;
            shown.numbers.retain(|_, it| *it != number);
            None
        }
        _ => None,
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

fn method(service: &str, member: &'static str) -> Method {
    Method {
        service: service.to_owned(),
        path: PATH.to_owned(),
        interface: NAME,
        member,
    }
}

/// A text for a service that reads markup: nothing in it is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_message_is_markup() {
        assert_eq!(
            escaped("<b>a</b> & 'c' \"d\""),
            "&lt;b&gt;a&lt;/b&gt; &amp; &apos;c&apos; &quot;d&quot;"
        );
        assert_eq!(
            escaped("&amp;"),
            "&amp;amp;",
            "what is escaped already is text too"
        );
    }
}
