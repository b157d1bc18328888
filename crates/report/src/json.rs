//! The whole report as one JSON document, described by `docs/schema/report.schema.json`.

use crate::{WriteError, safe_json};
use stance_model::{Findings, Report};
use std::io::Write;

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    safe_json::pretty(report, out)?;
    out.write_all(b"\n")?;
    Ok(())
}
