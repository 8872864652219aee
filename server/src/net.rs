//! Sockets: who may connect, what they say, and how answers go out. Knows bytes and frames; the rules are in `core`.

mod accept;
pub mod announce;
mod blob;
mod chat;
mod connection;
mod contact;
mod devices;
mod doors;
mod feed;
mod group;
mod hello;
mod incoming;
mod invites;
pub mod listen;
mod marking;
mod profile;
mod requests;
mod search;
mod sign_in;
mod tickets;
mod transfer;
mod uploads;
mod wire;

#[cfg(test)]
mod tests;

use crate::core::Timing;
use crate::core::rate::{Buckets, Rate};
use crate::store::{Refusal, Store, StoreError};
use crate::{hub, invite, password};
use breeze_protocol::message::chat::Nack;
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::control::Error;
use breeze_protocol::message::hello::{Registration, Roster};
use breeze_protocol::{AccountId, DeviceId, Epoch, Mid, ServerId, ServerMessage};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
pub use wire::Duplex;

/// Tries with a password per address: ten at once, then one every two seconds.
const PASSWORDS_PER_ADDRESS: Rate = Rate {
    burst: 10,
    milli_per_s: 500,
};
/// Tries with a password per account: five at once, then one every five seconds.
const PASSWORDS_PER_ACCOUNT: Rate = Rate {
    burst: 5,
    milli_per_s: 200,
};
/// Sign-ins by token per address: a whole community behind one address must come back after a restart.
const TOKENS_PER_ADDRESS: Rate = Rate {
    burst: 4000,
    milli_per_s: 2_000_000,
};
/// Friend requests per account: twenty a day.
const FRIEND_REQUESTS: Rate = Rate {
    burst: 20,
    milli_per_s: 1,
};
/// Changes of friends per account, requests not among them: a long list put in order at once.
const CONTACT_CHANGES: Rate = Rate {
    burst: 100,
    milli_per_s: 1000,
};
/// Changes of one's own profile, invites and devices, per account: all invites one may have, made and taken back at once.
const OWN_CHANGES: Rate = Rate {
    burst: 200,
    milli_per_s: 1000,
};
/// Changes of groups per account: each is told to every member.
const GROUP_CHANGES: Rate = Rate {
    burst: 100,
    milli_per_s: 1000,
};
/// Changes of how one keeps conversations, per account: a whole list put in order at once.
const PREFS_CHANGES: Rate = Rate {
    burst: 300,
    milli_per_s: 2000,
};
/// Pinned messages put up and taken off, per account: each is told to every member.
const PINS: Rate = Rate {
    burst: 60,
    milli_per_s: 500,
};
/// Searches per account: a key typed every fifth of a second, for as long as anybody types.
const SEARCHES: Rate = Rate {
    burst: 40,
    milli_per_s: 5000,
};
/// What a transient refusal suggests, milliseconds.
const RETRY_MS: u64 = 1000;

/// What the server says of itself in `hello_ok`.
#[derive(Debug, Clone)]
pub struct About {
    /// Identity of its data.
    pub server_id: ServerId,
    /// Its name, for people.
    pub server_name: String,
    /// Which life of the data this is.
    pub epoch: Epoch,
    /// Which start this is.
    pub boot: u64,
    /// Who is on whose list.
    pub roster: Roster,
    /// Who may make an account.
    pub registration: Registration,
    /// Newest client heard of, empty if none.
    pub newest_client: String,
    /// Days for which messages are kept at most; 0: no such end.
    pub keep_days: u64,
}

/// How many may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Connections in all: 10,000 idle ones fit into some tens of MiB.
    pub total: usize,
    /// Connections of one address: a tenth of all, so an office behind one address fits and cannot take the server.
    /// Not for loopback without TLS: there everybody comes through one proxy.
    pub per_address: usize,
    /// TLS handshakes at once: they are what costs the processor most.
    pub handshakes: usize,
    /// Connections of one address that have not signed in; the next waits its turn.
    pub unsigned_per_address: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            total: 10_000,
            per_address: 1000,
            handshakes: 64,
            unsigned_per_address: 20,
        }
    }
}

/// What serving begins with.
pub struct NetStart<S> {
    /// Bound and listening.
    pub listeners: Vec<TcpListener>,
    /// Connections that come another way than through a socket: those of a pretend network. `None` in a real server.
    pub handed: Option<mpsc::Receiver<Handed>>,
    /// `None`: plaintext, on loopback only.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The store.
    pub store: S,
    /// The hub.
    pub hub: hub::Handle,
    /// What the server says of itself.
    pub about: Arc<About>,
    /// Where passwords are hashed.
    pub passwords: password::Pool,
    /// Who makes links.
    pub inviter: Arc<invite::Inviter>,
    /// Intervals.
    pub timing: Timing,
    /// How many may connect.
    pub caps: Caps,
    /// Becomes true when the server stops.
    pub shutdown: watch::Receiver<bool>,
}

/// A connection that is no socket of ours.
pub struct Handed {
    /// Its bytes, which need no TLS.
    pub stream: Box<dyn Duplex>,
    /// Where it counts as coming from.
    pub from: IpAddr,
}

/// What every connection shares.
pub(crate) struct Net<S> {
    pub(crate) store: S,
    pub(crate) hub: hub::Handle,
    about: Arc<About>,
    passwords: password::Pool,
    inviter: Arc<invite::Inviter>,
    timing: Timing,
    tls: Option<tokio_rustls::TlsAcceptor>,
    handshakes: Semaphore,
    doors: doors::Doors,
    rates: Mutex<Rates>,
    uploads: Mutex<uploads::Uploads>,
    tickets: Mutex<tickets::Tickets>,
    seats: Mutex<tickets::Seats>,
    incoming: incoming::Open,
    /// Becomes true when the server stops.
    shutdown: watch::Receiver<bool>,
}

struct Rates {
    passwords_by_address: Buckets<IpAddr>,
    passwords_by_name: Buckets<String>,
    tokens: Buckets<IpAddr>,
    friend_requests: Buckets<AccountId>,
    contact_changes: Buckets<AccountId>,
    own_changes: Buckets<AccountId>,
    group_changes: Buckets<AccountId>,
    prefs_changes: Buckets<AccountId>,
    pins: Buckets<AccountId>,
    searches: Buckets<AccountId>,
}

/// Who is at the other end.
#[derive(Debug)]
pub(crate) struct Me {
    pub(crate) account: AccountId,
    pub(crate) device: DeviceId,
    pub(crate) username: String,
}

/// Takes connections until `shutdown`, then waits until all have ended.
pub async fn serve<S: Store>(start: NetStart<S>) {
    let net = Arc::new(Net {
        store: start.store,
        hub: start.hub,
        about: start.about,
        passwords: start.passwords,
        inviter: start.inviter,
        timing: start.timing,
        tls: start.tls.map(tokio_rustls::TlsAcceptor::from),
        handshakes: Semaphore::new(start.caps.handshakes),
        doors: doors::Doors::new(start.caps),
        rates: Mutex::new(Rates {
            passwords_by_address: Buckets::new(PASSWORDS_PER_ADDRESS),
            passwords_by_name: Buckets::new(PASSWORDS_PER_ACCOUNT),
            tokens: Buckets::new(TOKENS_PER_ADDRESS),
            friend_requests: Buckets::new(FRIEND_REQUESTS),
            contact_changes: Buckets::new(CONTACT_CHANGES),
            own_changes: Buckets::new(OWN_CHANGES),
            group_changes: Buckets::new(GROUP_CHANGES),
            prefs_changes: Buckets::new(PREFS_CHANGES),
            pins: Buckets::new(PINS),
            searches: Buckets::new(SEARCHES),
        }),
        uploads: Mutex::default(),
        tickets: Mutex::default(),
        seats: Mutex::default(),
        incoming: incoming::Open::default(),
        shutdown: start.shutdown.clone(),
    });
    accept::run(net, start.listeners, start.handed, start.shutdown).await;
}

impl<S> Net<S> {
    fn rates(&self) -> MutexGuard<'_, Rates> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this account changes things of its own too fast.
    fn too_fast(&self, account: AccountId) -> bool {
        let now_ms = self.hub.clock().now_ms();
        self.rates().own_changes.take(account, now_ms).is_err()
    }

    fn uploads(&self) -> MutexGuard<'_, uploads::Uploads> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tickets(&self) -> MutexGuard<'_, tickets::Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seats(&self) -> MutexGuard<'_, tickets::Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nack(mid: Mid, code: NackCode) -> ServerMessage {
    let transient = code.is_transient();
    Nack {
        mid,
        code,
        transient,
        retry_ms: if transient { RETRY_MS } else { 0 },
    }
    .into()
}

fn refused(mid: Mid, refusal: Refusal) -> ServerMessage {
    match refusal {
        Refusal::Nack(code) => nack(mid, code),
        Refusal::Store(error) => store_nack(mid, error),
    }
}

fn store_nack(mid: Mid, error: StoreError) -> ServerMessage {
    let code = match error {
        StoreError::Full => NackCode::StorageFull,
        StoreError::Busy => NackCode::Busy,
        StoreError::Down(why) => {
            tracing::error!(%why, "the store refused a change");
            NackCode::StoreDown
        }
    };
    nack(mid, code)
}

fn error(code: ErrorCode, text: &str) -> ServerMessage {
    Error {
        code,
        text: text.to_owned(),
    }
    .into()
}

/// A question the store could not answer.
fn store_error(error_: &StoreError) -> ServerMessage {
    tracing::error!(error = %error_, "the store could not answer");
    error(ErrorCode::Internal, "the server could not look that up")
}
