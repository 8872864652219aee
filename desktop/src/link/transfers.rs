//! Files on a connection of their own, beside the session: opened when there is something to transfer, closed when there is
//! not, and taken up again where it was cut. A task of the link's thread; the disk is read and written on others.

mod running;

use super::conn::{Conn, Incoming, Place, Problem};
use crate::model::files::Transfer;
use crate::platform;
use crate::storage::shelf::Shelf;
use breeze_protocol::codec::Envelope;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::control::{Bye, Ping};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{BlobHash, ClientMessage, Mid, ServerMessage};
use running::{Job, Running};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep_until};

/// Orders and news that may wait; the session hands over no more than it can.
const QUEUE: usize = 1024;
/// Transfers at once: what the server allows.
const RUNNING_MAX: usize = 4;
/// Bytes of files that wait for the socket: enough to keep it busy, little enough to stop at once.
const QUEUED_BYTES_MAX: usize = 128 * 1024;
/// With nothing left to transfer the connection stays so long.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// A server of which nothing is heard for so long is not there any more; halfway it is asked.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// First and longest pause before the next try.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Goodbye is said within this time or not at all.
const BYE_WAIT: Duration = Duration::from_millis(250);

/// What the session wants.
#[derive(Debug)]
pub(super) enum Order {
    /// Bring the files of this message. `true`: the server has said that it does not have them.
    Up(Mid, Vec<Attachment>, bool),
    /// Fetch this file.
    Down(FilePlace, BlobHash, u64),
    /// Stop it.
    Cancel(Transfer),
    /// A ticket, and where it is good.
    Ticket(Box<Place>, Secret),
    /// There is none to be had now.
    NoTicket,
    /// Another account, or none: forget everything.
    Forget,
}

/// What the session hears.
#[derive(Debug)]
pub(super) enum News {
    /// A ticket is wanted.
    WantTicket,
    /// The server has the files of this message.
    Brought(Mid),
    /// So many of so many bytes.
    Moved(Transfer, u64, u64),
    /// A file is here.
    Came(BlobHash),
    /// It cannot be done: the name of a sentence.
    Failed(Transfer, &'static str),
}

/// The session's end of the task.
pub(super) struct Transfers {
    orders: Sender<Order>,
    news: Receiver<News>,
}

impl Transfers {
    /// Starts the task on the runtime one is in.
    pub(super) fn start(shelf: Shelf) -> Self {
        let (orders, inbox) = channel(QUEUE);
        let (outbox, news) = channel(QUEUE);
        let task = Task {
            shelf,
            orders: inbox,
            news: outbox,
            waiting: VecDeque::new(),
            conn: None,
            running: Running::default(),
            asked: false,
            pause: PAUSE_FIRST,
            not_before: Instant::now(),
            moved: Instant::now(),
            pinged: 0,
        };
        tokio::spawn(task.run());
        Self { orders, news }
    }

    /// Hands an order over; gives it back when there is no room.
    pub(super) fn order(&self, order: Order) -> Result<(), Order> {
        use tokio::sync::mpsc::error::TrySendError::{Closed, Full};
        self.orders.try_send(order).map_err(|error| match error {
            Full(order) | Closed(order) => order,
        })
    }

    /// The next news; never when the task is gone.
    pub(super) async fn next(&mut self) -> News {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}

struct Task {
    shelf: Shelf,
    orders: Receiver<Order>,
    news: Sender<News>,
    waiting: VecDeque<Job>,
    conn: Option<Conn>,
    running: Running,
    /// A ticket was asked for and has not come.
    asked: bool,
    pause: Duration,
    /// Nothing is tried before.
    not_before: Instant,
    /// When something last came, or the connection became idle.
    moved: Instant,
    pinged: u64,
}

enum Wake {
    Order(Option<Order>),
    Moved(Result<(), Problem>),
    Time,
}

impl Task {
    async fn run(mut self) {
        loop {
            self.ask_for_ticket().await;
            if let Err(problem) = self.work().await {
                self.lost(&problem);
            }
            let until = self.due();
            let busy = self.conn.is_some();
            let wake = tokio::select! {
                biased;
                order = self.orders.recv() => Wake::Order(order),
                done = turn(&mut self.conn), if busy => Wake::Moved(done),
                () = sleep_until(until) => Wake::Time,
            };
            match wake {
                Wake::Order(Some(order)) => self.order(order).await,
                Wake::Order(None) => return,
                Wake::Moved(Ok(())) => {}
                Wake::Moved(Err(problem)) => self.lost(&problem),
                Wake::Time => self.time().await,
            }
        }
    }

    fn due(&self) -> Instant {
        let now = Instant::now();
        if self.conn.is_some() {
            return match self.running.is_idle() {
                true if self.waiting.is_empty() => self.moved + IDLE_MAX,
                _ => now + SILENCE_MAX / 4,
            };
        }
        if self.waiting.is_empty() || self.asked {
            now + PAUSE_MAX
        } else {
            self.not_before.max(now)
        }
    }

    async fn tell(&mut self, news: News) {
        // The session is gone with the app.
        let _ = self.news.send(news).await;
    }

    async fn ask_for_ticket(&mut self) {
        let wanted = self.conn.is_none() && !self.asked && !self.waiting.is_empty();
        if wanted && Instant::now() >= self.not_before {
            self.asked = true;
            self.tell(News::WantTicket).await;
        }
    }

    async fn order(&mut self, order: Order) {
        match order {
            // Passed on from another message, perhaps: the server may have what was never here.
            Order::Up(mid, files, false) if !files.iter().all(|file| self.shelf.has(file.hash)) => {
                self.tell(News::Brought(mid)).await;
            }
            Order::Up(mid, files, _) => self.add(Job::up(mid, files)),
            Order::Down(place, hash, size) => self.add(Job::down(place, hash, size)),
            Order::Cancel(transfer) => self.cancel(transfer),
            Order::Ticket(place, ticket) => {
                self.asked = false;
                self.connect(&place, ticket).await;
            }
            Order::NoTicket => {
                self.asked = false;
                self.wait();
            }
            Order::Forget => {
                self.waiting.clear();
                self.running = Running::default();
                self.conn = None;
                self.asked = false;
            }
        }
    }

    fn add(&mut self, job: Job) {
        let known = self.running.holds(job.transfer())
            || self.waiting.iter().any(|it| it.transfer() == job.transfer());
        if !known {
            self.waiting.push_back(job);
        }
    }

    fn cancel(&mut self, transfer: Transfer) {
        self.waiting.retain(|job| job.transfer() != transfer);
        if let Some(message) = self.running.cancel(transfer)
            && let Some(conn) = &mut self.conn
        {
            let id = self.running.nothing();
            conn.push(&Envelope::request(id, message));
        }
        if let Transfer::Down(hash) = transfer {
            self.shelf.forget_part(hash);
        }
    }

    async fn connect(&mut self, place: &Place, ticket: Secret) {
        match Conn::open_transfer(place, ticket).await {
            Ok((conn, _)) => {
                self.conn = Some(conn);
                self.moved = Instant::now();
            }
            Err(problem) => self.lost(&problem),
        }
    }

    /// The connection is gone: everything that ran is taken up again on the next one.
    fn lost(&mut self, problem: &Problem) {
        tracing::debug!(?problem, "the transfer connection is gone");
        self.conn = None;
        for job in self.running.lost().into_iter().rev() {
            self.waiting.push_front(job);
        }
        self.wait();
    }

    fn wait(&mut self) {
        let part = platform::chance_below(u64::try_from(self.pause.as_millis()).unwrap_or(1000) + 1);
        self.not_before = Instant::now() + self.pause / 2 + Duration::from_millis(part / 2);
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }

    async fn time(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        let silent = self.moved.elapsed();
        if self.running.is_idle() && self.waiting.is_empty() {
            if silent >= IDLE_MAX {
                conn.push(&Envelope::plain(Bye {}));
                conn.close(BYE_WAIT).await;
                return;
            }
        } else if silent >= SILENCE_MAX {
            self.lost(&Problem::Failure(crate::model::event::Failure::Lost));
            return;
        } else if silent >= SILENCE_MAX / 2 {
            self.pinged += 1;
            conn.push(&Envelope::plain(Ping {
                n: self.pinged,
                got: 0,
            }));
        }
        self.conn = Some(conn);
    }

    /// Everything that can be done without waiting for the server.
    async fn work(&mut self) -> Result<(), Problem> {
        let Some(mut conn) = self.conn.take() else {
            return Ok(());
        };
        let done = self.work_on(&mut conn).await;
        self.conn = Some(conn);
        done
    }

    async fn work_on(&mut self, conn: &mut Conn) -> Result<(), Problem> {
        while let Some(incoming) = conn.ready()? {
            self.moved = Instant::now();
            self.pause = PAUSE_FIRST;
            self.incoming(conn, incoming).await?;
        }
        let ready = |job: &Job| job.not_before().is_none_or(|at| at <= Instant::now());
        while self.running.count() < RUNNING_MAX
            && let Some(at) = self.waiting.iter().position(ready)
            && let Some(job) = self.waiting.remove(at)
        {
            self.start(conn, job).await;
        }
        while conn.queued() < QUEUED_BYTES_MAX {
            match self.running.next_piece(&self.shelf).await {
                None => break,
                Some(Ok((transfer, offset, bytes))) => {
                    conn.push_chunk(transfer, offset, &bytes);
                    self.moved = Instant::now();
                }
                Some(Err(job)) => self.fail(job, "file-gone-here").await,
            }
        }
        for (id, commit) in self.running.commits() {
            conn.push(&Envelope::request(id, commit));
        }
        for (transfer, done, size) in self.running.moved(platform::mono_ms()) {
            self.tell(News::Moved(transfer, done, size)).await;
        }
        Ok(())
    }

    async fn start(&mut self, conn: &mut Conn, job: Job) {
        match self.running.start(job, &self.shelf).await {
            Ok((id, message)) => conn.push(&Envelope::request(id, message)),
            Err(job) => self.fail(job, "file-gone-here").await,
        }
    }

    async fn fail(&mut self, job: Job, sentence: &'static str) {
        self.tell(News::Failed(job.transfer(), sentence)).await;
    }

    async fn incoming(&mut self, conn: &mut Conn, incoming: Incoming) -> Result<(), Problem> {
        let envelope = match incoming {
            Incoming::Chunk(transfer, offset, bytes) => {
                let step = self.running.piece(transfer, offset, bytes).await;
                return self.step(conn, step).await;
            }
            Incoming::Message(envelope) => *envelope,
        };
        let step = match (envelope.re, envelope.message) {
            (_, ServerMessage::Goodbye(_)) => {
                return Err(Problem::Failure(crate::model::event::Failure::Lost));
            }
            (Some(re), message) => self.running.answered(re, message, &self.shelf).await,
            // The server's disk is full: what goes up waits.
            (None, ServerMessage::Error(error)) => self.running.refused_unasked(error.code),
            (None, _) => Step::Nothing,
        };
        self.step(conn, step).await
    }

    async fn step(&mut self, conn: &mut Conn, step: Step) -> Result<(), Problem> {
        match step {
            Step::Nothing => {}
            Step::Ask(id, message) => conn.push(&Envelope::request(id, *message)),
            Step::Again(jobs) => self.waiting.extend(jobs),
            Step::Brought(mid) => self.tell(News::Brought(mid)).await,
            Step::Came(hash) => {
                let kept = self.running.keep(hash, &self.shelf).await;
                match kept {
                    Ok(true) => self.tell(News::Came(hash)).await,
                    Ok(false) => {
                        self.tell(News::Failed(Transfer::Down(hash), "file-damaged"))
                            .await
                    }
                    Err(_) => {
                        self.tell(News::Failed(Transfer::Down(hash), "file-not-kept"))
                            .await
                    }
                }
            }
            Step::Failed(transfer, sentence) => self.tell(News::Failed(transfer, sentence)).await,
        }
        Ok(())
    }
}

/// What follows from something that came.
enum Step {
    Nothing,
    /// Ask the server.
    Ask(u64, Box<ClientMessage>),
    /// Put these back: they are tried later.
    Again(Vec<Job>),
    /// Every file of a message is there.
    Brought(Mid),
    /// All bytes are here.
    Came(BlobHash),
    /// It cannot be done.
    Failed(Transfer, &'static str),
}

async fn turn(conn: &mut Option<Conn>) -> Result<(), Problem> {
    match conn {
        Some(conn) => conn.turn(true).await,
        None => std::future::pending().await,
    }
}
