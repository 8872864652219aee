//! How files come into the composer: the paper clip, files dropped onto the chat, files copied in a file manager.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::file_name;
use crate::model::files::{FileAct, Source};
use crate::theme::{self, radius};
use crate::widget::{icon, label};
use crate::words::{tr, tr_with};
use egui::{Color32, ColorImage, Event, Rect, Stroke, StrokeKind, Ui, Vec2, pos2};
use std::path::PathBuf;
use std::sync::Arc;

/// Side of the button.
pub(super) const SIDE: f32 = 34.0;

/// The paper clip at the left end of the composer.
pub(super) fn button(ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, rect: Rect) {
    let place = Rect::from_min_size(
        pos2(rect.left() + 7.0, rect.bottom() - 7.0 - SIDE),
        Vec2::splat(SIDE),
    );
    if icon::button(ui, place, icon::CLIP, &tr("file-attach"), false).clicked() {
        scene.act(Action::File(FileAct::Choose(chat.conv)));
    }
}

/// Files that were copied in a file manager come as their addresses, a copied picture as its pixels; taken before the text
/// box sees them.
pub(super) fn pasted(ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, focused: bool) {
    if !focused || !scene.model.may_attach(chat.conv) {
        return;
    }
    let found = ui.input_mut(|input| {
        let at = input.events.iter().position(|event| match event {
            Event::Paste(text) => !files_in(text).is_empty(),
            event => matches!(event, Event::PasteImage(_)),
        })?;
        match input.events.remove(at) {
            Event::Paste(text) => Some(files_in(&text).into_iter().map(Source::Path).collect()),
            Event::PasteImage(picture) => source_of(&picture).map(|source| vec![source]),
            _ => None,
        }
    });
    offer(scene, chat, found.unwrap_or_default());
}

fn source_of(picture: &ColorImage) -> Option<Source> {
    let [width, height] = picture.size;
    let rgba = picture.pixels.iter().flat_map(Color32::to_srgba_unmultiplied);
    let sides = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    Some(Source::Picture(sides.0, sides.1, Arc::new(rgba.collect())))
}

/// The files a pasted text names; none when any line of it is something else.
fn files_in(text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let files: Option<Vec<PathBuf>> = lines.map(file_name::of_uri).collect();
    files.unwrap_or_default()
}

/// Files over the chat, and files let go there.
pub(super) fn dropped(ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, pane: Rect) {
    if scene.model.dialog.is_some() {
        return;
    }
    let (hovering, dropped) = ui.input(|input| {
        let paths = input
            .raw
            .dropped_files
            .iter()
            .map(|file| file.path().to_path_buf());
        (
            !input.raw.hovered_files.is_empty(),
            paths.map(Source::Path).collect::<Vec<_>>(),
        )
    });
    if !dropped.is_empty() {
        offer(scene, chat, dropped);
    } else if hovering {
        overlay(ui, scene, chat, pane);
    }
}

fn offer(scene: &mut Scene<'_>, chat: &Chat, sources: Vec<Source>) {
    if !sources.is_empty() {
        scene.act(Action::File(FileAct::Offer(chat.conv, sources)));
    }
}

fn overlay(ui: &Ui, scene: &Scene<'_>, chat: &Chat, pane: Rect) {
    let tokens = theme::tokens(ui);
    let rect = pane.shrink(12.0);
    ui.painter()
        .rect_filled(rect, radius::XXL, tokens.surface2.gamma_multiply(0.94));
    let open = scene.model.may_attach(chat.conv);
    let ink = if open { tokens.accent } else { tokens.dim };
    ui.painter()
        .rect_stroke(rect, radius::XXL, Stroke::new(2.0, ink), StrokeKind::Inside);
    let name = scene.model.chat_name(chat);
    let words = if open {
        tr_with("file-drop", &[("name", name.into())])
    } else {
        tr("file-drop-none")
    };
    icon::paint(
        ui.painter(),
        rect.center() - Vec2::new(0.0, 26.0),
        icon::UPLOAD,
        40.0,
        ink,
    );
    let line = fonts::line(
        ui,
        &words,
        fonts::format(16.0, Weight::Semi, tokens.text),
        rect.width() - 40.0,
    );
    let place = label::centre(ui, rect.center() + Vec2::new(0.0, 22.0), line);
    label::name(ui, place, ui.scope_id().with("drop"), &words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_of_files_is_one() {
        assert_eq!(
            files_in("file:///a/b.png\nfile:///c%20d.txt\n"),
            [PathBuf::from("/a/b.png"), PathBuf::from("/c d.txt")]
        );
        assert!(files_in("file:///a and words").is_empty() || files_in("hello").is_empty());
        assert!(files_in("hello\nfile:///a").is_empty());
        assert!(files_in("").is_empty());
    }
}
