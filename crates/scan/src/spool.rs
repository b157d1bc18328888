//! Findings of many accounts in one order, in memory while they are few and in files when they are many.

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use stance_evaluate::order;
use stance_model::{Finding, Findings};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Seek, Write};

/// So many findings stay in memory, about 100 MB of them.
const IN_MEMORY: usize = 50_000;
/// So many files are read side by side; beyond, they are made one.
const FILES: usize = 96;
/// So many bytes are compressed at a time.
const BUFFER: usize = 1 << 16;

/// Findings, a sorted part for each account.
#[derive(Debug)]
pub struct Spool {
    parts: Vec<Part>,
    in_memory: usize,
    most_in_memory: usize,
}

#[derive(Debug)]
enum Part {
    Memory(Vec<Finding>),
    /// Compressed JSON lines without a name: the system removes them with the process.
    File {
        file: File,
        count: usize,
    },
}

impl Default for Spool {
    fn default() -> Self {
        Self::with_memory_for(IN_MEMORY)
    }
}

impl Spool {
    /// A spool that keeps so many findings in memory at most.
    pub fn with_memory_for(most_in_memory: usize) -> Self {
        Self { parts: Vec::new(), in_memory: 0, most_in_memory }
    }

    /// Takes findings that are in the order of a report.
    ///
    /// # Errors
    /// If they cannot be written to a temporary file.
    pub fn add(&mut self, findings: Vec<Finding>) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        if self.in_memory + findings.len() <= self.most_in_memory {
            self.in_memory += findings.len();
            self.parts.push(Part::Memory(findings));
            return Ok(());
        }
        let mut writer = PartWriter::new()?;
        findings.iter().try_for_each(|finding| writer.write(finding))?;
        self.parts.push(writer.finish()?);
        if self.parts.len() > FILES {
            self.merge()?;
        }
        Ok(())
    }

    /// Makes one part of all.
    fn merge(&mut self) -> io::Result<()> {
        let mut writer = PartWriter::new()?;
        self.each(&mut |finding| writer.write(finding))?;
        self.parts = vec![writer.finish()?];
        self.in_memory = 0;
        Ok(())
    }
}

impl Findings for Spool {
    fn count(&self) -> usize {
        let count = |part: &Part| match part {
            Part::Memory(findings) => findings.len(),
            Part::File { count, .. } => *count,
        };
        self.parts.iter().map(count).sum()
    }

    fn each(&self, visit: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        let mut heads = BinaryHeap::new();
        for (index, part) in self.parts.iter().enumerate() {
            let mut reader = part.reader()?;
            if let Some(finding) = reader.next()? {
                heads.push(Head { finding, index, reader });
            }
        }
        while let Some(Head { finding, index, mut reader }) = heads.pop() {
            visit(finding.get())?;
            if let Some(finding) = reader.next()? {
                heads.push(Head { finding, index, reader });
            }
        }
        Ok(())
    }
}

struct PartWriter {
    /// The encoder's work for a write does not depend on its length, and a finding is a hundred writes.
    out: BufWriter<GzEncoder<File>>,
    count: usize,
}

impl PartWriter {
    fn new() -> io::Result<Self> {
        let out =
            BufWriter::with_capacity(BUFFER, GzEncoder::new(tempfile::tempfile()?, Compression::fast()));
        Ok(Self { out, count: 0 })
    }

    fn write(&mut self, finding: &Finding) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, finding)?;
        self.out.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> io::Result<Part> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
        Ok(Part::File { file, count: self.count })
    }
}

impl Part {
    fn reader(&self) -> io::Result<PartReader<'_>> {
        Ok(match self {
            Self::Memory(findings) => PartReader::Memory(findings.iter()),
            Self::File { file, .. } => {
                // nobody reads two parts of one file at a time, nor one part twice at a time
                let mut file = file.try_clone()?;
                file.rewind()?;
                PartReader::File(Box::new(BufReader::new(GzDecoder::new(BufReader::new(file))).lines()))
            }
        })
    }
}

enum PartReader<'p> {
    Memory(std::slice::Iter<'p, Finding>),
    File(Box<Lines<BufReader<GzDecoder<BufReader<File>>>>>),
}

impl<'p> PartReader<'p> {
    fn next(&mut self) -> io::Result<Option<Next<'p>>> {
        match self {
            Self::Memory(findings) => Ok(findings.next().map(Next::Kept)),
            Self::File(lines) => match lines.next() {
                Some(line) => Ok(Some(Next::Read(Box::new(serde_json::from_str(&line?)?)))),
                None => Ok(None),
            },
        }
    }
}

enum Next<'p> {
    Kept(&'p Finding),
    Read(Box<Finding>),
}

impl Next<'_> {
    fn get(&self) -> &Finding {
        match self {
            Self::Kept(finding) => finding,
            Self::Read(finding) => finding,
        }
    }
}

/// The next finding of a part. The heap gives the greatest first, so that the order is turned round.
struct Head<'p> {
    finding: Next<'p>,
    index: usize,
    reader: PartReader<'p>,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        order(other.finding.get(), self.finding.get()).then_with(|| other.index.cmp(&self.index))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stance_model::{FindingId, Provider, ResourceReference, Severity, VerdictStatus};

    fn finding(account: usize, number: usize, severity: usize, fails: bool) -> Finding {
        let id = format!("arn:{account}:{number}");
        Finding {
            id: FindingId::of("rule", &account.to_string(), &id, None),
            rule: format!("rule-{}", number % 3).as_str().into(),
            status: if fails { VerdictStatus::Fail } else { VerdictStatus::Pass },
            severity: Severity::WORST_FIRST[severity % 5],
            resource: ResourceReference {
                id: id.as_str().into(),
                resource_type: "T".into(),
                name: id,
                region: "r".into(),
                scope: account.to_string().as_str().into(),
                provider: Provider::Aws,
            }
            .into(),
            scope_details: std::sync::Arc::default(),
            sub_key: None,
            message: "m".into(),
            exception: None,
            evidence: std::sync::Arc::default(),
            causes: Vec::new(),
            controls: Vec::new().into(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_order_is_that_of_one_list_wherever_findings_are_kept(
            accounts in prop::collection::vec(prop::collection::vec((0..5usize, any::<bool>()), 0..12), 0..8),
            memory in 0..40usize,
        ) {
            let mut spool = Spool::with_memory_for(memory);
            let mut all = Vec::new();
            for (account, findings) in accounts.iter().enumerate() {
                let mut part: Vec<Finding> = findings
                    .iter()
                    .enumerate()
                    .map(|(number, (severity, fails))| finding(account, number, *severity, *fails))
                    .collect();
                part.sort_by(order);
                all.extend(part.clone());
                spool.add(part).unwrap();
            }
            all.sort_by(order);
            // twice, since reports read through findings more than once
            for _ in 0..2 {
                let mut read = Vec::new();
                spool.each(&mut |finding| { read.push(finding.clone()); Ok(()) }).unwrap();
                prop_assert_eq!(&read, &all);
            }
            prop_assert_eq!(spool.count(), all.len());
        }
    }

    #[test]
    fn many_parts_become_one_and_lose_nothing() {
        let mut spool = Spool::with_memory_for(10);
        for account in 0..FILES * 2 + 5 {
            spool.add(vec![finding(account, 1, account, true)]).unwrap();
        }
        assert!(spool.parts.len() <= FILES);
        let mut seen = 0;
        spool
            .each(&mut |_| {
                seen += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, FILES * 2 + 5);
    }
}
