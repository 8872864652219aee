//! Looks before the window opens whether it can: a display, and the libraries the system must bring.
//!
//! winit and glutin load these by name and end the program when one is missing; a sentence is kinder.

use super::files;
use crate::words::{tr, tr_with};

/// A library by its name in the loader's cache, and the Debian package that brings it.
type Library = (&'static str, &'static str);

const X11: &[Library] = &[
    ("libX11.so.6", "libx11-6"),
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libXcursor.so.1", "libxcursor1"),
    ("libXi.so.6", "libxi6"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
];
const WAYLAND: &[Library] = &[
    ("libwayland-client.so.0", "libwayland-client0"),
    ("libwayland-egl.so.1", "libwayland-egl1"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
];
/// Either of them draws.
const GL: [Library; 2] = [("libEGL.so.1", "libegl1"), ("libGL.so.1", "libgl1")];

/// Whether a window can open.
///
/// # Errors
/// What is missing and what to install, for the person.
pub fn check() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let (x11, wayland) = (
        named("DISPLAY"),
        named("WAYLAND_DISPLAY") || named("WAYLAND_SOCKET"),
    );
    if !x11 && !wayland {
        return Err(tr("graphics-no-display"));
    }
    // Without the loader's cache (NixOS, musl) nobody knows from outside: let the window try.
    let Some(cache) = files::loader_cache() else {
        return Ok(());
    };
    let packages = missing(x11, wayland, |name| files::has_library(&cache, name));
    if packages.is_empty() {
        return Ok(());
    }
    Err(tr_with(
        "graphics-missing",
        &[("packages", packages.join(" ").into())],
    ))
}

/// The packages to install. Wayland is tried first; when it is complete, nothing of X11 is needed, and the other way round.
fn missing(x11: bool, wayland: bool, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let lacks = |wanted: &[Library]| -> Vec<&'static str> {
        wanted
            .iter()
            .filter(|(name, _)| !has(name))
            .map(|(_, package)| *package)
            .collect()
    };
    let mut found = match (wayland.then(|| lacks(WAYLAND)), x11.then(|| lacks(X11))) {
        (Some(wayland), Some(x11)) if wayland.is_empty() || x11.is_empty() => Vec::new(),
        (Some(wayland), None) => wayland,
        (_, Some(x11)) => x11,
        (None, None) => Vec::new(),
    };
    if !GL.iter().any(|(name, _)| has(name)) {
        found.extend(GL.iter().map(|(_, package)| *package));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_by_its_package() {
        let all = |_: &str| true;
        assert_eq!(missing(true, true, all), [""; 0]);
        let no_keys = |name: &str| name != "libxkbcommon-x11.so.0";
        assert_eq!(missing(true, false, no_keys), ["libxkbcommon-x11-0"]);
        assert_eq!(missing(true, true, no_keys), [""; 0], "Wayland is complete");
        let no_gl = |name: &str| !name.contains("GL.so");
        assert_eq!(missing(true, false, no_gl), ["libegl1", "libgl1"]);
        assert_eq!(
            missing(true, false, |name| name != "libEGL.so.1"),
            [""; 0],
            "either of them draws"
        );
        assert_eq!(
            missing(false, true, |name| name.contains("GL")),
            ["libwayland-client0", "libwayland-egl1", "libxkbcommon0"]
        );
    }
}
