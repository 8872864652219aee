//! Where the server listens, and under which address others find it.

use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use tokio::net::TcpListener;

/// Connections the kernel keeps until they are accepted: a whole community coming back after a restart.
const BACKLOG: i32 = 1024;

/// Listens on every address. One family the system does not have is passed over when another address works.
///
/// # Errors
/// A sentence that names the address and what to do.
pub fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, String> {
    let mut listeners = Vec::new();
    let mut passed_over = None;
    for &address in addresses {
        match bind_one(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_missing_family(&error) && addresses.len() > 1 => {
                tracing::warn!("this system has no {address} to listen on: {error}");
                passed_over = Some(explain(address, &error));
            }
            Err(error) => return Err(explain(address, &error)),
        }
    }
    match passed_over {
        Some(sentence) if listeners.is_empty() => Err(sentence),
        _ => Ok(listeners),
    }
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // So that 0.0.0.0 on the same port is free for a socket of its own, on every system alike.
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn is_missing_family(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        || error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

fn explain(address: SocketAddr, error: &io::Error) -> String {
    let port = address.port();
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is in use on {}: stop the program that uses it, or choose another with --listen {}",
            address.ip(),
            SocketAddr::new(address.ip(), port.checked_add(1).unwrap_or(port - 1))
        ),
        ErrorKind::PermissionDenied => {
            format!("port {port} needs more rights than this user has: choose one above 1023 with --listen")
        }
        _ => format!("{address} cannot be listened on ({error}): choose another address with --listen"),
    }
}

/// The address others most likely reach this computer at, when nobody has told: that of the listener if it is one of
/// its own, else the one its packets leave from, else loopback.
#[must_use]
pub fn guess_public(listening: &[SocketAddr]) -> SocketAddr {
    let first = listening
        .first()
        .copied()
        .unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
    if let Some(own) = listening
        .iter()
        .find(|it| !it.ip().is_unspecified() && !it.ip().is_loopback())
    {
        return *own;
    }
    if !listening.iter().any(|it| it.ip().is_unspecified()) {
        return first;
    }
    let everywhere = |v4: bool| {
        listening
            .iter()
            .find(|it| it.ip().is_unspecified() && it.is_ipv4() == v4)
    };
    // Addresses of the documentation's networks: no packet is sent, the system only chooses a way.
    let v4: (SocketAddr, IpAddr) = (
        (Ipv4Addr::UNSPECIFIED, 0).into(),
        Ipv4Addr::new(192, 0, 2, 1).into(),
    );
    let v6: (SocketAddr, IpAddr) = (
        (Ipv6Addr::UNSPECIFIED, 0).into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    );
    for (is_v4, (from, to)) in [(true, v4), (false, v6)] {
        if let (Some(listener), Some(own)) = (everywhere(is_v4), leaving_address(from, to)) {
            return SocketAddr::new(own, listener.port());
        }
    }
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), first.port())
}

fn leaving_address(from: SocketAddr, to: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(from).ok()?;
    socket.connect((to, 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_with_what_to_do() {
        let first = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let taken = first[0].local_addr().unwrap();
        let sentence = bind(&[taken]).unwrap_err();
        assert!(
            sentence.contains(&format!("port {} is in use", taken.port())),
            "{sentence}"
        );
        assert!(sentence.contains("--listen 127.0.0.1:"), "{sentence}");
    }

    #[tokio::test]
    async fn both_families_share_a_port() {
        let first = bind(&["0.0.0.0:0".parse().unwrap()]).unwrap();
        let port = first[0].local_addr().unwrap().port();
        assert!(
            !bind(&[
                SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port),
                "127.0.0.1:0".parse().unwrap()
            ])
            .unwrap()
            .is_empty()
        );
    }

    #[test]
    fn the_public_address_is_one_others_can_use() {
        let loopback: SocketAddr = "127.0.0.1:9".parse().unwrap();
        assert_eq!(guess_public(&[loopback]), loopback);
        let own: SocketAddr = "192.0.2.7:9".parse().unwrap();
        assert_eq!(guess_public(&[loopback, own]), own);
        let guessed = guess_public(&["[::]:7".parse().unwrap(), "0.0.0.0:7".parse().unwrap()]);
        assert_eq!(guessed.port(), 7);
        assert!(!guessed.ip().is_unspecified());
    }
}
