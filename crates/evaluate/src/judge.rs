//! One rule over one resource.

use crate::document::as_list;
use crate::failure::Failure;
use crate::program::{Builder, Patterns, Program, Run};
use crate::value::{Json, Value};
use serde_json::Map as Members;
use stance_catalog::{Compiled, Expression, Problem, Rule};
use stance_model::{Severity, UnknownCause, Verdict};

/// A rule's conditions, made ready to run.
#[derive(Debug)]
pub(crate) struct Conditions<'c> {
    when: Option<Program>,
    each: Option<Program>,
    key: Option<Program>,
    pass: Program,
    escalate: Vec<Worse<'c>>,
}

/// A fact that makes a failure worse.
#[derive(Debug)]
struct Worse<'c> {
    when: Program,
    severity: Severity,
    because: &'c str,
}

/// What a rule says of a resource, or of an item in it.
#[derive(Debug)]
pub(crate) struct Judgement<'v> {
    /// What tells the item apart.
    pub key: Option<String>,
    /// The item itself.
    pub item: Option<Value<'v>>,
    pub verdict: Verdict,
    /// A fact that made the severity worse, and the reason.
    pub escalated: Option<(Severity, &'v str)>,
}

impl<'c> Conditions<'c> {
    /// Makes a rule's conditions ready.
    ///
    /// # Errors
    /// What in them cannot be run.
    pub fn of(
        rule: &'c Rule,
        compiled: &Compiled,
        parameters: Members<String, Json>,
        patterns: &mut Patterns,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut builder = Builder::new(parameters, patterns);
        let mut build = |key: &str, expression: &Expression| match builder.build(expression) {
            Ok(program) => Some(program),
            Err(wrong) => {
                problems.push(Problem {
                    file: rule.file.clone(),
                    line: None,
                    message: format!("rule `{}`, `{key}`: {wrong}", rule.id),
                });
                None
            }
        };
        let when = compiled.when.as_ref().and_then(|when| build("when", when));
        let each = compiled.each.as_ref().and_then(|each| build("each", each));
        let key = compiled.key.as_ref().and_then(|key| build("key", key));
        let pass = build("pass", &compiled.pass);
        let escalate = compiled
            .escalate
            .iter()
            .zip(&rule.text.escalate)
            .filter_map(|(escalation, text)| {
                let when = build("escalate", &escalation.when)?;
                Some(Worse { when, severity: escalation.severity, because: &text.because })
            })
            .collect();
        match pass {
            Some(pass) if problems.is_empty() => Ok(Self { when, each, key, pass, escalate }),
            _ => Err(problems),
        }
    }

    /// All that the rule says of the resource that the run is about.
    pub fn judge<'v>(&'v self, run: &mut Run<'v>, mut say: impl FnMut(Judgement<'v>)) {
        let Some(each) = &self.each else {
            say(self.judge_one(None, run));
            return;
        };
        let listed = run.value(each).and_then(|list| as_list(&list, &mut run.touched));
        match listed {
            Ok(list) => {
                if let Some(gap) = list.gap() {
                    run.touched.note(gap);
                }
                let missing = run.touched.causes();
                for item in list.iter() {
                    run.item = Some(item);
                    let key = self.key.as_ref().and_then(|key| key_of(key, run));
                    say(self.judge_one(key, run));
                }
                run.item = None;
                if !missing.is_empty() {
                    say(Judgement::unknown(missing));
                }
            }
            Err(failure) => say(Judgement::unknown(causes(run, &failure))),
        }
    }

    fn judge_one<'v>(&'v self, key: Option<String>, run: &mut Run<'v>) -> Judgement<'v> {
        let concerns = self.when.as_ref().map(|when| truth(when, run));
        let verdict = match concerns {
            Some(Ok(false)) => Verdict::NotApplicable,
            Some(Err(causes)) => Verdict::Unknown(causes),
            None | Some(Ok(true)) => match truth(&self.pass, run) {
                Ok(true) => Verdict::Pass,
                Ok(false) => Verdict::Fail,
                Err(causes) => Verdict::Unknown(causes),
            },
        };
        let escalated = match verdict {
            // a fact that could not be read does not make it worse; the base severity stands
            Verdict::Fail => self
                .escalate
                .iter()
                .filter(|worse| truth(&worse.when, run) == Ok(true))
                .max_by_key(|worse| worse.severity)
                .map(|worse| (worse.severity, worse.because)),
            _ => None,
        };
        Judgement { key, item: run.item.clone(), verdict, escalated }
    }
}

impl Judgement<'_> {
    fn unknown(causes: Vec<UnknownCause>) -> Self {
        Self { key: None, item: None, verdict: Verdict::Unknown(causes), escalated: None }
    }
}

fn key_of<'v>(key: &'v Program, run: &mut Run<'v>) -> Option<String> {
    match run.value(key).ok()? {
        Value::Text(text) => Some(text.as_str().to_owned()),
        other => crate::document::to_json(&other, &mut run.touched)
            .ok()
            .map(|json| crate::document::in_order(&json).to_string()),
    }
}

/// Whether a condition holds, or why that cannot be told.
fn truth<'v>(condition: &'v Program, run: &mut Run<'v>) -> Result<bool, Vec<UnknownCause>> {
    match run.holds(condition) {
        Ok(_) if run.touched.is_undecidable() => Err(run.touched.causes()),
        Ok(holds) => Ok(holds),
        Err(failure) => Err(causes(run, &failure)),
    }
}

fn causes(run: &Run<'_>, failure: &Failure<'_>) -> Vec<UnknownCause> {
    let touched = run.touched.causes();
    if touched.is_empty() {
        vec![UnknownCause::UnexpectedAnswer { message: failure.message() }]
    } else {
        touched
    }
}
