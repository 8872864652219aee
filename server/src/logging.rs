//! The log: one line a matter, to standard error, without secrets and without what people write.

use tracing_subscriber::EnvFilter;

/// The variable that sets what is logged, over the configuration's `log`.
pub const VARIABLE: &str = "BREEZE_LOG";

/// Starts the log. `wanted` is a filter such as `info` or `info,breeze_server::net=debug`.
///
/// # Errors
/// A sentence, when the filter cannot be read.
pub fn start(wanted: &str) -> Result<(), String> {
    let from_environment = std::env::var(VARIABLE).ok().filter(|filter| !filter.is_empty());
    let filter = from_environment.as_deref().unwrap_or(wanted);
    // Migrations speak at length; what they do is told by their errors.
    let parsed = EnvFilter::try_new(format!("refinery_core=warn,{filter}")).map_err(|error| {
        format!("the log filter {filter:?} cannot be read ({error}): write for example \"info\"")
    })?;
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .try_init();
    Ok(())
}
