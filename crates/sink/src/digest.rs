//! A run in a few lines, for people: counts, and the worst findings.

use crate::SinkError;
use crate::change::Change;
use crate::describe::{About, Describe, Give};
use crate::document::Document;
use serde::{Deserialize, Serialize};
use stance_model::{Finding, Severity, Standing, printable};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Longer texts are cut in a digest.
const LONGEST: usize = 300;

/// A run in a few lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// When the scan ended, by RFC 3339.
    pub at: String,
    /// What was scanned: one account, or how many.
    pub scope: String,
    /// Whether only changes were counted.
    pub changes_only: bool,
    /// Failing findings by severity.
    pub failing: BTreeMap<Severity, u64>,
    /// Findings that could not be told.
    pub unknown: u64,
    /// Findings that an exception accepts.
    pub excepted: u64,
    /// Findings that hold.
    pub passing: u64,
    /// Findings that are gone.
    pub resolved: u64,
    /// The worst failing ones, the worst first.
    pub worst: Vec<Line>,
}

/// A finding in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub severity: Severity,
    pub title: String,
    pub resource: String,
    pub account: String,
    pub region: String,
}

impl Digest {
    /// How many fail.
    pub fn failing(&self) -> u64 {
        self.failing.values().sum()
    }

    /// The digest's first line.
    pub fn headline(&self) -> String {
        let kind = if self.changes_only { "changed" } else { "failing" };
        format!("Stance: {} {kind} in {}", findings(self.failing()), self.scope)
    }

    /// Counts by severity, the worst first: `2 critical, 5 high`.
    pub fn counts(&self) -> String {
        let counts: Vec<String> =
            self.failing.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
        if counts.is_empty() { "none failing".to_owned() } else { counts.join(", ") }
    }

    /// The counts beside the failing ones.
    pub fn others(&self) -> String {
        let resolved =
            if self.changes_only { format!(", {} resolved", self.resolved) } else { String::new() };
        format!("{} unknown, {} accepted, {} passing{resolved}", self.unknown, self.excepted, self.passing)
    }

    /// How many failing findings are not listed.
    pub fn unlisted(&self) -> u64 {
        self.failing().saturating_sub(crate::metrics::count(self.worst.len()))
    }
}

fn findings(count: u64) -> String {
    format!("{count} {}", if count == 1 { "finding" } else { "findings" })
}

/// The worst comes first; among equals, an order that is the same in every run.
type Rank = (Severity, Reverse<(String, String)>);

/// Gathers the digest of a run; of the findings it holds no more than it lists.
pub(crate) struct Digesting {
    most: usize,
    digest: Digest,
    worst: BinaryHeap<Reverse<(Rank, LineParts)>>,
}

/// A line in a form that can be ordered.
type LineParts = [String; 2];

impl Digesting {
    pub fn new(most: u32) -> Self {
        let digest = Digest {
            at: String::new(),
            scope: String::new(),
            changes_only: false,
            failing: BTreeMap::new(),
            unknown: 0,
            excepted: 0,
            passing: 0,
            resolved: 0,
            worst: Vec::new(),
        };
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), digest, worst: BinaryHeap::new() }
    }
}

/// A text for a digest: nothing in it moves a cursor, and it is not too long.
pub(crate) fn short(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

impl Describe for Digesting {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        _: Give<'_>,
    ) -> Result<(), SinkError> {
        let digest = &mut self.digest;
        digest.changes_only |= change.is_some();
        if change == Some(Change::Resolved) {
            digest.resolved += 1;
            return Ok(());
        }
        match finding.standing() {
            Standing::Passing => digest.passing += 1,
            Standing::Excepted => digest.excepted += 1,
            Standing::Unknown => digest.unknown += 1,
            Standing::Failing => {
                *digest.failing.entry(finding.severity).or_default() += 1;
                let title =
                    about.report.rules.get(&finding.rule).map_or(finding.rule.as_str(), |it| &it.title);
                let resource = &finding.resource;
                let name = if resource.name.is_empty() { resource.id.as_str() } else { &resource.name };
                let rank = (finding.severity, Reverse((short(title), short(name))));
                let parts = [resource.scope.to_string(), resource.region.to_string()];
                self.worst.push(Reverse((rank, parts)));
                if self.worst.len() > self.most {
                    self.worst.pop();
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, about: &About<'_>, give: Give<'_>) -> Result<(), SinkError> {
        let report = about.report;
        let mut digest = self.digest.clone();
        digest.at = report.scan.ended_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        digest.scope = match report.runs.as_slice() {
            [run] => format!("account {}", run.scope),
            runs => format!("{} accounts", runs.len()),
        };
        let worst = std::mem::take(&mut self.worst).into_sorted_vec();
        digest.worst = worst
            .into_iter()
            .map(|Reverse(((severity, Reverse((title, resource))), [account, region]))| Line {
                severity,
                title,
                resource,
                account: short(&account),
                region: short(&region),
            })
            .collect();
        let counted = digest.failing() + digest.unknown + digest.excepted + digest.passing + digest.resolved;
        // nobody wants to hear that nothing changed
        if counted == 0 {
            return Ok(());
        }
        give(Document::new(format!("digest-{}", about.run), &digest)?)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::change::Results;
    use crate::describe::describe;
    use crate::testing::report;
    use stance_config::{SinkFilter, What};

    /// The digest of a run with so many findings.
    pub fn digest(findings: usize, most: u32) -> Option<Digest> {
        let report = report(findings);
        let mut made = None;
        let mut digesting = Digesting::new(most);
        let results = Results::of(report.as_dyn());
        describe(&mut digesting, results, What::All, &SinkFilter::default(), &mut |document| {
            made = serde_json::from_str(document.text()).ok();
            Ok(())
        })
        .unwrap();
        made
    }

    #[test]
    fn the_worst_are_listed_and_all_are_counted() {
        insta::assert_json_snapshot!(digest(40, 3).unwrap());
    }

    #[test]
    fn where_there_is_nothing_to_tell_nothing_is_sent() {
        assert_eq!(digest(0, 3), None);
    }
}
