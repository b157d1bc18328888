//! `stance diff`: what changed between two snapshots or reports.

use crate::cli::{Diff, PlainFormat};
use crate::exit::Outcome;
use crate::{knowledge, output};
use anyhow::Context;
use stance_catalog::{Catalog, CatalogError, Part, Rule};
use stance_model::{REPORT_VERSION, Report};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
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
    let opened = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut opened = BufReader::new(opened);
    let is_compressed = opened.fill_buf().is_ok_and(|start| start.starts_with(&[0x1f, 0x8b]));
    if is_compressed {
        let snapshot = stance_collect::read_snapshot_from(opened, &path.display().to_string())?;
        let rules: Vec<&Rule> = catalog.rules().collect();
        return stance_evaluate::evaluate(catalog, &rules, &snapshot, &stance_evaluate::Options::default())
            .map_err(|problems| CatalogError::Problems(problems).into());
    }
    let report: Report = serde_json::from_reader(opened).with_context(|| {
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
