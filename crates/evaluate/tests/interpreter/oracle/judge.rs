//! One rule over one resource.

use super::rewrite;
use crate::oracle::estate::{Estate, View};
use crate::oracle::functions::LANGUAGE;
use crate::oracle::touched::watch;
use crate::oracle::value::{Map, Node};
use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelString, CelTimestamp};
use cel::{Context, ExecutionError, Value};
use chrono::{DateTime, Utc};
use stance_catalog::{Compiled, Expression};
use stance_model::{Severity, UnknownCause, Verdict};
use std::sync::Arc;

/// A rule's conditions as the interpreter takes them.
pub(crate) struct Interpreted {
    when: Option<IdedExpr>,
    each: Option<IdedExpr>,
    key: Option<IdedExpr>,
    pass: IdedExpr,
    escalate: Vec<Worse>,
}

struct Worse {
    when: IdedExpr,
    severity: Severity,
    because: String,
}

impl Interpreted {
    pub fn of(compiled: &Compiled) -> Self {
        let expression = |expression: &Expression| rewrite::interpreted((*expression.ast).clone());
        Self {
            when: compiled.when.as_ref().map(expression),
            each: compiled.each.as_ref().map(expression),
            key: compiled.key.as_ref().map(expression),
            pass: expression(&compiled.pass),
            escalate: compiled
                .escalate
                .iter()
                .map(|escalation| Worse {
                    when: expression(&escalation.when),
                    severity: escalation.severity,
                    because: escalation.because.clone(),
                })
                .collect(),
        }
    }
}

/// What surrounds every evaluation of a scope.
pub(crate) struct Surroundings {
    pub estate: Arc<Estate>,
    pub account: Map,
    pub now: DateTime<Utc>,
}

/// What a rule says of a resource, or of an item in it.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// What tells the item apart.
    pub key: Option<String>,
    /// The item itself.
    pub item: Option<Node>,
    pub verdict: Verdict,
    /// A fact that made the severity worse, and the reason.
    pub escalated: Option<(Severity, String)>,
}

/// What a resource brings to every rule about it.
pub(crate) struct Subject<'s> {
    pub resource: Map,
    pub region: Option<Map>,
    pub region_name: &'s str,
}

impl Surroundings {
    /// Prepares for the rules about a resource.
    pub fn context(&self, subject: &Subject<'_>) -> Context<'static, 'static> {
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_as_val("resource", Box::new(subject.resource.clone()));
        context.add_variable_as_val("account", Box::new(self.account.clone()));
        if let Some(region) = &subject.region {
            context.add_variable_as_val("region", Box::new(region.clone()));
        }
        context.add_variable_as_val("now", Box::new(CelTimestamp::from(self.now.fixed_offset())));
        let view = View { estate: Arc::clone(&self.estate), region: subject.region_name.into() };
        context.add_variable_as_val(super::rewrite::ESTATE_VARIABLE, Box::new(view));
        context
    }
}

/// All that a rule says of the resource in the context.
pub(crate) fn judge(rule: &Interpreted, parameters: &Map, context: &Context<'_, 'static>) -> Vec<Judgement> {
    if rule.each.is_none() && parameters.is_empty() {
        return vec![judge_one(rule, None, None, context)];
    }
    let mut context = context.new_inner_scope();
    context.add_variable_as_val("params", Box::new(parameters.clone()));
    let Some(each) = &rule.each else {
        return vec![judge_one(rule, None, None, &context)];
    };
    let (listed, touched) = watch(|| items(each, &context));
    match listed {
        Ok(items) => {
            let mut judgements: Vec<Judgement> = items
                .into_iter()
                .map(|item| {
                    let mut context = context.new_inner_scope();
                    context.add_variable_as_val("item", item.val().clone_as_boxed());
                    let key = rule.key.as_ref().and_then(|key| key_of(key, &context));
                    judge_one(rule, key, Some(item), &context)
                })
                .collect();
            if !touched.causes.is_empty() {
                judgements.push(Judgement::unknown(touched.causes));
            }
            judgements
        }
        Err(error) => vec![Judgement::unknown(causes(touched.causes, &error))],
    }
}

impl Judgement {
    fn unknown(causes: Vec<UnknownCause>) -> Self {
        Self { key: None, item: None, verdict: Verdict::Unknown(causes), escalated: None }
    }
}

fn items(each: &IdedExpr, context: &Context<'_, 'static>) -> Result<Vec<Node>, ExecutionError> {
    let list = Value::resolve_val(each, context)?;
    let list = crate::oracle::document::as_list(list.as_ref())?;
    if let Some(gap) = list.gap() {
        crate::oracle::touched::note(&gap.0);
    }
    Ok(list.items().to_vec())
}

fn key_of(key: &IdedExpr, context: &Context<'_, 'static>) -> Option<String> {
    let value = Value::resolve_val(key, context).ok()?;
    match value.downcast_ref::<CelString>() {
        Some(text) => Some(text.inner().to_owned()),
        None => crate::oracle::document::to_json(value.as_ref()).ok().map(|value| value.to_string()),
    }
}

fn judge_one(
    rule: &Interpreted,
    key: Option<String>,
    item: Option<Node>,
    context: &Context<'_, 'static>,
) -> Judgement {
    let concerns = rule.when.as_ref().map(|when| truth(when, context));
    let verdict = match concerns {
        Some(Ok(false)) => Verdict::NotApplicable,
        Some(Err(causes)) => Verdict::Unknown(causes),
        None | Some(Ok(true)) => match truth(&rule.pass, context) {
            Ok(true) => Verdict::Pass,
            Ok(false) => Verdict::Fail,
            Err(causes) => Verdict::Unknown(causes),
        },
    };
    let escalated = match verdict {
        // a fact that could not be read does not make it worse; the base severity stands
        Verdict::Fail => rule
            .escalate
            .iter()
            .filter(|escalation| truth(&escalation.when, context) == Ok(true))
            .max_by_key(|escalation| escalation.severity)
            .map(|escalation| (escalation.severity, escalation.because.clone())),
        _ => None,
    };
    Judgement { key, item, verdict, escalated }
}

/// Whether a condition holds, or why that cannot be told.
fn truth(condition: &IdedExpr, context: &Context<'_, 'static>) -> Result<bool, Vec<UnknownCause>> {
    let (outcome, touched) = watch(|| {
        Value::resolve_val(condition, context).and_then(|value| {
            value.downcast_ref::<CelBool>().map(|value| *value.inner()).ok_or_else(|| {
                ExecutionError::function_error(
                    "condition",
                    format!("it is a {}, not true or false", value.get_type().name()),
                )
            })
        })
    });
    match outcome {
        Ok(_) if touched.undecidable => Err(touched.causes),
        Ok(holds) => Ok(holds),
        Err(error) => Err(causes(touched.causes, &error)),
    }
}

fn causes(touched: Vec<UnknownCause>, error: &ExecutionError) -> Vec<UnknownCause> {
    if touched.is_empty() {
        vec![UnknownCause::UnexpectedAnswer { message: error.to_string() }]
    } else {
        touched
    }
}
