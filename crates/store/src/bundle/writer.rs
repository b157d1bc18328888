//! Writing a run.

use super::{BundledFinding, Counts, End, FORMAT, Head, Line, VERSION};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use stance_model::{Finding, Resource, RuleId, Run, Scan, Snapshot, UnscannedScope};
use std::io::{BufWriter, IntoInnerError, Result, Write};

/// Bytes that are compressed at a time.
const BUFFER: usize = 1 << 16;

/// Writes a run while it goes on.
pub struct BundleWriter<W: Write> {
    out: BufWriter<GzEncoder<W>>,
    counts: Counts,
}

impl<W: Write> BundleWriter<W> {
    /// Begins a run that is judged by those rules.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(out: W, rules: impl IntoIterator<Item = RuleId>) -> Result<Self> {
        let out = BufWriter::with_capacity(BUFFER, GzEncoder::new(out, Compression::fast()));
        let mut writer = Self { out, counts: Counts::default() };
        let rules = rules.into_iter().collect();
        writer.line(&Line::<(), (), ()>::Bundle(Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            rules,
        }))?;
        Ok(writer)
    }

    /// Adds what was read in a scope, and what the rules say of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn scope(&mut self, snapshot: &Snapshot, findings: &[Finding]) -> Result<()> {
        self.line(&Line::<(), (), &Run>::Scope(&snapshot.run))?;
        for resource in &snapshot.resources {
            self.line(&Line::<&Resource, (), ()>::Resource(resource))?;
        }
        for finding in findings {
            self.line(&Line::<(), BundledFinding, ()>::Finding(finding.into()))?;
        }
        self.counts.scopes += 1;
        self.counts.resources += snapshot.resources.len() as u64;
        self.counts.findings += findings.len() as u64;
        Ok(())
    }

    /// Ends the run.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end(mut self, scan: Scan, unscanned: Vec<UnscannedScope>) -> Result<W> {
        let end = End { scan, unscanned, counts: self.counts };
        self.line(&Line::<(), (), ()>::End(Box::new(end)))?;
        self.out.into_inner().map_err(IntoInnerError::into_error)?.finish()
    }

    fn line(&mut self, line: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}
