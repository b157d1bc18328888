//! The catalog, the rules chosen from it, and their parameters, from the command line's words.

use crate::cli::Choice;
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_catalog::{Catalog, CatalogError, Part, Rule, Selection, Source};
use std::collections::BTreeMap;
use std::path::Path;

/// The built-in catalog with those parts; or the whole with a folder of the user's over it, checked.
pub fn catalog(folder: Option<&Path>, parts: &[Part]) -> anyhow::Result<Catalog> {
    let Some(folder) = folder else { return Ok(Catalog::built_in_with(parts)?) };
    checked(Catalog::load([Source::built_in()?, Source::folder(folder)?])?)
}

/// The catalog that the command line chooses from: with its folder, and with the benchmarks that it
/// names by file, which are replaced by their ids in the returned choice.
pub fn chosen(choice: &Choice, parts: &[Part]) -> anyhow::Result<(Catalog, Choice)> {
    let is_file = |name: &&String| Path::new(name).extension().is_some_and(|extension| extension == "yaml");
    if !choice.benchmark.iter().any(|name| is_file(&name)) {
        let parts = if choice.benchmark.is_empty() { parts } else { &[Part::Benchmarks] };
        return Ok((catalog(choice.catalog.as_deref(), parts)?, choice.clone()));
    }
    let mut sources = vec![Source::built_in()?];
    sources.extend(choice.catalog.as_deref().map(Source::folder).transpose()?);
    let mut choice = choice.clone();
    for name in &mut choice.benchmark {
        if is_file(&&*name) {
            let file = Path::new(name.as_str());
            sources.push(Source::benchmark(file)?);
            *name = Source::benchmark_id(file);
        }
    }
    Ok((checked(Catalog::load(sources)?)?, choice))
}

fn checked(catalog: Catalog) -> anyhow::Result<Catalog> {
    let mut problems = stance_catalog::check(&catalog);
    problems.extend(stance_evaluate::verify(&catalog, catalog.rules()));
    if problems.is_empty() { Ok(catalog) } else { Err(CatalogError::Problems(problems).into()) }
}

/// The rules that the command line chooses.
pub fn rules<'c>(catalog: &'c Catalog, choice: &Choice) -> anyhow::Result<Vec<&'c Rule>> {
    let selection = Selection {
        services: choice.service.clone(),
        rules: choice.rule.clone(),
        excluded: choice.exclude_rule.clone(),
        benchmarks: choice.benchmark.clone(),
        severity: choice.severity,
    };
    Ok(selection.choose(catalog)?)
}

/// How to evaluate, as the command line says.
pub fn options(rules: &[&Rule], choice: &Choice) -> anyhow::Result<stance_evaluate::Options> {
    Ok(stance_evaluate::Options {
        parameters: parameters(rules, &choice.param)?,
        benchmarks: choice.benchmark.clone(),
        as_of: as_of(choice)?,
        exceptions: None,
    })
}

/// The moment that rules take for now, if the command line says one.
pub fn as_of(choice: &Choice) -> anyhow::Result<Option<DateTime<Utc>>> {
    choice
        .as_of
        .as_deref()
        .map(|text| {
            text.parse::<DateTime<Utc>>()
                .with_context(|| format!("`{text}` is not a time; write it as 2026-01-31T00:00:00Z"))
        })
        .transpose()
}

fn parameters(rules: &[&Rule], settings: &[String]) -> anyhow::Result<BTreeMap<String, Value>> {
    settings
        .iter()
        .map(|setting| {
            let Some((name, text)) = setting.split_once('=') else {
                bail!("`{setting}` is not of the form NAME=VALUE");
            };
            let Some(parameter) = rules.iter().find_map(|rule| rule.text.parameters.get(name)) else {
                bail!(
                    "none of the chosen rules has a parameter `{name}`; `stance rules show ID` lists a rule's"
                );
            };
            let value =
                parameter.read(text).map_err(|problem| anyhow::anyhow!("--param {name}: {problem}"))?;
            Ok((name.to_owned(), value))
        })
        .collect()
}
