//! The command line: where the data lives, where the window stands.

use crate::words::tr_with;
use clap::Parser;
use std::path::PathBuf;

/// Breeze, the desktop messenger whose avatars tell the truth.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "breeze", version)]
pub struct Cli {
    /// Folder for the data; else BREEZE_HOME, else the system's usual place
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Size and place of the window
    #[arg(long, value_name = "WxH+X+Y", value_parser = parse_geometry)]
    pub geometry: Option<Geometry>,
    /// Speak without TLS, to loopback addresses only
    #[arg(long, hide = true)]
    pub plain: bool,
    /// An invite link to begin with
    #[arg(value_name = "LINK")]
    pub link: Option<String>,
}

/// Size and place of the window, points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Width and height.
    pub size: (f32, f32),
    /// Left and top, if given.
    pub place: Option<(f32, f32)>,
}

/// Reads `WxH` or `WxH+X+Y`.
///
/// # Errors
/// A sentence.
pub fn parse_geometry(text: &str) -> Result<Geometry, String> {
    let bad = || tr_with("cli-geometry", &[("text", text.to_owned().into())]);
    let number = |part: &str| part.parse::<u16>().map(f32::from).map_err(|_| bad());
    let mut parts = text.splitn(3, '+');
    let (width, height) = parts
        .next()
        .and_then(|size| size.split_once('x'))
        .ok_or_else(bad)?;
    let size = (number(width)?, number(height)?);
    let place = match (parts.next(), parts.next()) {
        (None, None) => None,
        (Some(left), Some(top)) => Some((number(left)?, number(top)?)),
        _ => return Err(bad()),
    };
    Ok(Geometry { size, place })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometry_is_read_or_refused_in_words() {
        let full = Geometry {
            size: (1120.0, 720.0),
            place: Some((20.0, 40.0)),
        };
        assert_eq!(parse_geometry("1120x720+20+40"), Ok(full));
        assert_eq!(
            parse_geometry("400x480"),
            Ok(Geometry {
                size: (400.0, 480.0),
                place: None
            })
        );
        for bad in ["", "1120", "1120x720+20", "axb", "1x2+3+4+5"] {
            assert!(parse_geometry(bad).is_err(), "{bad}");
        }
    }
}
