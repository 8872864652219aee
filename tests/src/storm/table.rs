//! Figures as a table a person can read: nearest-rank percentiles, and a maximum called so when samples are few.

use std::time::Duration;

/// Fewer samples give no p99.
const P99_SAMPLES_MIN: usize = 1000;

/// Prints a headline and the names of the columns.
pub fn head(title: &str, columns: &[&str]) {
    println!(
        "\n{title}\n| {} |\n|{}",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
}

/// Prints a row.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// Count, median, p95 and maximum.
#[must_use]
pub fn p95(samples: &mut [Duration]) -> [String; 4] {
    let [count, median, _, max] = spread(samples);
    let at = (samples.len() * 95).div_ceil(100).saturating_sub(1);
    let p95 = samples
        .get(at)
        .map_or("-".to_owned(), |it| format!("{:.1} ms", it.as_secs_f64() * 1e3));
    [count, median, p95, max]
}

/// Median, p99 or why there is none, and maximum.
#[must_use]
pub fn spread(samples: &mut [Duration]) -> [String; 4] {
    samples.sort_unstable();
    let ms = |at: usize| {
        samples
            .get(at)
            .map_or("-".to_owned(), |it| format!("{:.1} ms", it.as_secs_f64() * 1e3))
    };
    let count = samples.len();
    let rank = |percent: usize| (count * percent).div_ceil(100).saturating_sub(1);
    let p99 = if count >= P99_SAMPLES_MIN {
        ms(rank(99))
    } else {
        "too few".to_owned()
    };
    [count.to_string(), ms(rank(50)), p99, ms(count.wrapping_sub(1))]
}
