//! What people accept: findings are marked, and whoever answers for the exceptions is told.

use crate::evaluator::Evaluator;
use chrono::{DateTime, Utc};
use stance_exceptions::{Acceptable, ExceptionNotice, Regions, Reviewed, Subject};
use stance_model::{Completion, ExceptionMark, Finding, Region, RegionChoice, RuleId, Run, Scan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Evaluator<'_> {
    /// Marks the findings about a resource with these tags that exceptions cover at that moment.
    pub(crate) fn mark(&self, findings: &mut [Finding], tags: &BTreeMap<String, String>, now: DateTime<Utc>) {
        let Some(exceptions) = &self.exceptions else { return };
        for finding in findings.iter_mut().filter(|finding| Acceptable::default().takes(finding.status)) {
            let resource = &finding.resource;
            let service = self.services.get(&finding.rule).copied().unwrap_or_default();
            let subject = Subject {
                finding: finding.id.as_str(),
                rule: finding.rule.as_str(),
                service,
                resource_id: resource.id.as_str(),
                resource_name: &resource.name,
                tags,
                account: resource.scope.as_str(),
                region: resource.region.as_str(),
            };
            finding.exception = exceptions.covering(&subject, now).map(|exception| {
                Arc::new(ExceptionMark {
                    id: exception.id.clone(),
                    reason: exception.reason.clone(),
                    owner: exception.owner.clone(),
                    until: exception.until,
                })
            });
        }
    }

    /// What whoever answers for the exceptions should know after these runs.
    pub(crate) fn exception_notices(&self, scan: &Scan, runs: &[Run]) -> Vec<String> {
        let Some(exceptions) = &self.exceptions else { return Vec::new() };
        let whole: Vec<&Run> = runs.iter().filter(|run| run.completion == Completion::Complete).collect();
        let is_whole = whole.len() == runs.len() && scan.completion == Completion::Complete;
        let accounts: Vec<&str> = whole.iter().map(|run| run.scope.as_str()).collect();
        let scanned: BTreeSet<&str> =
            runs.iter().flat_map(|run| run.regions.iter().map(Region::as_str)).collect();
        let scanned: Vec<&str> = scanned.into_iter().collect();
        let regions = match scan.regions {
            RegionChoice::All => Regions::All,
            RegionChoice::Some => Regions::Only(&scanned),
        };
        let rules: BTreeSet<RuleId> = self.rules().map(|ready| ready.rule.id.clone()).collect();
        let reviewed = Reviewed { as_of: scan.as_of, accounts: &accounts, regions, rules: &rules };
        let is_told = |notice: &ExceptionNotice| match notice {
            // what was not looked at may match after all
            ExceptionNotice::MatchesNothing { .. } | ExceptionNotice::Ended { findings: 0, .. } => is_whole,
            _ => true,
        };
        let notices = exceptions.notices(&reviewed);
        notices.iter().filter(|notice| is_told(notice)).map(ToString::to_string).collect()
    }
}
