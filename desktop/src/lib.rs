//! Breeze, the desktop messenger: `link` talks to the server, `model` is the truth, `view` draws it, `storage` keeps it.

pub mod app;
pub mod cli;
pub mod fonts;
pub mod host;
pub mod link;
pub mod model;
pub mod picture;
pub mod platform;
pub mod storage;
pub mod theme;
pub mod view;
pub mod widget;
pub mod words;
