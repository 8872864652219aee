//! Catching up: after a resume, and whenever a connection lagged. Reads the store in pages until the live feed takes over.

use super::{Me, Net};
use crate::core::outbox::{Note, Queued};
use crate::core::state::Input;
use crate::hub::pipe::Pipe;
use crate::store::{Missed, MissedPage, Store, StoreError};
use breeze_protocol::Epoch;
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::limit::RESUME_DELTA_MAX;
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::resume::{Resume, ResumeMode, Resumed, Synced};
use std::sync::Arc;
use std::time::Duration;

/// Pause before the store is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Answers a `resume`: mode, presence, everything missed, `synced`.
pub(super) async fn resume<S: Store>(
    net: Arc<Net<S>>,
    me: Arc<Me>,
    pipe: Arc<Pipe>,
    id: Option<u64>,
    resume: Resume,
) {
    let Some((mode, reason)) = mode(&net, &me, &pipe, &resume).await else {
        return;
    };
    if mode == ResumeMode::RolledBack {
        pipe.set_rolled_back();
        let account = me.account.0;
        tracing::error!(
            account,
            "a device has seen a newer server than this: was a disk or machine set back? \
             `breeze-server restore --accept` goes on from the data there is"
        );
        // Kept, because the device forgets what it has seen with the snapshot that follows.
        persist(&pipe, || net.store.set_ahead(me.device)).await;
    }
    pipe.answer(
        id,
        Resumed {
            mode,
            reason: reason.map(str::to_owned),
        },
    );
    net.hub
        .resume(Input::Resume {
            conn: pipe.conn,
            status: resume.status.state,
        })
        .await;
    let told = match (mode, pipe.behind()) {
        (ResumeMode::Delta, _) => Some(resume.cursor),
        (_, Some((_, head))) => snapshot(&net, &me, &pipe, head).await,
        (_, None) => None,
    };
    match told {
        Some(told) => catch_up(&net, &me, &pipe, told, true).await,
        None => pipe.end_feeding(),
    }
    if is_ours(&net, &pipe, &resume).await {
        note_delivered(&net, &me, &pipe, resume.cursor).await;
    }
}

/// Whether the cursor was made by this data as it is now.
async fn is_ours<S: Store>(net: &Net<S>, pipe: &Pipe, resume: &Resume) -> bool {
    resume.epoch == net.about.epoch && is_ahead(net, pipe, resume).await == Some(false)
}

/// Whether a device has seen more than there ever was; `None` when its connection is over. The hub's head is only what
/// was told here: what lies above it is asked of the store before a device is accused.
async fn is_ahead<S: Store>(net: &Net<S>, pipe: &Pipe, resume: &Resume) -> Option<bool> {
    if resume.boot <= net.about.boot && resume.cursor <= net.hub.head() {
        return Some(false);
    }
    let reached = persist(pipe, || net.store.reached()).await?;
    Some(resume.boot > reached.boot || resume.cursor > reached.head)
}

/// A cursor is kept with the rows below it, so telling it acknowledges them: the app may have died after its own commit
/// and before its `ack`, and their author would wait for the tick for ever (R15).
async fn note_delivered<S: Store>(net: &Net<S>, me: &Me, pipe: &Pipe, cursor: u64) {
    let ask = || net.store.undelivered(me.account, cursor);
    let Some(found) = persist(pipe, ask).await.filter(|found| !found.is_empty()) else {
        return;
    };
    let delivered = |(conv, seq)| {
        let mark = Mark {
            account: me.account,
            delivered: seq,
            read: 0,
        };
        (conv, mark)
    };
    let marks: Vec<_> = found.into_iter().map(delivered).collect();
    persist(pipe, || {
        net.store.mark(me.account, marks.clone(), pipe.audience())
    })
    .await;
}

/// Reads what a lagging connection was not given.
pub(super) async fn lagging<S: Store>(net: Arc<Net<S>>, me: Arc<Me>, pipe: Arc<Pipe>) {
    match pipe.behind() {
        Some((told, _)) => catch_up(&net, &me, &pipe, told, false).await,
        None => pipe.end_feeding(),
    }
}

async fn mode<S: Store>(
    net: &Net<S>,
    me: &Me,
    pipe: &Pipe,
    resume: &Resume,
) -> Option<(ResumeMode, Option<&'static str>)> {
    if pipe.is_rolled_back() {
        return Some((
            ResumeMode::RolledBack,
            Some("the device has seen a newer server before"),
        ));
    }
    if resume.cursor == 0 || resume.epoch == Epoch::default() {
        return Some((ResumeMode::Snapshot, Some("this device is new")));
    }
    if resume.epoch != net.about.epoch {
        return Some((
            ResumeMode::Snapshot,
            Some("the server's data was restored or moved"),
        ));
    }
    if is_ahead(net, pipe, resume).await? {
        return Some((ResumeMode::RolledBack, Some("the device has seen a newer server")));
    }
    let ask = || {
        net.store
            .missed_count(me.account, resume.cursor, RESUME_DELTA_MAX + 1)
    };
    let missed = persist(pipe, ask).await?;
    if missed > RESUME_DELTA_MAX {
        return Some((ResumeMode::Snapshot, Some("too much was missed")));
    }
    Some((ResumeMode::Delta, None))
}

/// Asks the store until it answers or the connection is over.
async fn persist<T, F: Future<Output = Result<T, StoreError>>>(
    pipe: &Pipe,
    ask: impl Fn() -> F,
) -> Option<T> {
    loop {
        match ask().await {
            Ok(answer) => return Some(answer),
            Err(error) => tracing::warn!(%error, "catching up waits for the store"),
        }
        tokio::time::sleep(RETRY).await;
        if pipe.is_closed() {
            return None;
        }
    }
}

/// Everything, for a device that knows nothing. What changes meanwhile is read after it, from `head` on.
async fn snapshot<S: Store>(net: &Net<S>, me: &Me, pipe: &Pipe, head: u64) -> Option<u64> {
    for number in 0.. {
        if !pipe.has_room().await {
            return None;
        }
        let page = persist(pipe, || net.store.snapshot(me.account, number)).await?;
        let more = page.more;
        push(pipe, page);
        if !more {
            break;
        }
    }
    Some(head)
}

async fn catch_up<S: Store>(net: &Net<S>, me: &Me, pipe: &Arc<Pipe>, mut told: u64, first: bool) {
    loop {
        let synced = first.then(|| encode_server(&Envelope::plain(Synced { cursor: told })));
        let Some(upto) = pipe.caught_up(told, synced) else {
            break;
        };
        match read(net, me, pipe, told, upto).await {
            Some(now) => told = now,
            None => break,
        }
    }
    pipe.end_feeding();
}

async fn read<S: Store>(net: &Net<S>, me: &Me, pipe: &Pipe, mut told: u64, upto: u64) -> Option<u64> {
    loop {
        if !pipe.has_room().await {
            return None;
        }
        let page = persist(pipe, || net.store.missed(me.account, told, upto)).await?;
        let more = page.more && page.cursor > told;
        told = told.max(page.cursor);
        push(pipe, page);
        if !more {
            return Some(told.max(upto));
        }
    }
}

fn push(pipe: &Pipe, page: MissedPage) {
    let frame = |row: Missed| match row {
        Missed::Entry(event) => {
            let note = Note::Entry {
                conv: event.conv,
                seq: event.seq,
                sender: event.sender,
            };
            Queued {
                bytes: encode_server(&Envelope::plain(event)),
                note,
            }
        }
        Missed::Item(num, state) => Queued {
            bytes: encode_server(&Envelope::plain(state.into_item(num))),
            note: Note::Item,
        },
    };
    pipe.frames(page.rows.into_iter().map(frame).collect());
}
