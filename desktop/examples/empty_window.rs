//! The floor for every figure of the window: an eframe window that draws nothing. Same renderer, same options,
//! and one font, since Breeze brings its own and leaves egui's out.
//!
//! `BREEZE_TRACE_FRAMES=FILE` writes one line per painted frame: milliseconds since the process's start.

use std::io::Write as _;
use std::time::Instant;

struct Empty {
    start: Instant,
    trace: Option<std::fs::File>,
}

impl eframe::App for Empty {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        ui.label("");
        if let Some(trace) = &mut self.trace {
            let line = writeln!(trace, "{}", self.start.elapsed().as_millis());
            line.expect("the trace file can be written");
        }
    }
}

/// egui cannot be without a font.
fn font() -> egui::FontDefinitions {
    let mut fonts = egui::FontDefinitions::empty();
    let hack: &'static [u8] = include_bytes!("../../assets/fonts/Hack-Regular.ttf");
    fonts.font_data.insert(
        "hack".to_owned(),
        std::sync::Arc::new(egui::FontData::from_static(hack)),
    );
    for family in [egui::FontFamily::Proportional, egui::FontFamily::Monospace] {
        fonts.families.insert(family, vec!["hack".to_owned()]);
    }
    fonts
}

fn main() -> eframe::Result {
    let start = Instant::now();
    let trace = std::env::var_os("BREEZE_TRACE_FRAMES")
        .map(|path| std::fs::File::create(path).expect("the trace file can be made"));
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default().with_inner_size([1120.0, 720.0]),
        ..Default::default()
    };
    eframe::run_native(
        "empty",
        options,
        Box::new(move |context| {
            context.egui_ctx.set_fonts(font());
            Ok(Box::new(Empty { start, trace }))
        }),
    )
}
