//! The ways in: three cards, then one page with three fields; signing in; trusting a fingerprint.

mod near;
mod recover;
pub(super) mod trust;

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::onboarding::{Busy, NameState, Onboarding, Page};
use crate::theme::{self, space};
use crate::widget::field::{self, Field};
use crate::widget::{button, card, icon, label};
use crate::words::{tr, tr_with};
use egui::{Color32, Mesh, Rect, ScrollArea, Shape, Ui, UiBuilder, Vec2, pos2};

const CARD: Vec2 = Vec2::new(280.0, 272.0);
const FORM: f32 = 380.0;
const LOGO: f32 = 72.0;

pub(super) fn show(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rect = ui.max_rect();
    let tokens = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0.0, tokens.surface0);
    let state = &scene.model.onboarding;
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("onboarding")
        .show(ui, |ui| match state.page {
            Page::Ways => ways(ui, scene, state, rect),
            Page::Register => form(ui, scene, rect, 520.0, |ui, scene| register(ui, scene, state)),
            Page::Login => form(ui, scene, rect, 500.0, |ui, scene| login(ui, scene, state)),
            Page::Recover => form(ui, scene, rect, 600.0, |ui, scene| {
                recover::show(ui, scene, state)
            }),
            Page::Trust => form(ui, scene, rect, 430.0, |ui, scene| trust::show(ui, scene, state)),
        });
}

fn ways(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, screen: Rect) {
    let tokens = theme::tokens(ui);
    let stacked = screen.width() < 3.0 * CARD.x + 64.0;
    let error = if state.error.is_some() { 78.0 } else { 0.0 };
    let cards = if stacked {
        3.0 * CARD.y + 2.0 * space::L
    } else {
        CARD.y
    };
    let height = 176.0 + cards + 44.0 + error;
    let top = screen.top() + ((screen.height() - height) / 2.0).max(space::XL);
    let x = screen.center().x;
    ui.allocate_space(Vec2::new(
        ui.available_width(),
        (top - screen.top() + height + space::XL).max(0.0),
    ));
    let top = ui.min_rect().top() + top - screen.top();
    logo(ui, pos2(x, top + LOGO / 2.0));
    let title = fonts::line(
        ui,
        &tr("welcome-title"),
        fonts::format(24.0, Weight::Bold, tokens.text),
        screen.width(),
    );
    let place = label::centre(ui, pos2(x, top + 104.0), title);
    label::name(ui, place, ui.scope_id().with("title"), &tr("welcome-title"));
    let text = fonts::line(
        ui,
        &tr("welcome-text"),
        fonts::format(14.0, Weight::Regular, tokens.dim),
        screen.width(),
    );
    let place = label::centre(ui, pos2(x, top + 138.0), text);
    label::name(ui, place, ui.scope_id().with("text"), &tr("welcome-text"));
    let first = if stacked {
        Rect::from_min_size(pos2(x - CARD.x / 2.0, top + 176.0), CARD)
    } else {
        Rect::from_min_size(pos2(x - 1.5 * CARD.x - space::L, top + 176.0), CARD)
    };
    let step = if stacked {
        Vec2::new(0.0, CARD.y + space::L)
    } else {
        Vec2::new(CARD.x + space::L, 0.0)
    };
    join_card(ui, scene, state, first);
    near::card(ui, scene, state, first.translate(step));
    host_card(ui, scene, state, first.translate(2.0 * step));
    let mut y = top + 176.0 + cards;
    if let Some(error) = &state.error {
        let wide = if stacked {
            CARD.x
        } else {
            3.0 * CARD.x + 2.0 * space::L
        };
        let place = Rect::from_min_size(pos2(x - wide / 2.0, y + space::L), Vec2::new(wide, 62.0));
        problem(ui, scene, state, error, place);
        y += error_height();
    }
    let words = tr("welcome-login");
    let size = fonts::line(ui, &words, fonts::format(13.0, Weight::Medium, tokens.dim), 400.0).size();
    let place = Rect::from_center_size(pos2(x, y + 34.0), size);
    if button::words_at(ui, place, &words, 13.0, tokens.dim).clicked() {
        scene.act(Action::ShowPage(Page::Login));
    }
}

fn error_height() -> f32 {
    78.0
}

fn card_head(ui: &Ui, rect: Rect, picture: &str, title: &str, text: &str) {
    let tokens = theme::tokens(ui);
    card::paint(ui, rect);
    icon::paint(
        ui.painter(),
        rect.min + Vec2::new(34.0, 34.0),
        picture,
        28.0,
        tokens.accent,
    );
    let heading = fonts::line(
        ui,
        title,
        fonts::format(16.0, Weight::Semi, tokens.text),
        rect.width() - 40.0,
    );
    let place = label::left(ui, rect.min + Vec2::new(21.0, 70.0), heading);
    label::name(ui, place, ui.scope_id().with(("card", title)), title);
    let galley = fonts::lines(
        ui,
        text,
        fonts::format(13.0, Weight::Regular, tokens.dim),
        rect.width() - 42.0,
    );
    let at = rect.min + Vec2::new(21.0, 88.0);
    let told = Rect::from_min_size(at, galley.size());
    ui.painter().galley(at, galley, tokens.dim);
    label::name(ui, told, ui.scope_id().with(("card-text", title)), text);
}

fn card_rows(rect: Rect) -> (Rect, Rect) {
    let row = |top: f32| {
        Rect::from_min_size(
            rect.min + Vec2::new(21.0, top),
            Vec2::new(rect.width() - 42.0, 40.0),
        )
    };
    (row(161.0), row(211.0))
}

fn join_card(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, rect: Rect) {
    let leads = super::opened::leads_to(&state.link).unwrap_or_else(|| tr("join-text"));
    card_head(ui, rect, icon::LINK, &tr("join-title"), &leads);
    let (field_at, button_at) = card_rows(rect);
    let name = tr("join-field");
    let typed = field::at(ui, field_at, Field::new(&name, &tr("join-hint")), &state.link);
    let ready = !state.link.trim().is_empty() && state.busy == Busy::No;
    let words = if state.busy == Busy::Connecting {
        tr("join-busy")
    } else {
        tr("join-button")
    };
    // The button is always in its colour, as the next step; without a link it puts the caret where the link goes.
    let clicked = button::at(
        ui,
        button_at,
        &words,
        button::Kind::Primary,
        state.busy == Busy::No,
    )
    .clicked();
    if clicked && !ready {
        typed.response.request_focus();
    }
    if ready && (clicked || typed.entered) {
        scene.act(Action::Join);
    }
    if let Some(text) = typed.text {
        scene.act(Action::TypeLink(text));
    }
}

fn host_card(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, rect: Rect) {
    card_head(ui, rect, icon::SERVER, &tr("host-title"), &tr("host-text"));
    let (field_at, button_at) = card_rows(rect);
    let name = tr("host-field");
    let typed = field::at(
        ui,
        field_at,
        Field::new(&name, &tr("host-hint")),
        &state.host_name,
    );
    let words = if state.busy == Busy::StartingServer {
        tr("host-busy")
    } else {
        tr("host-button")
    };
    let clicked = button::at(ui, button_at, &words, button::Kind::Quiet, state.busy == Busy::No).clicked();
    if state.busy == Busy::No && (clicked || typed.entered) {
        scene.act(Action::StartHosting);
    }
    if let Some(text) = typed.text {
        scene.act(Action::TypeHostName(text));
    }
}

/// What went wrong in words, with the buttons that may help.
fn problem(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, error: &str, rect: Rect) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("problem"));
    problem_flow(&mut child, scene, state, error);
}

fn problem_flow(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, error: &str) {
    let accent = theme::tokens(ui).accent;
    label::error(ui, error);
    // What was refused is refused again: something has to be typed first.
    if !state.unreachable {
        return;
    }
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        if button::words(ui, &tr("problem-retry"), 13.0, accent).clicked() {
            scene.act(Action::Retry);
        }
        if !state.hosting && button::words(ui, &tr("problem-host"), 13.0, accent).clicked() {
            scene.act(Action::StartHosting);
        }
    });
}

fn form(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    screen: Rect,
    height: f32,
    content: impl FnOnce(&mut Ui, &mut Scene<'_>),
) {
    let width = FORM.min(screen.width() - space::XXL);
    let top = ((screen.height() - height) / 2.0).max(space::XL);
    let start = ui.min_rect().min;
    let origin = pos2(screen.center().x - width / 2.0, start.y + top);
    let ground = ui.painter().add(Shape::Noop);
    let inner = Rect::from_min_size(origin + Vec2::splat(24.0), Vec2::new(width - 48.0, 4000.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("form"));
    content(&mut child, scene);
    let used = child.min_rect();
    let tokens = theme::tokens(ui);
    let rect = Rect::from_min_max(origin, pos2(origin.x + width, used.bottom() + 24.0));
    let line = egui::Stroke::new(1.0, tokens.line);
    let kind = egui::StrokeKind::Inside;
    ui.painter().set(
        ground,
        egui::epaint::RectShape::new(rect, theme::radius::XL, tokens.surface2, line, kind),
    );
    ui.allocate_rect(
        Rect::from_min_max(start, pos2(screen.right(), rect.bottom() + space::XL)),
        egui::Sense::hover(),
    );
}

fn back(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.add_space(space::L);
    ui.vertical_centered(|ui| {
        let dim = theme::tokens(ui).dim;
        if button::words(ui, &tr("form-back"), 13.0, dim).clicked() {
            scene.act(Action::ShowPage(Page::Ways));
        }
    });
}

fn register(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) {
    label::heading(ui, &tr("new-title"));
    ui.add_space(space::XS);
    let server = if state.server_name.is_empty() {
        state.address.clone()
    } else {
        state.server_name.clone()
    };
    label::dim(ui, &tr_with("new-text", &[("server", server.into())]));
    ui.add_space(space::L + space::XS);
    let name = tr("new-name");
    label::caption(ui, &name);
    let first = field::flow(ui, Field::new(&name, &tr("new-name-hint")), &state.name);
    if state.name.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
        first.response.request_focus();
    }
    if let Some(text) = first.text {
        scene.act(Action::TypeName(text));
    }
    ui.add_space(space::M);
    let username = tr("new-username");
    label::caption(ui, &username);
    let wrong = matches!(state.name_state, NameState::Taken { .. } | NameState::NotAllowed);
    let typed = field::flow(
        ui,
        Field {
            wrong,
            ..Field::new(&username, "")
        },
        &state.username,
    );
    if let Some(text) = typed.text {
        scene.act(Action::TypeUsername(text));
    }
    name_state(ui, scene, state);
    ui.add_space(space::S);
    let entered = password(ui, scene, state, "new-password", &tr("new-password-hint"));
    let busy = state.busy != Busy::No;
    let filled = !state.name.trim().is_empty() && !state.username.is_empty() && !state.password.is_empty();
    finish(
        ui,
        scene,
        state,
        ("new-button", "new-busy"),
        filled && !busy,
        entered,
        Action::Register,
    );
    back(ui, scene);
}

fn name_state(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) {
    let tokens = theme::tokens(ui);
    ui.add_space(space::XS);
    let (words, ink): (String, Color32) = match &state.name_state {
        NameState::Unknown => (tr("username-help"), tokens.dim),
        NameState::Asking => (tr("username-asking"), tokens.dim),
        NameState::Free => (tr("username-free"), tokens.online_text),
        NameState::Taken { .. } => (tr("username-taken"), tokens.danger),
        NameState::NotAllowed => (tr("username-not-allowed"), tokens.danger),
    };
    ui.horizontal(|ui| {
        ui.set_min_height(20.0);
        label::flow(ui, &words, 12.0, Weight::Regular, ink);
        if let NameState::Taken { offer } = &state.name_state {
            let words = tr_with("username-offer", &[("name", offer.clone().into())]);
            if !offer.is_empty() && button::words(ui, &words, 12.0, tokens.accent).clicked() {
                scene.act(Action::TakeOffer);
            }
        }
    });
}

fn password(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding, name: &str, hint: &str) -> bool {
    let name = tr(name);
    label::caption(ui, &name);
    let (typed, wish) = field::password(ui, &name, hint, &state.password, state.show_password);
    if let Some(text) = typed.text {
        scene.act(Action::TypePassword(text));
    }
    if let Some(show) = wish {
        scene.act(Action::ShowPassword(show));
    }
    typed.entered
}

/// Error, then the button that goes on.
fn finish(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    state: &Onboarding,
    (words, busy): (&str, &str),
    ready: bool,
    entered: bool,
    action: Action,
) {
    ui.add_space(space::L);
    if let Some(error) = &state.error {
        problem_flow(ui, scene, state, error);
        ui.add_space(space::M);
    }
    let text = if state.busy == Busy::No {
        tr(words)
    } else {
        tr(busy)
    };
    let width = Some(ui.available_width());
    let clicked = button::flow(ui, &text, button::Kind::Primary, ready, width).clicked();
    if ready && (clicked || entered) {
        scene.act(action);
    }
}

/// The server and one's name on it. Whether Enter was pressed in one of them.
fn server_and_name(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) -> bool {
    let link = tr("login-link");
    label::caption(ui, &link);
    let server = field::flow(ui, Field::new(&link, &tr("login-link-hint")), &state.link);
    if let Some(text) = server.text {
        scene.act(Action::TypeLink(text));
    }
    ui.add_space(space::M);
    let username = tr("new-username");
    label::caption(ui, &username);
    let name = field::flow(ui, Field::new(&username, ""), &state.username);
    if let Some(text) = name.text {
        scene.act(Action::TypeUsername(text));
    }
    ui.add_space(space::M);
    server.entered || name.entered
}

fn login(ui: &mut Ui, scene: &mut Scene<'_>, state: &Onboarding) {
    label::heading(ui, &tr("login-title"));
    ui.add_space(space::L);
    let named = server_and_name(ui, scene, state);
    let entered = password(ui, scene, state, "new-password", "") || named;
    recover::door(ui, scene);
    if !state.address.is_empty() {
        ui.add_space(space::S);
        label::dim(ui, &tr("login-invite"));
    }
    let filled = !state.username.is_empty() && !state.password.is_empty();
    let place = !state.link.trim().is_empty() || !state.address.is_empty();
    let ready = filled && place && state.busy == Busy::No;
    finish(
        ui,
        scene,
        state,
        ("login-button", "login-busy"),
        ready,
        entered,
        Action::Login,
    );
    back(ui, scene);
}

/// The mark: three waves on a rounded gradient.
fn logo(ui: &Ui, centre: egui::Pos2) {
    let rect = Rect::from_center_size(centre, Vec2::splat(LOGO));
    let [from, to] = theme::MARK;
    ui.painter()
        .add(rounded_gradient(rect.shrink(0.5), 20.0, from, to));
    for row in [-1.0_f32, 0.0, 1.0] {
        let y = centre.y + row * 7.0;
        let points = (0_u8..=24)
            .map(|step| {
                let t = f32::from(step) / 24.0;
                pos2(
                    centre.x - 12.0 + 24.0 * t,
                    y + (t * std::f32::consts::TAU).sin() * -2.5,
                )
            })
            .collect();
        ui.painter().line(points, egui::Stroke::new(2.6, theme::INITIALS));
    }
}

fn rounded_gradient(rect: Rect, radius: f32, from: Color32, to: Color32) -> Shape {
    let colour = |at: egui::Pos2| {
        let t = ((at.x - rect.left()) + (at.y - rect.top())) / (rect.width() + rect.height());
        from.lerp_to_gamma(to, t.clamp(0.0, 1.0))
    };
    let mut edge = Vec::new();
    let inner = rect.shrink(radius);
    let corners = [
        (inner.right_bottom(), 0.0_f32),
        (inner.left_bottom(), 1.0),
        (inner.left_top(), 2.0),
        (inner.right_top(), 3.0),
    ];
    for (corner, quarter) in corners {
        for step in 0_u8..=12 {
            let angle = (quarter + f32::from(step) / 12.0) * std::f32::consts::FRAC_PI_2;
            edge.push(corner + radius * Vec2::angled(angle));
        }
    }
    let mut mesh = Mesh::default();
    mesh.colored_vertex(rect.center(), colour(rect.center()));
    for at in &edge {
        mesh.colored_vertex(*at, colour(*at));
    }
    // A second, transparent ring softens the edge.
    for at in &edge {
        let out = (*at - rect.center()).normalized() * 1.0;
        mesh.colored_vertex(*at + out, Color32::TRANSPARENT);
    }
    let count = u32::try_from(edge.len()).unwrap_or(0);
    for i in 0..count {
        let next = (i + 1) % count;
        mesh.add_triangle(0, 1 + i, 1 + next);
        mesh.add_triangle(1 + i, 1 + next, 1 + count + i);
        mesh.add_triangle(1 + next, 1 + count + i, 1 + count + next);
    }
    Shape::mesh(mesh)
}
