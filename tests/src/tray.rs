//! A tray that records: keeps the name of a StatusNotifierWatcher on a private bus, reads the item and works its menu.

use crate::bus::Bus;
use crate::screen::Screen;
use crate::wait;
use crate::window::Window;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
const MENU_PATH: &str = "/MenuBar";
/// How long a broken tray takes to answer: longer than anybody waits.
const SLOW: Duration = Duration::from_secs(6);

/// "Keep running in the tray", from the window's upper left corner.
const KEEP: (u32, u32) = (650, 453);
/// A dialog is drawn within this.
const DIALOG: Duration = Duration::from_millis(800);

/// How a tray behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Good,
    /// It takes seconds to answer.
    Slow,
    /// It refuses everybody.
    Failing,
}

/// The tray; gone from the bus when dropped.
pub struct Tray {
    connection: Connection,
    items: Items,
}

type Items = Arc<Mutex<Vec<String>>>;

/// One row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, for clicking.
    pub id: i32,
    /// Its words.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether its mark is set.
    pub checked: bool,
}

type Properties = HashMap<String, OwnedValue>;
type Layout = (i32, Properties, Vec<OwnedValue>);

impl Tray {
    /// Takes the watcher's name on this bus.
    ///
    /// # Panics
    /// When it is taken.
    #[must_use]
    pub fn on(bus: &Bus) -> Self {
        Self::of_manner(bus, Manner::Good)
    }

    /// The same, well or badly behaved.
    ///
    /// # Panics
    /// When the name is taken.
    #[must_use]
    pub fn of_manner(bus: &Bus, manner: Manner) -> Self {
        let items = Items::default();
        let watcher = Watcher {
            items: items.clone(),
            manner,
        };
        let connection = bus
            .builder()
            .serve_at(WATCHER_PATH, watcher)
            .and_then(|it| it.name(WATCHER))
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("nobody else keeps a tray on this bus");
        Self { connection, items }
    }

    /// Waits until an item has come.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn item(&self) -> Item<'_> {
        let newest = || {
            let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
            items.last().cloned()
        };
        let name = wait::until_blocking("an item in the tray", Duration::from_secs(20), newest);
        Item {
            connection: &self.connection,
            name,
        }
    }

    /// Items that have come so far.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// An item in the tray.
pub struct Item<'a> {
    connection: &'a Connection,
    name: String,
}

impl Item<'_> {
    fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'_> {
        Proxy::new(self.connection, self.name.clone(), path, interface).expect("a good name")
    }

    fn property<T>(&self, name: &str) -> T
    where
        T: TryFrom<OwnedValue>,
        T::Error: Into<zbus::Error>,
    {
        let item = self.proxy(ITEM_PATH, ITEM);
        item.get_property(name).expect("the item answers")
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> String {
        self.property("Title")
    }

    /// Its tooltip's first line.
    #[must_use]
    pub fn tooltip(&self) -> String {
        let value: OwnedValue = self.property("ToolTip");
        let Value::Structure(fields) = &*value else {
            return String::new();
        };
        match fields.fields().get(2) {
            Some(Value::Str(title)) => title.to_string(),
            _ => String::new(),
        }
    }

    /// The largest picture: width and its pixels, alpha first.
    #[must_use]
    pub fn icon(&self) -> (i32, Vec<u8>) {
        let value: OwnedValue = self.property("IconPixmap");
        let icons: Vec<(i32, i32, Vec<u8>)> = value.try_into().expect("pictures");
        let largest = icons.into_iter().max_by_key(|(width, ..)| *width);
        largest
            .map(|(width, _, bytes)| (width, bytes))
            .expect("one picture at least")
    }

    /// The icon is clicked.
    pub fn activate(&self) {
        let item = self.proxy(ITEM_PATH, ITEM);
        item.call_method("Activate", &(0_i32, 0_i32))
            .expect("the item answers");
    }

    /// Every row of the menu, from the top, sub-menus in their place.
    #[must_use]
    pub fn menu(&self) -> Vec<Row> {
        let menu = self.proxy(MENU_PATH, MENU);
        let names: Vec<String> = Vec::new();
        let (_, layout): (u32, Layout) = menu
            .call("GetLayout", &(0_i32, -1_i32, names))
            .expect("the menu answers");
        let mut rows = Vec::new();
        walk(layout, &mut rows);
        rows
    }

    /// Clicks the row with these words.
    ///
    /// # Panics
    /// When there is none, or it cannot be clicked.
    pub fn click(&self, label: &str) {
        let rows = self.menu();
        let row = rows
            .iter()
            .find(|row| row.label == label)
            .unwrap_or_else(|| panic!("no {label:?} in {rows:?}"));
        assert!(row.enabled, "{label:?} cannot be clicked");
        let menu = self.proxy(MENU_PATH, MENU);
        // Whoever is told to quit may be gone before it answers.
        menu.call_noreply("Event", &(row.id, "clicked", Value::from(0_i32), 0_u32))
            .expect("the bus is there");
    }
}

fn walk((id, properties, children): Layout, rows: &mut Vec<Row>) {
    let text = |name: &str| match properties.get(name).map(|value| &**value) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    if !text("label").is_empty() {
        let disabled = matches!(properties.get("enabled").map(|v| &**v), Some(Value::Bool(false)));
        let checked = matches!(properties.get("toggle-state").map(|v| &**v), Some(Value::I32(1)));
        rows.push(Row {
            id,
            label: text("label"),
            enabled: !disabled,
            checked,
        });
    }
    for child in children {
        let child = Layout::try_from(child).expect("rows below rows");
        walk(child, rows);
    }
}

struct Watcher {
    items: Items,
    manner: Manner,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) -> zbus::fdo::Result<()> {
        match self.manner {
            Manner::Good => {}
            Manner::Slow => wait::run_for_blocking(SLOW),
            Manner::Failing => return Err(zbus::fdo::Error::Failed("this tray is broken".into())),
        }
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.push(service);
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Closes a window as a hand does, through the window manager.
pub fn close(screen: &Screen, window: &Window) {
    window.focus(screen);
    screen.key("alt+F4");
}

/// Closes it for the first time: it asks, and is told to stay in the tray.
///
/// # Panics
/// When it does not go.
pub async fn close_and_keep(screen: &Screen, window: &Window) {
    close(screen, window);
    wait::run_for(DIALOG).await;
    let area = window.area();
    screen.click(area.x + KEEP.0, area.y + KEEP.1);
    let gone = || screen.window_of(window.pid()).is_none().then_some(());
    wait::until("the window goes", Duration::from_secs(20), gone).await;
}
