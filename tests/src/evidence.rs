//! What a fault test must have seen, so that it cannot pass without its fault. Missing evidence is a failure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Named counts, shared between the tasks of one test.
#[derive(Debug, Default)]
pub struct Evidence(Mutex<BTreeMap<&'static str, u64>>);

impl Evidence {
    /// Adds to a count.
    pub fn add(&self, name: &'static str, by: u64) {
        *self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name)
            .or_default() += by;
    }

    /// A count so far.
    #[must_use]
    pub fn get(&self, name: &str) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .copied()
            .unwrap_or_default()
    }

    /// Fails unless the count is at least this.
    ///
    /// # Panics
    /// When it is not: the test has not tested what it says.
    pub fn at_least(&self, name: &str, wanted: u64) {
        let got = self.get(name);
        assert!(
            got >= wanted,
            "no evidence: {name} is {got}, wanted at least {wanted} ({self})"
        );
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            write!(f, "{name}={count} ")?;
        }
        Ok(())
    }
}

/// Runs a test against a sabotaged product until it is caught, at most five times: a test that cannot fail is a defect.
///
/// `run` gives `Some(what it saw)` when the fault was caught.
///
/// # Panics
/// When five runs did not catch it.
pub async fn caught<F>(fault: &str, mut run: impl FnMut() -> F)
where
    F: Future<Output = Option<String>>,
{
    for round in 1..=5 {
        if let Some(seen) = run().await {
            println!("{fault}: caught in round {round}: {seen}");
            return;
        }
    }
    panic!("{fault}: five runs with the promise broken on purpose, and the test noticed none");
}

/// How many rounds a fault test runs: what a campaign asks for (`BREEZE_CAMPAIGN_COUNT`), else its everyday number.
#[must_use]
pub fn rounds(everyday: usize) -> usize {
    let wanted = std::env::var("BREEZE_CAMPAIGN_COUNT").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(everyday)
}
