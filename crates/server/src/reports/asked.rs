//! What a report is asked to be, as an address says it.

use crate::error::PageError;
use crate::facts::Facts;
use crate::query::Query;
use crate::viewer::Visible;
use chrono::{DateTime, Utc};
use stance_model::Standing;
use stance_report::Format;
use stance_store::{Census, Scope};
use std::collections::BTreeSet;

/// The forms that a report can take, in the order in which they are offered.
pub(crate) const FORMATS: [Format; 5] = [Format::Pdf, Format::Html, Format::Xlsx, Format::Csv, Format::Json];

/// What a form is good for.
pub(crate) fn words(format: Format) -> &'static str {
    match format {
        Format::Pdf => "PDF: a document to hand to an auditor",
        Format::Html => "HTML: one page for a browser, which needs nothing else",
        Format::Xlsx => "XLSX: a workbook to filter and to pivot",
        Format::Csv => "CSV: a row for each finding",
        Format::Json => "JSON: all of it, for programs",
        other => other.name(),
    }
}

/// Which findings stand in the rows of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    All,
    Failed,
    Open,
    Excepted,
}

impl Status {
    pub(crate) const ALL: [Self; 4] = [Self::All, Self::Failed, Self::Open, Self::Excepted];

    /// As an address says it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Failed => "failed",
            Self::Open => "failed,unknown",
            Self::Excepted => "excepted",
        }
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed ones",
            Self::Open => "failed and unknown ones",
            Self::Excepted => "excepted ones",
        }
    }

    /// Whether a finding that counts so is among them.
    pub(crate) fn holds(self, standing: Standing) -> bool {
        match self {
            Self::All => true,
            Self::Failed => standing == Standing::Failing,
            Self::Open => matches!(standing, Standing::Failing | Standing::Unknown),
            Self::Excepted => standing == Standing::Excepted,
        }
    }
}

/// What a report is asked to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) format: Format,
    /// The benchmark's id; nothing where it is about all rules.
    pub(crate) benchmark: Option<String>,
    /// The accounts' ids; none where it is about all.
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) status: Status,
}

impl Asked {
    /// Reads an address.
    pub(crate) fn of(query: &Query, facts: &Facts) -> Result<Self, PageError> {
        let known = FORMATS.map(Format::name).join(", ");
        let asked = query
            .first("format")
            .ok_or_else(|| PageError::Bad(format!("say which form the report is to have: {known}")))?;
        let format = FORMATS.into_iter().find(|format| format.name() == asked).ok_or_else(|| {
            PageError::Bad(format!("`{asked}` is not a form of a report; use one of {known}"))
        })?;
        let benchmark = query.first("benchmark").map(str::to_owned);
        if let Some(id) = benchmark.as_deref().filter(|id| facts.benchmark(id).is_none()) {
            return Err(PageError::NotFound(format!("there is no benchmark `{id}`")));
        }
        let word = query.first("status").unwrap_or_default();
        let status = Status::ALL.into_iter().find(|status| status.key() == word).ok_or_else(|| {
            PageError::Bad(format!("`{word}` is not a choice of findings; choose one of the list"))
        })?;
        // where people read about it as a whole, a part of the findings would pass for all of them
        let status = if Self::has_rows(format) { status } else { Status::All };
        Ok(Self { format, benchmark, accounts: query.all("account").map(str::to_owned).collect(), status })
    }

    /// Whether a form is a table of findings in the first place.
    pub(crate) fn has_rows(format: Format) -> bool {
        matches!(format, Format::Csv | Format::Xlsx | Format::Json)
    }

    /// The accounts that it is about, of those that may be seen.
    pub(crate) fn scopes<'c>(
        &self,
        census: &'c Census,
        visible: &Visible,
    ) -> Result<Vec<&'c Scope>, PageError> {
        let seen = || census.scopes.values().filter(|scope| visible.holds(&scope.id));
        // whoever may not see one is told the same as of one that is not there
        let missing = self.accounts.iter().find(|id| !seen().any(|scope| scope.id.as_str() == **id));
        if let Some(id) = missing {
            return Err(PageError::NotFound(format!("there is no account `{id}`")));
        }
        let is_meant = |scope: &&Scope| self.accounts.is_empty() || self.accounts.contains(scope.id.as_str());
        Ok(seen().filter(is_meant).collect())
    }

    /// What the file is called.
    pub(crate) fn file_name(&self, now: DateTime<Utc>) -> String {
        let what = self.benchmark.as_deref().unwrap_or("all");
        // ids of benchmarks are plain; should one not be, the header stays whole
        let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "-_.".contains(*letter);
        let what: String = what.chars().filter(is_plain).collect();
        format!("stance-{what}-{}.{}", now.format("%Y-%m-%d"), self.format.name())
    }
}

/// What a file of a form is.
pub(crate) fn media_type(format: Format) -> &'static str {
    match format {
        Format::Pdf => "application/pdf",
        Format::Html => "text/html; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Csv => "text/csv; charset=utf-8",
        _ => "application/json; charset=utf-8",
    }
}
