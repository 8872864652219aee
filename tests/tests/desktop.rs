//! The real app in real windows on a private screen.

#[path = "desktop/grey.rs"]
mod grey;
