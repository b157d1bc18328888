//! A document to print or to hand to an auditor.
//!
//! Laid out in one pass: the chapters first, then the table of contents, which needs their pages. It
//! shows a bounded number of resources a rule; every count is exact, and the spreadsheets hold the rest.

mod appendix;
mod benchmarks;
mod contents;
mod cover;
mod document;
mod exceptions;
mod file;
mod finish;
mod flow;
mod fonts;
mod palette;
mod rules;
mod scope;
mod summary;
mod table;
mod text;

use crate::{WriteError, digest::Digest, overview};
use file::File;
use finish::Description;
use flow::Flow;
use pdf_writer::types::StructRole;
use stance_model::{Findings, Report, printable};
use std::io::Write;

/// What the document is called.
const TITLE: &str = "Cloud security posture report";

/// Where the rest is, in words.
const ELSEWHERE: &str = "The XLSX, CSV and JSON forms of this report hold all of them.";

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    let digest = Digest::of(report)?;
    let mut flow = Flow::new()?;
    cover::write(report, &mut flow);
    let contents = flow.document.open(StructRole::TOC);
    flow.document.close();
    summary::write(report, &digest, &mut flow);
    scope::write(report, &digest, &mut flow);
    benchmarks::write(report, &mut flow);
    rules::write(&digest, &mut flow);
    exceptions::write(report, &digest, &mut flow);
    appendix::write(report, &digest, &mut flow);
    let order = contents::write(contents, &mut flow);
    let subject =
        format!("{} {}", report.scan.provider.to_string().to_uppercase(), overview::subject(report));
    let subject = printable(&text::cut(&subject, 200)).into_owned();
    let version = printable(&report.scan.stance_version).into_owned();
    contents::edges(report, &subject, &order, &mut flow.document);
    let description = Description {
        title: format!("{TITLE}: {subject}"),
        subject,
        producer: format!("Stance {version}"),
        made: report.scan.ended_at,
    };
    let mut file = File::new(out)?;
    let (catalog, information) = finish::finish(&flow.document, &order, &description, &mut file)?;
    file.finish(catalog, information)?;
    Ok(())
}
