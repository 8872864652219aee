//! The bar that searches the open chat: how many, which one, older, newer.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::search::{Find, SearchAct};
use crate::theme;
use crate::widget::field::{self, Field};
use crate::widget::{icon, label};
use crate::words::{tr, tr_with};
use egui::{Key, Rect, Stroke, Ui, Vec2, pos2};

/// Height of the bar.
pub(super) const HEIGHT: f32 = 52.0;
const BUTTON: f32 = 36.0;
const COUNT: f32 = 110.0;

/// What the bar remembers.
#[derive(Default)]
pub(super) struct State {
    open: bool,
    /// The field wants the keyboard.
    pub(super) focus: bool,
}

impl State {
    /// Nobody searches.
    pub(super) fn forget(&mut self) {
        self.open = false;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, find: &Find) {
        let rect = ui.max_rect();
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(rect, 0.0, tokens.surface1);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.line));
        let button = |place: f32| {
            let centre = pos2(
                rect.right() - 16.0 - BUTTON / 2.0 - place * BUTTON,
                rect.center().y,
            );
            Rect::from_center_size(centre, Vec2::splat(BUTTON))
        };
        let field = Rect::from_min_max(
            pos2(rect.left() + 16.0, rect.top() + 6.0),
            pos2(button(2.0).left() - COUNT - 8.0, rect.bottom() - 6.0),
        );
        let typed = field::at(
            ui,
            field,
            Field::new(&tr("find-field"), &tr("find-hint")),
            &find.search.query,
        );
        if !std::mem::replace(&mut self.open, true) || std::mem::take(&mut self.focus) || typed.entered {
            typed.response.request_focus();
        }
        let focused = typed.response.has_focus();
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        let shift = ui.input(|input| input.modifiers.shift);
        let older = (typed.entered && !shift) || (focused && pressed(Key::ArrowUp));
        let newer = (typed.entered && shift) || (focused && pressed(Key::ArrowDown));
        if let Some(text) = typed.text {
            scene.act(Action::Search(SearchAct::FindType(text)));
        }
        let count = count(find);
        let format = fonts::format(13.0, Weight::Regular, tokens.dim);
        let galley = fonts::line(ui, &count, format, COUNT - 8.0);
        let at = label::right(ui, pos2(button(2.0).left() - 8.0, rect.center().y), galley);
        let told = label::name(ui, at, ui.scope_id().with("count"), &count);
        ui.ctx()
            .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
        let up = icon::button(ui, button(2.0), icon::CARET_UP, &tr("find-older"), false).clicked();
        let down = icon::button(ui, button(1.0), icon::CARET_DOWN, &tr("find-newer"), false).clicked();
        if newer || down {
            scene.act(Action::Search(SearchAct::FindStep(false)));
        } else if older || up {
            scene.act(Action::Search(SearchAct::FindStep(true)));
        }
        if icon::button(ui, button(0.0), icon::CLOSE, &tr("find-close"), false).clicked() {
            scene.act(Action::Search(SearchAct::FindClose));
        }
    }
}

/// "2 of 14", "2 of 50 or more", "Nothing found".
fn count(find: &Find) -> String {
    let search = &find.search;
    let count = search.hits.len() as u64;
    match find.at {
        _ if search.is_empty() => String::new(),
        None if search.is_busy() => tr("search-busy"),
        None => tr("search-none-title"),
        Some(at) => {
            let words = [("at", (at as u64 + 1).into()), ("count", count.into())];
            tr_with(
                if search.has_more() {
                    "find-count-more"
                } else {
                    "find-count"
                },
                &words,
            )
        }
    }
}
