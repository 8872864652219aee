//! What the compositor tells of idleness: `ext-idle-notify-v1`, or KDE's older protocol, which others speak as well.

use super::Word;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use wayland_client::globals::{GlobalListContents, registry_queue_init};
use wayland_client::protocol::wl_registry::{self, WlRegistry};
use wayland_client::protocol::wl_seat::{self, WlSeat};
use wayland_client::{Connection, Dispatch, EventQueue, QueueHandle};
use wayland_protocols::ext::idle_notify::v1::client::ext_idle_notification_v1::{
    self as ext_note, ExtIdleNotificationV1,
};
use wayland_protocols::ext::idle_notify::v1::client::ext_idle_notifier_v1::{self as ext, ExtIdleNotifierV1};
use wayland_protocols_plasma::idle::client::org_kde_kwin_idle::{self as kde, OrgKdeKwinIdle};
use wayland_protocols_plasma::idle::client::org_kde_kwin_idle_timeout::{
    self as kde_note, OrgKdeKwinIdleTimeout,
};

/// A connection of its own: the window's belongs to the window.
pub(super) struct Wayland {
    connection: Connection,
    queue: QueueHandle<Ear>,
    seat: WlSeat,
    notifier: Notifier,
    asked: Option<Asked>,
}

/// Who can be asked.
enum Notifier {
    Ext(ExtIdleNotifierV1),
    Kde(OrgKdeKwinIdle),
}

/// What was asked for; it is answered until it is taken back.
enum Asked {
    Ext(ExtIdleNotificationV1),
    Kde(OrgKdeKwinIdleTimeout),
}

/// Hears what the compositor says, on a thread of its own.
struct Ear(SyncSender<Word>);

impl Wayland {
    /// Connects to the compositor of `WAYLAND_DISPLAY`. The error says why it is of no use.
    pub(super) fn connect(sender: SyncSender<Word>) -> Result<Self, String> {
        let connection = Connection::connect_to_env().map_err(|error| error.to_string())?;
        let (globals, events) = registry_queue_init::<Ear>(&connection).map_err(|error| error.to_string())?;
        let queue = events.handle();
        let seat = globals
            .bind(&queue, 1..=1, ())
            .map_err(|_| "the compositor has no keyboard and no mouse")?;
        let notifier = globals
            .bind(&queue, 1..=1, ())
            .map(Notifier::Ext)
            .or_else(|_| globals.bind(&queue, 1..=1, ()).map(Notifier::Kde))
            .map_err(|_| "the compositor does not tell of idleness")?;
        listen(events, Ear(sender)).map_err(|error| error.to_string())?;
        Ok(Self {
            connection,
            queue,
            seat,
            notifier,
            asked: None,
        })
    }

    /// Asks to be told when nobody has touched anything for so long; `None`: not at all.
    pub(super) fn watch(&mut self, limit: Option<Duration>) {
        match self.asked.take() {
            Some(Asked::Ext(note)) => note.destroy(),
            Some(Asked::Kde(note)) => note.release(),
            None => {}
        }
        self.asked = limit.map(|limit| {
            let ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
            let (seat, queue) = (&self.seat, &self.queue);
            match &self.notifier {
                Notifier::Ext(it) => Asked::Ext(it.get_idle_notification(ms, seat, queue, ())),
                Notifier::Kde(it) => Asked::Kde(it.get_idle_timeout(seat, ms, queue, ())),
            }
        });
        if let Err(error) = self.connection.flush() {
            tracing::debug!(%error, "the compositor is gone");
        }
    }
}

/// Starts the thread that hears; it ends with the compositor.
fn listen(mut events: EventQueue<Ear>, mut ear: Ear) -> std::io::Result<()> {
    let worker = std::thread::Builder::new().name("breeze-idle-ear".into());
    worker.spawn(move || while events.blocking_dispatch(&mut ear).is_ok() {})?;
    Ok(())
}

impl Ear {
    /// A full queue means that the other thread is far behind; it is told again at the next change.
    fn tell(&self, idle: bool) {
        if self.0.try_send(Word::Idle(idle)).is_err() {
            tracing::debug!(idle, "a change of idleness is not heard");
        }
    }
}

impl Dispatch<ExtIdleNotificationV1, ()> for Ear {
    fn event(
        ear: &mut Self,
        _: &ExtIdleNotificationV1,
        event: ext_note::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            ext_note::Event::Idled => ear.tell(true),
            ext_note::Event::Resumed => ear.tell(false),
            _ => {}
        }
    }
}

impl Dispatch<OrgKdeKwinIdleTimeout, ()> for Ear {
    fn event(
        ear: &mut Self,
        _: &OrgKdeKwinIdleTimeout,
        event: kde_note::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            kde_note::Event::Idle => ear.tell(true),
            kde_note::Event::Resumed => ear.tell(false),
            _ => {}
        }
    }
}

/// These say nothing that matters here.
macro_rules! ignored {
    ($($proxy:ty, $event:ty, $data:ty;)+) => {
        $(impl Dispatch<$proxy, $data> for Ear {
            fn event(_: &mut Self, _: &$proxy, _: $event, _: &$data, _: &Connection, _: &QueueHandle<Self>) {}
        })+
    };
}

ignored! {
    WlRegistry, wl_registry::Event, GlobalListContents;
    WlSeat, wl_seat::Event, ();
    ExtIdleNotifierV1, ext::Event, ();
    OrgKdeKwinIdle, kde::Event, ();
}
