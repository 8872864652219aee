//! Transfers on one connection: which file is at which byte, and what each answer of the server means for it.

use super::Step;
use crate::model::files::Transfer;
use crate::storage::shelf::{Part, Shelf};
use breeze_protocol::limit::BLOB_CHUNK_BYTES;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::blob::{BlobBegin, BlobCancel, BlobCommit, BlobGet};
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::{BlobHash, ClientMessage, Mid, ServerMessage, TransferId};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// Bytes read from the disk at once.
const READ_BYTES: usize = 4 * BLOB_CHUNK_BYTES;
/// The person is told of a transfer this often, milliseconds.
const TOLD_EVERY_MS: u64 = 100;
/// A refusal that may pass is not tried again before this.
const LATER: Duration = Duration::from_secs(30);
/// One file is begun so often before it counts as impossible.
const BEGINS_MAX: u32 = 5;

/// Something to transfer.
#[derive(Debug, Clone)]
pub(super) struct Job {
    what: What,
    begun: u32,
    not_before: Option<Instant>,
}

#[derive(Debug, Clone)]
enum What {
    /// The files of a message that are still to be brought, the next one last.
    Up(Mid, Vec<(u8, Attachment)>),
    Down(FilePlace, BlobHash, u64),
}

impl Job {
    pub(super) fn up(mid: Mid, files: Vec<Attachment>) -> Self {
        let mut files: Vec<(u8, Attachment)> = (0..).zip(files).collect();
        files.reverse();
        Self {
            what: What::Up(mid, files),
            begun: 0,
            not_before: None,
        }
    }

    pub(super) fn down(place: FilePlace, hash: BlobHash, size: u64) -> Self {
        Self {
            what: What::Down(place, hash, size),
            begun: 0,
            not_before: None,
        }
    }

    pub(super) fn transfer(&self) -> Transfer {
        match &self.what {
            What::Up(mid, _) => Transfer::Up(*mid),
            What::Down(_, hash, _) => Transfer::Down(*hash),
        }
    }

    pub(super) fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    fn later(mut self) -> Self {
        self.not_before = Some(Instant::now() + LATER);
        self
    }
}

/// The same number for the same file of the same message, so that it goes on after a restart of either side.
fn number(mid: Mid, index: u8) -> TransferId {
    let mut number = mid.0;
    number[15] ^= index;
    TransferId(number)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Asked whether it may begin.
    Begun,
    /// Bytes flow.
    Flowing,
    /// Every byte is sent: it is to be ended.
    Sent,
    /// Asked to end it.
    Ending,
}

#[derive(Debug)]
struct Up {
    job: Job,
    stage: Stage,
    offset: u64,
    /// Read and not yet pushed.
    read: Bytes,
}

#[derive(Debug)]
struct Down {
    job: Job,
    /// The server's number, once it has told it.
    id: Option<TransferId>,
    size: u64,
    /// `None` while a piece is written.
    part: Option<Part>,
}

/// The transfers of one connection.
#[derive(Debug, Default)]
pub(super) struct Running {
    ups: BTreeMap<TransferId, Up>,
    downs: BTreeMap<BlobHash, Down>,
    /// Parts whose bytes are all here.
    whole: BTreeMap<BlobHash, Part>,
    asked: BTreeMap<u64, Transfer>,
    next_id: u64,
    told: BTreeMap<Transfer, (u64, u64)>,
    turn: usize,
}

impl Running {
    pub(super) fn count(&self) -> usize {
        self.ups.len() + self.downs.len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.count() == 0
    }

    pub(super) fn holds(&self, transfer: Transfer) -> bool {
        match transfer {
            Transfer::Up(_) => self.ups.values().any(|up| up.job.transfer() == transfer),
            Transfer::Down(hash) => self.downs.contains_key(&hash),
        }
    }

    fn ask(&mut self, transfer: Transfer) -> u64 {
        self.next_id += 1;
        self.asked.insert(self.next_id, transfer);
        self.next_id
    }

    /// A number for a request whose answer does not matter.
    pub(super) fn nothing(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Everything that ran, to be begun anew.
    pub(super) fn lost(&mut self) -> Vec<Job> {
        let was = std::mem::take(self);
        self.next_id = was.next_id;
        let ups = was.ups.into_values().map(|up| up.job);
        let downs = was.downs.into_values().map(|down| down.job);
        // A cut does not count against a file.
        let fresh = |job: Job| Job { begun: 0, ..job };
        ups.chain(downs).map(fresh).collect()
    }

    /// Begins a job: the request, and its number. The job comes back when its bytes are not on this computer.
    pub(super) async fn start(&mut self, mut job: Job, shelf: &Shelf) -> Result<(u64, ClientMessage), Job> {
        job.begun += 1;
        let transfer = job.transfer();
        let message: ClientMessage = match &job.what {
            What::Up(mid, files) => {
                let Some((index, file)) = files.last() else {
                    return Err(job);
                };
                if !shelf.has(file.hash) {
                    return Err(job);
                }
                let begin = BlobBegin {
                    transfer: number(*mid, *index),
                    size: file.size,
                    hash: file.hash,
                };
                let up = Up {
                    job: job.clone(),
                    stage: Stage::Begun,
                    offset: 0,
                    read: Bytes::new(),
                };
                self.ups.insert(begin.transfer, up);
                begin.into()
            }
            What::Down(place, hash, size) => {
                let (place, hash, size, shelf) = (*place, *hash, *size, shelf.clone());
                let Ok(part) = on_disk(move || shelf.receive(hash)).await else {
                    return Err(job);
                };
                let held = part.held();
                let down = Down {
                    job: job.clone(),
                    id: None,
                    size,
                    part: Some(part),
                };
                self.downs.insert(hash, down);
                BlobGet::file(place, hash, held.min(size)).into()
            }
        };
        Ok((self.ask(transfer), message))
    }

    /// Stops a transfer; what to tell the server, if it knows of it.
    pub(super) fn cancel(&mut self, transfer: Transfer) -> Option<ClientMessage> {
        self.told.remove(&transfer);
        self.asked.retain(|_, of| *of != transfer);
        let id = match transfer {
            Transfer::Up(_) => {
                let id = *self.ups.iter().find(|(_, up)| up.job.transfer() == transfer)?.0;
                self.ups.remove(&id);
                Some(id)
            }
            Transfer::Down(hash) => self.downs.remove(&hash)?.id,
        };
        id.map(|transfer| BlobCancel { transfer }.into())
    }

    /// The next piece of a file that goes up, in turn. `Err`: it cannot be read here.
    pub(super) async fn next_piece(
        &mut self,
        shelf: &Shelf,
    ) -> Option<Result<(TransferId, u64, Bytes), Job>> {
        let flowing: Vec<TransferId> = self
            .ups
            .iter()
            .filter(|(_, up)| up.stage == Stage::Flowing)
            .map(|(id, _)| *id)
            .collect();
        let id = *flowing.get(self.turn.checked_rem(flowing.len())?)?;
        self.turn = self.turn.wrapping_add(1);
        let up = self.ups.get_mut(&id)?;
        let What::Up(_, files) = &up.job.what else {
            return None;
        };
        let file = files.last()?.1.clone();
        if up.read.is_empty() {
            let (shelf, offset) = (shelf.clone(), up.offset);
            match on_disk(move || shelf.read(file.hash, offset, READ_BYTES)).await {
                Ok(bytes) if !bytes.is_empty() => up.read = bytes.into(),
                _ => return Some(Err(self.ups.remove(&id)?.job)),
            }
        }
        let piece = up.read.split_to(up.read.len().min(BLOB_CHUNK_BYTES));
        let offset = up.offset;
        up.offset += piece.len() as u64;
        if up.offset >= file.size {
            up.stage = Stage::Sent;
        }
        Some(Ok((id, offset, piece)))
    }

    /// Requests to end what is sent to its last byte.
    pub(super) fn commits(&mut self) -> Vec<(u64, ClientMessage)> {
        let sent: Vec<(TransferId, Transfer)> = self
            .ups
            .iter_mut()
            .filter(|(_, up)| up.stage == Stage::Sent)
            .map(|(id, up)| {
                up.stage = Stage::Ending;
                (*id, up.job.transfer())
            })
            .collect();
        sent.into_iter()
            .map(|(transfer, of)| (self.ask(of), BlobCommit { transfer }.into()))
            .collect()
    }

    /// A piece of a file that comes.
    pub(super) async fn piece(&mut self, id: TransferId, offset: u64, bytes: Bytes) -> Step {
        let found = self.downs.iter_mut().find(|(_, down)| down.id == Some(id));
        let Some((hash, down)) = found else {
            return Step::Nothing;
        };
        let (hash, size) = (*hash, down.size);
        let Some(mut part) = down.part.take() else {
            return Step::Nothing;
        };
        if offset != part.held() || offset + bytes.len() as u64 > size {
            self.downs.remove(&hash);
            return Step::Failed(Transfer::Down(hash), "file-damaged");
        }
        let written = on_disk(move || part.append(&bytes).map(|()| part)).await;
        let Ok(part) = written else {
            self.downs.remove(&hash);
            return Step::Failed(Transfer::Down(hash), "file-not-kept");
        };
        if part.held() < size {
            if let Some(down) = self.downs.get_mut(&hash) {
                down.part = Some(part);
            }
            return Step::Nothing;
        }
        self.downs.remove(&hash);
        self.whole.insert(hash, part);
        Step::Came(hash)
    }

    /// Puts a file whose bytes are all here onto the shelf; `false`: they are not what was announced.
    pub(super) async fn keep(&mut self, hash: BlobHash, shelf: &Shelf) -> io::Result<bool> {
        self.told.remove(&Transfer::Down(hash));
        let Some(part) = self.whole.remove(&hash) else {
            return Ok(false);
        };
        let shelf = shelf.clone();
        on_disk(move || shelf.keep(part, hash)).await
    }

    /// What an answer means.
    pub(super) async fn answered(&mut self, re: u64, message: ServerMessage, shelf: &Shelf) -> Step {
        match self.asked.remove(&re) {
            Some(Transfer::Up(mid)) => self.up_answered(mid, message, shelf).await,
            Some(Transfer::Down(hash)) => self.down_answered(hash, message),
            None => Step::Nothing,
        }
    }

    async fn up_answered(&mut self, mid: Mid, message: ServerMessage, shelf: &Shelf) -> Step {
        let found = self
            .ups
            .iter_mut()
            .find(|(_, up)| up.job.transfer() == Transfer::Up(mid));
        let Some((&id, up)) = found else {
            return Step::Nothing;
        };
        match (up.stage, message) {
            (Stage::Begun, ServerMessage::BlobOffset(at)) => {
                let size = match &up.job.what {
                    What::Up(_, files) => files.last().map_or(0, |(_, file)| file.size),
                    What::Down(..) => 0,
                };
                up.offset = at.offset.min(size);
                up.stage = if up.offset == size {
                    Stage::Sent
                } else {
                    Stage::Flowing
                };
                Step::Nothing
            }
            (Stage::Ending, ServerMessage::Done(_)) => {
                let Some(mut up) = self.ups.remove(&id) else {
                    return Step::Nothing;
                };
                if let What::Up(_, files) = &mut up.job.what {
                    files.pop();
                    if files.is_empty() {
                        self.told.remove(&Transfer::Up(mid));
                        return Step::Brought(mid);
                    }
                }
                up.job.begun = 0;
                self.again(up.job, shelf).await
            }
            (_, ServerMessage::Error(error)) => {
                let Some(up) = self.ups.remove(&id) else {
                    return Step::Nothing;
                };
                self.up_refused(up.job, error.code, shelf).await
            }
            _ => Step::Nothing,
        }
    }

    async fn again(&mut self, job: Job, shelf: &Shelf) -> Step {
        let transfer = job.transfer();
        match self.start(job, shelf).await {
            Ok((id, message)) => Step::Ask(id, Box::new(message)),
            Err(_) => Step::Failed(transfer, "file-gone-here"),
        }
    }

    async fn up_refused(&mut self, job: Job, code: ErrorCode, shelf: &Shelf) -> Step {
        let transfer = job.transfer();
        match code {
            // Bytes of an older connection came in between, or the server has forgotten its part: from where it is.
            ErrorCode::OutOfOrder | ErrorCode::NotFound | ErrorCode::HashMismatch
                if job.begun < BEGINS_MAX =>
            {
                self.again(job, shelf).await
            }
            ErrorCode::Busy | ErrorCode::StorageFull | ErrorCode::Internal => Step::Again(vec![job.later()]),
            ErrorCode::TooLarge => Step::Failed(transfer, "file-refused-size"),
            ErrorCode::Quota => Step::Failed(transfer, "file-refused-quota"),
            _ => Step::Failed(transfer, "file-refused"),
        }
    }

    fn down_answered(&mut self, hash: BlobHash, message: ServerMessage) -> Step {
        match message {
            ServerMessage::BlobInfo(info) => {
                let Some(down) = self.downs.get_mut(&hash) else {
                    return Step::Nothing;
                };
                if info.hash != hash || info.size != down.size {
                    self.downs.remove(&hash);
                    return Step::Failed(Transfer::Down(hash), "file-damaged");
                }
                down.id = Some(info.transfer);
                let whole = down.part.as_ref().is_some_and(|part| part.held() >= info.size);
                if !whole {
                    return Step::Nothing;
                }
                if let Some(part) = self.downs.remove(&hash).and_then(|down| down.part) {
                    self.whole.insert(hash, part);
                }
                Step::Came(hash)
            }
            ServerMessage::Error(error) => {
                let Some(down) = self.downs.remove(&hash) else {
                    return Step::Nothing;
                };
                match error.code {
                    ErrorCode::Busy | ErrorCode::Internal => Step::Again(vec![down.job.later()]),
                    ErrorCode::NotFound => Step::Failed(Transfer::Down(hash), "file-gone"),
                    _ => Step::Failed(Transfer::Down(hash), "file-refused"),
                }
            }
            _ => Step::Nothing,
        }
    }

    /// The server said unasked that it cannot take more.
    pub(super) fn refused_unasked(&mut self, code: ErrorCode) -> Step {
        if code != ErrorCode::StorageFull {
            return Step::Nothing;
        }
        let jobs = std::mem::take(&mut self.ups)
            .into_values()
            .map(|up| up.job.later());
        Step::Again(jobs.collect())
    }

    /// What has moved since it was last told, and not too often.
    pub(super) fn moved(&mut self, now_ms: u64) -> Vec<(Transfer, u64, u64)> {
        let ups = self.ups.values().filter_map(|up| match &up.job.what {
            What::Up(_, files) => Some((up.job.transfer(), up.offset, files.last()?.1.size)),
            What::Down(..) => None,
        });
        let downs = self
            .downs
            .iter()
            .filter_map(|(hash, down)| Some((Transfer::Down(*hash), down.part.as_ref()?.held(), down.size)));
        let all: Vec<(Transfer, u64, u64)> = ups.chain(downs).collect();
        let told = &mut self.told;
        let fresh = |(transfer, done, _): &(Transfer, u64, u64)| {
            let known = told.get(transfer);
            let stale = known.is_some_and(|(at, before)| now_ms < at + TOLD_EVERY_MS || before == done);
            if !stale {
                told.insert(*transfer, (now_ms, *done));
            }
            !stale
        };
        all.into_iter().filter(fresh).collect()
    }
}

/// Lets a thread that may wait do it.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work failed")))
}
