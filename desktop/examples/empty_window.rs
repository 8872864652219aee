//! The floor for every figure of the window: an eframe window that draws nothing. Same renderer, same options.
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
        Box::new(move |_| Ok(Box::new(Empty { start, trace }))),
    )
}
