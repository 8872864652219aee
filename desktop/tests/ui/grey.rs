//! S2 and R22: the avatar turns grey in real pixels, and nobody else's does.

use super::demo;
use breeze_desktop::model::person::Paint;
use breeze_desktop::model::{Model, ThemeChoice};
use breeze_desktop::theme;
use breeze_protocol::{BlobHash, PresenceState};
use egui::{Color32, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::{ImageFormat, Rgba, RgbaImage};

/// Saturated, so that grey cannot be mistaken.
const COLOUR: [u8; 4] = [220, 30, 60, 255];
const RADIUS: f32 = 22.0;

fn hash() -> BlobHash {
    BlobHash([7; 32])
}

fn picture() -> Vec<u8> {
    let mut png = Vec::new();
    let image = RgbaImage::from_pixel(128, 128, Rgba(COLOUR));
    image
        .write_to(&mut std::io::Cursor::new(&mut png), ImageFormat::Png)
        .unwrap();
    png
}

fn model() -> Model {
    let mut model = demo::model();
    model.open = None;
    for account in [demo::LIN, demo::JONAS] {
        model.people.get_mut(&account).unwrap().avatar = Some(hash());
    }
    model
}

fn window(model: Model) -> Harness<'static, demo::Shown> {
    let shown = demo::Shown::new(model, Box::new(|_| Some(picture())));
    let mut harness = demo::harness(shown, [1120.0, 720.0], ThemeChoice::Light, |_| {});
    // The worker decodes in its own time: look until the picture is on the screen, for a bounded number of frames.
    for _ in 0..1000 {
        harness.step();
        let centre = avatar(&harness, "Lin Mei");
        if pixel(&mut harness, centre) == COLOUR {
            return harness;
        }
        std::thread::yield_now();
    }
    panic!("the picture never came");
}

fn avatar(harness: &Harness<'static, demo::Shown>, name: &str) -> Pos2 {
    let row = harness.get_all_by_label_contains(name).next().unwrap().rect();
    row.left_center() + egui::vec2(30.0, 0.0)
}

fn pixel(harness: &mut Harness<'static, demo::Shown>, at: Pos2) -> [u8; 4] {
    shot(harness, &[at])[0]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn shot(harness: &mut Harness<'static, demo::Shown>, at: &[Pos2]) -> Vec<[u8; 4]> {
    let image = harness.render().unwrap();
    at.iter()
        .map(|at| image.get_pixel(at.x as u32, at.y as u32).0)
        .collect()
}

/// Points inside 0.8 of the radius, the dot's corner excluded.
fn inside(centre: Pos2) -> Vec<Pos2> {
    let rings = [0.0, 0.4, 0.8_f32];
    let ways = (0..16_u8).map(|step| f32::from(step) * std::f32::consts::TAU / 16.0);
    let mut points = Vec::new();
    for angle in ways {
        let way = egui::Vec2::angled(angle);
        if way.x > 0.3 && way.y > 0.3 {
            continue;
        }
        points.extend(rings.iter().map(|ring| centre + way * (RADIUS * ring - 0.5)));
    }
    points
}

#[track_caller]
fn check(harness: &mut Harness<'static, demo::Shown>, name: &str, wanted: [f32; 3]) {
    let centre = avatar(harness, name);
    for (point, found) in inside(centre).iter().zip(shot(harness, &inside(centre))) {
        for (found, wanted) in found.iter().zip(wanted) {
            let off = (f32::from(*found) - wanted.round()).abs();
            assert!(off <= 3.0, "{name} at {point:?}: {found} instead of {wanted}");
        }
    }
}

fn luma() -> f32 {
    let [r, g, b, _] = COLOUR.map(f32::from);
    0.299 * r + 0.587 * g + 0.114 * b
}

fn colour() -> [f32; 3] {
    [COLOUR[0], COLOUR[1], COLOUR[2]].map(f32::from)
}

fn grey(ground: Color32) -> [f32; 3] {
    [ground.r(), ground.g(), ground.b()].map(|channel| 0.5 * luma() + 0.5 * f32::from(channel))
}

fn mix(a: [f32; 3], b: [f32; 3], part: f32) -> [f32; 3] {
    [0, 1, 2].map(|i| a[i] * (1.0 - part) + b[i] * part)
}

fn becomes(harness: &mut Harness<'static, demo::Shown>, state: PresenceState, before: Paint) {
    let now = harness.state().now;
    let lin = harness.state_mut().model.people.get_mut(&demo::LIN).unwrap();
    lin.painted_before = before;
    lin.presence.state = state;
    lin.presence.since_wall_ms = now.wall_ms;
    lin.presence.changed_mono_ms = now.mono_ms;
}

#[test]
fn s2_r22_a_friend_who_leaves_turns_grey_and_the_other_stays_in_colour() {
    let mut harness = window(model());
    check(&mut harness, "Lin Mei", colour());
    check(&mut harness, "Jonas Ortega", colour());
    becomes(&mut harness, PresenceState::Offline, Paint::Colour);
    harness.state_mut().now.mono_ms += 125;
    harness.step();
    let end = grey(theme::LIGHT.surface1);
    check(&mut harness, "Lin Mei", mix(colour(), end, 0.5));
    harness.state_mut().now.mono_ms += 125;
    harness.step();
    check(&mut harness, "Lin Mei", end);
    check(&mut harness, "Jonas Ortega", colour());
    harness.get_by_label("Lin Mei, offline, last seen just now");
    becomes(&mut harness, PresenceState::Online, Paint::Grey);
    harness.state_mut().now.mono_ms += 250;
    harness.step();
    check(&mut harness, "Lin Mei", colour());
}

#[test]
fn doubtful_is_half_way() {
    let mut harness = window(model());
    becomes(&mut harness, PresenceState::Doubtful, Paint::Colour);
    harness.state_mut().now.mono_ms += 250;
    harness.step();
    check(
        &mut harness,
        "Lin Mei",
        mix(colour(), grey(theme::LIGHT.surface1), 0.5),
    );
    check(&mut harness, "Jonas Ortega", colour());
}

#[test]
fn r17_a_lost_link_of_ones_own_is_neither_green_nor_grey() {
    let mut harness = window(model());
    let now = harness.state().now.mono_ms;
    harness.state_mut().model.unsure_since = Some(now);
    harness.step();
    let ground = theme::LIGHT.surface1;
    let ground = [ground.r(), ground.g(), ground.b()].map(f32::from);
    check(&mut harness, "Lin Mei", mix(ground, colour(), 0.75));
}

#[test]
fn reduced_motion_changes_at_once() {
    let mut model = model();
    model.settings.reduce_motion = true;
    let mut harness = window(model);
    becomes(&mut harness, PresenceState::Offline, Paint::Colour);
    harness.step();
    check(&mut harness, "Lin Mei", grey(theme::LIGHT.surface1));
}

#[test]
fn initials_turn_grey_too() {
    let mut harness = window(model());
    let centre = avatar(&harness, "Aiko Kimura") - egui::vec2(16.0, 0.0);
    let [r, g, b, _] = pixel(&mut harness, centre);
    assert!(b > r + 40 && b > g, "in colour first: {r} {g} {b}");
    let now = harness.state().now;
    let aiko = harness
        .state_mut()
        .model
        .people
        .get_mut(&breeze_protocol::AccountId(4))
        .unwrap();
    aiko.painted_before = Paint::Colour;
    aiko.presence.state = PresenceState::Offline;
    aiko.presence.changed_mono_ms = now.mono_ms - 1000;
    harness.step();
    let centre = avatar(&harness, "Aiko Kimura") - egui::vec2(16.0, 0.0);
    let [r, g, b, _] = pixel(&mut harness, centre);
    assert!(
        r.abs_diff(g) <= 3 && g.abs_diff(b) <= 3 && r > 150,
        "then grey and faded: {r} {g} {b}"
    );
}
