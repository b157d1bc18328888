//! The compiled rules say what the interpreter of the expression language says: of the catalog's
//! examples, of what is left when parts of them are taken away, and of expressions made up.

// helpers of tests may fail as tests do
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod examples;
mod expressions;
mod harm;
mod oracle;

use chrono::{DateTime, Utc};
use oracle::{Said, judged};
use stance_catalog::{Catalog, Plan, Rule};
use stance_evaluate::{Evaluator, Options};
use stance_model::{
    Completion, Evidence, Finding, Listing, Provider, ReadFailure, Resource, Run, Snapshot, UnknownCause,
    Verdict,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a finding tells that a type could not be listed. Of made-up expressions, the compiled rules may
/// say so where the interpreter decides: to it, what an expression makes of a list that is known in
/// part, as `distinct`, `flatten` or a list in a list, is known wholly, or equal to nothing.
const UNLISTED: &str = "could not be read: test:List";

const ACCOUNT: &str = "123456789012";

/// Rules, ready for both.
struct Both<'c> {
    catalog: &'c Catalog,
    rules: Vec<&'c Rule>,
    plan: Plan,
    compiled: Evaluator<'c>,
    words: Words,
}

/// Whether what was wrong with an answer must be said in the same words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Same,
    Any,
}

impl<'c> Both<'c> {
    fn of(catalog: &'c Catalog, rules: Vec<&'c Rule>, words: Words) -> Self {
        let plan = Plan::of(catalog, rules.iter().copied()).unwrap();
        let compiled = Evaluator::new(catalog, &rules, &Options::default()).unwrap();
        Self { catalog, rules, plan, compiled, words }
    }

    /// How much both say of a snapshot, if they say the same.
    ///
    /// # Errors
    /// What they say differently.
    fn agree_on(&self, snapshot: &Snapshot) -> Result<usize, String> {
        let said = judged(self.catalog, &self.rules, &self.plan, snapshot);
        let expected: BTreeSet<String> = said.iter().map(|said| self.told(said)).collect();
        let found = self.compiled.judge(snapshot);
        let found: BTreeSet<String> = found
            .iter()
            .filter(|finding| finding.resource.name != "*")
            .map(|finding| self.line(finding))
            .collect();
        let cautious: Vec<&str> = match self.words {
            Words::Same => Vec::new(),
            Words::Any => {
                found.iter().filter(|line| line.contains(UNLISTED)).map(|line| subject(line)).collect()
            }
        };
        let differ = |left: &BTreeSet<String>, right: &BTreeSet<String>| -> Vec<String> {
            let lines = left.difference(right).filter(|line| !cautious.contains(&subject(line)));
            lines.cloned().collect()
        };
        let (only_found, only_expected) = (differ(&found, &expected), differ(&expected, &found));
        if only_found.is_empty() && only_expected.is_empty() {
            return Ok(found.len());
        }
        let (found, expected) = (only_found.join("\n"), only_expected.join("\n"));
        Err(format!("compiled:\n{found}\ninterpreted:\n{expected}"))
    }

    fn told(&self, said: &Said) -> String {
        let rule = self.rules.iter().find(|rule| rule.id.as_str() == said.rule).unwrap();
        let (severity, because) = match &said.escalated {
            Some(because) => (because.split(' ').next().unwrap().to_owned(), format!(" ({because})")),
            None => (rule.text.severity.to_string(), String::new()),
        };
        let words = match &said.verdict {
            Verdict::Fail => {
                let plain = || format!("not so: {}", rule.text.title);
                said.message.clone().unwrap_or_else(plain) + &because
            }
            Verdict::Unknown(causes) => self.causes(causes),
            _ => rule.text.title.clone(),
        };
        let of = format!("{} {} {:?}", said.rule, said.resource, said.key);
        format!("{of}: {} {severity} {words} {}", said.verdict.status(), shown(&said.evidence))
    }

    fn line(&self, finding: &Finding) -> String {
        let words = if finding.causes.is_empty() {
            finding.message.to_string()
        } else {
            self.causes(&finding.causes)
        };
        let of = format!("{} {} {:?}", finding.rule, finding.resource.id, finding.sub_key);
        format!("{of}: {} {} {words} {}", finding.status, finding.severity, shown(&finding.evidence))
    }

    fn causes(&self, causes: &[UnknownCause]) -> String {
        let told: BTreeSet<String> = causes
            .iter()
            .map(|cause| match cause {
                UnknownCause::UnexpectedAnswer { .. } if self.words == Words::Any => "unexpected".to_owned(),
                cause => told(cause),
            })
            .collect();
        format!("{told:?}")
    }
}

/// Of what a line speaks.
fn subject(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(subject, _)| subject)
}

fn shown(evidence: &[Arc<Evidence>]) -> String {
    evidence.iter().map(|evidence| format!("{}={} ", evidence.path, evidence.value)).collect()
}

/// The cause in words; what the two call differently is called the same.
fn told(cause: &UnknownCause) -> String {
    let told = cause.to_string();
    // a missing item is a missing key, as it is in a list that was read
    if let Some((before, index)) = told.split_once("Index out of bounds: Int(") {
        return format!("{before}No such key: {}", index.trim_end_matches(')'));
    }
    // the interpreter writes the operands out, which may be long, or fails to
    let operators = ["'_+_'", "'_-_'", "'_*_'", "'_/_'", "'_%_'"];
    let wrong =
        ["Unsupported binary operator", "a type representable as `Value`", "only a list can be added"];
    if wrong.iter().chain(&operators).any(|words| told.contains(words)) {
        return "these cannot be calculated with".to_owned();
    }
    told
}

fn snapshot(resources: Vec<Resource>, listings: Vec<Listing>) -> Snapshot {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    Snapshot {
        run: Run {
            started_at: now,
            ended_at: now,
            resumed_at: None,
            scope_details: Arc::default(),
            as_of: now,
            provider: Provider::Aws,
            scope: ACCOUNT.into(),
            partition: "aws".into(),
            identity: "test".into(),
            regions: vec!["us-east-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings,
            calls: BTreeMap::new(),
            stance_version: "test".into(),
        },
        resources,
    }
}

fn failure(operation: &str) -> ReadFailure {
    ReadFailure {
        operation: operation.into(),
        code: "AccessDenied".into(),
        message: String::new(),
        permissions: Vec::new(),
    }
}
