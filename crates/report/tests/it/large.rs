//! A hundred thousand findings.

use crate::formats::text;
use crate::sample;
use stance_model::{Finding, Findings, Report};
use stance_report::{Format, TerminalOptions, write_file};

/// Findings that are made while they are read, as many as one likes.
pub struct Many {
    pub count: usize,
}

impl Findings for Many {
    fn count(&self) -> usize {
        self.count
    }

    fn each(&self, visit: &mut dyn FnMut(&Finding) -> std::io::Result<()>) -> std::io::Result<()> {
        // as many as the stock has have all that a finding may have
        let stock = sample::large(1_000).findings;
        let mut serial = 0;
        while serial < self.count {
            for finding in stock.iter().take(self.count - serial) {
                let mut finding = finding.clone();
                let resource = std::sync::Arc::make_mut(&mut finding.resource);
                resource.name = format!("bucket-{serial:08}");
                resource.id = format!("arn:aws:s3:::bucket-{serial:08}").as_str().into();
                finding.message = format!("bucket-{serial:08} {}", finding.message).into();
                serial += 1;
                visit(&finding)?;
            }
        }
        Ok(())
    }
}

impl Many {
    /// A report of these findings.
    pub fn report(self) -> Report<Self> {
        let report = sample::large(1_000);
        Report {
            version: report.version,
            scan: report.scan,
            runs: report.runs,
            taken_from: report.taken_from,
            unscanned: report.unscanned,
            score: report.score,
            scopes: report.scopes,
            services: report.services,
            benchmarks: report.benchmarks,
            rules: report.rules,
            exception_notices: report.exception_notices,
            findings: self,
        }
    }
}

/// Writes many findings, to measure: `STANCE_MANY=1000000 STANCE_FORMAT=xlsx`.
#[test]
#[ignore = "takes long"]
fn many_findings_to_measure() {
    let count = std::env::var("STANCE_MANY").unwrap_or_default().parse().unwrap_or(72_000);
    let format: Format = std::env::var("STANCE_FORMAT").unwrap_or_default().parse().unwrap_or(Format::Pdf);
    let file = tempfile::NamedTempFile::new().unwrap();
    let start = std::time::Instant::now();
    write_file(&Many { count }.report(), format, &TerminalOptions::default(), file.path()).unwrap();
    let size = file.path().metadata().unwrap().len();
    eprintln!("{count} findings as {format}: {:?}, {size} bytes", start.elapsed());
}

#[test]
fn the_page_grows_with_the_findings_and_not_with_their_markup() {
    let small = text(&sample::large(1_000), Format::Html, &TerminalOptions::default());
    let large = text(&sample::large(2_000), Format::Html, &TerminalOptions::default());
    assert!((large.len() - small.len()) / 1_000 < 400, "{}", (large.len() - small.len()) / 1_000);
    assert_eq!(small.matches("<tr").count(), large.matches("<tr").count());
}

/// Writes files to look at and measures: `STANCE_SAMPLES=/tmp/samples`, with `--run-ignored all`.
#[test]
#[ignore = "writes files to look at"]
fn samples_to_look_at() {
    let Ok(folder) = std::env::var("STANCE_SAMPLES") else { return };
    let folder = std::path::Path::new(&folder);
    let options = TerminalOptions { colour: true, ..TerminalOptions::default() };
    for (name, report) in [
        ("small", sample::report(&sample::Names::default())),
        ("organization", sample::organization(&sample::Names::default())),
        ("hostile", crate::hostile::hostile(&crate::hostile::NASTY.concat())),
        ("large", sample::large(100_000)),
    ] {
        for format in Format::ALL {
            let start = std::time::Instant::now();
            let path = folder.join(format!("{name}-{}", format.file_name()));
            write_file(&report, format, &options, &path).unwrap();
            let size = path.metadata().unwrap().len();
            eprintln!("{name} {format}: {:?}, {size} bytes", start.elapsed());
        }
    }
}

/// Writes a report of JSON as a document and a workbook, to look at: `STANCE_REPORT=report.json`.
#[test]
#[ignore = "writes files to look at"]
fn a_report_as_a_document() {
    let Ok(path) = std::env::var("STANCE_REPORT") else { return };
    let path = std::path::Path::new(&path);
    let report: stance_model::Report = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for format in [Format::Pdf, Format::Xlsx] {
        let file = path.with_extension(format.name());
        write_file(&report, format, &TerminalOptions::default(), &file).unwrap();
    }
}
