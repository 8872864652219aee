//! Type: Inter in four weights from one variable file, Hack for code, Phosphor for icons, and the system's fonts for every other script.

use egui::epaint::text::VariationCoords;
use egui::text::{LayoutJob, LayoutSection, TextFormat, TextWrapping};
use egui::{Color32, Context, FontData, FontDefinitions, FontFamily, FontId, Galley, Ui};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 500.
    Medium,
    /// 600.
    Semi,
    /// 700.
    Bold,
}

impl Weight {
    fn value(self) -> f32 {
        match self {
            Self::Regular => 400.0,
            Self::Medium => 500.0,
            Self::Semi => 600.0,
            Self::Bold => 700.0,
        }
    }
}

/// Name of the family that holds the icons.
const ICONS: &str = "icons";

/// Name of the family that holds the system's colour font and nothing else, for what is drawn in colour though its
/// first character is an ordinary one: a heart, a digit in a box.
const COLOUR: &str = "colour";

/// A character that only colour emoji fonts have. The system's fonts are looked up a character at a time,
/// and for the common faces they would answer with a black-and-white font: asking for this one first puts
/// the colour font in front.
const ONLY_IN_COLOUR: char = '\u{1F648}';

/// Size of an emoji to pick.
pub const PICTURE: f32 = 22.0;

/// The flag of no country.
const NO_FLAG: &str = "\u{1F1FD}\u{1F1FD}";

/// Give egui Breeze's fonts. What they lack comes from the system, found by eframe when it is first needed.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    let inter: &'static [u8] = include_bytes!("../../assets/fonts/InterVariable.ttf");
    let phosphor: &'static [u8] = include_bytes!("../../assets/fonts/Phosphor.ttf");
    fonts
        .font_data
        .insert("inter".to_owned(), Arc::new(FontData::from_static(inter)));
    fonts
        .font_data
        .insert("phosphor".to_owned(), Arc::new(FontData::from_static(phosphor)));
    fonts
        .families
        .insert(FontFamily::Proportional, vec!["inter".to_owned()]);
    let hack: &'static [u8] = include_bytes!("../../assets/fonts/Hack-Regular.ttf");
    fonts
        .font_data
        .insert("hack".to_owned(), Arc::new(FontData::from_static(hack)));
    fonts
        .families
        .insert(FontFamily::Monospace, vec!["hack".to_owned(), "inter".to_owned()]);
    fonts.families.insert(icons(), vec!["phosphor".to_owned()]);
    fonts.families.insert(colour(), Vec::new());
    ctx.set_fonts(fonts);
}

/// The family of the icons.
#[must_use]
pub fn icons() -> FontFamily {
    FontFamily::Name(ICONS.into())
}

fn colour() -> FontFamily {
    FontFamily::Name(COLOUR.into())
}

/// The distance between two lines of text of this size: even numbers of points, so rows stay on the pixel grid.
#[must_use]
pub fn line_height(size: f32) -> f32 {
    match size {
        s if s <= 11.0 => 14.0,
        s if s <= 12.0 => 16.0,
        s if s <= 13.0 => 18.0,
        s if s <= 14.0 => 20.0,
        s if s <= 16.0 => 22.0,
        s if s <= 18.0 => 24.0,
        s if s <= 24.0 => 32.0,
        s => (s * 1.25).round(),
    }
}

/// How text of this size, weight and colour is set.
#[must_use]
pub fn format(size: f32, weight: Weight, color: Color32) -> TextFormat {
    TextFormat {
        font_id: FontId::new(size, FontFamily::Proportional),
        line_height: Some(line_height(size)),
        color,
        coords: VariationCoords::new([(b"wght", weight.value()), (b"opsz", size.clamp(14.0, 32.0))]),
        ..TextFormat::default()
    }
}

/// How code of this size and colour is set: every letter as wide as the next.
#[must_use]
pub fn code(size: f32, color: Color32) -> TextFormat {
    TextFormat {
        font_id: FontId::new(size - 1.0, FontFamily::Monospace),
        line_height: Some(line_height(size)),
        color,
        ..TextFormat::default()
    }
}

/// Whether a text may need the colour font.
fn has_emoji(text: &str) -> bool {
    text.chars().any(
        |c| matches!(u32::from(c), 0x20E3 | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1F000..=0x1FAFF | 0xFE0F),
    )
}

/// Whether what people see as one character is a picture in colour: by its place, or because it says so.
fn is_colour(cluster: &str) -> bool {
    let is = |c: char| matches!(u32::from(c), 0x20E3 | 0xFE0F | 0x1F000..=0x1FAFF);
    cluster.chars().any(is) && !cluster.contains('\u{FE0E}')
}

/// The same job with its colour pictures in sections of their own.
fn with_colour(mut job: LayoutJob) -> LayoutJob {
    let mut sections: Vec<LayoutSection> = Vec::with_capacity(job.sections.len() + 2);
    for section in std::mem::take(&mut job.sections) {
        let start = section.byte_range.start;
        let text = &job.text[start.0..section.byte_range.end.0];
        let mut before = None;
        for (at, cluster) in text.grapheme_indices(true) {
            let (at, in_colour) = (start + at, is_colour(cluster));
            if before == Some(in_colour)
                && let Some(last) = sections.last_mut()
            {
                last.byte_range.end = at + cluster.len();
                continue;
            }
            let mut format = section.format.clone();
            if in_colour {
                format.font_id.family = colour();
            }
            sections.push(LayoutSection {
                leading_space: if before.is_none() {
                    section.leading_space
                } else {
                    0.0
                },
                byte_range: at..at + cluster.len(),
                format,
            });
            before = Some(in_colour);
        }
        if before.is_none() {
            sections.push(section);
        }
    }
    job.sections = sections;
    job
}

/// Whether this computer has a picture for each part of an emoji. Without a colour font nobody can tell, and all are drawn as
/// well or as badly as they are in messages.
pub fn has_parts(ui: &Ui, emoji: &str) -> bool {
    let in_colour = FontId::new(PICTURE, colour());
    let invisible = |c: char| matches!(u32::from(c), 0x200D | 0xFE0F | 0xE0020..=0xE007F);
    let mut letters = emoji.chars().filter(|c| !invisible(*c));
    ui.fonts_mut(|fonts| {
        fonts.has_glyph(&FontId::new(PICTURE, FontFamily::Proportional), ONLY_IN_COLOUR);
        !fonts.has_glyph(&in_colour, ONLY_IN_COLOUR) || letters.all(|c| fonts.has_glyph(&in_colour, c))
    })
}

/// Whether it draws an emoji as one picture. It does so to find out: to be asked for what is shown, and not for every emoji.
pub fn draws(ui: &Ui, emoji: &str) -> bool {
    if !has_parts(ui, emoji) || emoji.chars().count() < 2 {
        return has_parts(ui, emoji);
    }
    // A flag, a family: a font that does not know it shows its parts beside each other, or a flag with nothing on it.
    let shown = |text: &str| {
        let plain = format(PICTURE, Weight::Regular, crate::theme::tokens(ui).text);
        let galley = line(ui, text, plain, f32::INFINITY);
        let first = galley.rows.first().and_then(|row| row.glyphs.first());
        (galley.size().x, first.map(|glyph| glyph.uv_rect))
    };
    let (wide, picture) = shown(emoji);
    let colour = shown("\u{1F648}");
    wide < 1.5 * colour.0 && (picture != shown(NO_FLAG).1 || colour.1.is_none())
}

/// Lay a job out; the colour font is put in front of other fallbacks when the text needs it.
pub fn layout_job(ui: &Ui, job: LayoutJob) -> Arc<Galley> {
    let emoji = has_emoji(&job.text);
    ui.fonts_mut(|fonts| {
        if emoji {
            fonts.has_glyph(&FontId::new(14.0, FontFamily::Proportional), ONLY_IN_COLOUR);
            // Without a colour font there is nothing to gain: the other fonts do what they can.
            if fonts.has_glyph(&FontId::new(14.0, colour()), ONLY_IN_COLOUR) {
                return fonts.layout_job(with_colour(job));
            }
        }
        fonts.layout_job(job)
    })
}

/// One line, cut with an ellipsis at `width`.
pub fn line(ui: &Ui, text: &str, format: TextFormat, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(one_line(text), format);
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    job.break_on_newline = false;
    layout_job(ui, job)
}

/// As many lines as it takes at `width`.
pub fn lines(ui: &Ui, text: &str, format: TextFormat, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping::wrap_at_width(width.max(1.0));
    layout_job(ui, job)
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_has_its_picture() {
        let ctx = Context::default();
        install(&ctx);
        let source = include_str!("widget/icon.rs");
        let codes = source.split("\\u{").skip(1).filter_map(|rest| {
            let (code, _) = rest.split_once('}')?;
            char::from_u32(u32::from_str_radix(code, 16).ok()?)
        });
        let mut missing = Vec::new();
        // The fonts are there from the first frame on.
        let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
            missing = codes
                .clone()
                .filter(|code| !ui.fonts_mut(|all| all.has_glyph(&FontId::new(14.0, icons()), *code)))
                .collect();
        });
        assert!(codes.count() > 40);
        assert!(
            missing.is_empty(),
            "assets/fonts/subset.sh was not run for {missing:?}"
        );
    }

    #[test]
    fn emoji_are_recognised() {
        assert!(has_emoji("noodles 🍜"));
        assert!(has_emoji("⛵"));
        assert!(!has_emoji("晚上一起吃面? Rosa مرحبا"));
    }

    #[test]
    fn pictures_in_colour_stand_in_sections_of_their_own() {
        let format = format(14.0, Weight::Regular, Color32::BLACK);
        let text = "I \u{2764}\u{FE0F} 1\u{FE0F}\u{20E3} and 1 \u{2764}\u{FE0E}";
        let job = with_colour(LayoutJob::single_section(text.to_owned(), format));
        let parts: Vec<(&str, bool)> = job
            .sections
            .iter()
            .map(|section| {
                let in_colour = section.format.font_id.family == colour();
                (
                    &text[section.byte_range.start.0..section.byte_range.end.0],
                    in_colour,
                )
            })
            .collect();
        let expected = [
            ("I ", false),
            ("\u{2764}\u{FE0F}", true),
            (" ", false),
            ("1\u{FE0F}\u{20E3}", true),
            (" and 1 \u{2764}\u{FE0E}", false),
        ];
        assert_eq!(parts, expected);
        assert_eq!(with_colour(LayoutJob::default()).sections.len(), 0);
    }

    #[test]
    fn line_heights_are_whole_and_grow() {
        let heights: Vec<f32> = [11.0, 12.0, 13.0, 14.0, 16.0, 18.0, 24.0]
            .map(line_height)
            .to_vec();
        assert!(heights.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(heights.iter().all(|height| (height % 2.0).abs() < f32::EPSILON));
    }
}
