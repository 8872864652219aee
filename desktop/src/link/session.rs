//! One signed-in connection: catching up, live traffic, heartbeat, acknowledgements, answers to their questions.

use super::around::Change;
use super::beat::{Beat, Pulse};
use super::conn::{Conn, Incoming, Problem};
use super::pictures::{Downloads, Then, Upload, Wish};
use super::task::{BYE_WAIT, News, Task, Turn};
use crate::model::command::{Ask, LinkCommand};
use crate::model::event::{Event, Failure, LinkEvent, Reply, Stamp};
use crate::model::group::PictureOf;
use crate::platform;
use breeze_protocol::codec::Envelope;
use breeze_protocol::limit::REQUESTS_IN_FLIGHT_MAX;
use breeze_protocol::message::blob::{BlobCommit, BlobGet, TransferTicket};
use breeze_protocol::message::chat::{Ack, Send};
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::message::control::{Bye, Goodbye};
use breeze_protocol::message::hello::HelloOk;
use breeze_protocol::message::presence::Status;
use breeze_protocol::message::resume::{Resume, ResumeMode};
use breeze_protocol::message::sign_in::Refused;
use breeze_protocol::{BlobHash, ClientMessage, ServerMessage, TransferId};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;

/// Entries stored and not acknowledged are told at this count at the latest.
const ACK_COUNT: u64 = 64;
/// ... and after this long, milliseconds.
const ACK_MS: u64 = 100;
/// Entries on their way to the disk above which nothing more is read: the disk sets the pace.
const UNSTORED_MAX: u64 = 512;
/// Longest wait for anything, milliseconds; whatever falls due earlier cuts it short.
const WAIT_MS: u64 = 5_000;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// The person or the app wants something else.
    Turn(Turn),
    /// It broke.
    Problem(Problem),
    /// The server said goodbye.
    Goodbye(Goodbye),
    /// Sign-in was refused.
    Refused(Refused),
}

/// Whose answer is awaited.
#[derive(Debug)]
enum Pending {
    Resume { cursor: u64 },
    Ask(Ask),
    Picture(BlobHash),
    Begin(Wish),
    Commit(Wish),
    Profile(Wish),
    Ticket,
    Nothing,
}

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Snapshot {
    /// There is none, or all of it is stored.
    None,
    /// Its rows come.
    Coming,
    /// It had so many entries and items, counted on this connection.
    Ended(u64),
}

/// One connection's state.
struct Session {
    conn: Conn,
    hello: HelloOk,
    no: u64,
    next_id: u64,
    pending: BTreeMap<u64, Pending>,
    resumed: bool,
    snapshot: Snapshot,
    beat: Beat,
    count: u64,
    stored: u64,
    acked: u64,
    ack_at: Option<u64>,
    downloads: Downloads,
}

impl Task {
    /// Serves one signed-in connection until it ends.
    pub(super) async fn session(&mut self, conn: Conn, hello: HelloOk) -> End {
        self.conn_no += 1;
        let mut session = Session {
            conn,
            hello,
            no: self.conn_no,
            next_id: 10,
            pending: BTreeMap::new(),
            resumed: false,
            snapshot: Snapshot::None,
            beat: Beat::new(platform::mono_ms()),
            count: 0,
            stored: 0,
            acked: 0,
            ack_at: None,
            downloads: Downloads::default(),
        };
        let place = self
            .account
            .as_ref()
            .map(|account| account.place)
            .unwrap_or_default();
        let status = Status { state: self.status };
        let resume = Resume {
            epoch: place.epoch,
            boot: place.boot,
            cursor: place.cursor,
            status,
        };
        session.request(Pending::Resume { cursor: place.cursor }, resume);
        let end = session.live(self).await;
        for (_, pending) in std::mem::take(&mut session.pending) {
            match pending {
                Pending::Ask(ask) => self.emit(Event::Answer(ask, Reply::Lost)),
                Pending::Begin(wish) | Pending::Commit(wish) | Pending::Profile(wish) => {
                    self.wish = Some(wish.lost());
                }
                Pending::Ticket => self.files.ticket_wanted = true,
                Pending::Resume { .. } | Pending::Picture(_) | Pending::Nothing => {}
            }
        }
        std::mem::take(&mut session.downloads).lost(&mut self.wanted);
        if matches!(
            end,
            End::Turn(Turn::Bye | Turn::Forget | Turn::Join(_) | Turn::Serve)
        ) {
            self.wish = None;
            session.conn.push(&Envelope::plain(Bye {}));
            session.conn.close(BYE_WAIT).await;
        }
        end
    }
}

impl Session {
    fn request(&mut self, pending: Pending, message: impl Into<ClientMessage>) {
        let id = self.next_id;
        self.next_id += 1;
        self.conn.push(&Envelope::request(id, message));
        self.pending.insert(id, pending);
    }

    async fn live(&mut self, task: &mut Task) -> End {
        loop {
            loop {
                match self.conn.ready() {
                    Ok(Some(incoming)) => {
                        if let Some(end) = self.incoming(task, incoming) {
                            return end;
                        }
                    }
                    Ok(None) => break,
                    Err(problem) => return End::Problem(problem),
                }
            }
            let now = platform::mono_ms();
            if let Some(end) = self.timers(task, now) {
                return end;
            }
            self.pump(task, now);
            let read = task.flush() && self.count - self.stored < UNSTORED_MAX;
            let wait = self.wait_ms(task, now, read);
            tokio::select! {
                biased;
                news = task.news() => match news {
                    News::Around(Change::Woke) => self.beat.woke(platform::mono_ms()),
                    News::Around(Change::Network) => self.beat.network_changed(platform::mono_ms()),
                    News::Files => {}
                    News::Command(None) => return End::Turn(Turn::Bye),
                    News::Command(Some(command)) => {
                        if let Some(turn) = self.command(task, command) {
                            return End::Turn(turn);
                        }
                    }
                },
                done = self.conn.turn(read) => if let Err(problem) = done {
                    return End::Problem(problem);
                },
                () = sleep(Duration::from_millis(wait)) => {}
            }
        }
    }

    fn wait_ms(&self, task: &Task, now: u64, read: bool) -> u64 {
        let due = [Some(self.beat.due()), self.ack_at, task.outbox.due()]
            .into_iter()
            .flatten()
            .min();
        let longest = if read { WAIT_MS } else { 5 };
        due.map_or(longest, |at| at.saturating_sub(now).clamp(1, longest))
    }

    fn timers(&mut self, task: &mut Task, now: u64) -> Option<End> {
        loop {
            match self.beat.tick(now) {
                Pulse::Quiet => break,
                Pulse::Ping(ping) => self.conn.push(&Envelope::plain(ping)),
                Pulse::Unsure => task.tell(LinkEvent::Unsure),
                Pulse::Dead => return Some(End::Problem(Problem::Failure(Failure::Lost))),
            }
        }
        let due = self.ack_at.is_some_and(|at| now >= at) || self.stored - self.acked >= ACK_COUNT;
        if due && self.stored > self.acked {
            self.conn.push(&Envelope::plain(Ack { n: self.stored }));
            self.acked = self.stored;
            self.ack_at = None;
        }
        None
    }

    /// Sends what may be sent.
    fn pump(&mut self, task: &mut Task, now: u64) {
        if self.resumed && std::mem::take(&mut task.files.ticket_wanted) {
            self.request(Pending::Ticket, TransferTicket {});
        }
        if !self.resumed || self.held_back() {
            return;
        }
        while let Some(row) = task.outbox.next(now, platform::wall_ms()) {
            let send = Send {
                mid: row.mid,
                conv: row.conv,
                kind: row.kind,
                body: row.body,
                target: row.target,
                attachments: row.attachments,
            };
            self.conn.push(&Envelope::plain(send));
            task.tell(LinkEvent::Handed(row.mid));
        }
        while self.pending.len() < REQUESTS_IN_FLIGHT_MAX - 2
            && let Some((of, hash)) = self.downloads.next(&mut task.wanted)
        {
            let ask = match of {
                PictureOf::Person(account) => BlobGet::picture(account, hash),
                PictureOf::Group(conv) => BlobGet::group(conv, hash),
            };
            self.request(Pending::Picture(hash), ask);
        }
    }

    /// Whether a snapshot is on its way whose end is not stored yet: older messages may go back to the outbox with it, and
    /// nothing written later may overtake them.
    fn held_back(&mut self) -> bool {
        match self.snapshot {
            Snapshot::None => false,
            Snapshot::Coming => true,
            Snapshot::Ended(count) if self.stored < count => true,
            Snapshot::Ended(_) => {
                self.snapshot = Snapshot::None;
                false
            }
        }
    }

    fn command(&mut self, task: &mut Task, command: LinkCommand) -> Option<Turn> {
        let room = self.resumed && self.pending.len() < REQUESTS_IN_FLIGHT_MAX - 1;
        match command {
            LinkCommand::Request(ask, message) if room => self.request(Pending::Ask(ask), *message),
            LinkCommand::Say(message) if self.resumed => self.conn.push(&Envelope::plain(*message)),
            LinkCommand::Status(state) => {
                task.status = state;
                self.request(Pending::Nothing, Status { state });
            }
            LinkCommand::Stored(stamp, place) => {
                task.stored(place);
                if stamp.conn == self.no && stamp.count > self.stored {
                    self.stored = stamp.count;
                    self.ack_at.get_or_insert(platform::mono_ms() + ACK_MS);
                }
            }
            LinkCommand::SetProfile {
                mid,
                display_name,
                status_text,
                avatar,
                upload,
            } if room => {
                let then = ProfileSet {
                    mid,
                    display_name,
                    avatar,
                    status_text,
                };
                let upload =
                    upload.map(|(hash, bytes)| Upload::new(TransferId(platform::chance()), hash, bytes));
                self.drop_wish();
                let then = Then::Profile(then);
                self.wish(Wish { upload, then });
            }
            LinkCommand::SetGroup(rename, (hash, bytes)) if room => {
                let upload = Some(Upload::new(TransferId(platform::chance()), hash, bytes));
                let then = Then::Group(rename);
                self.wish(Wish { upload, then });
            }
            LinkCommand::TryNow => {}
            command => return task.note(command),
        }
        None
    }

    /// Begins a change of the profile, or goes on with it.
    fn wish(&mut self, mut wish: Wish) {
        match &mut wish.upload {
            Some(upload) => {
                let begin = upload.begin();
                self.request(Pending::Begin(wish), begin);
            }
            None => {
                let then = wish.then.message();
                self.request(Pending::Profile(wish), then);
            }
        }
    }

    /// A newer wish takes the place of one whose picture is still on its way.
    fn drop_wish(&mut self) {
        for pending in self.pending.values_mut() {
            if matches!(pending, Pending::Begin(_) | Pending::Commit(_)) {
                *pending = Pending::Nothing;
            }
        }
    }

    fn send_picture(&mut self, wish: Wish, offset: u64) {
        let Some(upload) = &wish.upload else { return };
        upload.send_from(&mut self.conn, offset);
        let commit = BlobCommit {
            transfer: upload.transfer,
        };
        self.request(Pending::Commit(wish), commit);
    }

    fn incoming(&mut self, task: &mut Task, incoming: Incoming) -> Option<End> {
        let envelope = match incoming {
            Incoming::Chunk(transfer, offset, bytes) => {
                if let Some((hash, bytes)) = self.downloads.piece(transfer, offset, &bytes) {
                    task.tell(LinkEvent::Blob(hash, bytes));
                }
                return None;
            }
            Incoming::Message(envelope) => *envelope,
        };
        if let Some(pending) = envelope.re.and_then(|re| self.pending.remove(&re)) {
            self.answered(task, pending, envelope.message);
            return None;
        }
        let me = task.account.as_ref().map(|account| account.account);
        match &envelope.message {
            ServerMessage::Pong(pong) => {
                if self.beat.pong(pong.n) {
                    task.tell(LinkEvent::Sure);
                }
                return None;
            }
            ServerMessage::Goodbye(goodbye) => return Some(End::Goodbye(goodbye.clone())),
            ServerMessage::Event(entry) => {
                self.count += 1;
                if Some(entry.sender) == me {
                    task.outbox.done(entry.mid);
                }
            }
            ServerMessage::Item(_) => self.count += 1,
            ServerMessage::Synced(_) if self.snapshot == Snapshot::Coming => {
                self.snapshot = Snapshot::Ended(self.count);
            }
            ServerMessage::Sent(sent) => task.outbox.done(sent.mid),
            ServerMessage::Nack(nack) if nack.transient => {
                task.outbox
                    .refused_for_now(nack.mid, nack.retry_ms, platform::mono_ms());
                return None;
            }
            ServerMessage::Nack(nack) => {
                // A file the server has forgotten is brought again, and the message after it.
                let again = nack.code == NackCode::BadReference && task.outbox.bring_again(nack.mid);
                if again || !task.outbox.holds(nack.mid) {
                    return None;
                }
                task.outbox.done(nack.mid);
            }
            _ => {}
        }
        let stamp = Stamp {
            conn: self.no,
            count: self.count,
        };
        task.emit(Event::Server(stamp, envelope.message));
        None
    }

    fn answered(&mut self, task: &mut Task, pending: Pending, message: ServerMessage) {
        match (pending, message) {
            (Pending::Resume { cursor }, ServerMessage::Resumed(resumed)) => {
                self.resumed = true;
                if resumed.mode != ResumeMode::Delta {
                    self.snapshot = Snapshot::Coming;
                }
                task.tell(LinkEvent::Resumed {
                    stamp: Stamp {
                        conn: self.no,
                        count: 0,
                    },
                    cursor,
                    mode: resumed.mode,
                    epoch: self.hello.epoch,
                    boot: self.hello.boot,
                    body_bytes: self.hello.limits.body_bytes,
                    file_bytes: self.hello.limits.file_bytes,
                    keep_days: self.hello.limits.keep_days,
                    server_name: self.hello.server_name.clone(),
                });
                if let Some(wish) = task.wish.take() {
                    self.wish(wish);
                }
            }
            (Pending::Picture(hash), ServerMessage::BlobInfo(info)) if info.hash == hash => {
                self.downloads.announced(info);
            }
            (Pending::Picture(hash), _) => self.downloads.failed(hash),
            (Pending::Ticket, ServerMessage::Ticket(ticket)) => task.give_ticket(Some(ticket)),
            (Pending::Ticket, _) => task.give_ticket(None),
            (Pending::Begin(wish), ServerMessage::BlobOffset(at)) => self.send_picture(wish, at.offset),
            (Pending::Commit(wish), ServerMessage::Done(_)) => self.wish(Wish { upload: None, ..wish }),
            (Pending::Commit(wish), ServerMessage::Error(error)) if begins_again(&wish, error.code) => {
                self.wish(wish);
            }
            (Pending::Begin(wish) | Pending::Commit(wish) | Pending::Profile(wish), message) => {
                let reply = Reply::Message(Box::new(message));
                task.emit(Event::Answer(wish.then.ask(), reply));
            }
            (Pending::Ask(ask), message) => task.emit(Event::Answer(ask, Reply::Message(Box::new(message)))),
            (Pending::Resume { .. } | Pending::Nothing, _) => {}
        }
    }
}

/// Bytes of the connection before came in between, or the server has forgotten the part it had.
fn begins_again(wish: &Wish, code: ErrorCode) -> bool {
    let worth = wish.upload.as_ref().is_some_and(Upload::may_begin_again);
    worth && matches!(code, ErrorCode::OutOfOrder | ErrorCode::NotFound)
}
