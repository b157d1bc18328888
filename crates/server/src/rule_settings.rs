//! What people set of a rule, by pages and by programs: off for all or in one benchmark, and its parameters.

use crate::Console;
use crate::error::{PageError, PageResult};
use crate::facts::Facts;
use serde_json::Value;
use stance_catalog::Rule;
use stance_store::Actor;

/// A rule of the catalog.
pub(crate) fn known<'f>(facts: &'f Facts, id: &str) -> PageResult<&'f Rule> {
    facts.rule(id).ok_or_else(|| PageError::NotFound(format!("there is no rule `{id}`")))
}

/// A rule's id, if the benchmark, where one is named, holds it.
fn in_benchmark(facts: &Facts, id: &str, benchmark: Option<&str>) -> PageResult<String> {
    let rule = known(facts, id)?.id.to_string();
    match benchmark {
        Some(benchmark) if !facts.places(&rule).iter().any(|place| place.benchmark == benchmark) => Err(
            PageError::Bad(format!("the rule is not in a benchmark `{benchmark}`; choose one that holds it")),
        ),
        _ => Ok(rule),
    }
}

/// Switches a rule off: in a benchmark, or for all where none is named.
pub(crate) async fn switch_off(
    console: &Console,
    id: &str,
    benchmark: Option<String>,
    reason: &str,
    by: Actor,
) -> PageResult<()> {
    let rule = in_benchmark(console.facts(), id, benchmark.as_deref())?;
    let (reason, now) = (reason.to_owned(), console.now());
    Ok(console.look(move |store| store.switch_off(&rule, benchmark.as_deref(), &reason, &by, now)).await?)
}

/// Switches a rule on again where it was off.
pub(crate) async fn switch_on(
    console: &Console,
    id: &str,
    benchmark: Option<String>,
    by: Actor,
) -> PageResult<()> {
    let rule = in_benchmark(console.facts(), id, benchmark.as_deref())?;
    let now = console.now();
    Ok(console.look(move |store| store.switch_on(&rule, benchmark.as_deref(), &by, now)).await?)
}

/// Sets parameters of a rule; nothing leaves one to the catalog. All of them must fit, or none is set.
pub(crate) async fn set_parameters(
    console: &Console,
    id: &str,
    values: Vec<(String, Option<Value>)>,
    by: Actor,
) -> PageResult<()> {
    let rule = known(console.facts(), id)?;
    for (name, value) in &values {
        let parameter = rule.text.parameters.get(name).ok_or_else(|| {
            PageError::Bad(format!("the rule has no parameter `{name}`; its page tells which it has"))
        })?;
        if let Some(value) = value {
            parameter.admit(value).map_err(|problem| PageError::Bad(format!("{name}: {problem}")))?;
        }
    }
    let (rule, now) = (rule.id.to_string(), console.now());
    let set = console.look(move |store| {
        let mut each = values.iter();
        each.try_for_each(|(name, value)| store.set_parameter(&rule, name, value.as_ref(), &by, now))
    });
    Ok(set.await?)
}
