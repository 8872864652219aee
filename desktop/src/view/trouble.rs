//! When something is missing: what happened, what to do, a button.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::{Action, Trouble};
use crate::theme;
use crate::widget::{button, icon, label};
use crate::words::{tr, tr_with};
use egui::{Rect, Ui, Vec2, pos2};

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>, trouble: &Trouble) {
    let rect = ui.max_rect();
    let tokens = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0.0, tokens.surface0);
    let (title, text) = words(trouble);
    let width = (rect.width() - 48.0).min(460.0);
    let centre = rect.center();
    icon::paint(
        ui.painter(),
        centre - Vec2::new(0.0, 110.0),
        icon::PLUGS,
        48.0,
        tokens.accent,
    );
    let galley = fonts::line(
        ui,
        &title,
        fonts::format(24.0, Weight::Bold, tokens.text),
        rect.width() - 32.0,
    );
    let place = label::centre(ui, centre - Vec2::new(0.0, 56.0), galley);
    label::name(ui, place, ui.scope_id().with("title"), &title);
    let mut job =
        egui::text::LayoutJob::single_section(text.clone(), fonts::format(14.0, Weight::Regular, tokens.dim));
    job.wrap.max_width = width;
    job.halign = egui::Align::Center;
    let galley = fonts::layout_job(ui, job);
    let tall = galley.size().y;
    ui.painter()
        .galley(pos2(centre.x, centre.y - 28.0), galley, tokens.dim);
    let told = Rect::from_min_size(
        pos2(centre.x - width / 2.0, centre.y - 28.0),
        Vec2::new(width, tall),
    );
    label::name(ui, told, ui.scope_id().with("text"), &text);
    buttons(
        ui,
        scene,
        trouble,
        pos2(centre.x, centre.y + tall + 16.0),
        &format!("{title}\n{text}"),
    );
}

fn words(trouble: &Trouble) -> (String, String) {
    let plain = |key: &str| {
        (
            tr(&format!("trouble-{key}-title")),
            tr(&format!("trouble-{key}-text")),
        )
    };
    let with = |key: &str, path: &str| {
        let text = tr_with(
            &format!("trouble-{key}-text"),
            &[("place", path.to_owned().into())],
        );
        (tr(&format!("trouble-{key}-title")), text)
    };
    match trouble {
        Trouble::FolderInUse(path) => with("folder-in-use", path),
        Trouble::FolderUnwritable(path) => with("folder-unwritable", path),
        Trouble::NewerData => plain("newer-data"),
        Trouble::WrongPin { address } => with("wrong-pin", address),
        Trouble::SignedOut => plain("signed-out"),
        Trouble::Disabled => plain("disabled"),
        Trouble::Protocol { server_old: true } => plain("server-old"),
        Trouble::Protocol { server_old: false } => plain("app-old"),
        Trouble::Other(text) => (tr("trouble-other-title"), text.clone()),
    }
}

fn buttons(ui: &mut Ui, scene: &mut Scene<'_>, trouble: &Trouble, top: egui::Pos2, details: &str) {
    let again = matches!(
        trouble,
        Trouble::SignedOut | Trouble::Disabled | Trouble::WrongPin { .. }
    );
    let first = if again {
        (tr("trouble-sign-in"), Action::SignOut)
    } else {
        (tr("problem-retry"), Action::Retry)
    };
    let verbs = [
        (first.0, first.1, button::Kind::Primary),
        (
            tr("trouble-copy"),
            Action::Copy(details.to_owned()),
            button::Kind::Quiet,
        ),
        (tr("trouble-quit"), Action::Quit, button::Kind::Quiet),
    ];
    let widths: Vec<f32> = verbs
        .iter()
        .map(|(words, ..)| button::natural_width(ui, words))
        .collect();
    let mut left = top.x - (widths.iter().sum::<f32>() + 16.0) / 2.0;
    for ((words, action, kind), width) in verbs.into_iter().zip(widths) {
        let place = Rect::from_min_size(pos2(left, top.y), Vec2::new(width, button::HEIGHT));
        if button::at(ui, place, &words, kind, true).clicked() {
            scene.act(action);
        }
        left += width + 8.0;
    }
}
