//! A row for each finding, for spreadsheets.
//!
//! | column | what |
//! |---|---|
//! | `finding_id` | stable identity, the same in every run |
//! | `status` | `fail`, `unknown` or `pass` |
//! | `severity` | `critical` … `info`: how bad a failure is |
//! | `rule`, `title` | the rule's id and what it demands |
//! | `service`, `resource_type` | of the resource |
//! | `resource_id`, `resource_name`, `sub_key` | the resource, and the item in it that is meant |
//! | `region`, `scope`, `provider` | where it lives |
//! | `scope_name`, `scope_path`, `scope_tags` | the account's name, the organizational units above it, its tags |
//! | `message` | one sentence |
//! | `exception`, `exception_owner`, `exception_until` | why the finding is accepted, by whom, and its last day |
//! | `causes` | why a status is unknown, `; ` between them |
//! | `controls` | benchmark controls as `benchmark/control`, `; ` between them |
//! | `remediation` | how to mend it |
//! | `references` | pages of the provider's documentation, a blank between them |
//! | `scanned_at` | when collection ended, RFC 3339 |
//!
//! A spreadsheet takes a cell that starts with `=`, `+`, `-` or `@` for a formula. Such a cell gets
//! a leading apostrophe; control and direction-changing characters are written out as `\u{…}`.

use crate::{WriteError, remediation, words};
use stance_model::{Finding, Findings, Report, printable};
use std::borrow::Cow;
use std::io::Write;

pub(crate) const COLUMNS: [&str; 25] = [
    "finding_id",
    "status",
    "severity",
    "rule",
    "title",
    "service",
    "resource_type",
    "resource_id",
    "resource_name",
    "sub_key",
    "region",
    "scope",
    "scope_name",
    "scope_path",
    "scope_tags",
    "provider",
    "message",
    "exception",
    "exception_owner",
    "exception_until",
    "causes",
    "controls",
    "remediation",
    "references",
    "scanned_at",
];

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut rows = ::csv::WriterBuilder::new().from_writer(out);
    rows.write_record(COLUMNS)?;
    let scanned_at = report.scan.ended_at.to_rfc3339();
    report.findings.each(&mut |finding| {
        let row = row(report, finding, &scanned_at);
        Ok(rows.write_record(row.iter().map(|text| cell(text).into_owned()))?)
    })?;
    rows.flush()?;
    Ok(())
}

/// The texts of a finding, by column.
pub(crate) fn row<'a>(
    report: &'a Report<dyn Findings>,
    finding: &'a Finding,
    scanned_at: &'a str,
) -> [Cow<'a, str>; COLUMNS.len()] {
    let rule = words::summary(report, &finding.rule);
    let resource = &finding.resource;
    let exception = finding.exception.as_deref();
    [
        finding.id.as_str().into(),
        finding.status.as_str().into(),
        finding.severity.as_str().into(),
        finding.rule.as_str().into(),
        words::title(report, &finding.rule).into(),
        rule.map_or("", |rule| &rule.service).into(),
        resource.resource_type.as_str().into(),
        resource.id.as_str().into(),
        resource.name.as_str().into(),
        finding.sub_key.as_deref().unwrap_or_default().into(),
        resource.region.as_str().into(),
        resource.scope.as_str().into(),
        finding.scope_details.name.as_deref().unwrap_or_default().into(),
        finding.scope_details.path_text().into(),
        joined(finding.scope_details.tags.iter().map(|(key, value)| format!("{key}={value}")), "; ").into(),
        resource.provider.to_string().into(),
        finding.message.as_ref().into(),
        exception.map_or("", |exception| &exception.reason).into(),
        exception.map_or("", |exception| &exception.owner).into(),
        exception
            .and_then(|exception| exception.until)
            .map_or_else(String::new, |day| day.to_string())
            .into(),
        joined(finding.causes.iter().map(ToString::to_string), "; ").into(),
        joined(finding.controls.iter().map(|it| format!("{}/{}", it.benchmark, it.control)), "; ").into(),
        rule.map(|rule| words::one_line(&remediation::fill(&rule.remediation.text, finding)))
            .unwrap_or_default()
            .into(),
        rule.map(|rule| rule.references.join(" ")).unwrap_or_default().into(),
        scanned_at.into(),
    ]
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// A text that no spreadsheet runs and no terminal obeys.
fn cell(text: &str) -> Cow<'_, str> {
    // some spreadsheets look past blanks, and some take the full-width forms for the plain ones
    let starts_a_formula = text.starts_with(['\t', '\r'])
        || text
            .trim_start()
            .starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let text = printable(text);
    if starts_a_formula { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;
    use proptest::prelude::*;

    #[test]
    fn a_formula_becomes_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"] {
            assert!(cell(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("a=b"), "a=b");
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula_and_every_cell_reads_back(text in "[=+@\\-\t\r\n \",;'a]{0,8}") {
            let cell = cell(&text);
            prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']));
            let mut rows = ::csv::Writer::from_writer(Vec::new());
            rows.write_record([&*cell, "next"]).unwrap();
            let bytes = rows.into_inner().unwrap();
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
            let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(records, [::csv::StringRecord::from(vec![&*cell, "next"])]);
        }
    }
}
