//! When the provider stops to support versions: runtimes, engines, platforms.

use serde::Deserialize;
use std::collections::BTreeMap;

/// When support ends, by kind of thing (`lambda-runtime`) and version.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct SupportDates {
    kinds: BTreeMap<String, SupportTable>,
}

/// The versions of one kind of thing.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct SupportTable {
    /// The page of the provider that tells the dates.
    source: String,
    /// The day on which the page was looked at.
    as_of: String,
    /// How a version finds its entry.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// The last day of standard support as `2026-01-31` by version, or `none` where no day is named yet.
    versions: BTreeMap<String, String>,
}

/// How a version finds its entry in a table.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Matching {
    /// It is the entry.
    #[default]
    Exact,
    /// It is the longest entry that it begins with, part by part: `5.7.44` is a `5.7`.
    Beginning,
}

/// What is known of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SupportEnd<'t> {
    /// Support ends, or ended, on that day.
    On(&'t str),
    /// No day is named yet.
    NotNamed,
    /// The table does not know the version.
    UnknownVersion,
    /// There is no such table.
    UnknownKind,
}

impl SupportDates {
    /// When support of a version ends.
    pub fn end(&self, kind: &str, version: &str) -> SupportEnd<'_> {
        let Some(table) = self.kinds.get(kind) else { return SupportEnd::UnknownKind };
        let mut candidate = version;
        loop {
            match table.versions.get(candidate).map(String::as_str) {
                Some("none") => return SupportEnd::NotNamed,
                Some(day) => return SupportEnd::On(day),
                None => {}
            }
            if table.matching == Matching::Exact {
                return SupportEnd::UnknownVersion;
            }
            let Some(cut) = candidate.rfind(['.', '-', '_']) else { return SupportEnd::UnknownVersion };
            candidate = candidate.get(..cut).unwrap_or_default();
        }
    }

    /// Whether there is a table of that name.
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// The page and the day that a table's dates were taken from.
    pub fn origin(&self, kind: &str) -> Option<(&str, &str)> {
        self.kinds.get(kind).map(|table| (table.source.as_str(), table.as_of.as_str()))
    }

    /// The names of the tables.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Versions whose date is no date, for the checks.
    pub(crate) fn malformed(&self) -> Vec<String> {
        let is_date =
            |text: &str| text == "none" || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
        self.kinds
            .iter()
            .flat_map(|(kind, table)| table.versions.iter().map(move |(version, day)| (kind, version, day)))
            .filter(|(_, _, day)| !is_date(day))
            .map(|(kind, version, day)| {
                format!("`{kind}`: `{day}` of `{version}` is no day like 2026-01-31, nor `none`")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates() -> SupportDates {
        serde_json::from_value(serde_json::json!({
            "engine": {
                "source": "https://example.com", "as_of": "2026-01-01", "match": "beginning",
                "versions": { "5.7": "2024-02-29", "8.0": "none", "8.0.1": "2025-01-01" },
            },
            "exact": { "source": "https://example.com", "as_of": "2026-01-01", "versions": { "5.7": "2024-02-29" } },
        }))
        .unwrap()
    }

    #[test]
    fn a_version_finds_its_entry_as_the_table_says() {
        let dates = dates();
        assert_eq!(dates.end("engine", "5.7.44"), SupportEnd::On("2024-02-29"));
        assert_eq!(dates.end("engine", "8.0.1.rds.2"), SupportEnd::On("2025-01-01"));
        assert_eq!(dates.end("engine", "8.0.36"), SupportEnd::NotNamed);
        assert_eq!(dates.end("engine", "5.70"), SupportEnd::UnknownVersion);
        assert_eq!(dates.end("exact", "5.7"), SupportEnd::On("2024-02-29"));
        assert_eq!(dates.end("exact", "5.7.1"), SupportEnd::UnknownVersion);
        assert_eq!(dates.end("motor", "5.7"), SupportEnd::UnknownKind);
    }
}
