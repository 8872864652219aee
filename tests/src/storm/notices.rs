//! How soon a message is a notification: from its commit on the server to the notification service's hands.

use super::table;
use crate::bus::Bus;
use crate::notifications::Notifications;
use crate::people;
use crate::scene::{invite, move_in};
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_protocol::AccountId;
use breeze_protocol::message::sign_in::Secret;
use std::time::{Duration, Instant};

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// Between two messages: as people write, and not one burst.
const PAUSE: Duration = Duration::from_millis(40);

/// Sends so many messages to a window that shows another page, and to one that is minimized.
///
/// # Panics
/// When a notification does not come.
pub async fn run(messages: usize) {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    let bus = Bus::start();
    let notices = Notifications::on(&bus);
    window.on_bus(&bus);
    move_in(&screen, &server, &mut window).await;
    let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
    let mut rosa = rosa.online(&server).await;
    rosa.start_heartbeat();
    let conv = rosa.conv(MIRA).await;
    table::head(
        "A message becomes a notification; TLS loopback, real window, recording service",
        &["window", "from", "samples", "median", "p95", "max"],
    );
    for place in ["shown", "minimized"] {
        if place == "minimized" {
            let shown = screen.window_of(window.pid()).expect("the window shows");
            screen.xdotool(&["windowminimize", "--sync", &shown]);
            wait::run_for(Duration::from_secs(1)).await;
        }
        let (mut from_send, mut from_commit) = (Vec::new(), Vec::new());
        for n in 0..messages {
            let known = notices.record().shown.len();
            let sent = Instant::now();
            rosa.say(conv, &format!("message {n}")).await;
            // The sender hears of the commit as the receiver does: after the fsync, over loopback.
            let committed = Instant::now();
            let shown = notices.next(known).await.at;
            from_send.push(shown - sent);
            from_commit.push(shown.saturating_duration_since(committed));
            wait::run_for(PAUSE).await;
        }
        for (from, mut samples) in [("send", from_send), ("commit", from_commit)] {
            let cells = [place.to_owned(), from.to_owned()];
            table::row(&[&cells[..], &table::p95(&mut samples)[..]].concat());
        }
    }
}
