//! Icons: the few code points of Phosphor that Breeze uses (`assets/fonts/subset.sh` picks them), and the round quiet button that holds one.

use crate::{fonts, theme};
use egui::{Align2, Color32, CursorIcon, FontId, Painter, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

/// Above the others.
pub const PIN: &str = "\u{e3e2}";
/// No longer.
pub const UNPIN: &str = "\u{e3e4}";
/// Notifications come.
pub const BELL: &str = "\u{e0ce}";
/// None come.
pub const BELL_OFF: &str = "\u{e0d4}";
/// Put away.
pub const ARCHIVE: &str = "\u{e00c}";
/// Marked as unread.
pub const ENVELOPE: &str = "\u{e214}";
/// Folded.
pub const CARET_RIGHT: &str = "\u{e13a}";
/// Back, in a narrow window.
pub const BACK: &str = "\u{e058}";
/// Down to the newest message.
pub const DOWN: &str = "\u{e03e}";
/// The one before.
pub const CARET_UP: &str = "\u{e13c}";
/// Opens a choice.
pub const CARET_DOWN: &str = "\u{e136}";
/// Chats.
pub const CHATS: &str = "\u{e16c}";
/// People.
pub const PEOPLE: &str = "\u{e4d6}";
/// The server hosted here.
pub const SERVER: &str = "\u{e2a0}";
/// Settings.
pub const SETTINGS: &str = "\u{e272}";
/// The list's filter.
pub const SEARCH: &str = "\u{e30c}";
/// Send.
pub const SEND: &str = "\u{e398}";
/// One tick.
pub const CHECK: &str = "\u{e182}";
/// Two ticks.
pub const CHECKS: &str = "\u{e53a}";
/// In the outbox.
pub const CLOCK: &str = "\u{e19a}";
/// Late or refused.
pub const WARNING: &str = "\u{e4e2}";
/// An invite.
pub const LINK: &str = "\u{e2e2}";
/// Servers on this network.
pub const BROADCAST: &str = "\u{e0f2}";
/// Show a password.
pub const EYE: &str = "\u{e220}";
/// Hide a password.
pub const EYE_SLASH: &str = "\u{e224}";
/// Copy.
pub const COPY: &str = "\u{e1ca}";
/// Close.
pub const CLOSE: &str = "\u{e4f6}";
/// About a person.
pub const INFO: &str = "\u{e2ce}";
/// Add somebody.
pub const ADD_PERSON: &str = "\u{e4d0}";
/// Notes to oneself.
pub const BOOKMARK: &str = "\u{e0e8}";
/// A key to compare.
pub const SHIELD: &str = "\u{e40c}";
/// Something is missing.
pub const PLUGS: &str = "\u{eb56}";
/// A device.
pub const DEVICE: &str = "\u{e560}";
/// Answer.
pub const REPLY: &str = "\u{e024}";
/// Send on to somebody else.
pub const FORWARD: &str = "\u{e026}";
/// An emoji under a message.
pub const SMILEY: &str = "\u{e436}";
/// What else can be done.
pub const MORE: &str = "\u{e1fe}";
/// Write anew.
pub const PENCIL: &str = "\u{e3b4}";
/// Delete.
pub const TRASH: &str = "\u{e4a6}";
/// What was before.
pub const HISTORY: &str = "\u{e1a0}";
/// One more.
pub const PLUS: &str = "\u{e3d4}";
/// Attach files.
pub const CLIP: &str = "\u{e39a}";
/// A code that opens an account.
pub const KEY: &str = "\u{e2d6}";
/// Somebody is named.
pub const AT: &str = "\u{e0ac}";
/// Fetch a file.
pub const DOWNLOAD: &str = "\u{e20c}";
/// Files are let go here.
pub const UPLOAD: &str = "\u{e4c0}";
/// Save.
pub const DISK: &str = "\u{e248}";
/// A folder.
pub const FOLDER: &str = "\u{e256}";
/// A file of no known kind.
pub const FILE: &str = "\u{e230}";
/// Something to read.
pub const FILE_TEXT: &str = "\u{e23a}";
/// A picture.
pub const FILE_PICTURE: &str = "\u{ea24}";
/// Several files in one.
pub const FILE_ARCHIVE: &str = "\u{e958}";
/// Sound.
pub const FILE_SOUND: &str = "\u{ea20}";
/// A film.
pub const FILE_FILM: &str = "\u{ea22}";
/// A program.
pub const FILE_PROGRAM: &str = "\u{e914}";
/// Not any more.
pub const GONE: &str = "\u{e3de}";

/// Paint an icon around a point.
pub fn paint(painter: &Painter, centre: Pos2, icon: &str, size: f32, colour: Color32) {
    painter.text(
        centre,
        Align2::CENTER_CENTER,
        icon,
        FontId::new(size, fonts::icons()),
        colour,
    );
}

/// A square quiet button with an icon; `name` is what a screen reader says and what hovering shows.
pub fn button(ui: &mut Ui, rect: Rect, icon: &str, name: &str, selected: bool) -> Response {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("icon", name));
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), selected, name));
    let colour = if selected {
        tokens.accent
    } else if response.hovered() {
        tokens.text
    } else {
        tokens.dim
    };
    let fill = if selected {
        tokens.selected
    } else if response.hovered() {
        tokens.hover
    } else {
        Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, theme::radius::L, fill);
    paint(ui.painter(), rect.center(), icon, 20.0, colour);
    super::focus_ring(ui, &response, rect, theme::radius::L);
    response.on_hover_text(name)
}
