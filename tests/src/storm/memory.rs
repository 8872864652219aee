//! How much memory an idle, signed-in connection takes.

use super::{all_online, resident_kib, someone_popular, table};
use crate::server::Plan;
use crate::wait;
use std::time::Duration;

/// Measures with and without TLS.
///
/// # Panics
/// When a connection is refused.
pub async fn run(connections: usize) {
    let columns = [
        "link",
        "connections",
        "before, KiB",
        "after, KiB",
        "KiB per connection",
    ];
    let mut rows = Vec::new();
    for (link, plan) in [("plaintext", Plan::new().plain()), ("TLS 1.3", Plan::new())] {
        let (mut server, _center, people) = someone_popular(plan, connections).await;
        // A fresh process: what registering cost (password hashing) is not the connections'.
        server.restart();
        let first = all_online(&server, &people[..1], None).await;
        wait::run_for(Duration::from_secs(2)).await;
        let before = resident_kib(server.pid());
        let rest = all_online(&server, &people[1..], None).await;
        wait::run_for(Duration::from_secs(8)).await;
        let after = resident_kib(server.pid());
        let open = server.sessions();
        assert_eq!(open, connections, "all of them are there");
        #[allow(clippy::cast_precision_loss, reason = "thousands")]
        let each = after.saturating_sub(before) as f64 / (connections - 1) as f64;
        rows.push([
            link.into(),
            open.to_string(),
            before.to_string(),
            after.to_string(),
            format!("{each:.2}"),
        ]);
        drop((first, rest));
    }
    table::head("Resident memory per idle signed-in connection", &columns);
    rows.iter().for_each(|row| table::row(row));
}
