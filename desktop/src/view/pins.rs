//! The bar under a chat's header that shows its pinned messages, one at a time: a click goes there, and the next one up comes
//! into its place.

use super::{Scene, message};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::entry_acts::EntryAct;
use crate::model::search::SearchAct;
use crate::theme;
use crate::widget::{self, icon, label, markdown};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use breeze_protocol::message::pin::Pin;
use egui::{CursorIcon, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

/// Height of the bar.
pub(super) const HEIGHT: f32 = 52.0;
/// Parts of the rule at its left edge, one for each message; of more, one stands for several.
const PARTS_MAX: usize = 5;
const BUTTON: f32 = 36.0;

/// What the bar remembers.
#[derive(Default)]
pub(super) struct State {
    conv: Option<ConvId>,
    /// The place gone to last.
    gone_to: Option<u64>,
    /// Looked up on the disk.
    looked_up: Option<u64>,
}

impl State {
    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat) {
        if self.conv != Some(chat.conv) {
            *self = Self {
                conv: Some(chat.conv),
                ..Self::default()
            };
        }
        let Some((at, pin)) = chat.pin_after(self.gone_to) else {
            return;
        };
        let rect = ui.max_rect();
        let tokens = theme::tokens(ui);
        let may = scene.model.may_pin(chat.conv);
        let off = Rect::from_center_size(pos2(rect.right() - 33.0, rect.center().y), Vec2::splat(BUTTON));
        let open = if may { rect.with_max_x(off.left()) } else { rect };
        let response = ui
            .interact(open, ui.scope_id().with("pinned"), Sense::click())
            .on_hover_cursor(CursorIcon::PointingHand);
        let ground = if response.hovered() {
            tokens.hover
        } else {
            tokens.surface1
        };
        ui.painter().rect_filled(rect, 0.0, ground);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.line));
        rule(ui, rect, (at, chat.pins.len()));
        let (title, text) = self.words(scene, chat, (at, pin));
        let left = rect.left() + 34.0;
        let room = open.right() - left - 12.0;
        let head = fonts::line(ui, &title, fonts::format(12.0, Weight::Semi, tokens.accent), room);
        label::left(ui, pos2(left, rect.top() + 16.0), head);
        let line = fonts::line(ui, &text, fonts::format(13.0, Weight::Regular, tokens.dim), room);
        label::left(ui, pos2(left, rect.top() + 35.0), line);
        let spoken = format!("{title}: {text}");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        widget::focus_ring(ui, &response, open, 4);
        let by = scene.model.pinned_by(pin.by);
        if response.on_hover_text(by).clicked() {
            self.gone_to = Some(pin.seq);
            scene.act(Action::Search(SearchAct::Go(chat.conv, pin.seq)));
        }
        if may && icon::button(ui, off, icon::UNPIN, &tr("pin-off"), false).clicked() {
            scene.act(Action::Entry(chat.conv, EntryAct::Pin(pin.seq, false)));
        }
    }

    /// "Pinned message 2 of 3", and the beginning of it as far as it is known here.
    fn words(&mut self, scene: &mut Scene<'_>, chat: &Chat, (at, pin): (usize, Pin)) -> (String, String) {
        let title = match chat.pins.len() {
            1 => tr("pin-title"),
            count => {
                let words = [("at", (at as u64 + 1).into()), ("count", (count as u64).into())];
                tr_with("pin-title-of", &words)
            }
        };
        let me = scene.model.me.account;
        let quote = chat.quote(pin.seq, &chat.changes(me));
        let text = match quote.who {
            Some(_) if quote.deleted => tr("message-deleted"),
            Some(who) if chat.group.is_some() => {
                format!("{}: {}", message::name(scene, who), markdown::plain(&quote.text))
            }
            Some(_) => markdown::plain(&quote.text),
            None => {
                if self.looked_up.replace(pin.seq) != Some(pin.seq) {
                    scene.act(Action::Entry(chat.conv, EntryAct::Quote(pin.seq)));
                }
                tr("pin-unknown")
            }
        };
        (title, text)
    }
}

/// The rule at the left edge, in parts, the one shown in the accent's colour.
#[expect(clippy::cast_precision_loss, reason = "a handful of parts")]
fn rule(ui: &Ui, rect: Rect, (at, count): (usize, usize)) {
    let tokens = theme::tokens(ui);
    let parts = count.clamp(1, PARTS_MAX);
    let shown = at * parts / count.max(1);
    let (top, height) = (rect.top() + 9.0, rect.height() - 18.0);
    let step = height / parts as f32;
    for part in 0..parts {
        let from = pos2(rect.left() + 20.0, top + step * part as f32);
        let place = Rect::from_min_size(from, Vec2::new(3.0, step - if parts > 1 { 2.0 } else { 0.0 }));
        let ink = if part == shown { tokens.accent } else { tokens.line };
        ui.painter().rect_filled(place, 1.5, ink);
    }
}
