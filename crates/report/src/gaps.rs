//! What a run could not read, gathered so that it can be mended: by operation and error code, with
//! the permissions that would help and how many verdicts wait for it.

use stance_model::{ListingState, ReadFailure, Report, UnknownCause, VerdictStatus};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One operation that failed in one way.
pub(crate) struct Gap<'a> {
    pub operation: &'a str,
    pub code: &'a str,
    /// What the provider said the first time.
    pub message: &'a str,
    pub permissions: BTreeSet<&'a str>,
    /// Regions in which a listing failed so.
    pub regions: BTreeSet<&'a str>,
    /// How many verdicts it left unknown.
    pub verdicts: usize,
}

/// All that a run could not read.
#[derive(Default)]
pub(crate) struct Gaps<'a> {
    /// Operations that failed, those that cost the most verdicts first.
    pub operations: Vec<Gap<'a>>,
    /// What rules needed and the run was not asked to read, with how many verdicts wait for it.
    pub not_read: BTreeMap<&'a str, usize>,
    /// Answers of another shape than rules expect, with how many verdicts they left unknown.
    pub unexpected: BTreeMap<&'a str, usize>,
}

impl Gaps<'_> {
    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.not_read.is_empty() && self.unexpected.is_empty()
    }

    /// Every permission that would help.
    pub fn permissions(&self) -> BTreeSet<&str> {
        self.operations.iter().flat_map(|gap| gap.permissions.iter().copied()).collect()
    }
}

/// Gathers what a run could not read.
pub(crate) fn gaps(report: &Report) -> Gaps<'_> {
    let mut operations = BTreeMap::new();
    for listing in &report.run.listings {
        if let ListingState::Unreadable { failure } = &listing.state {
            gap(&mut operations, failure).regions.insert(listing.region.as_str());
        }
    }

    let mut found = Gaps::default();
    for finding in &report.findings {
        if finding.status != VerdictStatus::Unknown {
            continue;
        }
        // a verdict may wait for one operation in several ways, and still is one verdict
        let mut counted = BTreeSet::new();
        for cause in &finding.causes {
            match cause {
                UnknownCause::Unreadable { failure, .. } => {
                    let gap = gap(&mut operations, failure);
                    if counted.insert((&*failure.operation, failure.code.as_str())) {
                        gap.verdicts += 1;
                    }
                }
                UnknownCause::NotRead { what } => *found.not_read.entry(what).or_default() += 1,
                UnknownCause::UnexpectedAnswer { message } => {
                    *found.unexpected.entry(message).or_default() += 1;
                }
            }
        }
    }
    found.operations = operations.into_values().collect();
    found.operations.sort_by_key(|gap| Reverse(gap.verdicts));
    found
}

fn gap<'a, 'm>(
    operations: &'m mut BTreeMap<(&'a str, &'a str), Gap<'a>>,
    failure: &'a ReadFailure,
) -> &'m mut Gap<'a> {
    let gap = operations.entry((&failure.operation, &failure.code)).or_insert_with(|| Gap {
        operation: &failure.operation,
        code: &failure.code,
        message: &failure.message,
        permissions: BTreeSet::new(),
        regions: BTreeSet::new(),
        verdicts: 0,
    });
    gap.permissions.extend(failure.permissions.iter().map(String::as_str));
    gap
}
