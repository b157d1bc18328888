//! What a scan could not read, gathered so that it can be mended: by operation and error code, with
//! the permissions that would help and how many verdicts wait for it.

use stance_model::{Finding, Findings, ListingState, ReadFailure, Report, Standing, UnknownCause};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// One operation that failed in one way.
#[derive(Default)]
pub(crate) struct Gap {
    pub operation: String,
    pub code: String,
    /// What the provider said the first time.
    pub message: String,
    pub permissions: BTreeSet<String>,
    /// Regions in which a listing failed so.
    pub regions: BTreeSet<String>,
    /// Scopes in which it failed so.
    pub scopes: BTreeSet<String>,
    /// How many verdicts it left unknown.
    pub verdicts: usize,
}

/// All that a scan could not read.
#[derive(Default)]
pub(crate) struct Gaps {
    /// Operations that failed, those that cost the most verdicts first.
    pub operations: Vec<Gap>,
    /// What rules needed and the scan was not asked to read, with how many verdicts wait for it.
    pub not_read: BTreeMap<String, usize>,
    /// Answers of another shape than rules expect, with how many verdicts they left unknown.
    pub unexpected: BTreeMap<String, usize>,
}

impl Gaps {
    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.not_read.is_empty() && self.unexpected.is_empty()
    }

    /// Every permission that would help.
    pub fn permissions(&self) -> BTreeSet<&str> {
        self.operations.iter().flat_map(|gap| gap.permissions.iter().map(String::as_str)).collect()
    }
}

/// Gathers gaps while findings go by.
#[derive(Default)]
pub(crate) struct GapGatherer {
    operations: BTreeMap<(String, String), Gap>,
    found: Gaps,
}

impl GapGatherer {
    /// Starts with the listings that failed.
    pub fn of_listings(report: &Report<dyn Findings>) -> Self {
        let mut gatherer = Self::default();
        for run in &report.runs {
            for listing in &run.listings {
                if let ListingState::Unreadable { failure } = &listing.state {
                    let gap = gatherer.gap(failure, run.scope.as_str());
                    gap.regions.insert(listing.region.as_str().to_owned());
                }
            }
        }
        gatherer
    }

    /// Takes what a finding misses.
    pub fn add(&mut self, finding: &Finding) {
        if finding.standing() != Standing::Unknown {
            return;
        }
        // a verdict may wait for one operation in several ways, and still is one verdict
        let mut counted = BTreeSet::new();
        for cause in &finding.causes {
            match cause {
                UnknownCause::Unreadable { failure, .. } => {
                    let first = counted.insert((&*failure.operation, failure.code.as_str()));
                    self.gap(failure, finding.resource.scope.as_str()).verdicts += usize::from(first);
                }
                UnknownCause::NotRead { what } => *counter(&mut self.found.not_read, what) += 1,
                UnknownCause::UnexpectedAnswer { message } => {
                    *counter(&mut self.found.unexpected, message) += 1;
                }
            }
        }
    }

    /// What was gathered.
    pub fn finish(self) -> Gaps {
        let mut found = self.found;
        found.operations = self.operations.into_values().collect();
        found.operations.sort_by_key(|gap| Reverse(gap.verdicts));
        found
    }

    fn gap(&mut self, failure: &ReadFailure, scope: &str) -> &mut Gap {
        let key = (failure.operation.to_string(), failure.code.clone());
        let gap = self.operations.entry(key).or_insert_with(|| Gap {
            operation: failure.operation.to_string(),
            code: failure.code.clone(),
            message: failure.message.clone(),
            ..Gap::default()
        });
        if !gap.scopes.contains(scope) {
            gap.scopes.insert(scope.to_owned());
        }
        for permission in &failure.permissions {
            if !gap.permissions.contains(permission) {
                gap.permissions.insert(permission.clone());
            }
        }
        gap
    }
}

fn counter<'m>(counts: &'m mut BTreeMap<String, usize>, name: &str) -> &'m mut usize {
    if !counts.contains_key(name) {
        counts.insert(name.to_owned(), 0);
    }
    counts.entry(name.to_owned()).or_default()
}

/// Gathers what a scan could not read.
pub(crate) fn gaps(report: &Report<dyn Findings>) -> io::Result<Gaps> {
    let mut gatherer = GapGatherer::of_listings(report);
    report.findings.each(&mut |finding| {
        gatherer.add(finding);
        Ok(())
    })?;
    Ok(gatherer.finish())
}
