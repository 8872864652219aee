//! A scripted client: one connection that does exactly what a test says, and notes when it heard what.

mod pump;
pub mod script;

use crate::local::Local;
use crate::presence::PresenceModel;
use breeze_protocol::codec::{self, Envelope};
use breeze_protocol::message::hello::{Hello, HelloOk, PROTOCOL, PROTOCOL_MIN, Role};
use breeze_protocol::{ClientMessage, ServerMessage, TransferId};
use bytes::Bytes;
use pump::Writer;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Where a server is and how to know it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its address, or that of a proxy in front of it.
    pub address: SocketAddr,
    /// The pin of its key; `None` without TLS.
    pub pin: Option<String>,
    /// The loopback address to come from.
    pub from: Option<IpAddr>,
}

impl Endpoint {
    /// The same server behind another address.
    #[must_use]
    pub fn behind(&self, address: SocketAddr) -> Self {
        Self {
            address,
            ..self.clone()
        }
    }

    /// The same server, called from the `n`-th address of the loopback net, so that no bucket of one address fills.
    #[must_use]
    pub fn from_host(&self, n: usize) -> Self {
        let n = u16::try_from(n % 60_000).expect("just reduced") + 2;
        let [high, low] = n.to_be_bytes();
        Self {
            from: Some(IpAddr::from([127, 1, high, low])),
            ..self.clone()
        }
    }
}

/// How a client behaves by itself.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Pings as the server asked for in `hello_ok`.
    pub heartbeat: bool,
    /// Acknowledges entries and items at once.
    pub acks: bool,
    /// Keeps every message for later questions; without it only the models are kept.
    pub remembers: bool,
    /// Has a receive buffer so small that it is soon full when nothing is read.
    pub small_buffer: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            heartbeat: true,
            acks: true,
            remembers: true,
            small_buffer: false,
        }
    }
}

/// One message as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When it was read.
    pub at: Instant,
    /// Which request it answers.
    pub re: Option<u64>,
    /// What it says.
    pub message: ServerMessage,
    taken: bool,
}

/// Everything a connection has heard.
#[derive(Debug, Default)]
pub struct State {
    /// Messages in order.
    pub heard: Vec<Heard>,
    /// Blob chunks in order.
    pub chunks: Vec<(TransferId, u64, Bytes)>,
    /// What is known of others.
    pub presence: PresenceModel,
    /// How it ended, if it did.
    pub closed: Option<String>,
    /// Bytes read.
    pub bytes: u64,
    /// Last pong, for the next ping.
    pub pong: u64,
    /// Entries and items heard.
    pub ackable: u64,
    /// Epoch and boot of the server, as it said hello.
    pub place: (breeze_protocol::Epoch, u64),
    first_open: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
    local: Arc<Mutex<Local>>,
    sink: Option<Sink>,
}

/// A function that sees every message as it comes, for tests with too many to keep.
pub type Sink = Arc<dyn Fn(Instant, &ServerMessage) + Send + Sync>;

/// One connection.
pub struct Client {
    shared: Arc<Shared>,
    writer: Writer,
    socket: Option<OwnedFd>,
    reading: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    next_id: AtomicU64,
    habits: Habits,
    /// What the server said of itself.
    pub hello: HelloOk,
}

impl Client {
    /// Connects and says hello.
    ///
    /// # Errors
    /// When there is no connection, no handshake or no `hello_ok`.
    pub async fn connect(to: &Endpoint, habits: Habits) -> Result<Self, String> {
        Self::connect_as(to, habits, Arc::default(), None).await
    }

    /// The same for a device with a store of its own, and with a sink.
    ///
    /// # Errors
    /// When there is no connection, no handshake or no `hello_ok`.
    pub async fn connect_as(
        to: &Endpoint,
        habits: Habits,
        local: Arc<Mutex<Local>>,
        sink: Option<Sink>,
    ) -> Result<Self, String> {
        Self::open(to, habits, local, sink).await?.greet().await
    }

    /// Says hello.
    ///
    /// # Errors
    /// When there is no `hello_ok`.
    pub async fn greet(self) -> Result<Self, String> {
        let mut client = self;
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            client: "harness".into(),
            role: Role::Main,
            ticket: None,
        };
        client.tell(hello).await?;
        let answer = client.hear("hello_ok", Duration::from_secs(10), |message| match message {
            ServerMessage::HelloOk(it) => Some(Ok(it.clone())),
            ServerMessage::Refused(it) => Some(Err(format!("{it:?}"))),
            ServerMessage::Goodbye(it) => Some(Err(format!("{it:?}"))),
            _ => None,
        });
        client.hello = answer
            .await
            .ok_or_else(|| format!("no hello_ok: {:?}", client.state().closed))??;
        Ok(client)
    }

    /// Connects, shakes hands where there is TLS, and says nothing.
    ///
    /// # Errors
    /// When there is no connection or no handshake.
    pub async fn open(
        to: &Endpoint,
        habits: Habits,
        local: Arc<Mutex<Local>>,
        sink: Option<Sink>,
    ) -> Result<Self, String> {
        let socket = TcpSocket::new_v4().map_err(|e| e.to_string())?;
        if habits.small_buffer {
            socket.set_recv_buffer_size(4096).map_err(|e| e.to_string())?;
        }
        if let Some(from) = to.from {
            socket.bind(SocketAddr::new(from, 0)).map_err(|e| e.to_string())?;
        }
        let stream = socket
            .connect(to.address)
            .await
            .map_err(|e| format!("connect: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let socket = stream.as_fd().try_clone_to_owned().map_err(|e| e.to_string())?;
        let mut client = match &to.pin {
            Some(pin) => {
                let stream = crate::tls::connect(stream, pin)
                    .await
                    .map_err(|e| format!("handshake: {e}"))?;
                Self::over(stream, habits, local, sink)
            }
            None => Self::over(stream, habits, local, sink),
        };
        client.socket = Some(socket);
        Ok(client)
    }

    /// A client at the end of anything that carries bytes both ways. Says nothing.
    pub fn over(
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        habits: Habits,
        local: Arc<Mutex<Local>>,
        sink: Option<Sink>,
    ) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Notify::new(),
            local,
            sink,
        });
        let (reading, gate) = watch::channel(true);
        let (writer, reader) = pump::start(stream, Arc::clone(&shared), gate, habits);
        let (tasks, next_id, hello) = (vec![reader], AtomicU64::new(1), nobody());
        Self {
            shared,
            writer,
            socket: None,
            reading,
            tasks,
            next_id,
            habits,
            hello,
        }
    }

    /// Everything heard so far.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store of the device this connection belongs to.
    pub fn local(&self) -> MutexGuard<'_, Local> {
        self.shared.local.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), String> {
        self.writer.write(bytes).await
    }

    /// Says something without waiting for an answer.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn tell(&self, message: impl Into<ClientMessage>) -> Result<(), String> {
        self.write(&codec::encode_client(&Envelope::plain(message))).await
    }

    /// Says something as a request; gives its number.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn request(&self, message: impl Into<ClientMessage>) -> Result<u64, String> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.write(&codec::encode_client(&Envelope::request(id, message)))
            .await?;
        Ok(id)
    }

    /// Asks, and gives the answer.
    ///
    /// # Errors
    /// When the connection ends first or no answer comes.
    pub async fn ask(&self, message: impl Into<ClientMessage>) -> Result<ServerMessage, String> {
        let message = message.into();
        let kind = message.kind();
        let id = self.request(message).await?;
        let answer = self
            .take(crate::wait::SOON, |heard| {
                (heard.re == Some(id)).then(|| heard.message.clone())
            })
            .await;
        answer.ok_or_else(|| format!("no answer to {kind}: {:?}", self.state().closed))
    }

    /// The first message not yet taken that fits, taken; `None` when the time is over or the connection ends first.
    pub async fn hear<T>(
        &self,
        _what: &str,
        within: Duration,
        fits: impl Fn(&ServerMessage) -> Option<T>,
    ) -> Option<T> {
        self.take(within, |heard| fits(&heard.message)).await
    }

    /// The same, with everything known of the message.
    pub async fn take<T>(&self, within: Duration, fits: impl Fn(&Heard) -> Option<T>) -> Option<T> {
        let search = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(found) = self.state().take(&fits) {
                    return Some(found);
                }
                if self.state().closed.is_some() {
                    return self.state().take(&fits);
                }
                changed.await;
            }
        };
        crate::wait::at_most(within, search).await.flatten()
    }

    /// Waits until something holds of what was heard.
    ///
    /// # Panics
    /// When it does not within [`crate::wait::SOON`].
    pub async fn until<T>(&self, what: &str, probe: impl Fn(&State) -> Option<T>) -> T {
        self.until_within(what, crate::wait::SOON, probe).await
    }

    /// The same within a time.
    ///
    /// # Panics
    /// When it does not hold in time.
    pub async fn until_within<T>(
        &self,
        what: &str,
        within: Duration,
        probe: impl Fn(&State) -> Option<T>,
    ) -> T {
        crate::wait::until(what, within, || probe(&self.state())).await
    }

    /// Forgets what was heard and not yet taken; the models stay.
    pub fn forget(&self) {
        let mut state = self.state();
        state.heard.clear();
        state.first_open = 0;
    }

    /// Stops or goes on reading its socket.
    pub fn set_reading(&self, reading: bool) {
        self.reading.send_replace(reading);
    }

    /// Starts pinging; a signed-in client with the habit does it by itself.
    pub fn start_heartbeat(&mut self) {
        self.start_heartbeat_every(Duration::from_millis(self.hello.limits.ping_ms));
    }

    /// Starts pinging at another pace, for servers with shorter times.
    pub fn start_heartbeat_every(&mut self, every: Duration) {
        self.tasks.push(pump::heartbeat(
            self.writer.clone(),
            Arc::clone(&self.shared),
            every,
        ));
    }

    /// The end of the process behind it, as the kernel tells it: a FIN, no goodbye of any kind.
    pub fn cut(self) {
        drop(self);
    }

    /// A connection that breaks with a RST.
    pub async fn reset(mut self) {
        if let Some(socket) = &self.socket {
            let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
        }
        self.writer.close().await;
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        let Some(socket) = &self.socket else { return };
        let socket = socket2::SockRef::from(socket);
        if socket.linger().ok().flatten().is_none() {
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl State {
    fn take<T>(&mut self, fits: impl Fn(&Heard) -> Option<T>) -> Option<T> {
        while self.heard.get(self.first_open).is_some_and(|heard| heard.taken) {
            self.first_open += 1;
        }
        for heard in self
            .heard
            .iter_mut()
            .skip(self.first_open)
            .filter(|heard| !heard.taken)
        {
            if let Some(found) = fits(heard) {
                heard.taken = true;
                return Some(found);
            }
        }
        None
    }

    /// How many messages fit, taken or not.
    pub fn count(&self, fits: impl Fn(&ServerMessage) -> bool) -> usize {
        self.heard.iter().filter(|heard| fits(&heard.message)).count()
    }
}

fn nobody() -> HelloOk {
    HelloOk {
        protocol: 0,
        server_id: Default::default(),
        server_name: String::new(),
        epoch: Default::default(),
        boot: 0,
        limits: Default::default(),
        roster: Default::default(),
        registration: Default::default(),
        newest_client: String::new(),
        now_ms: 0,
    }
}
