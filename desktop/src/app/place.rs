//! Where the window stands: put back to where it was, never off the screen, and never a little further each time.

use crate::model::window::WindowPlace;
use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// So much of the window's upper edge must be on a screen for a hand to reach it, points.
const REACH: Vec2 = vec2(96.0, 24.0);
/// The system moves a new window about until it has decorated it, seconds; what it does then is not the person's.
const SETTLING_S: f64 = 2.0;
/// Sizes beyond these are no sizes, points.
const SIDE: std::ops::RangeInclusive<f32> = 200.0..=16_384.0;

/// Follows a shown window.
#[derive(Debug, Default)]
pub(super) struct Follow {
    /// Where it was asked to stand.
    asked: Option<Pos2>,
    /// Where the system said it stands, once decorated: the same place in the system's own counting.
    settled: Option<Pos2>,
    /// When it was first painted, seconds.
    begun: Option<f64>,
    now: Option<WindowPlace>,
}

/// What one frame tells.
pub(super) struct Seen {
    /// egui's clock, seconds.
    pub(super) time: f64,
    /// Upper left corner of the frame, where the system tells.
    pub(super) corner: Option<Pos2>,
    /// The content.
    pub(super) size: Vec2,
    /// It fills the screen.
    pub(super) maximized: bool,
    /// It is an icon only: its place means nothing.
    pub(super) minimized: bool,
}

impl Follow {
    /// A window asked to stand here.
    pub(super) fn new(asked: Option<Pos2>, before: Option<WindowPlace>) -> Self {
        Self {
            asked,
            now: before,
            ..Self::default()
        }
    }

    /// Looks at the window. What counts is how far the person has moved it, not what the system says of its place:
    /// whether that is the frame's or the content's corner differs, and the difference would add up (egui#4442).
    pub(super) fn look(&mut self, seen: &Seen) {
        if seen.minimized {
            return;
        }
        let begun = *self.begun.get_or_insert(seen.time);
        if seen.time - begun < SETTLING_S || self.settled.is_none() {
            self.settled = seen.corner;
        }
        let moved = match (seen.corner, self.settled) {
            (Some(corner), Some(settled)) => corner - settled,
            _ => Vec2::ZERO,
        };
        let corner = self.asked.or(self.settled).map(|corner| corner + moved);
        let kept = self.now.filter(|_| seen.maximized);
        let size = vec2(
            seen.size.x.clamp(*SIDE.start(), *SIDE.end()),
            seen.size.y.clamp(*SIDE.start(), *SIDE.end()),
        );
        self.now = Some(WindowPlace {
            // A window that fills the screen keeps the place it goes back to.
            corner: kept.map_or_else(|| corner.map(whole), |kept| kept.corner),
            width: kept.map_or_else(|| points(size.x), |kept| kept.width),
            height: kept.map_or_else(|| points(size.y), |kept| kept.height),
            maximized: seen.maximized,
        });
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Option<WindowPlace> {
        self.now
    }
}

/// The place put back onto the screens there are now: its upper edge within reach, no larger than its screen.
/// Without any screen known it stays.
pub(super) fn fitted(place: &WindowPlace, screens: &[Rect]) -> WindowPlace {
    let size = size_of(place);
    let Some((left, top)) = place.corner else {
        return sized(place, size, screens.first());
    };
    let corner = pos2(f(left), f(top));
    let handle = Rect::from_min_size(corner, vec2(size.x, REACH.y));
    let reach = |screen: &&Rect| {
        let shared = screen.intersect(handle);
        shared.width() >= REACH.x.min(size.x) && shared.height() >= REACH.y
    };
    if let Some(screen) = screens.iter().find(reach) {
        return sized(place, size, Some(screen));
    }
    let Some(screen) = screens.first() else {
        return *place;
    };
    let place = sized(place, size, Some(screen));
    let room = (screen.size() - size_of(&place)).max(Vec2::ZERO);
    WindowPlace {
        corner: Some(whole(screen.min + room / 2.0)),
        ..place
    }
}

fn sized(place: &WindowPlace, size: Vec2, screen: Option<&Rect>) -> WindowPlace {
    let size = screen.map_or(size, |screen| size.min(screen.size()));
    WindowPlace {
        width: points(size.x),
        height: points(size.y),
        ..*place
    }
}

#[expect(clippy::cast_precision_loss, reason = "points of a screen")]
fn size_of(place: &WindowPlace) -> Vec2 {
    vec2(place.width as f32, place.height as f32)
}

#[expect(clippy::cast_precision_loss, reason = "points of a screen")]
fn f(value: i32) -> f32 {
    value as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "points of a screen"
)]
fn points(value: f32) -> u32 {
    value.round().max(0.0) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "points of a screen")]
fn whole(corner: Pos2) -> (i32, i32) {
    (corner.x.round() as i32, corner.y.round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(time: f64, x: f32, y: f32) -> Seen {
        Seen {
            time,
            corner: Some(pos2(x, y)),
            size: vec2(1000.0, 700.0),
            maximized: false,
            minimized: false,
        }
    }

    #[test]
    fn a_window_nobody_moves_stands_where_it_stood_however_often_it_is_shown() {
        let mut place = None;
        let mut asked = pos2(100.0, 80.0);
        for _ in 0..20 {
            let mut follow = Follow::new(Some(asked), place);
            // The system counts the content's corner, and decorates late.
            follow.look(&seen(0.0, asked.x, asked.y));
            follow.look(&seen(1.3, asked.x + 1.0, asked.y + 23.0));
            follow.look(&seen(9.0, asked.x + 1.0, asked.y + 23.0));
            place = follow.place();
            let (left, top) = place.unwrap().corner.unwrap();
            asked = pos2(f(left), f(top));
        }
        assert_eq!(asked, pos2(100.0, 80.0));
    }

    #[test]
    fn what_the_person_moves_is_kept_and_a_full_screen_keeps_the_place_before() {
        let mut follow = Follow::new(Some(pos2(100.0, 80.0)), None);
        follow.look(&seen(0.0, 101.0, 103.0));
        follow.look(&seen(5.0, 131.0, 83.0));
        let place = follow.place().unwrap();
        assert_eq!(place.corner, Some((130, 60)));
        let full = Seen {
            maximized: true,
            size: vec2(1920.0, 1080.0),
            ..seen(6.0, 0.0, 0.0)
        };
        follow.look(&full);
        let kept = WindowPlace {
            maximized: true,
            ..place
        };
        assert_eq!(follow.place(), Some(kept));
        follow.look(&Seen {
            minimized: true,
            ..seen(7.0, -32000.0, -32000.0)
        });
        assert_eq!(follow.place(), Some(kept));
    }

    #[test]
    fn a_window_is_never_put_where_no_hand_reaches_it() {
        let screens = [
            Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0)),
            Rect::from_min_size(pos2(1920.0, 0.0), vec2(1280.0, 1024.0)),
        ];
        let at = |left, top| WindowPlace {
            corner: Some((left, top)),
            width: 1120,
            height: 720,
            maximized: false,
        };
        assert_eq!(fitted(&at(20, 40), &screens), at(20, 40));
        assert_eq!(fitted(&at(2000, 10), &screens), at(2000, 10));
        assert_eq!(fitted(&at(-1000, 10), &screens), at(-1000, 10), "enough is left");
        for lost in [at(-1100, 10), at(20, 1079), at(20, -300), at(9000, 9000)] {
            assert_eq!(fitted(&lost, &screens), at(400, 180), "{lost:?}");
        }
        let small = [Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0))];
        let fits = fitted(&at(2000, 40), &small);
        assert_eq!((fits.corner, fits.width, fits.height), (Some((0, 0)), 800, 600));
        assert_eq!(fitted(&at(9000, 9000), &[]), at(9000, 9000), "no screen is known");
    }
}
