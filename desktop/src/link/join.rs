//! Joining: the server is reached and asked on one connection, which becomes the live one once signed in.

use super::conn::{Conn, Place, Problem};
use super::session::End;
use super::task::{Task, Turn};
use super::tls::Trust;
use super::trust::{self, is_loopback};
use crate::model::command::{Account, LinkCommand};
use crate::model::event::{Failure, LinkEvent};
use crate::platform;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::code::{ErrorCode, RefusedCode};
use breeze_protocol::message::hello::HelloOk;
use breeze_protocol::message::sign_in::{Login, NameCheck, Recover, Register};
use breeze_protocol::{ClientMessage, ServerMessage};

/// A server being joined.
struct Joined {
    place: Place,
    /// Open until the server closes it: it allows ten seconds before sign-in, people take longer.
    open: Option<(Conn, HelloOk)>,
}

/// Carries joining commands out until one signs in, or something else is to be done.
pub(super) async fn join(task: &mut Task, first: LinkCommand) -> Option<Turn> {
    let mut joined: Option<Joined> = None;
    let mut command = first;
    loop {
        match step(task, &mut joined, command).await {
            Ok(Some((conn, hello))) => return task.serve_from(conn, hello).await,
            Ok(None) => {}
            Err(End::Turn(Turn::Join(next))) => {
                command = next;
                continue;
            }
            Err(End::Turn(turn)) => return Some(turn),
            Err(end) => tell_end(task, joined.as_ref(), end),
        }
        command = loop {
            let Some(next) = task.command().await else {
                return Some(Turn::Bye);
            };
            match task.note(next) {
                None | Some(Turn::TryNow | Turn::Reconnect) => {}
                Some(Turn::Join(next)) => break next,
                Some(turn) => return Some(turn),
            }
        };
    }
}

fn tell_end(task: &mut Task, joined: Option<&Joined>, end: End) {
    let address = joined.map_or_else(String::new, |it| format!("{}:{}", it.place.host, it.place.port));
    let down = |why| LinkEvent::Down {
        next_try_ms: None,
        restarting: false,
        why,
    };
    task.tell(match end {
        End::Problem(Problem::WrongPin) => LinkEvent::WrongPin { address },
        End::Problem(Problem::Looked(pin)) => LinkEvent::Fingerprint { address, pin },
        End::Problem(Problem::Protocol { server_old }) => LinkEvent::Protocol { server_old },
        End::Problem(Problem::Failure(why)) => down(why),
        End::Problem(Problem::Wait(..)) => down(Failure::Busy),
        End::Refused(refused) => LinkEvent::Refused(refused),
        End::Goodbye(_) | End::Turn(_) => down(Failure::Lost),
    });
}

type Signed = Option<(Conn, HelloOk)>;

async fn step(task: &mut Task, joined: &mut Option<Joined>, command: LinkCommand) -> Result<Signed, End> {
    match command {
        LinkCommand::Reach(target) => {
            *joined = None;
            reach(task, joined, &target).await?;
        }
        LinkCommand::NameCheck { invite, username } => {
            let asked = ask(task, joined, NameCheck { invite, username }.into()).await;
            match asked? {
                ServerMessage::NameFree(_) => task.tell(LinkEvent::Name(Ok(()))),
                ServerMessage::Refused(refused) => {
                    // Twenty questions a connection: the next one gets a new connection.
                    if refused.code == RefusedCode::SlowDown
                        && let Some(joined) = joined.as_mut()
                    {
                        joined.open = None;
                    }
                    task.tell(LinkEvent::Name(Err(refused)));
                }
                _ => {}
            }
        }
        LinkCommand::Register {
            mid,
            invite,
            username,
            password,
            display_name,
            status,
        } => {
            task.status = status;
            let (device, instance) = (platform::device_name(), task.instance);
            let register = Register {
                mid,
                invite,
                username,
                password,
                display_name,
                device,
                instance,
            };
            return sign_in(task, joined, register.into()).await;
        }
        LinkCommand::Login {
            username,
            password,
            status,
        } => {
            task.status = status;
            let (device, instance) = (platform::device_name(), task.instance);
            return sign_in(
                task,
                joined,
                Login {
                    username,
                    password,
                    device,
                    instance,
                }
                .into(),
            )
            .await;
        }
        wish @ LinkCommand::Recover { .. } => return recover(task, joined, wish).await,
        _ => {}
    }
    Ok(None)
}

/// Sets a new password by a code, and signs in.
async fn recover(task: &mut Task, joined: &mut Option<Joined>, wish: LinkCommand) -> Result<Signed, End> {
    let LinkCommand::Recover {
        mid,
        username,
        code,
        new_password,
        status,
    } = wish
    else {
        return Ok(None);
    };
    task.status = status;
    let (device, instance) = (platform::device_name(), task.instance);
    let recover = Recover {
        mid,
        username,
        code,
        new_password,
        device,
        instance,
    };
    sign_in(task, joined, recover.into()).await
}

async fn reach(task: &mut Task, joined: &mut Option<Joined>, target: &InviteLink) -> Result<(), End> {
    let plain = task.options.plain && is_loopback(&target.host);
    let data = task.options.data.clone();
    let trust = if plain {
        Trust::Look
    } else {
        let deciding = async { Ok(trust::decide(target, &data).await) };
        task.while_listening(deciding).await?
    };
    let place = Place {
        host: target.host.clone(),
        port: target.port,
        trust,
        plain,
    };
    let joined = joined.insert(Joined { place, open: None });
    let address = target.address();
    let hello = open(task, joined).await?.1.clone();
    task.tell(LinkEvent::Reached {
        hello: Box::new(hello),
        address,
    });
    Ok(())
}

/// The open connection, made anew if there is none.
async fn open<'a>(task: &mut Task, joined: &'a mut Joined) -> Result<&'a mut (Conn, HelloOk), End> {
    if joined.open.is_none() {
        let place = joined.place.clone();
        let opening = async { Conn::open(&place).await.map_err(End::Problem) };
        joined.open = Some(task.while_listening(opening).await?);
    }
    Ok(joined.open.as_mut().expect("it was put there just above"))
}

/// Asks; when the connection has ended meanwhile, once more on a new one. (Repeated wishes carry the same mid.)
async fn ask(
    task: &mut Task,
    joined: &mut Option<Joined>,
    message: ClientMessage,
) -> Result<ServerMessage, End> {
    let Some(joined) = joined.as_mut() else {
        return Err(End::Problem(Problem::Failure(Failure::Lost)));
    };
    let stale = joined.open.is_some();
    for last in [!stale, true] {
        let (conn, _) = open(task, joined).await?;
        let asking = async { conn.ask(message.clone()).await.map_err(End::Problem) };
        match task.while_listening(asking).await {
            Ok(ServerMessage::Goodbye(_)) | Err(End::Problem(_)) if !last => joined.open = None,
            Ok(ServerMessage::Goodbye(goodbye)) => {
                joined.open = None;
                return Err(End::Goodbye(goodbye));
            }
            Err(end) => {
                joined.open = None;
                return Err(end);
            }
            Ok(answer) => return Ok(answer),
        }
    }
    Err(End::Problem(Problem::Failure(Failure::Lost)))
}

async fn sign_in(
    task: &mut Task,
    joined: &mut Option<Joined>,
    message: ClientMessage,
) -> Result<Signed, End> {
    match ask(task, joined, message).await? {
        ServerMessage::SignedIn(signed) => {
            let Some(Joined {
                place,
                open: Some((conn, hello)),
            }) = joined.take()
            else {
                return Ok(None);
            };
            let pin = conn.pin().unwrap_or_default().to_owned();
            let base = Account {
                host: place.host,
                port: place.port,
                pin,
                status: task.status,
                ..Account::default()
            };
            // Signed out and in again as the same person: what waits still belongs to them.
            let same = |it: &Account| (it.server, it.account) == (hello.server_id, signed.account);
            if !task.account.as_ref().is_some_and(same) {
                task.outbox.clear();
                task.wish = None;
            }
            task.signed_in(&hello, &signed, base, true);
            Ok(Some((conn, hello)))
        }
        ServerMessage::Refused(refused) => Err(End::Refused(refused)),
        // Recovery codes came with a later server.
        ServerMessage::Error(error) if error.code == ErrorCode::Unsupported => {
            Err(End::Problem(Problem::Protocol { server_old: true }))
        }
        _ => Err(End::Problem(Problem::Failure(Failure::NotBreeze))),
    }
}
