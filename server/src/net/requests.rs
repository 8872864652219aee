//! What each message of a live connection does. Quick ones here and now; the others beside the connection, at most 32 at once.

use super::connection::Connection;
use super::{Me, Net, blob, chat, contact, devices, error, feed, group, invites, profile, search, transfer};
use crate::clock::wall_ms;
use crate::core::end::ConnectionEnd;
use crate::core::session::Phase;
use crate::core::state::Input;
use crate::hub::pipe::Pipe;
use crate::store::{ContactChange, GroupChange, Store};
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::control::{Done, Pong};
use breeze_protocol::{ClientMessage, Mid, ServerMessage};
use std::sync::Arc;

/// Least time between two notes of typing that are looked up, milliseconds: clients send one every 3 s.
const TYPING_EVERY_MS: u64 = 1000;
/// Least time between two pictures of everybody's presence, milliseconds: each is made by the one task that tells all.
const QUERY_EVERY_MS: u64 = 1000;

/// Carries out one lawful message.
pub(super) fn take<S: Store>(
    connection: &mut Connection<S>,
    id: Option<u64>,
    message: ClientMessage,
) -> Result<(), ConnectionEnd> {
    let conn = connection.pipe.conn;
    match message {
        ClientMessage::Ping(ping) => {
            connection.ping(ping.n, ping.got);
            let pong = Pong {
                n: ping.n,
                now_ms: wall_ms(),
            };
            connection.pipe.pong(encode_server(&Envelope::answer(id, pong)));
        }
        ClientMessage::Bye(_) => return Err(ConnectionEnd::Left),
        ClientMessage::Resume(resume) => {
            connection.phase = Phase::Live;
            if connection.pipe.begin_feeding() {
                let (net, me, pipe) = connection.parts();
                tokio::spawn(feed::resume(net, me, pipe, id, resume));
            }
        }
        ClientMessage::Send(send) => chat::send(connection, send),
        ClientMessage::Ack(ack) => {
            let now_ms = connection.now_ms();
            let me = Arc::clone(&connection.me);
            let acked = connection.marking().acked(ack.n, &me, now_ms);
            acked.map_err(|_| ConnectionEnd::BadAck)?;
        }
        ClientMessage::Read(read) => {
            let now_ms = connection.now_ms();
            let mark = Mark {
                account: connection.me.account,
                delivered: 0,
                read: read.seq,
            };
            connection.marking().raise(read.conv, mark, now_ms);
        }
        ClientMessage::Status(status) => {
            connection.tell(Input::Status {
                conn,
                status: status.state,
            });
            if id.is_some() {
                connection.pipe.answer(id, Done {});
            }
        }
        ClientMessage::PresenceQuery(_) => connection.query(),
        ClientMessage::BlobBegin(begin) => blob::begin(connection, id, &begin),
        ClientMessage::BlobState(state) => blob::state(connection, id, &state),
        ClientMessage::BlobCancel(cancel) => blob::cancel(connection, id, &cancel),
        ClientMessage::Typing(_) if typed_just_now(connection) => {}
        other => spawn(connection, id, other),
    }
    Ok(())
}

impl<S: Store> Connection<S> {
    /// Asks the hub for a picture of everybody: at once, or when its time has come, one for all who asked meanwhile.
    fn query(&mut self) {
        self.query_waits = true;
        self.query_when_due();
    }

    /// Asks for the picture that waits for its time, if that has come.
    pub(super) fn query_when_due(&mut self) {
        let now_ms = self.now_ms();
        if self.query_waits && now_ms >= self.query_gate_ms {
            self.query_waits = false;
            self.query_gate_ms = now_ms + QUERY_EVERY_MS;
            self.tell(Input::Query(self.pipe.conn));
        }
    }
}

/// Whether typing was told a moment ago: told again it would say nothing new.
fn typed_just_now<S: Store>(connection: &mut Connection<S>) -> bool {
    let now_ms = connection.now_ms();
    let just_now = connection
        .typed_ms
        .is_some_and(|at_ms| now_ms < at_ms + TYPING_EVERY_MS);
    if !just_now {
        connection.typed_ms = Some(now_ms);
    }
    just_now
}

impl<S: Store> Connection<S> {
    fn parts(&self) -> (Arc<Net<S>>, Arc<Me>, Arc<Pipe>) {
        (
            Arc::clone(&self.net),
            Arc::clone(&self.me),
            Arc::clone(&self.pipe),
        )
    }
}

fn spawn<S: Store>(connection: &Connection<S>, id: Option<u64>, message: ClientMessage) {
    let Some(place) = connection.pipe.request() else {
        let answer = match mid(&message) {
            Some(mid) => super::nack(mid, NackCode::Busy),
            None => error(ErrorCode::OutOfOrder, "too many requests wait for their answer"),
        };
        connection.pipe.answer(id, answer);
        return;
    };
    let (net, me, _) = connection.parts();
    tokio::spawn(async move {
        if let Some(answer) = answer(&net, &me, place.pipe(), id, message).await {
            place.pipe().answer(id, answer);
        }
    });
}

/// The answer to a request, unless it has been queued already.
async fn answer<S: Store>(
    net: &Arc<Net<S>>,
    me: &Me,
    pipe: &Pipe,
    id: Option<u64>,
    message: ClientMessage,
) -> Option<ServerMessage> {
    use ClientMessage as M;
    Some(match message {
        M::Typing(it) => return chat::typing(net, me, pipe.conn, it.conv).await,
        M::History(it) => chat::history(net, me, &it).await,
        M::Search(it) => search::search(net, me, it).await,
        M::ConvOpen(it) => chat::open(net, me, &it).await,
        M::FriendRequest(it) => contact::request(net, me, it).await,
        M::FriendAnswer(it) => {
            let change = ContactChange::Answer {
                account: it.account,
                accept: it.accept,
            };
            contact::change(net, me, it.mid, change).await
        }
        M::Unfriend(it) => contact::change(net, me, it.mid, ContactChange::Unfriend(it.account)).await,
        M::Block(it) => contact::change(net, me, it.mid, ContactChange::Block(it.account)).await,
        M::Unblock(it) => contact::change(net, me, it.mid, ContactChange::Unblock(it.account)).await,
        M::ProfileSet(it) => profile::set(net, me, pipe, it).await,
        M::PasswordChange(it) => profile::password(net, me, it).await,
        M::InviteCreate(it) => invites::create(net, me, &it).await,
        M::InviteList(_) => invites::list(net, me).await,
        M::InviteRevoke(it) => invites::revoke(net, me, &it).await,
        M::SessionsList(_) => devices::list(net, me).await,
        M::SessionRevoke(it) => devices::revoke(net, me, &it).await,
        M::BlobCommit(it) => blob::commit(net, me, &it).await,
        M::GroupCreate(it) => group::create(net, me, it).await,
        M::GroupInvite(it) => group::change(net, me, it.mid, GroupChange::Invite(it.conv, it.accounts)).await,
        M::GroupRemove(it) => group::change(net, me, it.mid, GroupChange::Remove(it.conv, it.account)).await,
        M::GroupLeave(it) => group::change(net, me, it.mid, GroupChange::Leave(it.conv)).await,
        M::GroupRename(it) => {
            let change = GroupChange::Rename(it.conv, it.title, it.avatar);
            group::change(net, me, it.mid, change).await
        }
        M::GroupRole(it) => {
            let change = GroupChange::Role(it.conv, it.account, it.role);
            group::change(net, me, it.mid, change).await
        }
        M::Members(it) => group::members(net, me, &it).await,
        M::BlobGet(it) => return blob::get(net, me, pipe, id, &it).await,
        M::TransferTicket(_) => transfer::ticket(net, me),
        M::ItemSet(it) => chat::keep(net, me, it).await,
        M::Draft(it) => chat::draft(net, me, it).await,
        M::MessagePin(it) => chat::pin(net, me, it).await,
        M::ConvKeep(it) => chat::keep_for(net, me, it).await,
        _ => error(ErrorCode::OutOfOrder, "not a request"),
    })
}

fn mid(message: &ClientMessage) -> Option<Mid> {
    use ClientMessage as M;
    Some(match message {
        M::ConvOpen(it) => it.mid,
        M::FriendRequest(it) => it.mid,
        M::FriendAnswer(it) => it.mid,
        M::Unfriend(it) => it.mid,
        M::Block(it) => it.mid,
        M::Unblock(it) => it.mid,
        M::ProfileSet(it) => it.mid,
        M::PasswordChange(it) => it.mid,
        M::InviteCreate(it) => it.mid,
        M::InviteRevoke(it) => it.mid,
        M::SessionRevoke(it) => it.mid,
        M::GroupCreate(it) => it.mid,
        M::GroupInvite(it) => it.mid,
        M::GroupRemove(it) => it.mid,
        M::GroupLeave(it) => it.mid,
        M::GroupRename(it) => it.mid,
        M::GroupRole(it) => it.mid,
        M::ItemSet(it) => it.mid,
        M::MessagePin(it) => it.mid,
        M::ConvKeep(it) => it.mid,
        _ => return None,
    })
}
