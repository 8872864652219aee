//! Whether somebody is there: when the keyboard and the mouse were last touched, anywhere or at least in this window.
//!
//! Asked only when the answer could be news, and woken by the first touch: waiting costs nothing.

mod wayland;
mod x11;

use crate::link::Sink;
use crate::model::event::Event;
use crate::platform;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;
use wayland::Wayland;
use x11::X11;

/// Words that may wait for the thread: a setting is changed by hand.
const QUEUE: usize = 8;
/// Touches of the own window closer together than this, milliseconds, are one.
const TOUCH_MS: u64 = 1_000;

/// A word to the thread.
enum Word {
    /// Tell when nobody has touched anything for so long; `None`: never.
    Limit(Option<Duration>),
    /// The own window was touched.
    Touched,
    /// The compositor says that the limit has passed, or that something was touched after that.
    Idle(bool),
    /// The app ends.
    End,
}

/// The thread that knows.
pub struct Idle {
    sender: SyncSender<Word>,
    touched: Arc<AtomicU64>,
}

/// Who tells when something was touched.
enum Source {
    /// The X server, of everything on it.
    X11(Box<X11>),
    /// The own window, of itself.
    Window(Arc<AtomicU64>),
}

impl Drop for Idle {
    fn drop(&mut self) {
        // A full queue is read to its end, and then found closed, unless a compositor is heard: then the process ends.
        drop(self.sender.try_send(Word::End));
    }
}

impl Idle {
    /// Starts the thread; it waits for a limit.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(sink: Sink) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let touched = Arc::new(AtomicU64::new(platform::mono_ms()));
        let (own, words) = (touched.clone(), sender.clone());
        let worker = std::thread::Builder::new().name("breeze-idle".into());
        worker.spawn(move || begin(words, own, &sink, &receiver))?;
        Ok(Self { sender, touched })
    }

    /// Tells from now on when nobody has touched anything for so many milliseconds.
    pub fn watch(&self, limit_ms: Option<u64>) {
        let limit = Word::Limit(limit_ms.map(Duration::from_millis));
        if self.sender.try_send(limit).is_err() {
            tracing::debug!("the limit for being away is not heard");
        }
    }

    /// The own window was touched. Cheap: called for every frame with input.
    pub fn touched(&self) {
        let now = platform::mono_ms();
        if now.saturating_sub(self.touched.load(Ordering::Relaxed)) >= TOUCH_MS {
            self.touched.store(now, Ordering::Relaxed);
            // A full queue holds a touch already.
            drop(self.sender.try_send(Word::Touched));
        }
    }
}

/// Finds whoever can tell, and tells on.
fn begin(words: SyncSender<Word>, window: Arc<AtomicU64>, sink: &Sink, receiver: &Receiver<Word>) {
    let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty());
    if !wayland {
        drop(words);
        return run(Source::find(window), sink, receiver);
    }
    // There the X server would know only of what happens in its own windows.
    match Wayland::connect(words) {
        Ok(wayland) => hear(wayland, sink, receiver),
        Err(why) => {
            tracing::info!(%why, "only this window's own input tells whether somebody is there");
            run(Source::Window(window), sink, receiver);
        }
    }
}

/// Passes on what the compositor says.
fn hear(mut wayland: Wayland, sink: &Sink, receiver: &Receiver<Word>) {
    let mut away = false;
    while let Ok(word) = receiver.recv() {
        let now = match word {
            Word::Limit(limit) => {
                wayland.watch(limit);
                false
            }
            Word::Idle(idle) => idle,
            Word::Touched => continue,
            Word::End => return,
        };
        if now != away {
            away = now;
            sink.put_waiting(Event::Idle(away));
        }
    }
}

impl Source {
    fn find(window: Arc<AtomicU64>) -> Self {
        match X11::connect() {
            Ok(x11) => Self::X11(Box::new(x11)),
            Err(why) => {
                tracing::info!(%why, "only this window's own input tells whether somebody is there");
                Self::Window(window)
            }
        }
    }

    /// How long ago the last touch was.
    fn idle(&self) -> Option<Duration> {
        match self {
            Self::X11(x11) => x11.idle(),
            Self::Window(touched) => {
                let ms = platform::mono_ms().saturating_sub(touched.load(Ordering::Relaxed));
                Some(Duration::from_millis(ms))
            }
        }
    }
}

fn run(mut source: Source, sink: &Sink, receiver: &Receiver<Word>) {
    let mut limit: Option<Duration> = None;
    loop {
        let Some(after) = limit else {
            match receiver.recv() {
                Ok(Word::Limit(new)) => limit = new,
                Ok(Word::Touched | Word::Idle(_)) => {}
                Ok(Word::End) | Err(_) => return,
            }
            continue;
        };
        let Some(idle) = source.idle() else {
            // The X server is gone, and the window with it.
            return tracing::info!("nobody tells any more whether somebody is there");
        };
        let Some(rest) = after.checked_sub(idle).filter(|rest| !rest.is_zero()) else {
            sink.put_waiting(Event::Idle(true));
            let word = until_touched(&mut source, receiver);
            sink.put_waiting(Event::Idle(false));
            match word {
                Ok(Some(Word::Limit(new))) => limit = new,
                Ok(Some(Word::End)) | Err(()) => return,
                Ok(_) => {}
            }
            continue;
        };
        match receiver.recv_timeout(rest) {
            Ok(Word::Limit(new)) => limit = new,
            Ok(Word::Touched | Word::Idle(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Word::End) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Waits for a touch; a word that came meanwhile is handed on. The error: the app is gone.
fn until_touched(source: &mut Source, receiver: &Receiver<Word>) -> Result<Option<Word>, ()> {
    match source {
        Source::X11(x11) => {
            x11.until_touched();
            match receiver.try_recv() {
                Ok(word) => Ok(Some(word)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(()),
            }
        }
        Source::Window(_) => receiver.recv().map(Some).map_err(drop),
    }
}
