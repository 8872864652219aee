//! The Breeze server: who is there, told truthfully; messages, kept before they are acknowledged.
//!
//! `core` is pure, `hub` owns the live state, `net` the sockets, `store` what is kept; `run` puts them together.

pub mod admin;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod fault;
pub mod hub;
pub mod identity;
pub mod invite;
pub mod logging;
pub mod name;
pub mod net;
pub mod password;
pub mod qr;
pub mod run;
pub mod secret;
pub mod stamp;
pub mod store;
mod systemd;
