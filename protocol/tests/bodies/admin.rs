//! Fuzz body: any bytes as one line of the admin socket, both ways, and as the start line.

use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// True when the bytes are a request, an answer or a start line.
pub(crate) fn run(data: &[u8]) -> bool {
    let request = check::<AdminRequest>(data);
    let answer = check::<AdminAnswer>(data);
    let start = check::<StartLine>(data);
    request || answer || start
}

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(data) else {
        return false;
    };
    let line = serde_json::to_string(&value).expect("plain data with string keys");
    assert!(!line.contains('\n'), "one value is one line");
    assert_eq!(serde_json::from_str::<T>(&line).expect("just written"), value);
    true
}
