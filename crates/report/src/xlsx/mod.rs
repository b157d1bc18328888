//! A workbook to filter and to pivot.
//!
//! | sheet | a row for each |
//! |---|---|
//! | `Summary` | fact, severity, service, account |
//! | `Findings`, `Findings 2` … | finding, with the columns of the CSV format |
//! | `Benchmarks` | control |
//! | `Rules` | rule that was evaluated |
//! | `Not read` | operation that failed, thing that was not read |
//! | `Exceptions` | exception, and notice about exceptions |
//! | `Scopes` | account, scanned or not |
//!
//! Every text is a text: nothing in the workbook is a formula. Texts of more than 32,767 UTF-16 units,
//! which a cell cannot hold, end with `…`; control and direction-changing characters are written out.

mod archive;
mod book;
mod cells;
mod findings;
mod summary;
mod tables;

use crate::{WriteError, digest::Digest, overview};
use book::Book;
use stance_model::{Findings, Report, printable};
use std::io::Write;

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    let digest = Digest::of(report)?;
    let mut book = Book::new(out, report.scan.ended_at);
    summary::write(report, &digest, &mut book)?;
    findings::write(report, &mut book)?;
    tables::benchmarks(report, &mut book)?;
    tables::rules(report, &mut book)?;
    tables::not_read(report, &digest.gaps, &mut book)?;
    tables::exceptions(report, &digest.accepted, &mut book)?;
    tables::scopes(report, &mut book)?;
    let subject =
        format!("{} {}", report.scan.provider.to_string().to_uppercase(), overview::subject(report));
    let title = format!("Findings of {}", printable(&subject));
    book.finish(&title, &format!("Stance {}", report.scan.stance_version))?;
    Ok(())
}
