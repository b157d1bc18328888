//! `stance evaluate`: judge a snapshot again, offline.

use crate::cli::Evaluate;
use crate::exit::Outcome;
use crate::{knowledge, output};
use stance_catalog::Part;

/// Judges the snapshot, writes the report.
pub fn run(evaluate: &Evaluate) -> anyhow::Result<Outcome> {
    output::check(&evaluate.output)?;
    let (catalog, choice) = knowledge::chosen(&evaluate.choice, &[Part::Benchmarks])?;
    let rules = knowledge::rules(&catalog, &choice)?;
    let options = knowledge::options(&rules, &choice)?;
    let snapshot = stance_collect::read_snapshot(&evaluate.file)?;
    let report = stance_evaluate::evaluate(&catalog, &rules, &snapshot, &options)
        .map_err(stance_catalog::CatalogError::Problems)?;
    output::put(&report, &evaluate.output)?;
    Ok(Outcome::of(&report, evaluate.output.fail_on))
}
