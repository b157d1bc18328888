//! The formats that a report can take.

use crate::UnknownFormat;
use std::path::Path;
use std::{fmt, str::FromStr};

/// A form that a report can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// A page of text for people at a terminal.
    Terminal,
    /// The whole report as one JSON document.
    Json,
    /// A line of JSON for the run, then one for each finding.
    JsonLines,
    /// A row for each finding, for spreadsheets.
    Csv,
    /// An array of OCSF Compliance Finding events.
    Ocsf,
    /// SARIF 2.1.0, for code-scanning hosts.
    Sarif,
    /// JUnit XML, for build servers.
    Junit,
    /// One self-contained page for a browser.
    Html,
    /// A document to print or to hand to an auditor.
    Pdf,
    /// A workbook to filter and to pivot.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 10] = [
        Self::Terminal,
        Self::Json,
        Self::JsonLines,
        Self::Csv,
        Self::Ocsf,
        Self::Sarif,
        Self::Junit,
        Self::Html,
        Self::Pdf,
        Self::Xlsx,
    ];

    /// The word by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Ocsf => "ocsf",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
        }
    }

    /// The name of a file in this format, where nobody chose another.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Terminal => "report.txt",
            Self::Json => "findings.json",
            Self::JsonLines => "findings.jsonl",
            Self::Csv => "findings.csv",
            Self::Ocsf => "findings.ocsf.json",
            Self::Sarif => "findings.sarif",
            Self::Junit => "findings.junit.xml",
            Self::Html => "report.html",
            Self::Pdf => "report.pdf",
            Self::Xlsx => "findings.xlsx",
        }
    }

    /// Whether it is made of bytes that no terminal can show.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Pdf | Self::Xlsx)
    }

    /// The format that a file's name ends with, where it ends with one's name.
    pub fn of_file(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.parse().ok()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn every_format_reads_back_from_its_own_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
    }

    #[test]
    fn an_unknown_format_is_told_the_known_ones() {
        assert_eq!(
            "pdg\u{1b}".parse::<Format>().unwrap_err().to_string(),
            "`pdg\\u{1b}` is not a format; use one of terminal, json, jsonl, csv, ocsf, sarif, \
             junit, html, pdf, xlsx"
        );
    }

    #[test]
    fn a_file_name_tells_its_format() {
        let of = |name: &str| Format::of_file(std::path::Path::new(name));
        assert_eq!(of("out/Audit 2026.PDF"), Some(Format::Pdf));
        assert_eq!([of("report"), of("report.docx"), of(".pdf")], [None; 3]);
    }

    #[test]
    fn no_two_formats_share_a_file_name() {
        let names: std::collections::BTreeSet<_> = Format::ALL.map(Format::file_name).into();
        assert_eq!(names.len(), Format::ALL.len());
    }
}
