//! What people have set of rules in the console: which are off, and parameters. A scan that is kept honours it.

use anyhow::bail;
use serde_json::Value;
use stance_catalog::Rule;
use stance_store::{RuleSettings, Store};
use std::collections::BTreeMap;

/// What is set in the store; nothing where there is no store.
pub fn of(store: Option<&Store>) -> anyhow::Result<RuleSettings> {
    Ok(store.map(Store::rule_settings).transpose()?.unwrap_or_default())
}

/// The rules that nobody has switched off for all.
pub fn rules<'c>(mut rules: Vec<&'c Rule>, set: &RuleSettings) -> anyhow::Result<Vec<&'c Rule>> {
    let chosen = rules.len();
    rules.retain(|rule| !set.is_off(rule.id.as_str()));
    if rules.is_empty() && chosen > 0 {
        bail!("every chosen rule is switched off in the store; switch one on, or choose others");
    }
    if rules.len() < chosen {
        tracing::info!("{} rules are left out: they are switched off in the store", chosen - rules.len());
    }
    Ok(rules)
}

/// Parameters with those of the store; what the command line or the configuration says comes first.
pub fn parameters(
    mut said: BTreeMap<String, Value>,
    rules: &[&Rule],
    set: &RuleSettings,
) -> BTreeMap<String, Value> {
    for rule in rules {
        for (name, parameter) in set.parameters(rule.id.as_str()) {
            let Some(known) = rule.text.parameters.get(name).filter(|_| !said.contains_key(name)) else {
                continue;
            };
            match known.admit(&parameter.value) {
                Ok(()) => {
                    said.insert(format!("{}.{name}", rule.id), parameter.value.clone());
                }
                Err(problem) => {
                    tracing::warn!("`{name}` of `{}` is left to the catalog: {problem}", rule.id);
                }
            }
        }
    }
    said
}
