//! Windows about files: send these, open a program, look at a picture.

use super::files::{glyph, size_words};
use super::{Scene, preview};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::file_name;
use crate::model::files::{Draft, FileAct, FileDialog};
use crate::picture::photo::{LARGE, Photo};
use crate::theme::{self, radius, space};
use crate::widget::field::{self, Field};
use crate::widget::{button, dialog, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::message::attachment::Attachment;
use egui::{Color32, Key, Modifiers, Order, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

const ROW: f32 = 44.0;

pub(super) fn show(
    ui: &Ui,
    scene: &mut Scene<'_>,
    which: &FileDialog,
    previews: &mut preview::State,
) -> bool {
    match which {
        FileDialog::Offer(draft) => offer(ui, scene, draft, previews),
        FileDialog::Risky(file) => risky(ui, scene, file),
        FileDialog::Look(file) => look(ui, scene, file),
    }
}

/// What was chosen, before it is sent.
fn offer(ui: &Ui, scene: &mut Scene<'_>, draft: &Draft, previews: &mut preview::State) -> bool {
    let count = draft.sources.len() as u64;
    let chat = scene.model.chats.get(&draft.conv);
    let to = chat.map(|chat| scene.model.chat_name(chat)).unwrap_or_default();
    let title = tr_with("file-offer-title", &[("count", count.into())]);
    dialog::show(ui, "offer-files", &title, |ui| {
        label::dim(ui, &tr_with("file-offer-to", &[("name", to.into())]));
        ui.add_space(space::M);
        for (at, source) in draft.sources.iter().enumerate() {
            previews.show(ui, source);
            if source_row(ui, &source.name()) {
                scene.act(Action::File(FileAct::LeaveOut(at)));
            }
            ui.add_space(space::XS);
        }
        ui.add_space(space::S);
        let (name, hint) = (tr("file-caption"), tr("file-caption-hint"));
        label::caption(ui, &name);
        let typed = field::flow(ui, Field::new(&name, &hint), &draft.caption);
        // Enter sends at once, and words go into the caption.
        if ui.memory(|memory| memory.focused().is_none()) {
            typed.response.request_focus();
        }
        if let Some(text) = typed.text {
            scene.act(Action::File(FileAct::Caption(text)));
        }
        let fits = draft.caption.trim().len() <= scene.model.body_limit();
        dialog::buttons(ui, |ui| {
            let words = tr_with("file-send", &[("count", count.into())]);
            let sent = button::flow(ui, &words, button::Kind::Primary, fits, None).clicked();
            if (sent || typed.entered) && fits {
                scene.act(Action::File(FileAct::Send));
            }
            if button::flow(ui, &tr("file-cancel"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}

/// One file by its name; whether it is to be left out.
fn source_row(ui: &mut Ui, name: &str) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let shown = file_name::shown(name);
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, &shown));
    ui.painter().rect_filled(rect, radius::L, tokens.surface0);
    let centre = pos2(rect.left() + 22.0, rect.center().y);
    icon::paint(ui.painter(), centre, glyph(name), 20.0, tokens.accent);
    let wide = rect.width() - 44.0 - 40.0;
    let line = fonts::line(ui, &shown, fonts::format(14.0, Weight::Medium, tokens.text), wide);
    label::left(ui, pos2(rect.left() + 42.0, rect.center().y), line);
    let place = Rect::from_center_size(pos2(rect.right() - 22.0, rect.center().y), Vec2::splat(30.0));
    let words = tr_with("file-leave-out", &[("name", shown.into())]);
    icon::button(ui, place, icon::CLOSE, &words, false).clicked()
}

fn risky(ui: &Ui, scene: &mut Scene<'_>, file: &Attachment) -> bool {
    dialog::show(ui, "risky-file", &tr("file-risky-title"), |ui| {
        let name = file_name::shown(&file.name);
        label::dim(ui, &tr_with("file-risky-text", &[("name", name.into())]));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("file-risky-keep"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
            if button::flow(ui, &tr("file-risky-open"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::File(FileAct::OpenAnyway(file.clone())));
            }
        });
    })
}

/// A picture over the whole window.
fn look(ui: &Ui, scene: &mut Scene<'_>, file: &Attachment) -> bool {
    let ctx = ui.ctx();
    let screen = ctx.content_rect();
    let tokens = theme::tokens(ui);
    let mut close = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    egui::Area::new(egui::Id::unique("look-at-picture"))
        .order(Order::Foreground)
        .fixed_pos(screen.min)
        .show(ctx, |ui| {
            let ground = ui.allocate_rect(screen, Sense::click());
            ui.painter()
                .rect_filled(screen, 0.0, tokens.surface0.gamma_multiply(0.96));
            close |= ground.clicked();
            let room = screen.shrink2(Vec2::new(32.0, 64.0));
            match scene.pictures.photo(file.hash, LARGE) {
                Photo::Ready(texture, pixels) => {
                    let place = fitted(room, pixels);
                    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                    ui.painter().image(texture, place, whole, Color32::WHITE);
                    label::name(
                        ui,
                        place,
                        ui.scope_id().with("large"),
                        &file_name::shown(&file.name),
                    );
                }
                Photo::Broken => {
                    let words = tr("file-picture-missing");
                    let line = fonts::line(
                        ui,
                        &words,
                        fonts::format(14.0, Weight::Regular, tokens.dim),
                        room.width(),
                    );
                    label::centre(ui, room.center(), line);
                }
                Photo::Coming => {}
            }
            let name = format!("{} · {}", file_name::shown(&file.name), size_words(file.size));
            let line = fonts::line(
                ui,
                &name,
                fonts::format(14.0, Weight::Medium, tokens.text),
                room.width() - 120.0,
            );
            label::left(ui, pos2(screen.left() + 32.0, screen.top() + 32.0), line);
            let at = |n: f32| {
                Rect::from_center_size(
                    pos2(screen.right() - 36.0 - n * 40.0, screen.top() + 32.0),
                    Vec2::splat(36.0),
                )
            };
            let save = tr_with("file-save", &[("name", file_name::shown(&file.name).into())]);
            if icon::button(ui, at(1.0), icon::DISK, &save, false).clicked() {
                scene.act(Action::File(FileAct::SaveAs(file.clone())));
            }
            close |= icon::button(ui, at(0.0), icon::CLOSE, &tr("dialog-close"), false).clicked();
        });
    close
}

/// Where a picture of this shape stands in a room, no larger than its pixels need.
#[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
fn fitted(room: Rect, pixels: [usize; 2]) -> Rect {
    let size = Vec2::new(pixels[0] as f32, pixels[1] as f32);
    let scale = (room.width() / size.x).min(room.height() / size.y).min(1.0);
    Rect::from_center_size(room.center(), size * scale)
}
