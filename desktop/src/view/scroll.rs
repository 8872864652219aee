//! Where a long chat stands: an anchor line and its place on the screen, never one offset over everything. Pure.

use crate::model::chat::BubbleKey;

/// The line that stays where it is while others come and go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Which bubble.
    pub key: BubbleKey,
    /// Its top, points below the top of the view.
    pub top: f32,
}

/// A line placed on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Place among the lines.
    pub index: usize,
    /// Top, points below the top of the view.
    pub top: f32,
    /// Height.
    pub height: f32,
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// The visible lines, top to bottom.
    pub placed: Vec<Placed>,
    /// The newest line is in view at the bottom.
    pub at_bottom: bool,
    /// The oldest line in memory is in view.
    pub at_top: bool,
}

/// Fill a view of `height` from an anchor (`index`, `top`), or from the bottom when there is none.
/// `measure` gives the height of a line and is asked for visible lines only.
pub fn fill(
    count: usize,
    height: f32,
    anchor: Option<(usize, f32)>,
    measure: &mut dyn FnMut(usize) -> f32,
) -> Frame {
    if count == 0 {
        return Frame {
            at_bottom: true,
            at_top: true,
            ..Frame::default()
        };
    }
    let Some((index, top)) = anchor.filter(|(index, _)| *index < count) else {
        return from_bottom(count, height, measure);
    };
    let mut placed = Vec::new();
    let mut y = top;
    let mut first = index;
    while first > 0 && y > 0.0 {
        first -= 1;
        let tall = measure(first);
        y -= tall;
        placed.push(Placed {
            index: first,
            top: y,
            height: tall,
        });
    }
    placed.reverse();
    if first == 0 && y > 0.0 {
        // Scrolled above the oldest line: the content moves up to the edge.
        for line in &mut placed {
            line.top -= y;
        }
        return downwards(count, height, placed, (index, top - y), measure);
    }
    downwards(count, height, placed, (index, top), measure)
}

fn downwards(
    count: usize,
    height: f32,
    mut placed: Vec<Placed>,
    (index, top): (usize, f32),
    measure: &mut dyn FnMut(usize) -> f32,
) -> Frame {
    let (mut y, mut next) = (top, index);
    while next < count && y < height {
        let tall = measure(next);
        placed.push(Placed {
            index: next,
            top: y,
            height: tall,
        });
        y += tall;
        next += 1;
    }
    if next == count && y <= height + 0.5 {
        return from_bottom(count, height, measure);
    }
    placed.retain(|line| line.top + line.height > 0.0 && line.top < height);
    let at_top = placed.first().is_some_and(|line| line.index == 0);
    Frame {
        placed,
        at_bottom: false,
        at_top,
    }
}

fn from_bottom(count: usize, height: f32, measure: &mut dyn FnMut(usize) -> f32) -> Frame {
    let mut placed = Vec::new();
    let (mut y, mut first) = (height, count);
    while first > 0 && y > 0.0 {
        first -= 1;
        let tall = measure(first);
        y -= tall;
        placed.push(Placed {
            index: first,
            top: y,
            height: tall,
        });
    }
    placed.reverse();
    Frame {
        placed,
        at_bottom: true,
        at_top: first == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tops(frame: &Frame) -> Vec<(usize, f32)> {
        frame.placed.iter().map(|line| (line.index, line.top)).collect()
    }

    #[test]
    fn a_short_chat_stands_at_the_bottom() {
        let frame = fill(2, 100.0, None, &mut |_| 20.0);
        assert_eq!(tops(&frame), [(0, 60.0), (1, 80.0)]);
        assert!(frame.at_bottom && frame.at_top);
        let anchored = fill(2, 100.0, Some((0, 0.0)), &mut |_| 20.0);
        assert_eq!(anchored, frame);
    }

    #[test]
    fn only_visible_lines_are_measured() {
        let mut asked = 0;
        let frame = fill(100_000, 100.0, Some((50_000, 10.0)), &mut |_| {
            asked += 1;
            20.0
        });
        assert!(asked < 20, "{asked}");
        assert_eq!(frame.placed.first().map(|line| line.index), Some(49_999));
        assert!(!frame.at_bottom && !frame.at_top);
    }

    #[test]
    fn older_lines_above_do_not_move_the_anchor() {
        let before = fill(100, 100.0, Some((0, 0.0)), &mut |_| 20.0);
        assert_eq!(
            before.placed[0],
            Placed {
                index: 0,
                top: 0.0,
                height: 20.0
            }
        );
        let after = fill(150, 100.0, Some((50, 0.0)), &mut |_| 20.0);
        assert_eq!(
            after.placed[0],
            Placed {
                index: 50,
                top: 0.0,
                height: 20.0
            }
        );
    }

    #[test]
    fn no_gap_above_the_oldest_or_below_the_newest() {
        let above = fill(100, 100.0, Some((0, 50.0)), &mut |_| 20.0);
        assert_eq!(tops(&above)[0], (0, 0.0));
        let below = fill(100, 100.0, Some((99, -500.0)), &mut |_| 20.0);
        assert!(below.at_bottom);
        assert_eq!(tops(&below).last().copied(), Some((99, 80.0)));
    }
}
