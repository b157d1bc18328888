//! Comparing two reports, finding by finding.

use super::{Change, Difference, Side, Verdict};
use crate::words;
use stance_model::{
    Completion, Finding, FindingId, ListingState, Region, Report, ResourceReference, ResourceType, ScopeId,
    Standing,
};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Compares two reports.
///
/// A failure that the newer report does not mention is resolved only where that report looked: its
/// rule was evaluated, the run was not interrupted, and the resource's type was listed in full in
/// its region. Otherwise it is lost from sight, which is no better than failing.
pub fn between(older: &Report, newer: &Report) -> Difference {
    let mut difference = Difference {
        older: side(older),
        newer: side(newer),
        new: Vec::new(),
        resolved: Vec::new(),
        changed: Vec::new(),
        lost: Vec::new(),
        still_failing: 0,
    };
    let mut before: HashMap<&FindingId, &Finding> =
        older.findings.iter().map(|finding| (&finding.id, finding)).collect();

    for finding in &newer.findings {
        let earlier = before.remove(&finding.id);
        let change = || change(newer, earlier, Some(finding), finding);
        match (earlier.map(Finding::standing), finding.standing()) {
            (Some(Standing::Failing), Standing::Failing) => {
                if earlier.is_some_and(|earlier| earlier.severity == finding.severity) {
                    difference.still_failing += 1;
                } else {
                    difference.changed.push(change());
                }
            }
            (_, Standing::Failing) => difference.new.push(change()),
            (Some(Standing::Failing), Standing::Passing) => difference.resolved.push(change()),
            (None, Standing::Passing | Standing::Excepted) => {}
            (earlier, now) => {
                if earlier != Some(now) {
                    difference.changed.push(change());
                }
            }
        }
    }

    let sight = Sight::of(newer);
    for finding in before.into_values().filter(|finding| finding.standing() == Standing::Failing) {
        let change = change(older, Some(finding), None, finding);
        if sight.covers(finding) {
            difference.resolved.push(change);
        } else {
            difference.lost.push(change);
        }
    }
    for changes in
        [&mut difference.new, &mut difference.resolved, &mut difference.changed, &mut difference.lost]
    {
        changes.sort_by(|a, b| {
            let key = |change: &Change| (Reverse(change.finding.severity), change.finding.status);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.finding.rule.cmp(&b.finding.rule))
                .then_with(|| a.finding.resource.id.cmp(&b.finding.resource.id))
                .then_with(|| a.finding.sub_key.cmp(&b.finding.sub_key))
        });
    }
    difference
}

fn side(report: &Report) -> Side {
    Side {
        scopes: report.runs.iter().map(|run| run.scope.clone()).collect(),
        started_at: report.scan.started_at,
        score: report.score,
    }
}

fn change(report: &Report, before: Option<&Finding>, after: Option<&Finding>, finding: &Finding) -> Change {
    let verdict = |finding: &Finding| Verdict {
        status: finding.status,
        severity: finding.severity,
        excepted: finding.standing() == Standing::Excepted,
    };
    Change {
        title: words::title(report, &finding.rule).to_owned(),
        before: before.map(verdict),
        after: after.map(verdict),
        finding: finding.clone(),
    }
}

/// What a report can speak of.
struct Sight<'a> {
    report: &'a Report,
    listings: HashMap<(&'a ScopeId, &'a ResourceType, &'a Region), bool>,
}

impl<'a> Sight<'a> {
    fn of(report: &'a Report) -> Self {
        let mut listings = HashMap::new();
        for run in &report.runs {
            for listing in &run.listings {
                let read = matches!(listing.state, ListingState::Read { .. });
                let place = (&run.scope, &listing.resource_type, &listing.region);
                *listings.entry(place).or_insert(true) &= read;
            }
        }
        Self { report, listings }
    }

    /// Whether the report would have a verdict if there were still something to judge.
    fn covers(&self, finding: &Finding) -> bool {
        let resource = &finding.resource;
        let global = Region::global();
        let run = self.report.run_of(&resource.scope);
        run.is_some_and(|run| run.completion == Completion::Complete)
            && self.report.rules.contains_key(&finding.rule)
            // a type that is read once for the scope may still tell a region of each resource
            && self.listed(resource, &resource.region)
                .or_else(|| self.listed(resource, &global))
                .unwrap_or(false)
    }

    fn listed(&self, resource: &ResourceReference, region: &Region) -> Option<bool> {
        self.listings.get(&(&resource.scope, &resource.resource_type, region)).copied()
    }
}
