//! The only home of colour, spacing and type sizes: the table of UI.md as data, and egui's style made from it.

use crate::model::ThemeChoice;
use egui::style::{ScrollStyle, WidgetVisuals};
use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Stroke, TextStyle, ThemePreference};

/// Distances, points.
pub mod space {
    /// 4.
    pub const XS: f32 = 4.0;
    /// 8.
    pub const S: f32 = 8.0;
    /// 12.
    pub const M: f32 = 12.0;
    /// 16.
    pub const L: f32 = 16.0;
    /// 24.
    pub const XL: f32 = 24.0;
    /// 32.
    pub const XXL: f32 = 32.0;
}

/// Corner radii, points.
pub mod radius {
    /// Small things inside others.
    pub const S: u8 = 8;
    /// Buttons, fields.
    pub const M: u8 = 10;
    /// Rows, the search box.
    pub const L: u8 = 12;
    /// Bubbles, cards.
    pub const XL: u8 = 16;
    /// Dialogs.
    pub const XXL: u8 = 20;
}

/// Every colour of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// Rail, day pill, onboarding's ground.
    pub surface0: Color32,
    /// List.
    pub surface1: Color32,
    /// Chat, cards, dialogs.
    pub surface2: Color32,
    /// Text.
    pub text: Color32,
    /// Second lines.
    pub dim: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Bubble of the other.
    pub bubble_in: Color32,
    /// Own bubble.
    pub bubble_out: Color32,
    /// Buttons, links, unread.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Time in one's own bubble.
    pub dim_out: Color32,
    /// Read ticks in one's own bubble.
    pub accent_out: Color32,
    /// Selected row.
    pub selected: Color32,
    /// Row under the pointer.
    pub hover: Color32,
    /// Dot.
    pub online: Color32,
    /// Dot.
    pub away: Color32,
    /// Dot.
    pub busy: Color32,
    /// Ring of one's own invisible state.
    pub offline: Color32,
    /// The word "Online".
    pub online_text: Color32,
    /// Banner.
    pub warning_bg: Color32,
    /// Banner's words, late messages.
    pub warning_text: Color32,
    /// Words about something refused.
    pub danger: Color32,
    /// Over the window while a dialog is open.
    pub scrim: Color32,
    /// Under dialogs and menus.
    pub shadow: Color32,
}

const fn hex(rgb: u32) -> Color32 {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    dark: false,
    surface0: hex(0x00EE_F3F5),
    surface1: hex(0x00F8_FAFB),
    surface2: hex(0x00FF_FFFF),
    text: hex(0x0014_232A),
    dim: hex(0x0050_6670),
    line: hex(0x00DF_E7EA),
    bubble_in: hex(0x00EE_F3F5),
    bubble_out: hex(0x00CF_EFF2),
    accent: hex(0x000A_7180),
    on_accent: hex(0x00FF_FFFF),
    dim_out: hex(0x0050_6670),
    accent_out: hex(0x000A_7180),
    selected: hex(0x00DD_F1F4),
    hover: hex(0x00ED_F4F6),
    online: hex(0x0021_915A),
    away: hex(0x00B8_740F),
    busy: hex(0x00DD_4B43),
    offline: hex(0x007A_8B93),
    online_text: hex(0x001A_7745),
    warning_bg: hex(0x00FF_F4DC),
    warning_text: hex(0x007A_5310),
    danger: hex(0x00A8_241D),
    scrim: Color32::from_rgba_premultiplied(3, 8, 9, 96),
    shadow: Color32::from_rgba_premultiplied(2, 4, 5, 40),
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    dark: true,
    surface0: hex(0x000E_1618),
    surface1: hex(0x0013_1D20),
    surface2: hex(0x0017_2326),
    text: hex(0x00E3_EDEF),
    dim: hex(0x0097_ADB4),
    line: hex(0x0023_3338),
    bubble_in: hex(0x001F_2F33),
    bubble_out: hex(0x000F_5560),
    accent: hex(0x0038_BFD0),
    on_accent: hex(0x0006_262B),
    dim_out: hex(0x00B4_C6CB),
    accent_out: hex(0x008A_DCE6),
    selected: hex(0x001B_3A40),
    hover: hex(0x0018_272B),
    online: hex(0x003C_C47A),
    away: hex(0x00E8_AC4A),
    busy: hex(0x00EB_6259),
    offline: hex(0x006C_7F86),
    online_text: hex(0x003C_C47A),
    warning_bg: hex(0x003A_2E14),
    warning_text: hex(0x00F0_CF8A),
    danger: hex(0x00FF_AEA8),
    scrim: Color32::from_rgba_premultiplied(3, 9, 11, 115),
    shadow: Color32::from_rgba_premultiplied(0, 2, 3, 110),
};

/// Avatars without a picture: upper left and lower right, chosen by account id % 8.
pub const GRADIENTS: [[Color32; 2]; 8] = [
    [hex(0x0058_A8F1), hex(0x0024_67C0)],
    [hex(0x002F_B8AC), hex(0x000E_7B86)],
    [hex(0x00F2_A55A), hex(0x00D8_682B)],
    [hex(0x00C5_8CF0), hex(0x007E_45BE)],
    [hex(0x007A_8BF0), hex(0x004A_54C3)],
    [hex(0x00F0_8CB0), hex(0x00BE_3F72)],
    [hex(0x0086_C97C), hex(0x002F_8552)],
    [hex(0x00E6_BE5E), hex(0x00AD_7A1C)],
];

/// The modules of a QR code, and its quiet ground: cameras want dark on light, in both themes.
pub const QR: [Color32; 2] = [Color32::BLACK, Color32::WHITE];

/// Breeze's own mark on the first page: upper left, lower right.
pub const MARK: [Color32; 2] = [hex(0x003E_C1D3), hex(0x000E_8494)];
/// The mark of something unread on the tray's icon: red, green, blue. It stands on panels of any colour.
pub const TRAY_MARK: [u8; 3] = [229, 57, 53];
/// Initials, and the waves of the mark.
pub const INITIALS: Color32 = Color32::WHITE;

/// The tokens of the theme this part of the window is drawn in.
#[must_use]
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    of(ui.visuals().dark_mode)
}

/// The tokens of a theme.
#[must_use]
pub fn of(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// Make egui look like Breeze and follow this choice. Cheap when nothing changed.
pub fn apply(ctx: &Context, choice: ThemeChoice) {
    let wanted = match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    };
    let installed = egui::Id::unique("breeze-style");
    if !ctx.data(|data| data.get_temp::<bool>(installed).unwrap_or(false)) {
        ctx.data_mut(|data| data.insert_temp(installed, true));
        ctx.set_style_of(
            egui::Theme::Light,
            style(&LIGHT, ctx.style_of(egui::Theme::Light).as_ref()),
        );
        ctx.set_style_of(
            egui::Theme::Dark,
            style(&DARK, ctx.style_of(egui::Theme::Dark).as_ref()),
        );
        ctx.options_mut(|options| {
            options.fallback_theme = egui::Theme::Light;
            options.zoom_with_keyboard = false;
        });
    }
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
    }
}

fn style(tokens: &Tokens, base: &egui::Style) -> egui::Style {
    let mut style = base.clone();
    for (name, size) in [
        (TextStyle::Small, 12.0),
        (TextStyle::Body, 14.0),
        (TextStyle::Monospace, 13.0),
        (TextStyle::Button, 14.0),
        (TextStyle::Heading, 18.0),
    ] {
        style
            .text_styles
            .insert(name, FontId::new(size, FontFamily::Proportional));
    }
    style.animation_time = 0.12;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = egui::vec2(space::S, 0.0);
    spacing.menu_margin = egui::Margin::same(6);
    spacing.button_padding = egui::vec2(space::L, space::S);
    spacing.interact_size = egui::vec2(36.0, 36.0);
    spacing.tooltip_width = 320.0;
    spacing.scroll = ScrollStyle {
        bar_width: 6.0,
        floating_width: 4.0,
        bar_inner_margin: 2.0,
        bar_outer_margin: 2.0,
        handle_min_length: 32.0,
        foreground_color: true,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.0,
        dormant_handle_opacity: 0.0,
        active_handle_opacity: 0.35,
        interact_handle_opacity: 0.6,
        ..ScrollStyle::floating()
    };
    spacing.scroll.fade.strength = 0.0;
    visuals(tokens, &mut style.visuals);
    style
}

fn visuals(tokens: &Tokens, visuals: &mut egui::Visuals) {
    visuals.dark_mode = tokens.dark;
    // egui's own ramp makes light letters on dark ground a weight too heavy.
    visuals.text_options.color_transfer_function = if tokens.dark {
        egui::epaint::FontColorTransferFunction::Gamma(0.85)
    } else {
        egui::epaint::FontColorTransferFunction::Off
    };
    visuals.override_text_color = None;
    visuals.panel_fill = tokens.surface2;
    visuals.window_fill = tokens.surface2;
    visuals.window_stroke = Stroke::new(1.0, tokens.line);
    visuals.window_corner_radius = CornerRadius::same(radius::XXL);
    visuals.menu_corner_radius = CornerRadius::same(radius::L);
    let shadow = egui::Shadow {
        offset: [0, 6],
        blur: 24,
        spread: 0,
        color: tokens.shadow,
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.extreme_bg_color = tokens.surface2;
    visuals.faint_bg_color = tokens.surface0;
    visuals.code_bg_color = tokens.surface0;
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.warning_text;
    visuals.error_fg_color = tokens.danger;
    visuals.selection.bg_fill = tokens.accent.gamma_multiply(0.28);
    visuals.selection.stroke = Stroke::new(1.0, tokens.text);
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent);
    // The window turns blinking on for a few seconds after a key: an idle window paints no frame.
    visuals.text_cursor.blink = false;
    visuals.interact_cursor = None;
    let look = |fill: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::NONE,
        corner_radius: CornerRadius::same(radius::M),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = look(tokens.surface2, tokens.text);
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, tokens.line);
    visuals.widgets.inactive = look(tokens.surface2, tokens.dim);
    visuals.widgets.hovered = look(tokens.hover, tokens.text);
    visuals.widgets.active = look(tokens.selected, tokens.text);
    visuals.widgets.open = look(tokens.selected, tokens.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color32) -> f64 {
        let channel = |value: u8| {
            let c = f64::from(value) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_declared_pair_can_be_read() {
        for t in [&LIGHT, &DARK] {
            let grounds = [
                t.surface0,
                t.surface1,
                t.surface2,
                t.selected,
                t.hover,
                t.bubble_in,
            ];
            let mut pairs = vec![
                (t.on_accent, t.accent),
                (t.text, t.bubble_out),
                (t.dim_out, t.bubble_out),
                (t.accent_out, t.bubble_out),
                (t.danger, t.bubble_out),
                (t.warning_text, t.bubble_out),
                (t.warning_text, t.warning_bg),
                (t.online_text, t.surface2),
            ];
            for ground in grounds {
                pairs.extend([(t.text, ground), (t.dim, ground)]);
            }
            for ground in [t.surface0, t.surface1, t.surface2, t.selected] {
                pairs.extend([(t.accent, ground), (t.danger, ground)]);
            }
            for (text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(
                    ratio >= 4.5,
                    "dark {}: {text:?} on {ground:?} is {ratio:.2}",
                    t.dark
                );
            }
        }
    }

    #[test]
    fn dots_and_focus_ring_can_be_seen() {
        for t in [&LIGHT, &DARK] {
            for ground in [t.surface1, t.surface2] {
                for mark in [t.online, t.away, t.busy, t.offline, t.accent] {
                    let ratio = contrast(mark, ground);
                    assert!(
                        ratio >= 3.0,
                        "dark {}: {mark:?} on {ground:?} is {ratio:.2}",
                        t.dark
                    );
                }
            }
        }
    }
}
