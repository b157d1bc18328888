//! `stance permissions`: the policy that a scan needs.

use crate::cli;
use crate::configuration::{self, Flags};
use crate::exit::Outcome;
use crate::knowledge;
use anyhow::Context;
use stance_catalog::{Permissions, Plan};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// The actions that a scan with the chosen rules takes.
pub fn actions(choice: &cli::Choice, config: Option<&Path>) -> anyhow::Result<BTreeSet<String>> {
    let mut flags = Flags::default();
    flags.add_choice(choice);
    let loaded = configuration::load(config, flags.into_values())?;
    let (catalog, choice) = knowledge::chosen(&configuration::choice(&loaded, choice), &[])?;
    let rules = knowledge::rules(&catalog, &choice)?;
    let plan = Plan::of(&catalog, rules).map_err(stance_catalog::CatalogError::Problems)?;
    Ok(catalog.actions(&plan))
}

/// Prints the policy.
pub fn run(arguments: &cli::Permissions, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let actions = actions(&arguments.choice, config)?;
    let gap = Permissions::lacking_in_security_audit(&actions)?;
    let missing: BTreeSet<String> = gap.missing.into_iter().collect();
    let shown = if arguments.managed { &missing } else { &actions };
    let parts = Permissions::policies(shown);
    if let Some(folder) = &arguments.folder {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        for (index, part) in parts.iter().enumerate() {
            let file = folder.join(format!("stance-policy-{}.json", index + 1));
            std::fs::write(&file, serde_json::to_vec_pretty(part)?)
                .with_context(|| format!("cannot write `{}`", file.display()))?;
            writeln!(std::io::stdout(), "{}", file.display())?;
        }
    } else {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &Permissions::policy(shown))?;
        writeln!(out)?;
        if parts.len() > 1 {
            eprintln!(
                "this is longer than the {} characters that AWS takes in one policy; `--output DIR` writes {} files to attach together",
                Permissions::POLICY_LIMIT,
                parts.len()
            );
        }
    }
    eprintln!(
        "{} actions; the managed policy {} lacks {}{}",
        actions.len(),
        gap.managed,
        missing.len(),
        if arguments.managed || missing.is_empty() { "" } else { ", shown by `--managed`" }
    );
    Ok(Outcome::Clean)
}
