//! The panel of the server hosted on this computer, in four parts; and the question on quitting.

mod invite;
mod log;
mod people;
mod qr;
mod server;

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::hosting::{Busy, HostAct, Hosting, Tab};
use crate::theme::{self, space};
use crate::widget::{button, dialog, label, switch};
use crate::words::{tr, tr_with};
use egui::{Role, Sense, Ui, Vec2, WidgetInfo, pos2};

/// Width of the panel.
const WIDTH: f32 = 560.0;
/// Height of a part: the panel does not jump when another part is chosen.
const HEIGHT: f32 = 400.0;

/// What the panel keeps between frames: the picture of the QR code.
#[derive(Default)]
pub(super) struct State {
    qr: qr::Picture,
}

impl State {
    pub(super) fn show(&mut self, ui: &Ui, scene: &mut Scene<'_>) -> bool {
        let model = scene.model;
        dialog::sized(ui, "host", &tr("hosting-title"), WIDTH, |ui| {
            let Some(hosting) = &model.hosting else {
                label::dim(ui, &tr("hosting-none"));
                close(ui, scene, None);
                return;
            };
            if hosting.look_due(scene.now) {
                scene.act(Action::Host(HostAct::Look));
            }
            state_line(ui, hosting);
            ui.add_space(space::L);
            let words = ["server", "invite", "people", "log"].map(|part| tr(&format!("hosting-tab-{part}")));
            let panel = &hosting.panel;
            let chosen = Tab::ALL.iter().position(|tab| *tab == panel.tab).unwrap_or(0);
            if let Some(tab) = switch::choice(ui, &words, chosen).and_then(|place| Tab::ALL.get(place)) {
                scene.act(Action::Host(HostAct::Tab(*tab)));
            }
            ui.add_space(space::L);
            let top = ui.cursor().top();
            match panel.tab {
                Tab::Server => server::show(ui, scene, hosting),
                Tab::Invite => invite::show(ui, scene, hosting, &mut self.qr),
                Tab::People => people::show(ui, scene, hosting),
                Tab::Log => log::show(ui, scene, hosting),
            }
            if let Some(said) = &panel.said {
                ui.add_space(space::M);
                label::error(ui, said);
            }
            let used = ui.cursor().top() - top;
            ui.add_space((HEIGHT - used).max(0.0));
            close(ui, scene, Some(hosting));
        })
    }

    /// The panel is closed: its picture is not kept.
    pub(super) fn forget(&mut self) {
        self.qr = qr::Picture::default();
    }
}

/// A dot and a word: whether it runs.
fn state_line(ui: &mut Ui, hosting: &Hosting) {
    let tokens = theme::tokens(ui);
    let running = hosting.running && hosting.panel.busy != Busy::Stopping;
    let words = match (hosting.panel.busy, hosting.running) {
        (Busy::Starting, _) => tr("hosting-starting"),
        (Busy::Stopping, _) => tr("hosting-stopping"),
        (_, true) => hosting.panel.seen.info.as_ref().map_or_else(
            || tr("hosting-running"),
            |info| tr_with("hosting-since", &[("time", age(info.uptime_ms).into())]),
        ),
        (_, false) if hosting.died => tr("hosting-died"),
        (_, false) => tr("hosting-stopped"),
    };
    let ink = match (running, hosting.died) {
        (true, _) => tokens.online_text,
        (false, true) => tokens.danger,
        (false, false) => tokens.dim,
    };
    let galley = fonts::line(
        ui,
        &words,
        fonts::format(14.0, Weight::Semi, ink),
        ui.available_width() - 20.0,
    );
    let (rect, told) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 20.0), Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    ui.ctx()
        .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
    let dot = pos2(rect.left() + 6.0, rect.center().y);
    if running {
        ui.painter().circle_filled(dot, 5.0, tokens.online);
    } else {
        let ring = egui::Stroke::new(
            2.0,
            if hosting.died {
                tokens.danger
            } else {
                tokens.offline
            },
        );
        ui.painter().circle_stroke(dot, 4.0, ring);
    }
    label::left(ui, pos2(rect.left() + 20.0, rect.center().y), galley);
    ui.add_space(space::XS);
    let text = match (hosting.foreign, hosting.running) {
        (true, _) => "hosting-foreign",
        (false, true) => "hosting-text",
        (false, false) => "banner-host-died-text",
    };
    label::dim(ui, &tr(text));
}

/// The buttons at the end: start or stop, and close.
fn close(ui: &mut Ui, scene: &mut Scene<'_>, hosting: Option<&Hosting>) {
    dialog::buttons(ui, |ui| {
        if button::flow(ui, &tr("dialog-close"), button::Kind::Quiet, true, None).clicked() {
            scene.act(Action::CloseDialog);
        }
        let Some(hosting) = hosting else { return };
        let free = hosting.panel.busy == Busy::No;
        if hosting.running {
            if button::flow(ui, &tr("hosting-stop"), button::Kind::Danger, free, None).clicked() {
                scene.act(Action::StopHosting);
            }
            return;
        }
        let words = tr(if hosting.died {
            "hosting-start-again"
        } else {
            "hosting-start"
        });
        if button::flow(ui, &words, button::Kind::Primary, free, None).clicked() {
            scene.act(Action::Host(HostAct::Start));
        }
    });
}

/// Milliseconds as a person reads them, in the two largest units.
fn age(ms: u64) -> String {
    let seconds = ms / 1000;
    let n = |key: &str, n: u64| tr_with(key, &[("n", n.to_string().into())]);
    match seconds {
        0..60 => n("age-seconds", seconds),
        60..3600 => n("age-minutes", seconds / 60),
        3600..86_400 => {
            let (h, m) = (seconds / 3600, seconds % 3600 / 60);
            tr_with(
                "age-hours",
                &[("h", h.to_string().into()), ("m", m.to_string().into())],
            )
        }
        _ => {
            let (d, h) = (seconds / 86_400, seconds % 86_400 / 3600);
            tr_with(
                "age-days",
                &[("d", d.to_string().into()), ("h", h.to_string().into())],
            )
        }
    }
}

/// A small heading over a list, with its count.
fn section(ui: &mut Ui, key: &str, count: Option<usize>) {
    let dim = theme::tokens(ui).dim;
    let words = match count {
        Some(count) => format!("{}  {count}", tr(key)),
        None => tr(key),
    };
    label::flow(ui, &words, 12.0, Weight::Semi, dim);
    ui.add_space(space::XS);
}

/// Quitting while hosting: stop the server, or leave it running.
pub(super) fn quit(ui: &Ui, scene: &mut Scene<'_>) -> bool {
    dialog::show(ui, "quit", &tr("quit-title"), |ui| {
        label::dim(ui, &tr("quit-text"));
        dialog::buttons(ui, |ui| {
            if button::flow(ui, &tr("quit-keep"), button::Kind::Primary, true, None).clicked() {
                scene.act(Action::QuitHosting(false));
            }
            if button::flow(ui, &tr("quit-stop"), button::Kind::Danger, true, None).clicked() {
                scene.act(Action::QuitHosting(true));
            }
            if button::flow(ui, &tr("dialog-cancel"), button::Kind::Quiet, true, None).clicked() {
                scene.act(Action::CloseDialog);
            }
        });
    })
}
