//! A link as a QR code: one texel a module, drawn without smoothing, with the quiet zone cameras need.

use crate::theme;
use crate::words::tr;
use egui::{ColorImage, Rect, Role, Sense, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2};
use qrcode::{Color, EcLevel, QrCode};

/// Modules of quiet zone on each side, as the standard asks for.
const QUIET: usize = 4;

/// The picture of the newest link, made once.
#[derive(Default)]
pub(super) struct Picture {
    made: Option<(String, TextureHandle)>,
}

impl Picture {
    /// Draws the code of a link; nothing when it is too long for one.
    pub(super) fn show(&mut self, ui: &mut Ui, link: &str, edge: f32) {
        if self.made.as_ref().is_none_or(|(of, _)| of != link) {
            let name = "invite-code";
            self.made = image(link).map(|image| {
                let texture = ui.ctx().load_texture(name, image, TextureOptions::NEAREST);
                (link.to_owned(), texture)
            });
        }
        let Some((_, texture)) = &self.made else { return };
        // Whole pixels a module where that is possible: an even pattern is easier to read.
        let modules = texture.size_vec2().x;
        let scale = ui.ctx().pixels_per_point();
        let edge = (edge * scale / modules).floor().max(1.0) * modules / scale;
        let (rect, told) = ui.allocate_exact_size(Vec2::splat(edge), Sense::hover());
        told.widget_info(|| WidgetInfo::labeled(Role::Image, true, tr("hosting-qr")));
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), rect, whole, theme::QR[1]);
    }
}

fn image(link: &str) -> Option<ColorImage> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let [dark, light] = theme::QR;
    let width = code.width();
    let edge = width + 2 * QUIET;
    let mut image = ColorImage::filled([edge, edge], light);
    for (place, module) in code.to_colors().into_iter().enumerate() {
        if module == Color::Dark {
            image[(place % width + QUIET, place / width + QUIET)] = dark;
        }
    }
    Some(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_quiet_zone_and_its_corner() {
        let image = image("breeze://192.168.1.7:7463/?i=k7Qm2XvB9cLw4RtZ8NpYaD").unwrap();
        let [dark, light] = theme::QR;
        let edge = image.size[0];
        for place in 0..edge {
            for quiet in 0..QUIET {
                assert_eq!(image[(place, quiet)], light);
                assert_eq!(image[(edge - 1 - quiet, place)], light);
            }
        }
        assert_eq!(image[(QUIET, QUIET)], dark, "the finder pattern begins");
        assert_eq!(image[(QUIET + 1, QUIET + 1)], light);
        assert!(super::image(&"x".repeat(5000)).is_none());
    }
}
