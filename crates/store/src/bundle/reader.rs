//! Reading a run, scope by scope.

use super::{BundleError, Counts, End, FORMAT, Line, ScopeBundle, VERSION};
use flate2::bufread::MultiGzDecoder;
use stance_model::{RuleId, Run};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

/// As long as a line may be: the largest resource with room to spare. A hostile sender must not fill the memory.
const LONGEST_LINE: u64 = 64 << 20;
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;

/// Reads a run, scope by scope.
pub struct BundleReader<R: BufRead> {
    lines: BufReader<MultiGzDecoder<R>>,
    number: u64,
    buffer: Vec<u8>,
    rules: HashSet<RuleId>,
    begun: Option<Box<Run>>,
    end: Option<Box<End>>,
    held: Counts,
}

impl<R: BufRead> BundleReader<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// If it is not a run, or one of a newer form.
    pub fn open(source: R) -> Result<Self, BundleError> {
        let mut reader = Self {
            lines: BufReader::with_capacity(BUFFER, MultiGzDecoder::new(source)),
            number: 0,
            buffer: Vec::new(),
            rules: HashSet::new(),
            begun: None,
            end: None,
            held: Counts::default(),
        };
        let head = match reader.line() {
            Ok(Some(Line::Bundle(head))) => head,
            Err(BundleError::File(error)) if error.kind() != std::io::ErrorKind::InvalidInput => {
                return Err(error.into());
            }
            Err(BundleError::Cut) => return Err(BundleError::Cut),
            _ => return Err(BundleError::Foreign),
        };
        if head.format != FORMAT {
            return Err(BundleError::Foreign);
        }
        if head.version > VERSION {
            return Err(BundleError::Newer(head.version));
        }
        reader.rules = head.rules.into_iter().collect();
        reader.begun = match reader.line()? {
            Some(Line::Scope(run)) => Some(run),
            Some(Line::End(end)) => {
                reader.end = Some(end);
                None
            }
            Some(_) => return Err(reader.wrong("a scope must come here")),
            None => return Err(BundleError::Cut),
        };
        Ok(reader)
    }

    /// Every rule that judged.
    pub fn rules(&self) -> &HashSet<RuleId> {
        &self.rules
    }

    /// The next scope, if there is one.
    ///
    /// # Errors
    /// If a line cannot be read, or the end is missing.
    pub fn next_scope(&mut self) -> Result<Option<ScopeBundle>, BundleError> {
        let Some(run) = self.begun.take() else { return Ok(None) };
        let mut scope = ScopeBundle { run: *run, resources: Vec::new(), findings: Vec::new() };
        loop {
            match self.line()? {
                Some(Line::Resource(resource)) => scope.resources.push(*resource),
                Some(Line::Finding(finding)) => {
                    if !self.rules.contains(&finding.rule) {
                        return Err(self.wrong(&format!("rule `{}` is not one of the run's", finding.rule)));
                    }
                    scope.findings.push(*finding);
                }
                Some(Line::Scope(next)) => {
                    self.begun = Some(next);
                    break;
                }
                Some(Line::End(end)) => {
                    self.end = Some(end);
                    break;
                }
                Some(Line::Bundle(_)) => return Err(self.wrong("a run cannot begin within another")),
                None => return Err(BundleError::Cut),
            }
        }
        self.held.scopes += 1;
        self.held.resources += scope.resources.len() as u64;
        self.held.findings += scope.findings.len() as u64;
        Ok(Some(scope))
    }

    /// What the end tells, once every scope was read.
    ///
    /// # Errors
    /// If something is missing.
    pub fn end(mut self) -> Result<End, BundleError> {
        let Some(end) = self.end.take() else { return Err(BundleError::Cut) };
        // the sum over all that was compressed comes last
        if self.line()?.is_some() {
            return Err(self.wrong("nothing may come after the end"));
        }
        let (told, held) = (end.counts, self.held);
        for (what, told, held) in [
            ("scopes", told.scopes, held.scopes),
            ("resources", told.resources, held.resources),
            ("findings", told.findings, held.findings),
        ] {
            if told != held {
                return Err(BundleError::Count { what, told, held });
            }
        }
        Ok(*end)
    }

    fn line(&mut self) -> Result<Option<Line>, BundleError> {
        self.buffer.clear();
        self.number += 1;
        let read = (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut self.buffer);
        match read {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(BundleError::Cut),
            Err(error) => return Err(error.into()),
        }
        if self.buffer.last() != Some(&b'\n') {
            let is_long = self.buffer.len() as u64 == LONGEST_LINE;
            return Err(if is_long { self.wrong("it is too long") } else { BundleError::Cut });
        }
        serde_json::from_slice(&self.buffer).map(Some).map_err(|error| self.wrong(&error.to_string()))
    }

    fn wrong(&self, message: &str) -> BundleError {
        BundleError::Line { line: self.number, message: message.to_owned() }
    }
}
