//! Figures as a table a person can read: nearest-rank percentiles, and a maximum called so when samples are few.

use std::time::Duration;

/// Fewer samples give no p99.
pub const P99_SAMPLES_MIN: usize = 1000;

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
    [count, median, at(samples, 95), max]
}

/// The p99; `None` of fewer than a thousand samples.
#[must_use]
pub fn p99(samples: &mut [Duration]) -> Option<Duration> {
    samples.sort_unstable();
    let enough = samples.len() >= P99_SAMPLES_MIN;
    ranked(samples, 99).filter(|_| enough)
}

/// Median, p99 or why there is none, and maximum.
#[must_use]
pub fn spread(samples: &mut [Duration]) -> [String; 4] {
    let p99 = p99(samples).map_or("too few".to_owned(), ms);
    [samples.len().to_string(), at(samples, 50), p99, at(samples, 100)]
}

/// The nearest rank of sorted samples.
fn ranked(samples: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (samples.len() * percent).div_ceil(100);
    samples.get(rank.checked_sub(1)?).copied()
}

fn at(samples: &[Duration], percent: usize) -> String {
    ranked(samples, percent).map_or("-".to_owned(), ms)
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
