//! A notification service that records: what it was asked to show and to take back; it can be clicked, slow or failing.

use crate::bus::Bus;
use crate::wait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zbus::blocking::Connection;
use zbus::fdo;
use zbus::zvariant::{OwnedValue, Structure};

/// The windows of `dunst`, a service that shows notifications, have this class.
pub const POPUP_CLASS: &str = "Dunst";

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// As it should.
    #[default]
    Good,
    /// It never answers.
    Silent,
    /// It answers everything with an error.
    Failing,
}

/// One `Notify`.
#[derive(Debug, Clone)]
pub struct Shown {
    /// When it came.
    pub at: Instant,
    /// The number it got.
    pub number: u32,
    /// The number it replaces; 0 = none.
    pub replaces: u32,
    /// Title.
    pub title: String,
    /// Text, as sent: with markup if the service reads it.
    pub text: String,
    /// Actions: name and label in turn.
    pub actions: Vec<String>,
    /// Names of its hints.
    pub hints: Vec<String>,
    /// Width, height and the colour in the middle of its picture.
    pub picture: Option<(i32, i32, [u8; 4])>,
}

/// What was recorded.
#[derive(Debug, Default)]
pub struct Record {
    /// Shown, oldest first.
    pub shown: Vec<Shown>,
    /// Numbers taken back.
    pub closed: Vec<u32>,
    /// Calls of any kind.
    pub calls: usize,
    manner: Manner,
    markup: bool,
    inhibited: bool,
}

struct Service(Arc<Mutex<Record>>);

impl Service {
    /// Notes a call and behaves as it is told to.
    async fn behave(&self) -> fdo::Result<()> {
        let manner = {
            let mut record = lock(&self.0);
            record.calls += 1;
            record.manner
        };
        match manner {
            Manner::Good => Ok(()),
            Manner::Silent => std::future::pending().await,
            Manner::Failing => Err(fdo::Error::Failed("not today".into())),
        }
    }
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    async fn get_capabilities(&self) -> fdo::Result<Vec<String>> {
        self.behave().await?;
        let mut can = vec!["body".to_owned(), "actions".to_owned()];
        if lock(&self.0).markup {
            can.push("body-markup".to_owned());
        }
        Ok(can)
    }

    #[expect(clippy::too_many_arguments, reason = "the interface has them")]
    async fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> fdo::Result<u32> {
        let at = Instant::now();
        self.behave().await?;
        let mut record = lock(&self.0);
        let next = record.shown.iter().map(|it| it.number).max().unwrap_or(100) + 1;
        let number = if replaces > 0 { replaces } else { next };
        let picture = hints.get("image-data").and_then(picture);
        let mut hints: Vec<String> = hints.into_keys().collect();
        hints.sort();
        record.shown.push(Shown {
            at,
            number,
            replaces,
            title,
            text,
            actions,
            hints,
            picture,
        });
        Ok(number)
    }

    async fn close_notification(&self, number: u32) -> fdo::Result<()> {
        self.behave().await?;
        lock(&self.0).closed.push(number);
        Ok(())
    }

    #[zbus(property)]
    async fn inhibited(&self) -> fdo::Result<bool> {
        self.behave().await?;
        Ok(lock(&self.0).inhibited)
    }
}

/// Width, height and the middle of an `image-data` hint.
fn picture(hint: &OwnedValue) -> Option<(i32, i32, [u8; 4])> {
    let whole = Structure::try_from(hint.try_clone().ok()?).ok()?;
    let [width, height, row, alpha, bits, channels, pixels] = whole.fields() else {
        return None;
    };
    let number = |value: &zbus::zvariant::Value<'_>| i32::try_from(value).ok();
    let (width, height, row) = (number(width)?, number(height)?, number(row)?);
    assert_eq!(
        (bool::try_from(alpha).ok()?, number(bits)?, number(channels)?),
        (true, 8, 4)
    );
    let pixels: Vec<u8> = Vec::try_from(pixels.try_clone().ok()?).ok()?;
    let at = usize::try_from(height / 2 * row + width / 2 * 4).ok()?;
    Some((width, height, pixels.get(at..at + 4)?.try_into().ok()?))
}

/// The service on a private bus; gone when dropped.
pub struct Notifications {
    connection: Connection,
    record: Arc<Mutex<Record>>,
}

impl Notifications {
    /// Puts it on a bus; it reads markup.
    ///
    /// # Panics
    /// When the bus is gone or another one is there.
    #[must_use]
    pub fn on(bus: &Bus) -> Self {
        Self::behaving(bus, Manner::Good)
    }

    /// The same with a manner of its own.
    ///
    /// # Panics
    /// When the bus is gone or another one is there.
    #[must_use]
    pub fn behaving(bus: &Bus, manner: Manner) -> Self {
        let record = Arc::new(Mutex::new(Record {
            manner,
            markup: true,
            ..Record::default()
        }));
        let connection = bus
            .builder()
            .serve_at(PATH, Service(record.clone()))
            .and_then(|it| it.name(NAME))
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("nobody else is on a private bus");
        Self { connection, record }
    }

    /// What was recorded so far.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    /// From now on it does not read markup. Before the app's first notification, or never.
    pub fn reads_no_markup(&self) {
        self.record().markup = false;
    }

    /// From now on it wants to disturb nobody, or does again.
    pub fn inhibit(&self, inhibited: bool) {
        self.record().inhibited = inhibited;
    }

    /// Waits for the next one that was shown after the first `known`.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn next(&self, known: usize) -> Shown {
        wait::until("a notification", wait::SOON, || {
            self.record().shown.get(known).cloned()
        })
        .await
    }

    /// Waits until this one is taken back.
    ///
    /// # Panics
    /// When it is not.
    pub async fn until_closed(&self, number: u32) {
        let closed = || self.record().closed.contains(&number).then_some(());
        wait::until("the notification to be taken back", wait::SOON, closed).await;
    }

    /// Looks for a while that no more than these are shown.
    ///
    /// # Panics
    /// When one is.
    pub async fn hold(&self, shown: usize, time: Duration) {
        wait::hold("no more notifications", time, || {
            self.record().shown.len() == shown
        })
        .await;
    }

    /// The person clicks it.
    ///
    /// # Panics
    /// When the bus is gone.
    pub fn click(&self, number: u32) {
        self.connection
            .emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(number, "default"))
            .expect("the bus is there");
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}
