//! Rows do not move under the pointer: fresh ones in the order they were shown in before.

use crate::model::list::{Heading, Row, RowKey, Section};
use std::collections::HashMap;

/// The order rows are shown in.
pub(super) type Order = Vec<(Heading, Vec<RowKey>)>;

/// The order of these.
pub(super) fn order_of(sections: &[Section]) -> Order {
    let accounts = |section: &Section| section.rows.iter().map(|row| row.key).collect();
    sections
        .iter()
        .map(|section| (section.heading, accounts(section)))
        .collect()
}

/// Whether the sections are the same.
pub(super) fn same_headings(order: &[(Heading, Vec<RowKey>)], fresh: &[Section]) -> bool {
    order
        .iter()
        .map(|(heading, _)| heading)
        .eq(fresh.iter().map(|section| &section.heading))
}

/// Fresh rows in the old order; new ones at the end of their section.
pub(super) fn keep_order(fresh: Vec<Section>, order: &[(Heading, Vec<RowKey>)]) -> Vec<Section> {
    let same: bool = order_of(&fresh) == order;
    if same {
        return fresh;
    }
    let counts: Vec<usize> = fresh.iter().map(|section| section.count).collect();
    let mut rows: HashMap<RowKey, (Heading, Row)> = HashMap::new();
    let mut arrival = Vec::new();
    for section in fresh {
        for row in section.rows {
            arrival.push(row.key);
            rows.insert(row.key, (section.heading, row));
        }
    }
    let mut sections: Vec<Section> = order
        .iter()
        .zip(counts)
        .map(|((heading, accounts), count)| Section {
            heading: *heading,
            count,
            rows: accounts
                .iter()
                .filter_map(|account| rows.remove(account))
                .map(|(_, row)| row)
                .collect(),
        })
        .collect();
    for account in arrival {
        let Some((heading, row)) = rows.remove(&account) else {
            continue;
        };
        if let Some(section) = sections.iter_mut().find(|section| section.heading == heading) {
            section.rows.push(row);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::list::Second;
    use crate::model::person::Portrait;
    use breeze_protocol::AccountId;

    fn row(account: u64) -> Row {
        let account = AccountId(account);
        let portrait = Portrait::still(account, None);
        Row {
            key: RowKey::Person(account),
            conv: None,
            name: account.to_string(),
            portrait,
            dim: false,
            second: Second::Typing,
            time_ms: 0,
            unread: 0,
            marked: false,
            named: false,
            muted: false,
            selected: false,
        }
    }

    fn section(heading: Heading, accounts: &[u64]) -> Section {
        Section {
            heading,
            count: accounts.len(),
            rows: accounts.iter().map(|account| row(*account)).collect(),
        }
    }

    #[test]
    fn rows_keep_their_places_and_new_ones_come_last() {
        let before = [section(Heading::Online, &[1, 2]), section(Heading::Offline, &[3])];
        let fresh = vec![
            section(Heading::Online, &[4, 2]),
            section(Heading::Offline, &[1, 3]),
        ];
        let shown = keep_order(fresh, &order_of(&before));
        assert_eq!(
            order_of(&shown),
            order_of(&[
                section(Heading::Online, &[1, 2, 4]),
                section(Heading::Offline, &[3])
            ])
        );
    }
}
