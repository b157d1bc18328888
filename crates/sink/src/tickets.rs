//! Tickets: one for each rule and account that fails, whatever the tracker.

mod text;

pub(crate) use text::{Block, Span};

use crate::change::Change;
use crate::describe::{About, Describe, Give};
use crate::document::Document;
use crate::{SinkError, digest, looked_at};
use serde::{Deserialize, Serialize};
use stance_model::{Finding, Severity, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// So many resources are named in a ticket.
const MOST_NAMED: usize = 20;

/// A rule and an account, by which a ticket is known again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub rule: String,
    pub account: String,
}

impl Key {
    /// The line of a ticket's text that holds the key, for programs only.
    pub fn marker(&self) -> String {
        format!("<!-- {} -->", self.word())
    }

    /// The key in a ticket's text.
    pub fn find(text: &str) -> Option<Self> {
        let comments = text.split("<!-- ").skip(1).filter_map(|rest| rest.split_once(" -->"));
        comments.map(|(comment, _)| comment).find_map(Self::read)
    }

    /// The key as a word, for trackers that have labels to search by.
    pub fn word(&self) -> String {
        format!("stance:{}:{}", self.rule, self.account)
    }

    /// The key that a word is.
    pub fn read(word: &str) -> Option<Self> {
        let (rule, account) = word.strip_prefix("stance:")?.rsplit_once(':')?;
        Some(Self { rule: rule.to_owned(), account: account.to_owned() })
    }
}

/// What a run says to a tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tickets {
    /// What fails, the worst first.
    pub failing: Vec<Ticket>,
    /// All that fails or could not be told; none of it is mended.
    pub standing: BTreeSet<Key>,
    /// The rules that were evaluated.
    pub rules: BTreeSet<String>,
    /// The accounts that were scanned to the end.
    pub accounts: BTreeSet<String>,
}

impl Tickets {
    /// Whether the run showed that nothing of that kind fails any more.
    pub fn mended(&self, key: &Key) -> bool {
        self.rules.contains(&key.rule) && self.accounts.contains(&key.account) && !self.standing.contains(key)
    }
}

/// A rule that fails in an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub key: Key,
    pub severity: Severity,
    pub title: String,
    pub rationale: String,
    pub remediation: String,
    pub references: Vec<String>,
    /// How many resources fail.
    pub count: u64,
    /// The first of them.
    pub resources: Vec<String>,
}

/// Gathers the tickets of a run. Memory grows with pairs of rule and account, not with findings.
pub(crate) struct Ticketing {
    most: usize,
    failing: BTreeMap<Key, Ticket>,
    standing: BTreeSet<Key>,
}

impl Ticketing {
    pub fn new(most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self { most, failing: BTreeMap::new(), standing: BTreeSet::new() }
    }
}

impl Describe for Ticketing {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        _: Option<Change>,
        _: Give<'_>,
    ) -> Result<(), SinkError> {
        let standing = finding.standing();
        if !matches!(standing, Standing::Failing | Standing::Unknown) {
            return Ok(());
        }
        let key = Key { rule: finding.rule.to_string(), account: finding.resource.scope.to_string() };
        self.standing.insert(key.clone());
        if standing == Standing::Unknown {
            return Ok(());
        }
        // findings come with the worst first, so that what comes once it is full is not worse
        if !self.failing.contains_key(&key) && self.failing.len() >= self.most {
            return Ok(());
        }
        let ticket = self.failing.entry(key).or_insert_with_key(|key| {
            let rule = about.report.rules.get(&finding.rule);
            let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            Ticket {
                key: key.clone(),
                severity: finding.severity,
                title: rule.map_or_else(|| key.rule.clone(), |rule| rule.title.clone()),
                rationale: rule.map(|rule| line(&rule.rationale)).unwrap_or_default(),
                remediation: rule.map(|rule| line(&rule.remediation.text)).unwrap_or_default(),
                references: rule.map(|rule| rule.references.clone()).unwrap_or_default(),
                count: 0,
                resources: Vec::new(),
            }
        });
        ticket.count += 1;
        ticket.severity = ticket.severity.max(finding.severity);
        if ticket.resources.len() < MOST_NAMED {
            let item = finding.sub_key.as_ref().map(|item| format!(" {item}")).unwrap_or_default();
            ticket.resources.push(digest::short(&format!("{}{item}", finding.resource.id)));
        }
        Ok(())
    }

    fn end(&mut self, about: &About<'_>, give: Give<'_>) -> Result<(), SinkError> {
        let report = about.report;
        let mut failing: Vec<Ticket> = std::mem::take(&mut self.failing).into_values().collect();
        // a stable sort keeps the order of keys among equals
        failing.sort_by_key(|ticket| std::cmp::Reverse(ticket.severity));
        let tickets = Tickets {
            failing,
            standing: std::mem::take(&mut self.standing),
            rules: looked_at::rules(report),
            accounts: looked_at::whole_accounts(report),
        };
        give(Document::new(format!("tickets-{}", about.run), &tickets)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Results;
    use crate::describe::describe;
    use crate::testing::report;
    use stance_config::{SinkFilter, What};
    use stance_model::{Completion, Report, VerdictStatus};

    fn tickets(report: &Report) -> Tickets {
        let mut made = None;
        let results = Results::of(report.as_dyn());
        describe(&mut Ticketing::new(1), results, What::All, &SinkFilter::default(), &mut |document| {
            made = serde_json::from_str(document.text()).ok();
            Ok(())
        })
        .unwrap();
        made.unwrap()
    }

    #[test]
    fn all_failing_resources_of_a_rule_and_account_are_one_ticket() {
        let mut report = report(40);
        std::sync::Arc::make_mut(&mut report.findings[3].resource).scope = "999999999999".into();
        let tickets = tickets(&report);
        let [ticket] = tickets.failing.as_slice() else { panic!("one ticket at most") };
        assert_eq!((ticket.count, ticket.resources.len(), ticket.severity), (35, 20, Severity::Critical));
        assert_eq!(tickets.standing.len(), 2);
        assert_eq!(Key::find(&ticket.key.marker()), Some(ticket.key.clone()));
    }

    #[test]
    fn only_what_was_looked_at_and_holds_is_mended() {
        let mut report = report(1);
        let key = Key { rule: report.findings[0].rule.to_string(), account: "111122223333".into() };
        assert!(!tickets(&report).mended(&key));
        report.findings[0].status = VerdictStatus::Unknown;
        assert!(!tickets(&report).mended(&key));
        report.findings.clear();
        assert!(tickets(&report).mended(&key));
        assert!(!tickets(&report).mended(&Key { account: "999999999999".into(), ..key.clone() }));
        assert!(!tickets(&report).mended(&Key { rule: "another".into(), ..key.clone() }));
        report.runs[0].completion = Completion::Interrupted;
        assert!(!tickets(&report).mended(&key));
    }
}
