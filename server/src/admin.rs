//! The operator's channel: a Unix socket only the same user may open, one JSON object a line each way.

pub mod daily;
pub mod doctor;
pub mod operator;
mod recovery;
pub mod socket;
pub mod sweep;

use crate::store::desk::Desk;
use breeze_protocol::admin::{AdminAnswer, AdminRequest, REQUEST_LINE_BYTES_MAX, StartLine};
use breeze_protocol::message::sign_in::Secret;
use operator::Operator;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc};

/// Operators at once: the Host panel and a few commands.
const CONNECTIONS_MAX: usize = 8;
/// How long a connection may say nothing: the Host panel asks every few seconds.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// What the channel serves.
pub struct Admin<S> {
    /// Carries out what is asked.
    pub operator: Operator<S>,
    /// The line the server printed when it started.
    pub start: Mutex<StartLine>,
    /// The server's name.
    pub name: String,
    /// When it started.
    pub started: Instant,
    /// Stops the server.
    pub stop: mpsc::Sender<()>,
}

/// Serves operators until the task is dropped.
pub async fn serve<S: Desk>(listener: socket::Listener, admin: Arc<Admin<S>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("the admin socket did not take a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if !socket::is_same_user(&stream) {
            tracing::warn!("another user tried the admin socket and was turned away");
            continue;
        }
        let admin = Arc::clone(&admin);
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &admin).await {
                tracing::debug!("an operator's connection ended: {error}");
            }
            drop(place);
        });
    }
}

async fn converse<S: Desk>(stream: UnixStream, admin: &Admin<S>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = String::new();
        let mut limited = (&mut read).take(REQUEST_LINE_BYTES_MAX as u64);
        let got = tokio::time::timeout(SILENCE_MAX, limited.read_line(&mut line)).await;
        if got.map_err(std::io::Error::other)?? == 0 {
            return Ok(());
        }
        let answer = match serde_json::from_str(&line) {
            Ok(request) => admin.answer(request).await,
            Err(error) => AdminAnswer::Error {
                text: format!("This request is not understood: {error}."),
            },
        };
        let mut text = serde_json::to_string(&answer)?;
        text.push('\n');
        write.write_all(text.as_bytes()).await?;
        if !line.ends_with('\n') {
            return Ok(());
        }
    }
}

impl<S: Desk> Admin<S> {
    /// Carries a request out.
    pub async fn answer(&self, request: AdminRequest) -> AdminAnswer {
        match request {
            AdminRequest::Info => self.info().await,
            AdminRequest::Stop => {
                // Full means that stopping has begun.
                let _ = self.stop.try_send(());
                AdminAnswer::Done
            }
            other => self.operator.answer(other).await,
        }
    }

    async fn info(&self) -> AdminAnswer {
        let owner = self.operator.store.owner().await;
        let accounts = match self.operator.store.account_count().await {
            Ok(count) => count,
            Err(error) => {
                return AdminAnswer::Error {
                    text: format!("The store does not answer: {error}."),
                };
            }
        };
        let sessions = self.operator.live().await.len() as u64;
        let start = {
            let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(owner, Ok(Some(_))) {
                start.owner_link = None::<Secret>;
            }
            start.clone()
        };
        AdminAnswer::Info {
            start,
            name: self.name.clone(),
            sessions,
            accounts,
            uptime_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            data: self.operator.kept.data.display().to_string(),
        }
    }
}
