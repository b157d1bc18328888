//! `stance diff`: what changed between two snapshots or reports.

use crate::cli::{Diff, PlainFormat};
use crate::exit::Outcome;
use crate::{knowledge, output};
use anyhow::Context;
use stance_catalog::{Catalog, CatalogError, Part, Rule};
use stance_model::{REPORT_VERSION, Report};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

/// Compares two snapshots or reports; new failures make it fail.
pub fn run(diff: &Diff) -> anyhow::Result<Outcome> {
    let catalog = knowledge::catalog(diff.catalog.as_deref(), &[Part::Benchmarks])?;
    let older = report(&catalog, &diff.older)?;
    let newer = report(&catalog, &diff.newer)?;
    let difference = stance_report::diff::between(&older, &newer);
    let mut out = std::io::stdout().lock();
    match diff.format {
        PlainFormat::Terminal => {
            stance_report::diff::write_terminal(&difference, &output::terminal(), &mut out)?;
        }
        PlainFormat::Json => stance_report::diff::write_json(&difference, &mut out)?,
    }
    out.flush()?;
    Ok(if difference.new.is_empty() { Outcome::Clean } else { Outcome::Failing })
}

fn report(catalog: &Catalog, path: &Path) -> anyhow::Result<Report> {
    let mut first = [0; 2];
    let opened = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let is_compressed = (&opened).read_exact(&mut first).is_ok() && first == [0x1f, 0x8b];
    if is_compressed {
        let snapshot = stance_collect::read_snapshot(path)?;
        let rules: Vec<&Rule> = catalog.rules().collect();
        return stance_evaluate::evaluate(catalog, &rules, &snapshot, &stance_evaluate::Options::default())
            .map_err(|problems| CatalogError::Problems(problems).into());
    }
    let opened = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let report: Report = serde_json::from_reader(BufReader::new(opened)).with_context(|| {
        format!(
            "`{}` is neither a snapshot nor a JSON report; make one with `--snapshot` or `--format json`",
            path.display()
        )
    })?;
    anyhow::ensure!(
        report.version <= REPORT_VERSION,
        "`{}` is of report version {}, and this Stance reads up to {REPORT_VERSION}; use a newer Stance",
        path.display(),
        report.version
    );
    Ok(report)
}
