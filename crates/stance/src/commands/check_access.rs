//! `stance check-access`: whether a scan can read what its rules need, and what it would cost.

use crate::cli::{CheckAccess, PlainFormat};
use crate::commands::scan::with_runtime;
use crate::configuration::Flags;
use crate::exit::Outcome;
use crate::{access, configuration, knowledge};
use serde_json::{Value, json};
use stance_catalog::{CatalogError, Plan};
use stance_model::{RuleId, UnscannedReason, printable};
use stance_scan::{AccessCheck, AccountCheck};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// More rules than these are counted, not named.
const RULES_NAMED: usize = 4;

/// Tries the access, tells what is missing.
pub fn run(check: &CheckAccess, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut flags = Flags::default();
    flags.add_choice(&check.choice);
    flags.add_access(&check.access)?;
    let loaded = configuration::load(config, flags.into_values())?;
    let (catalog, choice) = knowledge::chosen(&configuration::choice(&loaded, &check.choice), &[])?;
    let rules = knowledge::rules(&catalog, &choice)?;
    let plan = Plan::of(&catalog, rules.iter().copied()).map_err(CatalogError::Problems)?;
    let mut settings = access::settings(&loaded.config.aws, check.access.mfa_code.as_deref())?;
    settings.client.conceal = stance_secrets::conceal_sensitive;
    let found = with_runtime(Vec::new(), |observer, stopped| {
        let (catalog, rules, plan, settings) = (&catalog, &rules, &plan, &settings);
        async move { Ok(stance_scan::check_access(catalog, rules, plan, settings, observer, stopped).await?) }
    })?;
    let mut out = std::io::stdout().lock();
    match check.format {
        PlainFormat::Terminal => tell(&found, &mut out)?,
        PlainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document(&found))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    let whole =
        found.accounts.iter().all(|account| account.missing.is_empty() && account.failures.is_empty())
            && !found.unscanned.iter().any(stance_model::UnscannedScope::is_failure);
    Ok(if whole { Outcome::Clean } else { Outcome::Incomplete })
}

fn tell(found: &AccessCheck, out: &mut impl Write) -> std::io::Result<()> {
    if let Some(organization) = &found.organization {
        writeln!(out, "organization {}", printable(organization))?;
    }
    for account in &found.accounts {
        tell_account(account, out)?;
    }
    for scope in &found.unscanned {
        let reason = match &scope.reason {
            UnscannedReason::LeftOut { setting } => format!("left out by {setting}"),
            UnscannedReason::Failed { message } => format!("cannot be scanned: {message}"),
            UnscannedReason::NotReached => "not reached".to_owned(),
        };
        writeln!(out, "{}: {}", printable(scope.scope.as_str()), printable(&reason))?;
    }
    Ok(())
}

fn tell_account(account: &AccountCheck, out: &mut impl Write) -> std::io::Result<()> {
    let name =
        account.details.name.as_ref().map(|name| format!(" ({})", printable(name))).unwrap_or_default();
    writeln!(out, "account {}{name} in partition {}", account.account, printable(&account.partition))?;
    writeln!(out, "  signed in as {}", printable(&account.identity))?;
    let skipped = match account.regions.skipped.len() {
        0 => String::new(),
        count => format!(", {count} skipped"),
    };
    writeln!(out, "  {} regions{skipped}", account.regions.scanned.len())?;
    for region in &account.regions.skipped {
        writeln!(out, "    {}: {}", printable(region.region.as_str()), printable(&region.reason))?;
    }
    writeln!(out, "  {} operations tried and answered", account.allowed.len())?;
    if account.missing.is_empty() {
        writeln!(out, "  no permission is missing")?;
    } else {
        writeln!(out, "  permissions that are missing, and the rules that will say unknown without them:")?;
        for (permission, rules) in &account.missing {
            writeln!(out, "    {permission}: {}", rules_text(rules))?;
        }
    }
    if !account.failures.is_empty() {
        writeln!(out, "  operations that failed otherwise:")?;
        for failure in &account.failures {
            let message = printable(&failure.message);
            writeln!(out, "    {} answered {}: {message}", failure.operation, printable(&failure.code))?;
        }
    }
    if !account.untried.is_empty() {
        writeln!(
            out,
            "  {} operations could not be tried: nothing is there to try them on, and the policy could not be simulated",
            account.untried.len()
        )?;
    }
    let estimate = account.estimate;
    let minutes = (estimate.longest.num_seconds() + 59) / 60;
    writeln!(
        out,
        "  a scan takes {} to {} calls, {minutes} minutes at most at the pace of this trial",
        estimate.fewest_calls, estimate.most_calls
    )
}

fn rules_text(rules: &BTreeSet<RuleId>) -> String {
    let mut named: Vec<&str> = rules.iter().take(RULES_NAMED).map(RuleId::as_str).collect();
    let more = format!("and {} more", rules.len().saturating_sub(RULES_NAMED));
    if rules.len() > RULES_NAMED {
        named.push(&more);
    }
    named.join(", ")
}

fn document(found: &AccessCheck) -> Value {
    let accounts: Vec<Value> = found
        .accounts
        .iter()
        .map(|account| {
            json!({
                "account": account.account,
                "scope_details": account.details,
                "partition": account.partition,
                "identity": account.identity,
                "regions": account.regions.scanned,
                "skipped_regions": account.regions.skipped,
                "allowed": account.allowed,
                "missing": account.missing,
                "failures": account.failures,
                "untried": account.untried,
                "estimate": {
                    "fewest_calls": account.estimate.fewest_calls,
                    "most_calls": account.estimate.most_calls,
                    "longest_seconds": account.estimate.longest.num_seconds(),
                },
            })
        })
        .collect();
    json!({ "organization": found.organization, "accounts": accounts, "unscanned": found.unscanned })
}
