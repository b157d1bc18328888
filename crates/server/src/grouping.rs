//! Findings in groups, by up to three dimensions in order.

use crate::dimension::{Dimension, rank};
use crate::facts::Facts;
use crate::query::Query;
use stance_model::{ScoreBreakdown, Severity, Standing};
use stance_store::{Cell, Census};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// As many dimensions as findings are grouped by at once.
pub(crate) const DEEPEST: usize = 3;

/// Findings that agree in a dimension, and the groups within them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// What they agree in.
    pub(crate) value: String,
    /// How they count.
    pub(crate) score: ScoreBreakdown,
    /// The worst severity that fails.
    pub(crate) worst: Option<Severity>,
    /// The groups within.
    pub(crate) within: Vec<Group>,
}

/// The dimension that is called so.
pub(crate) fn dimension_of(key: &str) -> Result<Dimension, String> {
    Dimension::of(key).ok_or_else(|| {
        let known = Dimension::ALL.map(Dimension::key).join(", ");
        format!("findings are not grouped by `{key}`; use up to {DEEPEST} of {known}")
    })
}

/// The dimensions that an address groups by.
pub(crate) fn dimensions(query: &Query) -> Vec<Dimension> {
    let mut dimensions: Vec<Dimension> = Vec::new();
    for key in query.all("group").flat_map(|keys| keys.split(',')) {
        if let Some(dimension) = Dimension::of(key).filter(|dimension| !dimensions.contains(dimension)) {
            dimensions.push(dimension);
        }
    }
    dimensions.truncate(DEEPEST);
    dimensions
}

/// Groups cells; those with the most failing findings come first, severities and standings in their own order.
pub(crate) fn groups(cells: &[&Cell], by: &[Dimension], census: &Census, facts: &Facts) -> Vec<Group> {
    let Some((first, rest)) = by.split_first() else { return Vec::new() };
    let mut parts: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
    for cell in cells {
        for value in first.of_cell(cell, census, facts) {
            parts.entry(value).or_default().push(cell);
        }
    }
    let mut groups: Vec<Group> = parts
        .into_iter()
        .map(|(value, cells)| {
            let mut score = ScoreBreakdown::default();
            for cell in &cells {
                score.add(cell.standing, cell.findings);
            }
            let failing = cells.iter().filter(|cell| cell.standing == Standing::Failing);
            Group {
                value,
                score,
                worst: failing.map(|cell| cell.severity).max(),
                within: self::groups(&cells, rest, census, facts),
            }
        })
        .collect();
    groups.sort_by(|left, right| {
        let key =
            |group: &Group| (rank(*first, &group.value), Reverse(group.score.failed), Reverse(group.worst));
        key(left).cmp(&key(right)).then_with(|| left.value.cmp(&right.value))
    });
    groups
}
