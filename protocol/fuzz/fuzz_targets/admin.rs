//! Fuzz target: the lines of the admin socket. The body is shared with `protocol/tests/hostile.rs`.
#![no_main]

#[path = "../../tests/bodies/admin.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::run(data);
});
