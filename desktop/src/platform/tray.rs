//! The tray: an item with icon, words and a menu on the session bus (StatusNotifierItem), kept by a thread of its own.
//!
//! Nobody waits for it: whoever keeps the tray may be absent, slow or broken, and the window is told which.

mod icon;

use crate::link::Sink;
use crate::model::event::{Event, SystemEvent};
use crate::model::window::{NoTray, Tray as Found, TrayFace};
use crate::words::{tr, tr_with};
use breeze_protocol::StatusKind;
use ksni::blocking::{Handle, TrayMethods};
use ksni::menu::{RadioGroup, RadioItem, StandardItem, SubMenu};
use ksni::{Category, Error, Icon, MenuItem, OfflineReason, Status, ToolTip};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whoever keeps the tray has so long to answer; later answers still count.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// How to be seen, in the order of the menu.
const STATUSES: [(StatusKind, &str); 4] = [
    (StatusKind::Online, "status-online"),
    (StatusKind::Away, "status-away"),
    (StatusKind::Busy, "status-busy"),
    (StatusKind::Invisible, "status-invisible"),
];

/// The tray's thread. Ends when dropped, without being waited for.
pub struct Tray {
    slot: Arc<Slot>,
}

/// What is to be shown next: only the newest counts.
#[derive(Default)]
struct Slot {
    wanted: Mutex<Wanted>,
    bell: Condvar,
}

#[derive(Default)]
struct Wanted {
    face: Option<TrayFace>,
    over: bool,
}

impl Tray {
    /// Starts the thread; what it finds comes as an event.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(sink: Sink) -> std::io::Result<Self> {
        let slot: Arc<Slot> = Arc::default();
        let wanted = slot.clone();
        let thread = std::thread::Builder::new().name("breeze-tray".into());
        thread.spawn(move || keep(&sink, &wanted))?;
        Ok(Self { slot })
    }

    /// Shows this from now on.
    pub fn show(&self, face: TrayFace) {
        let mut wanted = self.slot.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.face = Some(face);
        self.slot.bell.notify_one();
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        let mut wanted = self.slot.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.over = true;
        self.slot.bell.notify_one();
    }
}

impl Slot {
    /// Waits for something to show; `None` when it is over.
    fn next(&self) -> Option<TrayFace> {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = |wanted: &mut Wanted| wanted.face.is_none() && !wanted.over;
        let waited = self.bell.wait_while(wanted, nothing);
        let mut wanted = waited.unwrap_or_else(PoisonError::into_inner);
        wanted.face.take().filter(|_| !wanted.over)
    }
}

fn tell(sink: &Sink, found: Found) {
    sink.put_waiting(Event::System(SystemEvent::Tray(found)));
}

/// Registers, says what came of it, and shows what is wanted.
fn keep(sink: &Sink, slot: &Slot) {
    let online = Arc::new(AtomicBool::new(true));
    let item = Item {
        face: TrayFace::default(),
        sink: sink.clone(),
        online: online.clone(),
    };
    let (done, spawned) = sync_channel(1);
    let register = move || {
        // Nobody listens any more only when Breeze is ending.
        drop(done.try_send(item.assume_sni_available(true).spawn()));
    };
    let thread = std::thread::Builder::new().name("breeze-tray-bus".into());
    if thread.spawn(register).is_err() {
        return tell(sink, Found::Missing(NoTray::Silent));
    }
    let answer = match spawned.recv_timeout(ANSWER_WAIT) {
        Err(RecvTimeoutError::Timeout) => {
            tell(sink, Found::Missing(NoTray::Silent));
            spawned.recv()
        }
        answer => answer.map_err(|_| std::sync::mpsc::RecvError),
    };
    let handle = match answer {
        Ok(Ok(handle)) => handle,
        Ok(Err(error)) => {
            tracing::info!(%error, "no tray");
            return tell(sink, Found::Missing(reason(&error)));
        }
        // The thread that asked has panicked; it has said so itself.
        Err(_) => return tell(sink, Found::Missing(NoTray::Refused)),
    };
    // Absent so far: `watcher_offline` has told, and `watcher_online` will.
    if online.load(Ordering::SeqCst) {
        tell(sink, Found::Here);
    }
    show(&handle, slot);
}

fn show(handle: &Handle<Item>, slot: &Slot) {
    while let Some(face) = slot.next() {
        if handle.update(|item| item.face = face).is_none() {
            return;
        }
    }
    drop(handle.shutdown());
}

fn reason(error: &Error) -> NoTray {
    match error {
        Error::Dbus(_) => NoTray::NoBus,
        Error::Watcher(ksni_error) if is_unknown(&ksni_error.to_string()) => NoTray::NoWatcher,
        _ => NoTray::Refused,
    }
}

/// The bus says so in the error's name, whichever daemon it is.
fn is_unknown(words: &str) -> bool {
    words.contains("ServiceUnknown") || words.contains("NameHasNoOwner")
}

/// The item as the bus sees it.
struct Item {
    face: TrayFace,
    sink: Sink,
    online: Arc<AtomicBool>,
}

impl Item {
    fn say(&self, event: SystemEvent) {
        self.sink.put_waiting(Event::System(event));
    }

    fn standing(&self) -> String {
        let face = &self.face;
        let state = if face.connected {
            status_words(face.status)
        } else if face.signed_in {
            tr("tray-connecting")
        } else {
            tr("tray-signed-out")
        };
        if face.name.is_empty() {
            return state;
        }
        let words = [("name", face.name.clone().into()), ("state", state.into())];
        tr_with("tray-standing", &words)
    }

    fn status_menu(&self) -> MenuItem<Self> {
        let status = self.face.status;
        let place = STATUSES.iter().position(|(kind, _)| *kind == status);
        let option = |(_, words): &(StatusKind, &str)| RadioItem {
            label: tr(words),
            ..Default::default()
        };
        SubMenu {
            label: tr_with("tray-status", &[("status", status_words(status).into())]),
            enabled: self.face.signed_in,
            submenu: vec![
                RadioGroup {
                    selected: place.unwrap_or(0),
                    select: Box::new(|item: &mut Self, place| {
                        if let Some((kind, _)) = STATUSES.get(place) {
                            item.face.status = *kind;
                            item.say(SystemEvent::Status(*kind));
                        }
                    }),
                    options: STATUSES.iter().map(option).collect(),
                }
                .into(),
            ],
            ..Default::default()
        }
        .into()
    }
}

fn status_words(status: StatusKind) -> String {
    let found = STATUSES.iter().find(|(kind, _)| *kind == status);
    found.map(|(_, words)| tr(words)).unwrap_or_default()
}

fn entry(words: &str, event: SystemEvent) -> MenuItem<Item> {
    StandardItem {
        label: tr(words),
        activate: Box::new(move |item: &mut Item| item.say(event.clone())),
        ..Default::default()
    }
    .into()
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "breeze".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn title(&self) -> String {
        match self.face.unread {
            0 => tr("app-name"),
            count => format!("({count}) {}", tr("app-name")),
        }
    }

    fn status(&self) -> Status {
        if self.face.unread > 0 {
            Status::NeedsAttention
        } else {
            Status::Active
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        icon::pixmaps(self.face.connected, self.face.unread > 0)
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        let unread = match self.face.unread {
            0 => String::new(),
            count => tr_with("spoken-unread", &[("count", count.into())]),
        };
        ToolTip {
            title: format!("{} - {}", tr("app-name"), self.standing()),
            description: unread,
            ..Default::default()
        }
    }

    /// The icon was clicked.
    fn activate(&mut self, _x: i32, _y: i32) {
        self.say(SystemEvent::Open(None));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let mut menu = vec![entry("tray-open", SystemEvent::Open(None)), self.status_menu()];
        if self.face.hosting {
            menu.push(entry("rail-host", SystemEvent::Host));
        }
        menu.push(MenuItem::Separator);
        menu.push(entry("tray-quit", SystemEvent::Quit));
        menu
    }

    fn watcher_online(&self) {
        self.online.store(true, Ordering::SeqCst);
        self.say(SystemEvent::Tray(Found::Here));
    }

    fn watcher_offline(&self, why: OfflineReason) -> bool {
        self.online.store(false, Ordering::SeqCst);
        let why = match why {
            OfflineReason::Error(error) => reason(&error),
            _ => NoTray::NoWatcher,
        };
        self.say(SystemEvent::Tray(Found::Missing(why)));
        true
    }
}
