//! `stance benchmarks`: list and show benchmarks.

use crate::cli::{Benchmarks, BenchmarksCommand, PlainFormat};
use crate::exit::Outcome;
use crate::knowledge;
use anyhow::Context;
use serde_json::json;
use stance_catalog::Benchmark;
use std::io::Write;

/// Lists or shows benchmarks.
pub fn run(benchmarks: Benchmarks) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match benchmarks.command {
        BenchmarksCommand::List { format, catalog } => {
            let catalog = knowledge::catalog(catalog.as_deref())?;
            match format {
                PlainFormat::Terminal => {
                    for benchmark in catalog.benchmarks() {
                        let (rules, manual) = counts(benchmark);
                        writeln!(
                            out,
                            "{:<16} {:<60} {:>4} controls, {manual} manual, {rules} rules",
                            benchmark.id,
                            benchmark.title,
                            benchmark.controls().count()
                        )?;
                    }
                }
                PlainFormat::Json => {
                    let list: Vec<_> = catalog
                        .benchmarks()
                        .map(|benchmark| {
                            let (rules, manual) = counts(benchmark);
                            json!({
                                "id": benchmark.id,
                                "title": benchmark.title,
                                "version": benchmark.version,
                                "controls": benchmark.controls().count(),
                                "manual": manual,
                                "rules": rules,
                            })
                        })
                        .collect();
                    serde_json::to_writer_pretty(&mut out, &list)?;
                    writeln!(out)?;
                }
            }
        }
        BenchmarksCommand::Show { id, catalog } => {
            let catalog = knowledge::catalog(catalog.as_deref())?;
            let benchmark = catalog.benchmark(&id).with_context(|| {
                format!("there is no benchmark `{id}`; `stance benchmarks list` lists them")
            })?;
            show(benchmark, &mut out)?;
        }
    }
    Ok(Outcome::Clean)
}

/// How many rules stand behind a benchmark, and how many of its controls are manual.
fn counts(benchmark: &Benchmark) -> (usize, usize) {
    let rules: std::collections::BTreeSet<_> =
        benchmark.controls().flat_map(|control| &control.rules).collect();
    (rules.len(), benchmark.controls().filter(|control| control.manual).count())
}

fn show(benchmark: &Benchmark, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}\n{}", benchmark.title, benchmark.id)?;
    for section in &benchmark.sections {
        writeln!(out, "\n{} {}", section.id, section.title)?;
        for control in &section.controls {
            let manual = if control.manual { " (manual)" } else { "" };
            writeln!(out, "  {:<8} {}{manual}", control.id, control.title)?;
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
