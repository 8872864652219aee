//! Fuzz target: the message reader. The body is shared with `protocol/tests/hostile.rs`.
#![no_main]

#[path = "../../tests/bodies/codec.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::run(data);
});
