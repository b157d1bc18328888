//! The workbook, read back by a reader that is not ours.

use crate::formats::bytes;
use crate::hostile::hostile;
use crate::sample::{self, Names};
use calamine::{Data, DataType, Range, Reader, Xlsx};
use proptest::prelude::*;
use stance_model::{Report, printable};
use stance_report::Format;
use std::borrow::Cow;
use std::io::Cursor;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn open(bytes: Vec<u8>) -> Book {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn book(report: &Report) -> Book {
    open(bytes(report, Format::Xlsx))
}

/// The cells of a sheet below its head, by the head's title.
struct Table {
    range: Range<Data>,
}

impl Table {
    fn of(book: &mut Book, sheet: &str) -> Self {
        Self { range: book.worksheet_range(sheet).unwrap() }
    }

    fn rows(&self) -> usize {
        self.range.height().saturating_sub(1)
    }

    fn cell(&self, row: usize, title: &str) -> &Data {
        let column = self.range.headers().unwrap().iter().position(|head| head == title).unwrap();
        self.range.get((row + 1, column)).unwrap_or(&Data::Empty)
    }

    fn text(&self, row: usize, title: &str) -> String {
        self.cell(row, title).to_string()
    }
}

/// A text as a cell can hold it.
fn expected(text: &str) -> String {
    let text = printable(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
    if text.encode_utf16().count() <= 32_767 { text } else { "cut".to_owned() }
}

/// What must be so for any report.
pub fn check(report: &Report) {
    let mut book = book(report);
    let names = ["Summary", "Findings", "Benchmarks", "Rules", "Not read", "Exceptions", "Scopes"];
    assert_eq!(book.sheet_names(), names);
    for name in names {
        let formulas = book.worksheet_formula(name).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{name}");
        for (row, column, cell) in book.worksheet_range(name).unwrap().used_cells() {
            if let Data::String(text) = cell {
                assert!(matches!(printable(text), Cow::Borrowed(_)), "{name} {row} {column}: {text:?}");
                assert!(text.encode_utf16().count() <= 32_767);
            }
        }
    }
    let table = Table::of(&mut book, "Findings");
    assert_eq!(table.rows(), report.findings.len());
    for (row, finding) in report.findings.iter().enumerate() {
        assert_eq!(table.text(row, "Finding id"), finding.id.as_str());
        assert_eq!(table.text(row, "Status"), finding.status.as_str());
        for (title, text) in [
            ("Resource id", finding.resource.id.as_str()),
            ("Resource name", &finding.resource.name),
            ("Region", finding.resource.region.as_str()),
            ("Scope name", finding.scope_details.name.as_deref().unwrap_or_default()),
            ("Scope path", &finding.scope_details.path_text()),
            ("Message", &finding.message),
        ] {
            let (found, expected) = (table.text(row, title), expected(text));
            assert!(
                found == expected || (expected == "cut" && found.ends_with('…')),
                "{title}: {found:?} {text:?}"
            );
        }
    }
}

#[test]
fn the_workbook_says_what_the_report_says() {
    let report = sample::organization(&Names::default());
    check(&report);
    let mut book = book(&report);
    let findings = Table::of(&mut book, "Findings");
    let accepted = report.findings.iter().position(|finding| finding.exception.is_some()).unwrap();
    assert_eq!(findings.text(accepted, "Exception owner"), "web-team");
    let Data::DateTime(until) = findings.cell(accepted, "Exception until") else { panic!("no date") };
    assert_eq!(until.to_ymd_hms_milli(), (2026, 12, 31, 0, 0, 0, 0));
    let Data::DateTime(scanned) = findings.cell(0, "Scanned at") else { panic!("no date") };
    assert_eq!(scanned.to_ymd_hms_milli(), (2026, 3, 2, 9, 16, 12, 0));

    let controls = Table::of(&mut book, "Benchmarks");
    let all = || report.benchmarks.iter().flat_map(|benchmark| &benchmark.controls);
    assert_eq!(controls.rows(), all().count());
    for (row, control) in all().enumerate() {
        assert_eq!(controls.text(row, "Control"), control.id);
        assert_eq!(controls.text(row, "Section"), control.section);
        assert_eq!(controls.text(row, "Assessment"), control.assessment.as_str());
        let number = |title| controls.cell(row, title).as_i64().unwrap();
        let counts = ["Passed", "Failed", "Unknown"].map(number);
        let score = control.score;
        assert_eq!(
            counts.map(|count| u64::try_from(count).unwrap()),
            [score.passed, score.failed, score.unknown]
        );
    }

    let rules = Table::of(&mut book, "Rules");
    for (row, (id, rule)) in report.rules.iter().enumerate() {
        assert_eq!(rules.text(row, "Rule"), id.as_str());
        assert_eq!(rules.cell(row, "Failed").as_i64(), i64::try_from(rule.score.failed).ok());
    }
    let unread = Table::of(&mut book, "Not read");
    assert_eq!(unread.text(0, "Operation or thing"), "s3:GetBucketPolicy");
    assert_eq!(unread.text(0, "Permission to grant"), "s3:GetBucketPolicy");
    assert_eq!(unread.cell(0, "Verdicts unknown").as_i64(), Some(1));
    let exceptions = Table::of(&mut book, "Exceptions");
    assert_eq!((exceptions.rows(), exceptions.text(0, "Owner")), (2, "web-team".to_owned()));
    let scopes = Table::of(&mut book, "Scopes");
    assert_eq!(scopes.rows(), report.runs.len() + report.unscanned.len());
    assert_eq!(scopes.text(0, "Account"), "123456789012");
    assert_eq!(scopes.text(3, "Read as"), "left out by status SUSPENDED");

    let summary = book.worksheet_range("Summary").unwrap();
    let beside = |label: &str| {
        summary.rows().find(|row| row[0].get_string() == Some(label)).map(|row| row[1].clone()).unwrap()
    };
    assert_eq!(beside("Verdicts failed").as_i64(), i64::try_from(report.score.verdicts.failed).ok());
    assert_eq!(beside("Organization").to_string(), "o-exampleorgid");
    let percent = i32::try_from(report.score.verdicts.percent().unwrap()).unwrap();
    assert!((beside("Score").as_f64().unwrap() * 100.0 - f64::from(percent)).abs() < 0.01);
}

#[test]
fn the_same_report_makes_the_same_file() {
    let report = sample::organization(&Names::default());
    assert_eq!(bytes(&report, Format::Xlsx), bytes(&report, Format::Xlsx));
}

#[test]
fn a_text_that_no_cell_can_hold_is_cut_with_a_mark() {
    let mut report = sample::report(&Names::default());
    report.findings[0].message = "m".repeat(40_000).into();
    let message = Table::of(&mut book(&report), "Findings").text(0, "Message");
    assert_eq!((message.chars().count(), message.ends_with("m…")), (32_767, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_looks_like_a_formula_or_an_escape_reads_back(text in "[=+@_x0-9A-F<&\"'; \t-]{1,24}") {
        check(&hostile(&text));
    }
}
