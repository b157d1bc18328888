//! The rules that judge, and how: what the command line and the configuration choose, and what people have set in the
//! store.

use crate::cli::Choice;
use crate::{configuration, knowledge, set_in_store};
use chrono::Utc;
use stance_catalog::{Catalog, Rule};
use stance_config::Loaded;
use stance_evaluate::Options;
use stance_store::{RuleSettings, Store};

/// The chosen rules, with the exceptions that the configuration has and those of the store.
///
/// # Errors
/// The choice, an exception or a parameter cannot be used, or the store fails.
pub fn judging<'c>(
    catalog: &'c Catalog,
    choice: &Choice,
    configured: &Loaded,
    store: Option<&Store>,
) -> anyhow::Result<(Vec<&'c Rule>, Options)> {
    judging_by(catalog, choice, configured, store, &set_in_store::of(store)?)
}

/// The same by settings of rules that are known already.
///
/// # Errors
/// As above.
pub fn judging_by<'c>(
    catalog: &'c Catalog,
    choice: &Choice,
    configured: &Loaded,
    store: Option<&Store>,
    set: &RuleSettings,
) -> anyhow::Result<(Vec<&'c Rule>, Options)> {
    let rules = set_in_store::rules(knowledge::rules(catalog, choice)?, set)?;
    let options = knowledge::options(&rules, choice)?;
    let as_of = options.as_of.unwrap_or_else(Utc::now);
    let options = Options {
        exceptions: configuration::exceptions(configured, catalog, store, as_of)?,
        parameters: set_in_store::parameters(options.parameters, &rules, set),
        ..options
    };
    Ok((rules, options))
}
