//! The golden samples as the tests and the fuzz seeds read them.

use std::path::Path;

/// Every `prefix*ending`, sorted by name: what is between the two, and the text without its last line end.
pub(crate) fn all(prefix: &str, ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(&folder).expect("the folder of samples is part of the source");
    let mut found: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| {
            let name = file.strip_prefix(prefix)?.strip_suffix(ending)?.to_owned();
            let text = std::fs::read_to_string(folder.join(&file)).expect("samples are UTF-8");
            Some((name, text.trim_end_matches('\n').to_owned()))
        })
        .collect();
    assert!(!found.is_empty(), "no sample {prefix}*{ending}");
    found.sort();
    found
}
