//! The files of a message, in its bubble: pictures as pictures, others as rows with what can be done.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::changes::Extra;
use crate::model::chat::BubbleKey;
use crate::model::file_name::{self, FileKind};
use crate::model::files::{FETCHED_AT_SIGHT_MAX, FileAct, FileState, Progress, Transfer};
use crate::picture::photo::{Photo, THUMB};
use crate::theme::{self, Tokens, radius};
use crate::widget::{self, icon, label, ring};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use egui::{Color32, CursorIcon, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 52.0;
const GAP: f32 = 6.0;
const ICON: f32 = 40.0;
const BUTTON: f32 = 30.0;
/// A row is no wider than this, nor than the bubble.
const ROW_WIDE: f32 = 320.0;
/// Longest sides of a picture in a bubble, points.
const PICTURE_MAX: Vec2 = Vec2::new(340.0, 300.0);
const PICTURE_MIN: Vec2 = Vec2::new(96.0, 72.0);
/// A picture that does not say how large it is.
const PICTURE_UNKNOWN: Vec2 = Vec2::new(240.0, 180.0);
/// Larger files are not shown as pictures, bytes.
pub(super) const PICTURE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Whose file, and where it is.
#[derive(Clone, Copy)]
struct About<'a> {
    conv: ConvId,
    key: BubbleKey,
    index: usize,
    own: bool,
    file: &'a Attachment,
}

impl About<'_> {
    fn place(&self) -> Option<FilePlace> {
        let BubbleKey::Stored(seq) = self.key else {
            return None;
        };
        let index = u32::try_from(self.index).ok()?;
        Some(FilePlace {
            conv: self.conv,
            seq,
            index,
        })
    }

    fn transfer(&self) -> Transfer {
        match self.key {
            BubbleKey::Stored(_) => Transfer::Down(self.file.hash),
            BubbleKey::Waiting(mid) => Transfer::Up(mid),
        }
    }
}

/// The room the files of a bubble take in a pane of this width; nothing without files.
pub(super) fn size(extra: &Extra, width: f32) -> Vec2 {
    let mut size = Vec2::ZERO;
    for file in &extra.files {
        let one = size_of(file, width);
        let gap = if size.y > 0.0 { GAP } else { 0.0 };
        size = Vec2::new(size.x.max(one.x), size.y + gap + one.y);
    }
    size
}

fn size_of(file: &Attachment, width: f32) -> Vec2 {
    if !is_picture(file) {
        return Vec2::new(ROW_WIDE.min(width), ROW);
    }
    let most = Vec2::new(PICTURE_MAX.x.min(width), PICTURE_MAX.y);
    let Some((wide, tall)) = file.width.zip(file.height).filter(|(w, h)| *w > 0 && *h > 0) else {
        return PICTURE_UNKNOWN.min(most);
    };
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    let pixels = Vec2::new(wide as f32, tall as f32);
    let scale = (most.x / pixels.x).min(most.y / pixels.y).min(1.0);
    (pixels * scale).max(PICTURE_MIN).min(most).round()
}

fn is_picture(file: &Attachment) -> bool {
    file_name::kind(&file.name) == FileKind::Picture && file.size <= PICTURE_BYTES_MAX
}

/// Draws the files of a bubble into their room.
pub(super) fn show(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    (conv, key, own): (ConvId, BubbleKey, bool),
    extra: &Extra,
    room: Rect,
) {
    let mut top = room.top();
    for (index, file) in extra.files.iter().enumerate() {
        let size = size_of(file, room.width());
        let rect = Rect::from_min_size(pos2(room.left(), top), size);
        top += size.y + GAP;
        let about = About {
            conv,
            key,
            index,
            own,
            file,
        };
        let state = scene.model.files.state(key, file);
        if is_picture(file) {
            picture(ui, scene, about, &state, rect);
        } else {
            row(ui, scene, about, &state, rect);
        }
    }
}

fn picture(ui: &mut Ui, scene: &mut Scene<'_>, about: About<'_>, state: &FileState, rect: Rect) {
    let tokens = theme::tokens(ui);
    let file = about.file;
    let here = scene.model.files.is_here(file.hash);
    if *state == FileState::Absent
        && file.size <= FETCHED_AT_SIGHT_MAX
        && ui.is_rect_visible(rect)
        && let Some(place) = about.place()
    {
        scene.act(Action::File(FileAct::Fetch(place)));
    }
    let photo = if here {
        Some(scene.pictures.photo(file.hash, THUMB))
    } else {
        None
    };
    if photo == Some(Photo::Broken) {
        return row(
            ui,
            scene,
            about,
            state,
            Rect::from_min_size(rect.min, Vec2::new(rect.width(), ROW.min(rect.height()))),
        );
    }
    let ground = ground(about.own, tokens);
    ui.painter().rect_filled(rect, radius::L, ground);
    if let Some(Photo::Ready(texture, pixels)) = photo {
        let shape = egui::epaint::RectShape::filled(rect, radius::L, Color32::WHITE)
            .with_texture(texture, covered(rect, pixels));
        ui.painter().add(shape);
    }
    let id = ui.scope_id().with(("picture", about.key, about.index));
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    named(&response, "file-picture-spoken", file, state);
    picture_mark(ui, state, rect, tokens);
    widget::focus_ring(ui, &response, rect, radius::L);
    if response.clicked() {
        let act = match state {
            FileState::Here => Some(FileAct::Look(file.clone())),
            FileState::Running(_) => Some(FileAct::Cancel(about.transfer())),
            FileState::Absent | FileState::Failed(_) => about.place().map(FileAct::Fetch),
            FileState::Waiting => Some(FileAct::Cancel(about.transfer())),
            FileState::Reading => None,
        };
        act.into_iter().for_each(|act| scene.act(Action::File(act)));
    }
    hover(response, about, state);
}

/// What stands over a picture that is not here yet.
fn picture_mark(ui: &Ui, state: &FileState, rect: Rect, tokens: &Tokens) {
    match state {
        FileState::Running(progress) => {
            disc(ui, rect, tokens);
            ring::paint(
                ui.painter(),
                rect.center(),
                20.0,
                part(*progress),
                tokens.line,
                tokens.accent,
            );
            icon::paint(ui.painter(), rect.center(), icon::CLOSE, 16.0, tokens.text);
        }
        FileState::Absent | FileState::Failed(_) => {
            disc(ui, rect, tokens);
            icon::paint(ui.painter(), rect.center(), icon::DOWNLOAD, 20.0, tokens.text);
        }
        FileState::Waiting | FileState::Reading => {
            disc(ui, rect, tokens);
            icon::paint(ui.painter(), rect.center(), icon::CLOCK, 18.0, tokens.dim);
        }
        FileState::Here => {}
    }
}

/// The part of a texture that covers a place of another shape.
#[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
fn covered(rect: Rect, pixels: [usize; 2]) -> Rect {
    let (wide, tall) = (pixels[0] as f32, pixels[1] as f32);
    let scale = (rect.width() / wide).max(rect.height() / tall);
    let (part_x, part_y) = (rect.width() / (wide * scale), rect.height() / (tall * scale));
    Rect::from_center_size(pos2(0.5, 0.5), Vec2::new(part_x, part_y))
}

fn disc(ui: &Ui, rect: Rect, tokens: &Tokens) {
    ui.painter()
        .circle_filled(rect.center(), 26.0, tokens.surface2.gamma_multiply(0.85));
}

fn ground(own: bool, tokens: &Tokens) -> Color32 {
    if own {
        tokens.bubble_out.lerp_to_gamma(tokens.accent_out, 0.12)
    } else {
        tokens.bubble_in.lerp_to_gamma(tokens.accent, 0.1)
    }
}

fn row(ui: &mut Ui, scene: &mut Scene<'_>, about: About<'_>, state: &FileState, rect: Rect) {
    let tokens = theme::tokens(ui);
    let file = about.file;
    let (accent, dim) = if about.own {
        (tokens.accent_out, tokens.dim_out)
    } else {
        (tokens.accent, tokens.dim)
    };
    let id = ui.scope_id().with(("file", about.key, about.index));
    let buttons = if *state == FileState::Here { 2.0 } else { 0.0 };
    let main = rect.with_max_x(rect.right() - buttons * BUTTON);
    let response = ui
        .interact(main, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    named(&response, "file-spoken", file, state);
    let square = Rect::from_min_size(pos2(rect.left(), rect.center().y - ICON / 2.0), Vec2::splat(ICON));
    let tint = if response.hovered() { 0.3 } else { 0.0 };
    ui.painter().rect_filled(
        square,
        radius::L,
        ground(about.own, tokens).lerp_to_gamma(accent, tint),
    );
    row_mark(ui, file, state, square, (accent, dim));
    let left = square.right() + 10.0;
    let wide = main.right() - left - 2.0;
    let name = file_name::shown(&file.name);
    let name = fonts::line(ui, &name, fonts::format(14.0, Weight::Medium, tokens.text), wide);
    label::left(ui, pos2(left, rect.center().y - 9.0), name);
    let words = fonts::line(
        ui,
        &told(file, state),
        fonts::format(12.0, Weight::Regular, dim),
        wide,
    );
    label::left(ui, pos2(left, rect.center().y + 10.0), words);
    widget::focus_ring(ui, &response, main, radius::L);
    if response.clicked() {
        let act = match state {
            FileState::Here => Some(FileAct::Open(file.clone())),
            FileState::Running(_) | FileState::Waiting => Some(FileAct::Cancel(about.transfer())),
            FileState::Absent | FileState::Failed(_) => about.place().map(FileAct::Fetch),
            FileState::Reading => None,
        };
        act.into_iter().for_each(|act| scene.act(Action::File(act)));
    }
    if *state == FileState::Here {
        keep_buttons(ui, scene, file, rect);
    }
    hover(response, about, state);
}

/// The mark at the left end of a row.
fn row_mark(ui: &Ui, file: &Attachment, state: &FileState, square: Rect, (accent, dim): (Color32, Color32)) {
    let tokens = theme::tokens(ui);
    let (glyph, ink) = match state {
        FileState::Absent => (icon::DOWNLOAD, accent),
        FileState::Failed(_) => (icon::WARNING, tokens.danger),
        FileState::Running(progress) => {
            ring::paint(
                ui.painter(),
                square.center(),
                15.0,
                part(*progress),
                tokens.line,
                accent,
            );
            (icon::CLOSE, accent)
        }
        FileState::Waiting | FileState::Reading => (icon::CLOCK, dim),
        FileState::Here => (glyph(&file.name), accent),
    };
    let small = matches!(state, FileState::Running(_));
    icon::paint(
        ui.painter(),
        square.center(),
        glyph,
        if small { 14.0 } else { 22.0 },
        ink,
    );
}

/// Save, and the folder it was saved in.
fn keep_buttons(ui: &mut Ui, scene: &mut Scene<'_>, file: &Attachment, rect: Rect) {
    let at = |n: f32| {
        Rect::from_center_size(
            pos2(rect.right() - BUTTON * (n + 0.5), rect.center().y),
            Vec2::splat(BUTTON),
        )
    };
    let said = |name: &str| tr_with(name, &[("name", file_name::shown(&file.name).into())]);
    if icon::button(ui, at(0.0), icon::DISK, &said("file-save"), false).clicked() {
        scene.act(Action::File(FileAct::SaveAs(file.clone())));
    }
    if scene.model.files.saved(file.hash).is_some()
        && icon::button(ui, at(1.0), icon::FOLDER, &said("file-folder"), false).clicked()
    {
        scene.act(Action::File(FileAct::Folder(file.hash)));
    }
}

/// What a click does, beside the pointer.
fn hover(response: Response, about: About<'_>, state: &FileState) {
    let name = match state {
        FileState::Here if is_picture(about.file) => "file-look",
        FileState::Here => "file-open",
        FileState::Running(_) | FileState::Waiting => "file-stop",
        FileState::Absent => "file-fetch",
        FileState::Failed(_) => "file-again",
        FileState::Reading => return,
    };
    response.on_hover_text(tr_with(
        name,
        &[("name", file_name::shown(&about.file.name).into())],
    ));
}

fn named(response: &Response, name: &str, file: &Attachment, state: &FileState) {
    let words = [
        ("name", file_name::shown(&file.name).into()),
        ("size", size_words(file.size).into()),
        ("state", state_words(state).into()),
    ];
    let spoken = tr_with(name, &words);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
}

/// The line under a name.
fn told(file: &Attachment, state: &FileState) -> String {
    match state {
        FileState::Running(_) | FileState::Failed(_) | FileState::Reading => state_words(state),
        FileState::Waiting | FileState::Absent | FileState::Here => size_words(file.size),
    }
}

fn state_words(state: &FileState) -> String {
    match state {
        FileState::Reading => tr("file-reading"),
        FileState::Waiting => tr("file-waiting"),
        FileState::Absent => tr("file-absent"),
        FileState::Here => tr("file-here"),
        FileState::Failed(why) => why.clone(),
        FileState::Running(progress) => {
            let mut words = vec![
                ("done", size_words(progress.done).into()),
                ("size", size_words(progress.size).into()),
            ];
            if progress.rate == 0 {
                return tr_with("file-running", &words);
            }
            words.push(("rate", size_words(progress.rate).into()));
            tr_with("file-running-rate", &words)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a part of a ring")]
fn part(progress: Progress) -> f32 {
    if progress.size == 0 {
        return 1.0;
    }
    progress.done as f32 / progress.size as f32
}

/// Bytes as people read them.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "told with one digit behind the point")]
pub(super) fn size_words(bytes: u64) -> String {
    let (name, unit) = match bytes {
        0..1000 => return tr_with("file-size-b", &[("n", bytes.into())]),
        1000..1_000_000 => ("file-size-kb", 1e3),
        1_000_000..1_000_000_000 => ("file-size-mb", 1e6),
        _ => ("file-size-gb", 1e9),
    };
    let number = bytes as f64 / unit;
    let number = if number < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    };
    tr_with(name, &[("n", number.into())])
}

/// The mark of what a file seems to be.
pub(super) fn glyph(name: &str) -> &'static str {
    match file_name::kind(name) {
        FileKind::Picture => icon::FILE_PICTURE,
        FileKind::Sound => icon::FILE_SOUND,
        FileKind::Film => icon::FILE_FILM,
        FileKind::Archive => icon::FILE_ARCHIVE,
        FileKind::Document => icon::FILE_TEXT,
        FileKind::Program => icon::FILE_PROGRAM,
        FileKind::Other => icon::FILE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_as_people_read_them() {
        assert_eq!(size_words(0), "0 bytes");
        assert_eq!(size_words(999), "999 bytes");
        assert_eq!(size_words(1500), "1.5 kB");
        assert_eq!(size_words(12_400_000), "12 MB");
        assert_eq!(size_words(5_000_000_000), "5.0 GB");
    }

    #[test]
    fn a_picture_keeps_its_shape_within_its_room() {
        let sized = |width, height| Attachment {
            hash: breeze_protocol::BlobHash::default(),
            size: 1,
            name: "a.png".into(),
            media: String::new(),
            width,
            height,
        };
        assert_eq!(
            size_of(&sized(Some(1600), Some(1200)), 1000.0),
            Vec2::new(340.0, 255.0)
        );
        assert_eq!(size_of(&sized(Some(10), Some(10)), 1000.0), PICTURE_MIN);
        assert_eq!(size_of(&sized(None, None), 1000.0), PICTURE_UNKNOWN);
        assert!(size_of(&sized(Some(u32::MAX), Some(1)), 200.0).x <= 200.0);
    }
}
