//! The amber line while the own link is not live: what happens, when the next try is, and "Try now".

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::banner::Banner;
use crate::model::hosting::HostAct;
use crate::theme;
use crate::widget::{self, label};
use crate::words::{tr, tr_with};
use egui::{CursorIcon, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

/// Its height.
pub(super) const HEIGHT: f32 = 34.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(banner) = scene.model.banner(scene.now) else {
        return;
    };
    let rect = ui.max_rect();
    let tokens = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0.0, tokens.warning_bg);
    let (title, text, verb) = words(banner);
    let mut right = rect.right() - 16.0;
    if let Some((verb, action)) = verb {
        right = press(ui, scene, rect, right, &tr(verb), action) - 16.0;
    }
    let bold = fonts::format(13.0, Weight::Semi, tokens.warning_text);
    let place = label::left(
        ui,
        pos2(rect.left() + 16.0, rect.center().y),
        fonts::line(ui, &title, bold, right),
    );
    let left = place.right() + 8.0;
    let plain = fonts::format(13.0, Weight::Regular, tokens.warning_text);
    label::left(
        ui,
        pos2(left, rect.center().y),
        fonts::line(ui, &text, plain, right - left),
    );
    let told = label::name(
        ui,
        rect.with_max_x(right),
        ui.scope_id().with("words"),
        &format!("{title} {text}"),
    );
    ui.ctx()
        .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
}

fn press(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, right: f32, words: &str, action: Action) -> f32 {
    let tokens = theme::tokens(ui);
    let galley = fonts::line(
        ui,
        words,
        fonts::format(13.0, Weight::Regular, tokens.warning_text),
        160.0,
    );
    let size = galley.size();
    let place = Rect::from_min_size(pos2(right - size.x, rect.center().y - size.y / 2.0), size);
    let response = ui.interact(
        place.expand2(Vec2::new(6.0, 4.0)),
        ui.scope_id().with("try"),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    label::left(ui, place.left_center(), galley);
    ui.painter().hline(
        place.x_range(),
        place.bottom() - 2.0,
        Stroke::new(1.0, tokens.warning_text),
    );
    widget::focus_ring(ui, &response, response.rect, theme::radius::S);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        scene.act(action);
    }
    place.left()
}

/// What is said, and the button that may help.
fn words(banner: Banner) -> (String, String, Option<(&'static str, Action)>) {
    let again = |seconds: Option<u64>| seconds.map(|_| ("banner-try-now", Action::TryNow));
    let wait = |seconds: Option<u64>| match seconds {
        Some(seconds) => tr_with("banner-next-try", &[("seconds", seconds.into())]),
        None => tr("banner-trying"),
    };
    match banner {
        Banner::SecretsShut => (
            tr("banner-secrets"),
            tr("banner-secrets-text"),
            Some(("banner-try-now", Action::TryNow)),
        ),
        Banner::Reconnecting { next_try_s } => {
            (tr("banner-reconnecting"), wait(next_try_s), again(next_try_s))
        }
        Banner::Restarting { next_try_s } => (tr("banner-restarting"), wait(next_try_s), again(next_try_s)),
        Banner::HostDied { starting: true } => (tr("banner-host-died"), tr("banner-host-starting"), None),
        Banner::HostDied { starting: false } => {
            let start = ("hosting-start-again", Action::Host(HostAct::Start));
            (tr("banner-host-died"), tr("banner-host-died-text"), Some(start))
        }
        Banner::Silent => (tr("banner-silent"), tr("banner-silent-text"), None),
        Banner::Syncing => (tr("banner-syncing"), tr("banner-syncing-text"), None),
        Banner::RolledBack => (tr("banner-rolled-back"), tr("banner-rolled-back-text"), None),
    }
}
