//! The rail: oneself with the status menu, chats and people, the hosted server and settings.

use super::{Scene, dot_of};
use crate::fonts::{self, Weight};
use crate::model::onboarding::ProfileDraft;
use crate::model::search::SearchAct;
use crate::model::{Action, Dialog};
use crate::theme;
use crate::widget::avatar::Place;
use crate::widget::{self, dot, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::StatusKind;
use egui::{
    CursorIcon, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
};

const BUTTON: f32 = 40.0;
const STATES: [StatusKind; 4] = [
    StatusKind::Online,
    StatusKind::Away,
    StatusKind::Busy,
    StatusKind::Invisible,
];

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rect = ui.max_rect();
    let tokens = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0.0, tokens.surface0);
    ui.painter()
        .vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, tokens.line));
    own_avatar(ui, scene, rect);
    let at = |y: f32| Rect::from_center_size(pos2(rect.left() + 32.0, y), Vec2::splat(BUTTON));
    let searching = scene.model.search.is_some();
    let people_open = matches!(scene.model.dialog, Some(Dialog::People { .. }));
    let chats = icon::button(
        ui,
        at(rect.top() + 100.0),
        icon::CHATS,
        &tr("rail-chats"),
        !searching,
    );
    if chats.clicked() {
        if scene.model.dialog.is_some() {
            scene.act(Action::CloseDialog);
        }
        if searching {
            scene.act(Action::Search(SearchAct::Panel(false)));
        }
    }
    let people = icon::button(
        ui,
        at(rect.top() + 148.0),
        icon::PEOPLE,
        &people_name(scene),
        people_open,
    );
    if incoming(scene) > 0 {
        ui.painter()
            .circle_filled(people.rect.center() + Vec2::new(12.0, -12.0), 4.0, tokens.accent);
    }
    if people.clicked() {
        scene.act(Action::Show(Dialog::People {
            add: String::new(),
            said: None,
        }));
    }
    search(ui, scene, at(rect.top() + 196.0));
    if scene.model.hosting.is_some() {
        let host = icon::button(
            ui,
            at(rect.bottom() - 80.0),
            icon::SERVER,
            &tr("rail-host"),
            false,
        );
        if host.clicked() {
            scene.act(Action::Show(Dialog::Host));
        }
    }
    if icon::button(
        ui,
        at(rect.bottom() - 32.0),
        icon::SETTINGS,
        &tr("rail-settings"),
        false,
    )
    .clicked()
    {
        scene.act(Action::Show(Dialog::Settings));
    }
}

fn search(ui: &mut Ui, scene: &mut Scene<'_>, place: Rect) {
    let open = scene.model.search.is_some();
    if icon::button(ui, place, icon::SEARCH, &tr("rail-search"), open).clicked() {
        scene.act(Action::Search(SearchAct::Panel(!open)));
    }
}

fn incoming(scene: &Scene<'_>) -> usize {
    use breeze_protocol::message::item::Direction;
    scene
        .model
        .requests
        .values()
        .filter(|request| request.direction == Direction::In)
        .count()
}

fn people_name(scene: &Scene<'_>) -> String {
    match incoming(scene) {
        0 => tr("rail-people"),
        count => tr_with("rail-people-waiting", &[("count", (count as u64).into())]),
    }
}

fn own_avatar(ui: &mut Ui, scene: &mut Scene<'_>, rail: Rect) {
    let centre = pos2(rail.left() + 32.0, rail.top() + 34.0);
    let rect = Rect::from_center_size(centre, Vec2::splat(44.0));
    let response = ui
        .interact(rect, ui.scope_id().with("me"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let name = scene.model.me.display_name.clone();
    let status = status_words(scene.model.me.status);
    let spoken = tr_with(
        "rail-me",
        &[("name", name.clone().into()), ("status", status.into())],
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let place = Place {
        centre,
        diameter: 44.0,
        behind: theme::tokens(ui).surface0,
    };
    let portrait = scene.own_portrait();
    scene.picture(ui, &portrait, &name, place);
    widget::focus_ring(ui, &response, rect.expand(3.0), 25);
    if response.clicked() {
        scene.act(Action::StatusMenu(!scene.model.status_menu));
    }
    if scene.model.status_menu {
        menu(scene, &response);
    }
}

fn status_words(status: StatusKind) -> String {
    tr(match status {
        StatusKind::Online => "status-online",
        StatusKind::Away => "status-away",
        StatusKind::Busy => "status-busy",
        StatusKind::Invisible => "status-invisible",
    })
}

fn menu(scene: &mut Scene<'_>, anchor: &Response) {
    let mut open = true;
    let popup = Popup::from_response(anchor)
        .align(egui::RectAlign::RIGHT_START)
        .gap(10.0)
        .accessible_name(tr("status-menu"))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .open_bool(&mut open);
    popup.show(|ui| {
        ui.set_width(220.0);
        for status in STATES {
            if row(
                ui,
                &status_words(status),
                Some(status),
                scene.model.me.status == status,
            ) {
                scene.act(Action::SetStatus(status));
                scene.act(Action::StatusMenu(false));
            }
        }
        widget::card::rule(ui);
        if row(ui, &tr("saved-title"), None, false) {
            scene.act(Action::StatusMenu(false));
            scene.act(Action::OpenPerson(scene.model.me.account));
        }
        if row(ui, &tr("status-profile"), None, false) {
            scene.act(Action::StatusMenu(false));
            scene.act(Action::Show(Dialog::Profile(draft(scene))));
        }
    });
    if !open && !anchor.clicked() {
        scene.act(Action::StatusMenu(false));
    }
}

fn row(ui: &mut Ui, words: &str, status: Option<StatusKind>, chosen: bool) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, chosen, words));
    if response.hovered() || chosen {
        let fill = if response.hovered() {
            tokens.hover
        } else {
            tokens.selected
        };
        ui.painter().rect_filled(rect, theme::radius::S, fill);
    }
    if let Some(status) = status {
        let at = pos2(rect.left() + 18.0, rect.center().y);
        dot::paint(ui.painter(), at, dot_of(status), tokens.surface2, tokens);
    }
    let galley = fonts::line(
        ui,
        words,
        fonts::format(14.0, Weight::Regular, tokens.text),
        rect.width() - 40.0,
    );
    label::left(ui, pos2(rect.left() + 36.0, rect.center().y), galley);
    widget::focus_ring(ui, &response, rect, theme::radius::S);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// The profile dialog opens with what others see now.
pub(super) fn draft(scene: &Scene<'_>) -> ProfileDraft {
    let me = &scene.model.me;
    ProfileDraft {
        display_name: me.display_name.clone(),
        status_text: me.status_text.clone(),
        status: me.status,
        avatar: me.avatar,
        picture: None,
        zoom: 100,
        centre: (500, 500),
        busy: false,
        error: None,
    }
}
