//! The X server's own count of how long nobody has touched anything, and the first touch after that.

use std::time::Duration;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::screensaver::ConnectionExt as _;
use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

/// A connection of its own: the window's belongs to the window.
pub(super) struct X11 {
    connection: RustConnection,
    root: Window,
}

impl X11 {
    /// Connects to the screen of `DISPLAY`. The error says why it is of no use.
    pub(super) fn connect() -> Result<Self, String> {
        let (connection, screen) = RustConnection::connect(None).map_err(|error| error.to_string())?;
        let root = connection.setup().roots.get(screen).ok_or("no such screen")?.root;
        let x11 = Self { connection, root };
        x11.ask_versions().map_err(|error| error.to_string())?;
        x11.idle().ok_or("the X server does not count")?;
        Ok(x11)
    }

    fn ask_versions(&self) -> Result<(), x11rb::errors::ReplyError> {
        self.connection.screensaver_query_version(1, 1)?.reply()?;
        self.connection.xinput_xi_query_version(2, 2)?.reply()?;
        Ok(())
    }

    /// How long nobody has touched anything; `None` when the server is gone.
    pub(super) fn idle(&self) -> Option<Duration> {
        let info = self.connection.screensaver_query_info(self.root).ok()?;
        Some(Duration::from_millis(
            info.reply().ok()?.ms_since_user_input.into(),
        ))
    }

    /// Waits for the next touch, or until the server is gone.
    pub(super) fn until_touched(&self) {
        let before = self.idle();
        let raw = XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_MOTION
            | XIEventMask::RAW_TOUCH_BEGIN;
        self.hear(raw);
        // What was touched before the server listened for this shows in its count.
        let touched = self.idle().zip(before).is_none_or(|(now, before)| now < before);
        if !touched {
            self.until_raw_input();
        }
        self.hear(XIEventMask::from(0_u32));
        while let Ok(Some(_)) = self.connection.poll_for_event() {}
    }

    fn until_raw_input(&self) {
        loop {
            match self.connection.wait_for_event() {
                Ok(
                    Event::XinputRawKeyPress(_)
                    | Event::XinputRawButtonPress(_)
                    | Event::XinputRawMotion(_)
                    | Event::XinputRawTouchBegin(_),
                )
                | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    fn hear(&self, mask: XIEventMask) {
        let masks = [EventMask {
            deviceid: Device::ALL_MASTER.into(),
            mask: vec![mask],
        }];
        let selected = self.connection.xinput_xi_select_events(self.root, &masks);
        let selected = selected.and_then(|_| self.connection.flush());
        if let Err(error) = selected {
            tracing::debug!(%error, "the X server is gone");
        }
    }
}
