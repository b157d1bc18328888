//! A row for each finding; what does not fit onto one sheet goes on on the next.

use super::book::{Book, Column};
use super::cells::Value;
use crate::csv;
use stance_model::{Findings, Report};
use std::borrow::Cow;
use std::io;

/// The columns of the CSV format, with their titles for people.
const COLUMNS: [Column; csv::COLUMNS.len()] = [
    Column::new("Finding id", 12),
    Column::coloured("Status", 11),
    Column::coloured("Severity", 11),
    Column::new("Rule", 34),
    Column::new("Title", 46),
    Column::new("Service", 14),
    Column::new("Resource type", 24),
    Column::new("Resource id", 46),
    Column::new("Resource name", 28),
    Column::new("Sub key", 20),
    Column::new("Region", 15),
    Column::new("Scope", 15),
    Column::new("Scope name", 20),
    Column::new("Scope path", 26),
    Column::new("Scope tags", 22),
    Column::new("Provider", 10),
    Column::new("Message", 60),
    Column::new("Exception", 30),
    Column::new("Exception owner", 18),
    Column::new("Exception until", 16),
    Column::new("Causes", 40),
    Column::new("Controls", 40),
    Column::new("Remediation", 60),
    Column::new("References", 40),
    Column::new("Scanned at", 20),
];

/// The columns whose texts come often, since there are only so many rules, accounts and regions.
const OFTEN: [&str; 17] = [
    "status",
    "severity",
    "rule",
    "title",
    "service",
    "resource_type",
    "region",
    "scope",
    "scope_name",
    "scope_path",
    "scope_tags",
    "provider",
    "exception",
    "exception_owner",
    "causes",
    "controls",
    "references",
];

pub(super) fn write(report: &Report<dyn Findings>, book: &mut Book<'_, '_>) -> io::Result<()> {
    let often = csv::COLUMNS.map(|column| OFTEN.contains(&column));
    let mut sheets = 1;
    book.begin("Findings", &COLUMNS)?;
    report.findings.each(&mut |finding| {
        if book.is_full() {
            sheets += 1;
            book.end()?;
            book.begin(&format!("Findings {sheets}"), &COLUMNS)?;
        }
        let texts = csv::row(report, finding, "");
        let until = finding.exception.as_ref().and_then(|exception| exception.until);
        let mut values =
            texts.iter().zip(csv::COLUMNS).zip(often).map(|((text, column), often)| match column {
                "exception_until" => Value::Date(until),
                "scanned_at" => Value::Time(report.scan.ended_at),
                _ if often => Value::Shared(text),
                _ => Value::Text(Cow::Borrowed(text)),
            });
        let values: [Value<'_>; COLUMNS.len()] =
            std::array::from_fn(|_| values.next().unwrap_or(Value::Empty));
        book.row(&values)
    })?;
    book.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Reader, Xlsx};
    use serde_json::json;
    use stance_model::Score;
    use std::io::Cursor;

    fn report(count: usize) -> Report {
        let time = "2026-03-02T09:15:00Z";
        let resource = json!({ "id": "arn:aws:s3:::a", "type": "AWS::S3::Bucket", "name": "a",
            "region": "us-east-1", "scope": "123456789012", "provider": "aws" });
        let finding = json!({ "id": "0".repeat(32), "rule": "r", "status": "fail", "severity": "low",
            "resource": resource, "message": "m" });
        serde_json::from_value(json!({
            "version": 2,
            "scan": { "provider": "aws", "started_at": time, "ended_at": time, "as_of": time,
                "completion": "complete", "regions": "all", "stance_version": "0.1.0" },
            "runs": [],
            "score": Score::default(),
            "scopes": {}, "services": {}, "benchmarks": [], "rules": {},
            "findings": vec![finding; count],
        }))
        .unwrap()
    }

    #[test]
    fn what_does_not_fit_onto_one_sheet_goes_on_on_the_next() {
        let report = report(7);
        let mut bytes = Vec::new();
        let mut book = Book::new(&mut bytes, report.scan.ended_at);
        book.most_rows = 4;
        write(report.as_dyn(), &mut book).unwrap();
        book.finish("", "").unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Findings", "Findings 2", "Findings 3"]);
        let sheets = book.worksheets();
        // each has a head of its own
        assert_eq!(sheets.iter().map(|(_, range)| range.height()).collect::<Vec<_>>(), [4, 4, 2]);
    }

    #[test]
    fn the_columns_are_those_of_the_csv_format() {
        for (column, name) in COLUMNS.iter().zip(csv::COLUMNS) {
            assert_eq!(column.title.to_lowercase().replace(' ', "_"), name);
        }
        assert!(OFTEN.iter().all(|name| csv::COLUMNS.contains(name)));
    }
}
