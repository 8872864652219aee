//! The harness: the real server, scripted clients, a network that breaks on demand, real windows on a private screen.
//!
//! Nothing here is shipped. Everything it starts is loopback only, lives in a temporary folder and dies when dropped.
#![allow(
    clippy::unwrap_used,
    reason = "a harness that cannot go on has failed its test"
)]

pub mod admin;
pub mod app;
pub mod blob;
pub mod bus;
pub mod client;
pub mod entitled;
pub mod evidence;
pub mod load;
pub mod local;
pub mod network;
pub mod notifications;
pub mod people;
pub mod pixels;
pub mod power_cut;
pub mod presence;
pub mod programs;
pub mod proxy;
pub mod scene;
pub mod screen;
pub mod secrets;
pub mod server;
pub mod simulation;
pub mod storm;
pub mod strace;
pub mod talk;
pub mod tls;
pub mod transfer;
pub mod tray;
pub mod wait;
pub mod wall_clock;
pub mod wayland;
pub mod window;
pub mod world;
