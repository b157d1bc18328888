//! `stance rules`: list, show and check rules.

use crate::cli::{PlainFormat, Rules, RulesCommand};
use crate::exit::Outcome;
use crate::knowledge;
use anyhow::Context;
use serde_json::{Value, json};
use stance_catalog::{Catalog, CatalogError, Part, Permissions, Plan, Rule, Source};
use std::io::Write;
use std::path::Path;

/// Lists, shows or checks rules.
pub fn run(rules: Rules) -> anyhow::Result<Outcome> {
    match rules.command {
        RulesCommand::List { choice, format } => {
            let (catalog, choice) = knowledge::chosen(&choice, &[])?;
            let rules = knowledge::rules(&catalog, &choice)?;
            list(&catalog, &rules, format)
        }
        RulesCommand::Show { id, catalog } => {
            let catalog = knowledge::catalog(catalog.as_deref(), &[Part::Examples])?;
            let rule = catalog
                .rule(&id)
                .with_context(|| format!("there is no rule `{id}`; `stance rules list` lists them"))?;
            show(&catalog, rule)
        }
        RulesCommand::Check { catalog } => check(catalog.as_deref()),
    }
}

fn list(catalog: &Catalog, rules: &[&Rule], format: PlainFormat) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match format {
        PlainFormat::Terminal => {
            for rule in rules {
                writeln!(out, "{:<9} {:<64} {}", rule.text.severity, rule.id, rule.text.title)?;
            }
        }
        PlainFormat::Json => {
            let permissions = catalog.permissions();
            let list: Vec<Value> = rules
                .iter()
                .map(|rule| described(catalog, rule, permissions))
                .collect::<anyhow::Result<_>>()?;
            serde_json::to_writer_pretty(&mut out, &list)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn described(catalog: &Catalog, rule: &Rule, permissions: &Permissions) -> anyhow::Result<Value> {
    let operations = Plan::of(catalog, [rule]).map_err(CatalogError::Problems)?.operations();
    Ok(json!({
        "id": rule.id,
        "title": rule.text.title,
        "provider": "aws",
        "service": rule.service,
        "resource": rule.text.resource,
        "severity": rule.text.severity,
        "categories": rule.text.categories,
        "aliases": rule.text.aliases,
        "parameters": rule.text.parameters,
        "calls": operations,
        "permissions": permissions.all(operations.iter().map(String::as_str)),
    }))
}

fn show(catalog: &Catalog, rule: &Rule) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    let text = &rule.text;
    writeln!(out, "{}\n{} · {} · {}\n", text.title, rule.id, text.severity, text.resource)?;
    writeln!(out, "{}\n", text.rationale.trim())?;
    writeln!(out, "Mend it: {}", text.remediation.text.trim())?;
    let ways = [
        ("Command line", &text.remediation.cli),
        ("Terraform", &text.remediation.terraform),
        ("Console", &text.remediation.console),
    ];
    for (way, how) in ways {
        if let Some(how) = how {
            writeln!(out, "\n{way}:")?;
            for line in how.trim().lines() {
                writeln!(out, "  {line}")?;
            }
        }
    }
    writeln!(out, "\nCondition: {}", text.pass.trim())?;
    if !text.parameters.is_empty() {
        writeln!(out, "\nParameters:")?;
        for (name, parameter) in &text.parameters {
            writeln!(out, "  {name} = {}  {}", parameter.default, parameter.title)?;
        }
    }
    let permissions = catalog.permissions();
    let operations = Plan::of(catalog, [rule]).map_err(CatalogError::Problems)?.operations();
    writeln!(out, "\nCalls:")?;
    for operation in &operations {
        writeln!(out, "  {operation} (takes {})", permissions.of(operation).join(", "))?;
    }
    let aliases: Vec<&str> = text.aliases.all().map(|(_, alias)| alias).collect();
    if !aliases.is_empty() {
        writeln!(out, "\nElsewhere: {}", aliases.join(", "))?;
    }
    writeln!(out, "\nExamples:")?;
    for example in &text.examples {
        writeln!(out, "  {:<14} {}", example.verdict, example.name)?;
    }
    for reference in &text.references {
        writeln!(out, "\n{reference}")?;
    }
    Ok(Outcome::Clean)
}

fn check(folder: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut sources = vec![Source::built_in()?];
    if let Some(folder) = folder {
        sources.push(Source::folder(folder)?);
    }
    let catalog = Catalog::load(sources)?;
    let mut problems = stance_catalog::check(&catalog);
    problems.extend(stance_evaluate::verify(&catalog, catalog.rules()));
    if !problems.is_empty() {
        return Err(CatalogError::Problems(problems).into());
    }
    let examples: usize = catalog.rules().map(|rule| rule.text.examples.len()).sum();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} rules on {} resource types, {} benchmarks, {examples} examples: all well",
        catalog.rules().count(),
        catalog.types().count(),
        catalog.benchmarks().count()
    )?;
    out.flush()?;
    Ok(Outcome::Clean)
}
