//! Servers around: one on this computer, started beside the app, asked through its admin socket, stopped or left
//! running; and those of this network, while the page that shows them is open.

mod look;
mod nearby;
mod server;
mod watch;

use crate::link::{Sink, ask_admin};
use crate::model::command::HostCommand;
use crate::model::event::{Event, HostEvent};
use crate::model::hosting::Autostart;
use crate::platform::{autostart, files};
use crate::words::tr;
use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use nearby::Nearby;
use server::Own;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use watch::Watch;

/// Commands that may wait: the person presses buttons.
const QUEUE: usize = 16;

/// The thread that hosts.
pub struct Host {
    sender: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is told.
#[derive(Debug)]
enum Order {
    /// By the person.
    Do(HostCommand),
    /// By the watch of this number: the server is gone, or is back.
    Watch(u64, bool),
    /// The app ends.
    End,
}

impl Host {
    /// Starts the thread; it looks for a server left running from here.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(data: PathBuf, sink: Sink) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let orders = sender.clone();
        let thread = std::thread::Builder::new()
            .name("breeze-host".into())
            .spawn(move || {
                Work {
                    own: Own::new(data),
                    sink,
                    orders,
                    watched: None,
                    watches: 0,
                    nearby: None,
                    autostart: Autostart::Unknown,
                }
                .run(&receiver);
            })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Hands a command over without waiting.
    pub fn hand(&self, command: HostCommand) {
        if let Some(sender) = &self.sender
            && let Err(TrySendError::Full(order)) = sender.try_send(Order::Do(command))
        {
            tracing::warn!(?order, "pressed too often");
        }
    }

    /// Waits until what was handed over is done.
    pub fn finish(mut self) {
        if let Some(sender) = self.sender.take() {
            // An error means that the thread has ended, which is what is waited for.
            drop(sender.send(Order::End));
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The server that is looked after.
struct Watched {
    /// Its admin socket.
    socket: PathBuf,
    /// Its process.
    pid: u32,
    /// It was started outside this app.
    foreign: bool,
    /// Tells when it ends.
    watch: Watch,
}

struct Work {
    own: Own,
    sink: Sink,
    orders: SyncSender<Order>,
    watched: Option<Watched>,
    watches: u64,
    nearby: Option<Nearby>,
    autostart: Autostart,
}

impl Work {
    fn run(mut self, receiver: &Receiver<Order>) {
        self.find();
        while let Ok(order) = receiver.recv() {
            match order {
                Order::Do(command) => self.carry_out(command),
                Order::Watch(number, back) => self.noticed(number, back),
                Order::End => return,
            }
        }
    }

    fn carry_out(&mut self, command: HostCommand) {
        match command {
            HostCommand::Start(name) => self.start(&name),
            HostCommand::Stop => self.stop(),
            HostCommand::Autostart(on) => self.set_autostart(on),
            HostCommand::Look(wanted) => {
                self.know_autostart();
                let look = look::at(&self.socket(), wanted);
                self.tell(HostEvent::Look(Box::new(look)));
            }
            HostCommand::Nearby(on) => {
                // The old one ends first: two would hear each other.
                self.nearby = None;
                self.nearby = on.then(|| Nearby::start(&self.sink)).flatten();
            }
            HostCommand::Invite { uses, ttl_s } => self.ask(&AdminRequest::Invite { uses, ttl_s }),
            HostCommand::Revoke(invite) => self.ask(&AdminRequest::InviteRevoke { invite }),
            HostCommand::SetDisabled(username, true) => self.ask(&AdminRequest::UserDisable { username }),
            HostCommand::SetDisabled(username, false) => self.ask(&AdminRequest::UserEnable { username }),
            HostCommand::ResetPassword(username) => self.ask(&AdminRequest::UserResetPassword { username }),
            HostCommand::Recover(username) => self.ask(&AdminRequest::UserRecover { username }),
        }
    }

    /// Finds a server that runs: hosted from here, or started by hand. One hosted from here that went down with the
    /// computer is started again, for it runs until it is stopped.
    fn find(&mut self) {
        if let Some(start) = info(&self.own.socket()) {
            return self.runs(start, false, false);
        }
        if self.own.was_running() {
            return self.start_own("", false);
        }
        for socket in files::admin_sockets(self.own.data()) {
            if let Some(start) = info(&socket) {
                return self.runs_at(start, false, true, socket);
            }
        }
        if self.own.has_data() {
            self.tell(HostEvent::Idle);
        }
    }

    fn tell(&self, event: HostEvent) {
        self.sink.put_waiting(Event::Host(event));
    }

    /// Where the server is asked that is looked after.
    fn socket(&self) -> PathBuf {
        self.watched
            .as_ref()
            .map_or_else(|| self.own.socket(), |watched| watched.socket.clone())
    }

    fn runs(&mut self, start: StartLine, wished: bool, foreign: bool) {
        let socket = self.own.socket();
        self.runs_at(start, wished, foreign, socket);
    }

    fn runs_at(&mut self, start: StartLine, wished: bool, foreign: bool, socket: PathBuf) {
        let same = |it: &Watched| it.pid == start.pid && it.socket == socket;
        if !self.watched.as_ref().is_some_and(same) {
            self.watches += 1;
            let watch = Watch::start(socket.clone(), self.watches, self.orders.clone());
            self.watched = Some(Watched {
                socket,
                pid: start.pid,
                foreign,
                watch,
            });
        }
        self.tell(HostEvent::Running {
            start: Box::new(start),
            wished,
            foreign,
        });
        if autostart::is_on(&self.own.folder()) && !foreign {
            self.autostart = Autostart::On;
            self.tell(HostEvent::Autostart(Autostart::On));
        }
    }

    fn start(&mut self, name: &str) {
        match info(&self.own.socket()) {
            Some(start) => self.runs(start, true, false),
            None => self.start_own(name, true),
        }
    }

    fn start_own(&mut self, name: &str, wished: bool) {
        let started = if autostart::is_on(&self.own.folder()) {
            autostart::start().and_then(|()| self.own.wait_for(info))
        } else {
            self.own.spawn(name)
        };
        // Somebody else may have been faster: the folder's lock lets one server in.
        match started.or_else(|words| info(&self.own.socket()).ok_or(words)) {
            Ok(start) => self.runs(start, wished, false),
            Err(words) => self.tell(HostEvent::Failed(words)),
        }
    }

    /// The watch says that the server is gone, or back.
    fn noticed(&mut self, number: u64, back: bool) {
        let Some(watched) = self.watched.as_ref().filter(|it| it.watch.number == number) else {
            return;
        };
        let (socket, foreign) = (watched.socket.clone(), watched.foreign);
        if !back {
            self.own.reap();
            return self.tell(HostEvent::Died);
        }
        if let Some(start) = info(&socket) {
            self.runs_at(start, false, foreign, socket);
        }
    }

    /// One request whose answer the panel shows.
    fn ask(&self, request: &AdminRequest) {
        let event = match ask_admin(&self.socket(), request) {
            Some(AdminAnswer::Invite { link, expires_ms }) => HostEvent::Invite(link.0, expires_ms),
            Some(AdminAnswer::Password { username, password }) => HostEvent::Password(username, password.0),
            Some(AdminAnswer::Code {
                username,
                code,
                expires_ms,
            }) => HostEvent::Code(username, code.0, expires_ms),
            Some(AdminAnswer::Done) => return,
            Some(AdminAnswer::Error { text }) => HostEvent::Said(text),
            _ => HostEvent::Said(tr("host-silent")),
        };
        self.tell(event);
    }

    fn stop(&mut self) {
        if self.stop_quietly() {
            self.own.forget();
            self.tell(HostEvent::Stopped);
        } else {
            self.tell(HostEvent::Failed(tr("host-silent")));
            self.find();
        }
    }

    /// Stops the server and waits until it is gone.
    fn stop_quietly(&mut self) -> bool {
        let socket = self.socket();
        self.watched = None;
        if !watch::is_there(&socket) {
            self.own.reap();
            return true;
        }
        match ask_admin(&socket, &AdminRequest::Stop) {
            Some(AdminAnswer::Done) => self.own.wait_end(&socket),
            _ => false,
        }
    }

    /// Finds out once whether a server can start with the system.
    fn know_autostart(&mut self) {
        if self.autostart == Autostart::Unknown {
            self.autostart = autostart::state(&self.own.folder());
            self.tell(HostEvent::Autostart(self.autostart.clone()));
        }
    }

    /// Hands the server over to the system, or takes it back. One process at a time has the folder.
    fn set_autostart(&mut self, on: bool) {
        let ran = self.watched.is_some() && info(&self.own.socket()).is_some();
        let changed = if on {
            self.own.prepare("").and_then(|program| {
                autostart::write(&program, &self.own.folder())?;
                if ran && !self.stop_quietly() {
                    return Err(tr("host-silent"));
                }
                autostart::enable()
            })
        } else {
            self.watched = None;
            autostart::disable()
        };
        if on && changed.is_ok() {
            self.own.forget();
        }
        self.autostart = Autostart::Unknown;
        self.know_autostart();
        if let Err(words) = changed {
            self.tell(HostEvent::Said(words));
        }
        if on || ran {
            self.start_own("", false);
        }
    }
}

/// What runs behind a socket.
fn info(socket: &std::path::Path) -> Option<StartLine> {
    match ask_admin(socket, &AdminRequest::Info)? {
        AdminAnswer::Info { start, .. } => Some(start),
        _ => None,
    }
}
