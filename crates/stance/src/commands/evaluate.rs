//! `stance evaluate`: judge snapshots again, offline.

use crate::cli::Evaluate;
use crate::configuration::Flags;
use crate::exit::Outcome;
use crate::judging::judging;
use crate::keeping::Keeping;
use crate::{configuration, keeping, knowledge, output};
use anyhow::Context;
use stance_catalog::{CatalogError, Part};
use stance_evaluate::Evaluator;
use stance_model::{Finding, Snapshot};
use std::path::{Path, PathBuf};

/// Judges the snapshots, writes the report.
pub fn run(evaluate: &Evaluate, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut flags = Flags::default();
    flags.add_choice(&evaluate.choice);
    flags.add_exceptions(evaluate.exceptions.as_deref());
    let loaded = configuration::load(config, flags.into_values())?;
    output::check(&evaluate.output, &loaded.config.outputs)?;
    let (catalog, choice) =
        knowledge::chosen(&configuration::choice(&loaded, &evaluate.choice), &[Part::Benchmarks])?;
    let store = keeping::open(evaluate.database.as_deref(), &catalog)?;
    let (rules, options) = judging(&catalog, &choice, &loaded, store.as_deref())?;
    let evaluator = Evaluator::new(&catalog, &rules, &options).map_err(CatalogError::Problems)?;
    let files = files(&evaluate.file)?;
    let snapshots = files.iter().map(|file| stance_collect::read_snapshot(file).map_err(anyhow::Error::from));
    let keeping = store.map(|store| Keeping::begin(store, &rules, None)).transpose()?;
    let judged = |snapshot: &Snapshot, findings: &[Finding]| match &keeping {
        Some(keeping) => keeping.judged(snapshot, findings),
        None => Ok(()),
    };
    let report = stance_scan::judge_snapshots(&evaluator, snapshots, options.as_of, &judged);
    let report = report.and_then(|report| {
        report.with_context(|| format!("`{}` holds no snapshot (*.jsonl.gz)", evaluate.file.display()))
    });
    let (report, _) = Keeping::end(keeping, report)?;
    output::put_all(&report, &evaluate.output, &loaded.config.outputs)?;
    Outcome::of(&report, evaluate.output.fail_on)
}

/// The snapshot, or those in the folder.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir().with_context(|| format!("cannot read the folder `{}`", path.display()))? {
        let file = entry?.path();
        if file.to_string_lossy().ends_with(".jsonl.gz") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
