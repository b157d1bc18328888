//! `stance benchmarks`: list and show benchmarks.

use crate::cli::{Benchmarks, BenchmarksCommand, PlainFormat};
use crate::exit::Outcome;
use crate::knowledge;
use anyhow::Context;
use serde_json::json;
use stance_catalog::{Benchmark, Part};
use std::io::Write;

/// Lists or shows benchmarks.
pub fn run(benchmarks: Benchmarks) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match benchmarks.command {
        BenchmarksCommand::List { format, catalog } => {
            let catalog = knowledge::catalog(catalog.as_deref(), &[Part::Benchmarks])?;
            match format {
                PlainFormat::Terminal => {
                    let width = |text: fn(&Benchmark) -> &str| {
                        catalog
                            .benchmarks()
                            .map(|benchmark| text(benchmark).chars().count())
                            .max()
                            .unwrap_or(0)
                    };
                    let (ids, titles) = (width(|it| &it.id), width(|it| &it.title));
                    writeln!(
                        out,
                        "{:<ids$}  {:<titles$}  controls  manual  unassessed  rules",
                        "benchmark", "title"
                    )?;
                    for benchmark in catalog.benchmarks() {
                        let Counts { controls, manual, unassessed, rules } = counts(benchmark);
                        writeln!(
                            out,
                            "{:<ids$}  {:<titles$}  {controls:>8}  {manual:>6}  {unassessed:>10}  {rules:>5}",
                            benchmark.id, benchmark.title,
                        )?;
                    }
                }
                PlainFormat::Json => {
                    let list: Vec<_> = catalog
                        .benchmarks()
                        .map(|benchmark| {
                            let counts = counts(benchmark);
                            json!({
                                "id": benchmark.id,
                                "title": benchmark.title,
                                "version": benchmark.version,
                                "featured": benchmark.featured,
                                "controls": counts.controls,
                                "manual": counts.manual,
                                "unassessed": counts.unassessed,
                                "rules": counts.rules,
                            })
                        })
                        .collect();
                    serde_json::to_writer_pretty(&mut out, &list)?;
                    writeln!(out)?;
                }
            }
        }
        BenchmarksCommand::Show { id, catalog } => {
            let catalog = knowledge::catalog(catalog.as_deref(), &[Part::Benchmarks])?;
            let benchmark = catalog.benchmark(&id).with_context(|| {
                format!("there is no benchmark `{id}`; `stance benchmarks list` lists them")
            })?;
            show(benchmark, &mut out)?;
        }
    }
    Ok(Outcome::Clean)
}

/// What stands behind a benchmark.
struct Counts {
    controls: usize,
    manual: usize,
    unassessed: usize,
    rules: usize,
}

fn counts(benchmark: &Benchmark) -> Counts {
    let rules: std::collections::BTreeSet<_> =
        benchmark.controls().flat_map(|control| &control.rules).collect();
    Counts {
        controls: benchmark.controls().count(),
        manual: benchmark.controls().filter(|control| control.manual).count(),
        unassessed: benchmark.controls().filter(|control| control.unassessed).count(),
        rules: rules.len(),
    }
}

fn show(benchmark: &Benchmark, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}\n{}", benchmark.title, benchmark.id)?;
    for section in &benchmark.sections {
        writeln!(out, "\n{} {}", section.id, section.title)?;
        for control in &section.controls {
            let basis = match (control.manual, control.unassessed) {
                (true, _) => " (manual)",
                (false, true) => " (no rule yet)",
                (false, false) => "",
            };
            writeln!(out, "  {:<8} {}{basis}", control.id, control.title)?;
            for rule in &control.rules {
                writeln!(out, "           {rule}")?;
            }
            if let Some(note) = &control.note {
                writeln!(out, "           {note}")?;
            }
        }
    }
    Ok(())
}
