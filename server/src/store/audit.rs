//! One row of the audit, as an operator reads it.

use super::SecretHash;

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Number, dense from 1.
    pub id: u64,
    /// The server's wall clock, milliseconds.
    pub ts: u64,
    /// What was done.
    pub what: String,
    /// To whom or what.
    pub subject: String,
    /// Covers this row and the one before.
    pub hash: SecretHash,
}
