//! One's own profile: the picture with crop and zoom, the name, the status.

use super::{Scene, dot_of};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::onboarding::{Picture, ProfileDraft};
use crate::model::person::Portrait;
use crate::theme::{self, space};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{button, dialog, dot, icon, label, slider};
use crate::words::tr;
use breeze_protocol::StatusKind;
use egui::{
    Color32, ColorImage, CursorIcon, Mesh, Popup, Pos2, Rect, Role, Sense, Shape, TextureHandle, Ui, Vec2,
    WidgetInfo, pos2,
};
use std::path::PathBuf;

const ACROSS: f32 = 120.0;
const ZOOM: std::ops::RangeInclusive<f32> = 100.0..=400.0;
const STATES: [(StatusKind, &str); 4] = [
    (StatusKind::Online, "status-online"),
    (StatusKind::Away, "status-away"),
    (StatusKind::Busy, "status-busy"),
    (StatusKind::Invisible, "status-invisible"),
];

/// The texture of the picture that is being cropped.
#[derive(Default)]
pub(super) struct State {
    picture: Option<(Picture, TextureHandle)>,
}

impl State {
    /// The dialog is closed: nothing is kept.
    pub(super) fn forget(&mut self) {
        self.picture = None;
    }

    pub(super) fn show(&mut self, ui: &Ui, scene: &mut Scene<'_>, draft: &ProfileDraft) -> bool {
        dropped(ui, scene);
        dialog::show(ui, "profile", &tr("profile-title"), |ui| {
            self.preview(ui, scene, draft);
            ui.add_space(space::M);
            choose(ui, scene, draft);
            if let Some(picture) = &draft.picture {
                crop_controls(ui, scene, draft, picture);
            } else {
                other_ways(ui);
            }
            if let Some(error) = &draft.error {
                ui.add_space(space::M);
                label::error(ui, error);
            }
            ui.add_space(space::L);
            let name = tr("profile-name");
            label::caption(ui, &name);
            if let Some(text) = field::flow(ui, Field::new(&name, ""), &draft.display_name).text {
                scene.act(Action::TypeDisplayName(text));
            }
            ui.add_space(space::M);
            label::caption(ui, &tr("profile-status"));
            status(ui, scene, draft);
            dialog::buttons(ui, |ui| {
                let ready = !draft.busy && !draft.display_name.trim().is_empty();
                let words = if draft.busy {
                    tr("profile-saving")
                } else {
                    tr("profile-save")
                };
                if button::flow(ui, &words, button::Kind::Primary, ready, None).clicked() {
                    scene.act(Action::SaveProfile);
                }
                if button::flow(ui, &tr("dialog-cancel"), button::Kind::Quiet, true, None).clicked() {
                    scene.act(Action::CloseDialog);
                }
            });
        })
    }

    fn preview(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, draft: &ProfileDraft) {
        let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ACROSS), Sense::hover());
        let rect = Rect::from_center_size(row.center(), Vec2::splat(ACROSS));
        let Some(picture) = &draft.picture else {
            let portrait = Portrait::still(scene.model.me.account, draft.avatar);
            let behind = theme::tokens(ui).surface2;
            let place = Place {
                centre: rect.center(),
                diameter: ACROSS,
                behind,
            };
            scene.picture(ui, &portrait, &draft.display_name, place);
            label::name(ui, rect, ui.scope_id().with("preview"), &tr("profile-picture"));
            return;
        };
        let response = ui.interact(rect, ui.scope_id().with("crop"), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, tr("profile-crop")));
        let view = crop(draft, picture);
        if let Some(texture) = self.texture(ui, picture) {
            ui.painter().add(disc(texture, rect, view));
        }
        drag_and_scroll(ui, scene, draft, picture, &response);
        response.on_hover_and_drag_cursor(CursorIcon::Grab);
    }

    fn texture(&mut self, ui: &Ui, picture: &Picture) -> Option<egui::TextureId> {
        let same = |kept: &Picture| std::sync::Arc::ptr_eq(&kept.rgba, &picture.rgba);
        if !self.picture.as_ref().is_some_and(|(kept, _)| same(kept)) {
            let size = [picture.width as usize, picture.height as usize];
            if size[0] * size[1] * 4 != picture.rgba.len() {
                return None;
            }
            let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
            let texture = ui.ctx().load_texture("crop", image, egui::TextureOptions::LINEAR);
            self.picture = Some((picture.clone(), texture));
        }
        self.picture.as_ref().map(|(_, texture)| texture.id())
    }
}

/// A picture file dropped on the window is taken, and so is one copied in a file manager and pasted.
fn dropped(ui: &Ui, scene: &mut Scene<'_>) {
    let path = ui.input_mut(|input| {
        let pasted = input
            .events
            .iter()
            .enumerate()
            .find_map(|(at, event)| match event {
                egui::Event::Paste(text) => Some((at, picture_path(text)?)),
                _ => None,
            });
        if let Some((at, path)) = pasted {
            // Or the name's field would take it as text.
            input.events.remove(at);
            return Some(path);
        }
        let dropped = input.raw.dropped_files.first();
        dropped.map(|file| file.path().to_path_buf())
    });
    if let Some(path) = path {
        scene.act(Action::PictureFile(path));
    }
}

/// The path of a picture, if a text is one: plain, or as file managers copy it.
fn picture_path(text: &str) -> Option<PathBuf> {
    let line = text.lines().map(str::trim).find(|line| line.contains('/'))?;
    let path = match line.strip_prefix("file://") {
        Some(coded) => PathBuf::from(decoded(coded)?),
        None => PathBuf::from(line),
    };
    let kind = path.extension()?.to_str()?.to_ascii_lowercase();
    let taken = ["png", "jpg", "jpeg", "webp"].contains(&kind.as_str());
    (taken && path.is_absolute()).then_some(path)
}

/// The text of a link's path: `%20` is a space.
fn decoded(coded: &str) -> Option<String> {
    let mut parts = coded.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let byte = u8::from_str_radix(part.get(..2)?, 16).ok()?;
        bytes.push(byte);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

/// Where the zoom will be: the other ways to a picture.
fn other_ways(ui: &mut Ui) {
    ui.add_space(space::S);
    let tokens = theme::tokens(ui);
    let words = tr("profile-drop");
    let format = fonts::format(12.0, Weight::Regular, tokens.dim);
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 16.0), Sense::hover());
    let galley = fonts::line(ui, &words, format, row.width());
    let place = label::centre(ui, row.center(), galley);
    label::name(ui, place, ui.scope_id().with("drop"), &words);
}

/// The part of the picture that is kept, in parts of its width and height.
#[expect(clippy::cast_precision_loss, reason = "a picture of 512 points, thousandths")]
fn crop(draft: &ProfileDraft, picture: &Picture) -> Rect {
    let (width, height) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
    let side = width.min(height) / (draft.zoom.clamp(100, 400) as f32 / 100.0);
    let half = Vec2::new(side / width, side / height) / 2.0;
    let centre = Vec2::new(draft.centre.0 as f32, draft.centre.1 as f32) / 1000.0;
    let inside = centre.clamp(half, Vec2::splat(1.0) - half);
    Rect::from_center_size(inside.to_pos2(), half * 2.0)
}

/// A round cut of a texture.
fn disc(texture: egui::TextureId, rect: Rect, uv: Rect) -> Shape {
    const EDGES: u8 = 96;
    let mut mesh = Mesh::with_texture(texture);
    let vertex = |at: Vec2, color: Color32| egui::epaint::Vertex {
        pos: rect.center() + at * (rect.width() / 2.0),
        uv: uv.center() + Vec2::new(at.x * uv.width(), at.y * uv.height()) / 2.0,
        color,
    };
    mesh.vertices.push(vertex(Vec2::ZERO, Color32::WHITE));
    for step in 0..EDGES {
        let way = Vec2::angled(std::f32::consts::TAU * f32::from(step) / f32::from(EDGES));
        mesh.vertices.push(vertex(way * 0.992, Color32::WHITE));
        mesh.vertices.push(vertex(way * 1.008, Color32::TRANSPARENT));
    }
    let edges = u32::from(EDGES);
    for step in 0..edges {
        let (a, b) = (1 + 2 * step, 1 + 2 * ((step + 1) % edges));
        mesh.add_triangle(0, a, b);
        mesh.add_triangle(a, b, a + 1);
        mesh.add_triangle(b, a + 1, b + 1);
    }
    Shape::mesh(mesh)
}

fn drag_and_scroll(
    ui: &Ui,
    scene: &mut Scene<'_>,
    draft: &ProfileDraft,
    picture: &Picture,
    response: &egui::Response,
) {
    let view = crop(draft, picture);
    let mut centre = view.center().to_vec2();
    let mut zoom = draft.zoom;
    let moved = response.drag_delta();
    if moved != Vec2::ZERO {
        centre -= Vec2::new(moved.x * view.width(), moved.y * view.height()) / ACROSS;
    }
    let wheel = if response.hovered() {
        ui.input(|input| input.smooth_scroll_delta().y)
    } else {
        0.0
    };
    if wheel.abs() > 0.0 {
        zoom = zoomed(zoom, wheel);
    }
    if moved != Vec2::ZERO || zoom != draft.zoom {
        scene.act(Action::Crop {
            zoom,
            centre: thousandths(centre),
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "100 to 400"
)]
fn zoomed(zoom: u32, wheel: f32) -> u32 {
    (zoom as f32 * (1.0 + wheel / 300.0))
        .clamp(*ZOOM.start(), *ZOOM.end())
        .round() as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 1000"
)]
fn thousandths(centre: Vec2) -> (u32, u32) {
    let part = |value: f32| (value.clamp(0.0, 1.0) * 1000.0).round() as u32;
    (part(centre.x), part(centre.y))
}

fn choose(ui: &mut Ui, scene: &mut Scene<'_>, draft: &ProfileDraft) {
    let (first, second) = (tr("profile-choose"), tr("profile-initials"));
    let widths = [&first, &second].map(|words| button::natural_width(ui, words));
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 34.0), Sense::hover());
    let left = row.center().x - (widths[0] + widths[1] + 8.0) / 2.0;
    let at = |x: f32, width: f32| Rect::from_min_size(pos2(x, row.top()), Vec2::new(width, 34.0));
    if button::at(ui, at(left, widths[0]), &first, button::Kind::Quiet, !draft.busy).clicked() {
        scene.act(Action::ChoosePicture);
    }
    if button::at(
        ui,
        at(left + widths[0] + 8.0, widths[1]),
        &second,
        button::Kind::Quiet,
        !draft.busy,
    )
    .clicked()
    {
        scene.act(Action::UseInitials);
    }
}

fn crop_controls(ui: &mut Ui, scene: &mut Scene<'_>, draft: &ProfileDraft, picture: &Picture) {
    let (row, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 28.0), Sense::hover());
    let rect = Rect::from_center_size(row.center(), Vec2::new(240.0_f32.min(row.width()), 4.0));
    #[expect(clippy::cast_precision_loss, reason = "100 to 400")]
    let value = (draft.zoom.clamp(100, 400) as f32 - 100.0) / 300.0;
    if let Some(moved) = slider::at(ui, rect, &tr("profile-zoom"), value) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "100 to 400"
        )]
        let zoom = (100.0 + moved * 300.0).round() as u32;
        let centre = thousandths(crop(draft, picture).center().to_vec2());
        scene.act(Action::Crop { zoom, centre });
    }
    let tokens = theme::tokens(ui);
    let words = tr("profile-crop-help");
    let galley = fonts::line(
        ui,
        &words,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        ui.available_width(),
    );
    let (row, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 16.0), Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    label::centre(ui, row.center(), galley);
}

/// One box: the state at its left as a menu, the status text in the rest.
fn status(ui: &mut Ui, scene: &mut Scene<'_>, draft: &ProfileDraft) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), field::HEIGHT), Sense::hover());
    let words = STATES
        .iter()
        .find(|(kind, _)| *kind == draft.status)
        .map(|(_, name)| tr(name))
        .unwrap_or_default();
    let galley = fonts::line(
        ui,
        &words,
        fonts::format(14.0, Weight::Regular, tokens.text),
        140.0,
    );
    let width = galley.size().x + 62.0;
    let ground = ui.painter().add(Shape::Noop);
    let state = Rect::from_min_size(rect.min, Vec2::new(width, rect.height()));
    let response = ui
        .interact(state, ui.scope_id().with("state"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let spoken = format!("{}: {words}", tr("profile-state"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let name = tr("profile-status-text");
    let inside = Rect::from_min_max(
        pos2(state.right() + 8.0, rect.top() + 10.0),
        rect.max - Vec2::new(12.0, 10.0),
    );
    let typed = field::text(
        ui,
        inside,
        Field::new(&name, &tr("profile-status-hint")),
        &draft.status_text,
    );
    let edge = if typed.response.has_focus() {
        tokens.accent
    } else {
        tokens.line
    };
    let kind = egui::StrokeKind::Inside;
    let line = egui::Stroke::new(1.0, edge);
    let shape = egui::epaint::RectShape::new(rect, theme::radius::M, tokens.surface2, line, kind);
    ui.painter().set(ground, shape);
    dot::paint(
        ui.painter(),
        pos2(rect.left() + 18.0, rect.center().y),
        dot_of(draft.status),
        tokens.surface2,
        tokens,
    );
    label::left(ui, pos2(rect.left() + 31.0, rect.center().y), galley);
    icon::paint(
        ui.painter(),
        Pos2::new(state.right() - 14.0, rect.center().y),
        icon::CARET_DOWN,
        13.0,
        tokens.dim,
    );
    ui.painter().vline(
        state.right(),
        rect.y_range().shrink(10.0),
        egui::Stroke::new(1.0, tokens.line),
    );
    crate::widget::focus_ring(ui, &response, state, theme::radius::M);
    if let Some(text) = typed.text {
        scene.act(Action::TypeStatusText(text));
    }
    state_menu(scene, &response);
}

fn state_menu(scene: &mut Scene<'_>, button: &egui::Response) {
    Popup::menu(button)
        .accessible_name(tr("profile-state"))
        .show(|ui| {
            ui.set_width(180.0);
            for (kind, name) in STATES {
                if state_row(ui, kind, &tr(name)) {
                    scene.act(Action::DraftStatus(kind));
                    ui.close();
                }
            }
        });
}

fn state_row(ui: &mut Ui, kind: StatusKind, words: &str) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 34.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, words));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::radius::S, tokens.hover);
    }
    dot::paint(
        ui.painter(),
        pos2(rect.left() + 16.0, rect.center().y),
        dot_of(kind),
        tokens.surface2,
        tokens,
    );
    let galley = fonts::line(
        ui,
        words,
        fonts::format(14.0, Weight::Regular, tokens.text),
        rect.width() - 40.0,
    );
    label::left(ui, pos2(rect.left() + 32.0, rect.center().y), galley);
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_is_a_square_inside_the_picture() {
        let picture = Picture {
            width: 400,
            height: 200,
            rgba: std::sync::Arc::new(Vec::new()),
        };
        let draft = ProfileDraft {
            zoom: 100,
            centre: (0, 900),
            ..ProfileDraft::default()
        };
        let view = crop(&draft, &picture);
        assert_eq!((view.min, view.max), (pos2(0.0, 0.0), pos2(0.5, 1.0)));
        let near = crop(
            &ProfileDraft {
                zoom: 200,
                centre: (500, 500),
                ..draft
            },
            &picture,
        );
        assert!((near.width() - 0.25).abs() < 1e-6 && (near.height() - 0.5).abs() < 1e-6);
    }
}
