//! What can be done with a message: a small bar beside the bubble under the pointer, and a menu on a right click, on its
//! dots, or by the menu key.

use super::{Scene, select};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::BubbleKey;
use crate::model::entry_acts::EntryAct;
use crate::theme::{self, radius, space};
use crate::widget::{self, icon, label, menu};
use crate::words::tr;
use breeze_protocol::ConvId;
use egui::{CursorIcon, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

/// Side of a button of the bar, and of an emoji to pick.
const BUTTON: f32 = 28.0;
const PICK: f32 = 34.0;
const WIDTH: f32 = 7.0 * PICK;

/// The message a menu is about.
pub(super) struct About<'a> {
    /// Its chat.
    pub(super) conv: ConvId,
    /// Which.
    pub(super) key: BubbleKey,
    /// Oneself wrote it.
    pub(super) own: bool,
    /// Its text, as it was written.
    pub(super) text: &'a str,
    /// It brings files.
    pub(super) files: bool,
    /// It was edited.
    pub(super) edited: bool,
    /// It can be answered and changed.
    pub(super) open: bool,
    /// Words of Breeze stand in its place.
    pub(super) told: bool,
    /// It is pinned to the top of the chat.
    pub(super) pinned: bool,
    /// One may pin it, or take it off.
    pub(super) may_pin: bool,
}

/// Which message's menu is open, and where.
#[derive(Default)]
pub(super) struct State {
    open: Option<(BubbleKey, Pos2)>,
    /// Which messages are chosen, to do something with all of them.
    pub(super) select: select::State,
}

impl State {
    /// Closes the menu of a message that is not drawn any more.
    pub(super) fn keep(&mut self, drawn: impl Fn(BubbleKey) -> bool) {
        self.open = self.open.filter(|(key, _)| drawn(*key));
    }

    /// The bar and the menu of one message, as far as they are wanted now.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        scene: &mut Scene<'_>,
        about: &About<'_>,
        response: &Response,
        (place, row): (Rect, Rect),
    ) {
        if about.told || self.select.is_on() {
            return;
        }
        let over =
            ui.rect_contains_pointer(row) && self.open.is_none() && !egui::Popup::is_any_open(ui.ctx());
        if let BubbleKey::Stored(seq) = about.key
            && about.open
            && over
        {
            self.bar(ui, scene, about, seq, (place, row));
        }
        // Anywhere on the bubble: the line above an answer is a button of its own.
        let at = ui.input(|input| {
            let clicked = input.pointer.secondary_clicked();
            input.pointer.interact_pos().filter(|_| clicked)
        });
        if let Some(at) = at.filter(|_| ui.rect_contains_pointer(place)) {
            self.open = Some((about.key, at));
        } else if response.has_focus() && menu::key(ui) {
            self.open = Some((about.key, place.left_bottom()));
        }
        self.menu(ui, scene, about);
    }

    fn bar(
        &mut self,
        ui: &mut Ui,
        scene: &mut Scene<'_>,
        about: &About<'_>,
        seq: u64,
        (place, row): (Rect, Rect),
    ) {
        let tokens = theme::tokens(ui);
        let size = Vec2::new(3.0 * BUTTON + 4.0, BUTTON + 4.0);
        let left = if about.own {
            (place.left() - size.x - space::S).max(row.left())
        } else {
            (place.right() + space::S).min(row.right() - size.x)
        };
        let bar = Rect::from_min_size(pos2(left, place.top() - 2.0), size);
        ui.painter().rect(
            bar,
            radius::L,
            tokens.surface2,
            Stroke::new(1.0, tokens.line),
            StrokeKind::Inside,
        );
        let at = |n: f32| {
            Rect::from_min_size(
                pos2(bar.left() + 2.0 + n * BUTTON, bar.top() + 2.0),
                Vec2::splat(BUTTON),
            )
        };
        ui.push_id(("bar", about.key), |ui| {
            if small(ui, at(0.0), icon::SMILEY, &tr("message-react")) {
                scene.act(Action::Entry(about.conv, EntryAct::PickEmoji(seq)));
            }
            if small(ui, at(1.0), icon::REPLY, &tr("message-reply")) {
                scene.act(Action::Entry(about.conv, EntryAct::Reply(seq)));
            }
            if small(ui, at(2.0), icon::MORE, &tr("message-more")) {
                self.open = Some((about.key, at(2.0).left_bottom() + Vec2::new(0.0, space::XS)));
            }
        });
    }

    fn menu(&mut self, ui: &Ui, scene: &mut Scene<'_>, about: &About<'_>) {
        let Some((_, at)) = self.open.filter(|(key, _)| *key == about.key) else {
            return;
        };
        let id = ui.scope_id().with(("entry-menu", about.key));
        let open = menu::show(ui, id, at, WIDTH, |ui| rows(ui, scene, about, &mut self.select));
        if !open {
            self.open = None;
        }
    }
}

/// The menu's rows; whether one was chosen.
fn rows(ui: &mut Ui, scene: &mut Scene<'_>, about: &About<'_>, select: &mut select::State) -> bool {
    let tokens = theme::tokens(ui);
    let mut wish = None;
    if let BubbleKey::Stored(seq) = about.key
        && about.open
    {
        wish = quick(ui, seq);
        ui.add_space(space::XS);
        let line = ui.max_rect().x_range();
        ui.painter()
            .hline(line, ui.cursor().top(), Stroke::new(1.0, tokens.line));
        ui.add_space(space::XS);
        if menu::row(ui, icon::REPLY, &tr("message-reply"), tokens.text) {
            wish = Some(EntryAct::Reply(seq));
        }
    }
    let mut done = false;
    if !about.text.is_empty() && menu::row(ui, icon::COPY, &tr("message-copy"), tokens.text) {
        scene.act(Action::Copy(about.text.to_owned()));
        done = true;
    }
    if let BubbleKey::Stored(seq) = about.key {
        if menu::row(ui, icon::CHECKS, &tr("message-select"), tokens.text) {
            select.begin(seq);
            done = true;
        }
        if about.open && menu::row(ui, icon::FORWARD, &tr("message-forward"), tokens.text) {
            wish = Some(EntryAct::Forward(seq));
        }
        let pin = if about.pinned {
            (icon::UNPIN, "pin-off")
        } else {
            (icon::PIN, "pin-on")
        };
        if about.open && about.may_pin && menu::row(ui, pin.0, &tr(pin.1), tokens.text) {
            wish = Some(EntryAct::Pin(seq, !about.pinned));
        }
        if about.edited && menu::row(ui, icon::HISTORY, &tr("message-history"), tokens.text) {
            wish = Some(EntryAct::ShowEdits(seq));
        }
        if about.open && about.own {
            if !about.files && menu::row(ui, icon::PENCIL, &tr("message-edit"), tokens.text) {
                wish = Some(EntryAct::Edit(seq));
            }
            if menu::row(ui, icon::TRASH, &tr("message-delete"), tokens.danger) {
                wish = Some(EntryAct::AskDelete(seq));
            }
        }
    }
    let chosen = done || wish.is_some();
    if let Some(act) = wish {
        scene.act(Action::Entry(about.conv, act));
    }
    chosen
}

/// The emoji that are always at hand, and the way to the others.
fn quick(ui: &mut Ui, seq: u64) -> Option<EntryAct> {
    let (strip, _) = ui.allocate_exact_size(Vec2::new(WIDTH, PICK), Sense::hover());
    let words = tr("reactions-quick");
    let mut left = strip.left();
    let mut wish = None;
    for emoji in words.split_whitespace() {
        let place = Rect::from_min_size(pos2(left, strip.top()), Vec2::splat(PICK));
        if pick(ui, place, emoji).clicked() {
            wish = Some(EntryAct::React(seq, emoji.to_owned()));
        }
        left += PICK;
    }
    let place = Rect::from_min_size(pos2(left, strip.top()), Vec2::splat(PICK));
    if icon::button(ui, place, icon::PLUS, &tr("message-react-more"), false).clicked() {
        wish = Some(EntryAct::PickEmoji(seq));
    }
    wish
}

/// An emoji to pick, in a square.
fn pick(ui: &mut Ui, place: Rect, emoji: &str) -> Response {
    let tokens = theme::tokens(ui);
    let response = ui
        .interact(place, ui.scope_id().with(("pick", emoji)), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, emoji));
    if response.hovered() {
        ui.painter().rect_filled(place, radius::S, tokens.hover);
    }
    let galley = fonts::line(
        ui,
        emoji,
        fonts::format(18.0, Weight::Regular, tokens.text),
        place.width(),
    );
    label::centre(ui, place.center(), galley);
    widget::focus_ring(ui, &response, place, radius::S);
    response
}

fn small(ui: &mut Ui, place: Rect, picture: &str, name: &str) -> bool {
    let tokens = theme::tokens(ui);
    let response = ui
        .interact(place, ui.scope_id().with(("small", name)), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let ink = if response.hovered() {
        ui.painter().rect_filled(place, radius::S, tokens.hover);
        tokens.text
    } else {
        tokens.dim
    };
    icon::paint(ui.painter(), place.center(), picture, 17.0, ink);
    widget::focus_ring(ui, &response, place, radius::S);
    response.on_hover_text(name).clicked()
}
