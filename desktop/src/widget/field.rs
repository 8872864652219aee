//! Fields to type in: one line in a rounded box, with a name, a hint, and room for a control at its end.

use super::icon;
use crate::fonts::{self, Weight};
use crate::theme;
use crate::words::tr;
use egui::{Color32, FontId, Rect, Response, Stroke, StrokeKind, TextBuffer, TextEdit, Ui, Vec2};

/// Height of a field.
pub const HEIGHT: f32 = 40.0;

/// What a field is.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// What screen readers call it.
    pub name: &'a str,
    /// Shown while it is empty.
    pub hint: &'a str,
    /// Letters are hidden.
    pub secret: bool,
    /// Room kept free at the right end.
    pub end: f32,
    /// Whether the edge says that something is wrong.
    pub wrong: bool,
}

impl<'a> Field<'a> {
    /// A plain field.
    #[must_use]
    pub fn new(name: &'a str, hint: &'a str) -> Self {
        Self {
            name,
            hint,
            secret: false,
            end: 0.0,
            wrong: false,
        }
    }
}

/// What a field answers.
pub struct Typed {
    /// The new text, when it changed.
    pub text: Option<String>,
    /// Enter was pressed in it.
    pub entered: bool,
    /// The text box.
    pub response: Response,
}

/// A field in the flow, as wide as there is room.
pub fn flow(ui: &mut Ui, field: Field<'_>, value: &str) -> Typed {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), egui::Sense::hover());
    at(ui, rect, field, value)
}

/// A field in a rectangle.
pub fn at(ui: &mut Ui, rect: Rect, field: Field<'_>, value: &str) -> Typed {
    let tokens = theme::tokens(ui);
    let inside = Rect::from_min_max(
        rect.min + Vec2::new(13.0, 10.0),
        rect.max - Vec2::new(13.0 + field.end, 10.0),
    );
    let ground = ui.painter().add(egui::Shape::Noop);
    let typed = text(ui, inside, field, value);
    let edge = match (field.wrong, typed.response.has_focus()) {
        (true, _) => Stroke::new(1.0, tokens.danger),
        (false, true) => Stroke::new(1.5, tokens.accent),
        (false, false) => Stroke::new(1.0, tokens.line),
    };
    let shape =
        egui::epaint::RectShape::new(rect, theme::radius::M, tokens.surface2, edge, StrokeKind::Inside);
    ui.painter().set(ground, shape);
    typed
}

/// The bare text of a field: the caller paints the box.
pub fn text(ui: &mut Ui, rect: Rect, field: Field<'_>, value: &str) -> Typed {
    let tokens = theme::tokens(ui);
    let mut buffer = value.to_owned();
    let mut set = |ui: &Ui, text: &dyn TextBuffer, _width: f32| {
        let shown = if field.secret {
            "\u{2022}".repeat(text.as_str().chars().count())
        } else {
            text.as_str().to_owned()
        };
        fonts::lines(
            ui,
            &shown,
            fonts::format(14.0, Weight::Regular, tokens.text),
            f32::INFINITY,
        )
    };
    let edit = TextEdit::singleline(&mut buffer)
        .id(ui.scope_id().with(("field", field.name)))
        .font(FontId::proportional(14.0))
        .password(field.secret)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .desired_width(rect.width())
        .min_size(rect.size())
        .align(egui::Align2::LEFT_CENTER)
        .layouter(&mut set);
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt(field.name));
    child.shrink_clip_rect(rect.expand2(Vec2::new(1.0, 6.0)));
    child.spacing_mut().interact_size.y = rect.height();
    let response = edit
        .show(&mut child)
        .response
        .response
        .accessible_name(field.name);
    if buffer.is_empty() && !field.hint.is_empty() {
        paint_hint(&child, rect, field.hint, tokens.dim);
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let text = (response.changed() && buffer != value).then_some(buffer);
    Typed {
        text,
        entered,
        response,
    }
}

fn paint_hint(ui: &Ui, rect: Rect, hint: &str, colour: Color32) {
    let galley = fonts::line(
        ui,
        hint,
        fonts::format(14.0, Weight::Regular, colour),
        rect.width(),
    );
    super::label::left(ui, rect.left_center(), galley);
}

/// A password field with its show button; the second answer is the wish to show or hide.
pub fn password(ui: &mut Ui, name: &str, hint: &str, value: &str, shown: bool) -> (Typed, Option<bool>) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), egui::Sense::hover());
    let field = Field {
        secret: !shown,
        end: 32.0,
        ..Field::new(name, hint)
    };
    let typed = at(ui, rect, field, value);
    let eye = Rect::from_center_size(
        egui::pos2(rect.right() - 22.0, rect.center().y),
        Vec2::splat(32.0),
    );
    let (picture, words) = if shown {
        (icon::EYE_SLASH, tr("password-hide"))
    } else {
        (icon::EYE, tr("password-show"))
    };
    let wish = icon::button(ui, eye, picture, &words, false)
        .clicked()
        .then_some(!shown);
    (typed, wish)
}
