//! The fields of a form that says which findings are accepted, and why.

use crate::error::{PageError, PageResult};
use crate::query::Query;
use chrono::NaiveDate;
use maud::{Markup, html};
use stance_exceptions::{Criteria, Exception, Pattern};

/// What a form says; what a file could say beside it is kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    rule: String,
    account: String,
    region: String,
    resource: String,
    tag: String,
    reason: String,
    owner: String,
    until: String,
}

impl Fields {
    /// What the form of a page sent.
    pub(crate) fn sent(form: &Query) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            rule: text("rule"),
            account: text("account"),
            region: text("region"),
            resource: text("resource"),
            tag: text("tag"),
            reason: text("reason"),
            owner: text("owner"),
            until: text("until"),
        }
    }

    /// What an address asks to be filled in; nothing where it asks for nothing.
    pub(crate) fn asked(query: &Query) -> Option<Self> {
        let asked = Self::sent(query);
        (asked != Self::default()).then_some(asked)
    }

    /// What an exception says.
    pub(crate) fn of(exception: &Exception) -> Self {
        let lines =
            |patterns: &[Pattern]| patterns.iter().map(Pattern::as_str).collect::<Vec<_>>().join("\n");
        let covers = &exception.covers;
        Self {
            rule: lines(&covers.rule),
            account: lines(&covers.account),
            region: lines(&covers.region),
            resource: lines(&covers.resource),
            tag: lines(&covers.tag),
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            until: exception.until.map(|until| until.to_string()).unwrap_or_default(),
        }
    }

    /// What is to be accepted, with what another exception says beyond the fields.
    pub(crate) fn exception(&self, other: Option<&Exception>) -> PageResult<Exception> {
        let other = other.cloned().unwrap_or_default();
        let covers = Criteria {
            rule: patterns(&self.rule)?,
            account: patterns(&self.account)?,
            region: patterns(&self.region)?,
            resource: patterns(&self.resource)?,
            tag: patterns(&self.tag)?,
            ..other.covers
        };
        Ok(Exception {
            covers,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: read_until(&self.until)?,
            ..other
        })
    }

    /// The fields to fill in; `owner` is who answers for it unless they say otherwise.
    pub(crate) fn form(&self, owner: &str) -> Markup {
        let owner = if self.owner.is_empty() { owner } else { &self.owner };
        let several = |name: &str, title: &str, value: &str| {
            html! {
                label { span { (title) }
                    textarea name=(name) rows=(value.lines().count().clamp(1, 6)) spellcheck="false" { (value) }
                }
            }
        };
        html! {
            (several("rule", "Rules by id, one a line; * stands for anything", &self.rule))
            (several("account", "Accounts, one a line", &self.account))
            (several("region", "Regions, one a line", &self.region))
            (several("resource", "Resources by name or id, one a line; * stands for anything, /…/ is an expression", &self.resource))
            (several("tag", "Tags, key or key=value, one a line", &self.tag))
            p.soft { "What is filled in must all fit; of several lines, one." }
            (why(&self.reason))
            label { span { "Owner: who answers for it" } input name="owner" value=(owner) maxlength="200" required; }
            (last_day(&self.until))
        }
    }
}

/// The field for the reason.
pub(crate) fn why(reason: &str) -> Markup {
    html! { label { span { "Reason" } textarea name="reason" rows="3" maxlength="2000" required { (reason) } } }
}

/// The field for the last day.
pub(crate) fn last_day(until: &str) -> Markup {
    html! { label { span { "Last day (UTC); without one it holds until somebody ends it" } input type="date" name="until" value=(until); } }
}

/// The last day that a form says.
pub(crate) fn read_until(text: &str) -> PageResult<Option<NaiveDate>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse();
    day.map(Some).map_err(|_| PageError::Bad(format!("`{text}` is not a day; write it as 2026-12-31")))
}

fn patterns(text: &str) -> PageResult<Vec<Pattern>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.parse::<Pattern>().map_err(|error| PageError::Bad(error.to_string()))).collect()
}

/// What criteria name, field by field.
pub(super) fn named(criteria: &Criteria) -> Vec<(&'static str, Vec<String>)> {
    let texts = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut named = vec![
        ("finding", criteria.finding.iter().map(ToString::to_string).collect()),
        ("rule", texts(&criteria.rule)),
        ("service", texts(&criteria.service)),
        ("resource", texts(&criteria.resource)),
        ("tag", texts(&criteria.tag)),
        ("every tag", texts(&criteria.every_tag)),
        ("account", texts(&criteria.account)),
        ("region", texts(&criteria.region)),
    ];
    named.retain(|(_, values)| !values.is_empty());
    named
}

/// Criteria in a line.
pub(super) fn summary(criteria: &Criteria) -> String {
    const SHOWN: usize = 3;
    let of_field = |(field, values): &(&str, Vec<String>)| {
        let shown = values.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = values.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{field} {shown}{more}")
    };
    named(criteria).iter().map(of_field).collect::<Vec<_>>().join("; ")
}
