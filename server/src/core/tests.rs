//! The live half in a pretend world: states, and time as a number. Tests are named after the statements they hold.

mod corners;
mod endings;
mod feed;
mod invisible;
mod world;
