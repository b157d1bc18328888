//! A finding: what is wrong, how that is known, how to mend it, and its history.

use super::alerts::may_write;
use super::finding_acts::Acts;
use super::layout::{Part, page};
use crate::Console;
use crate::error::{PageError, PageResult};
use crate::facts::Facts;
use crate::parts::prose::prose;
use crate::parts::{tag, time};
use crate::query::{Query, segment};
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::Value;
use stance_model::{
    Finding, FindingId, Remediation, ResourceReference, ScopeId, Standing, UnknownCause, VerdictStatus,
};
use stance_report::remediation::fill_all;
use stance_store::{
    Configuration, Constraints, FindingDetail, FindingRow, KeptAttribute, Position, Said, Scope, StoreError,
};
use std::sync::Arc;

/// Other findings of the resource that are shown.
const RELATED: u64 = 12;

struct Told {
    detail: FindingDetail,
    scope: Scope,
    related: Vec<FindingRow>,
    acts: Acts,
}

pub(crate) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let now = console.now();
    let (visible, looking) = (viewer.visible.clone(), viewer.clone());
    let missing = || StoreError::Missing { what: "finding", name: id.clone() };
    let asked = id.clone();
    let told = console
        .ask(move |store, _, census| {
            let detail = store.finding(census, &asked, |scope| visible.holds_numbered(scope, census))?;
            let scope = census.scope(detail.row.scope).cloned();
            let Some(scope) = scope else { return Ok(None) };
            let mut cells: Vec<_> = census
                .cells
                .iter()
                .filter(|cell| cell.scope == scope.number && cell.standing == Standing::Failing)
                .collect();
            crate::filter::Sort::Severity.apply(&mut cells, census);
            let of_resource = Constraints { resource: Some(detail.row.resource), ..Constraints::default() };
            let page = store.findings(census, &cells, &of_resource, Position::Start, RELATED + 1)?;
            let related = page.findings.into_iter().filter(|row| row.id != detail.row.id).collect();
            let acts = Acts::of(store, &detail.row, &scope, &looking)?;
            Ok(Some(Told { detail, scope, related, acts }))
        })
        .await?
        // whoever may not see it is not told that it is there
        .ok_or_else(|| PageError::from(missing()))?;
    let title = console.facts().title(told.detail.row.rule.as_str()).to_owned();
    Ok(page(Part::Findings, &title, &viewer, &content(&told, console.facts(), &viewer, now)))
}

fn content(told: &Told, facts: &Facts, viewer: &Viewer, now: DateTime<Utc>) -> Markup {
    let may_write = may_write(viewer);
    let row = &told.detail.row;
    let rule = facts.rule(row.rule.as_str());
    let said = told.detail.said.as_ref();
    html! {
        nav.crumbs aria-label="Path" { a href="/findings" { "Findings" } " › " span { (row.resource_name) } }
        header.title {
            p.tags { (tag::status(row.status, row.standing == Standing::Excepted)) (tag::severity(row.severity)) }
            h1 { (facts.title(row.rule.as_str())) }
            @if let Some(said) = said { p.message { (prose(&said.message)) } }
        }
        dl.facts {
            dt { "Resource" } dd.name {
                a href={ "/assets/" (row.resource) } { (row.resource_name) }
                @if let Some(key) = &row.sub_key { " › " (key) }
            }
            dt { "Type" } dd { (row.resource_type) }
            dt { "Id" } dd.name { (row.resource_id) }
            dt { "Account" } dd {
                a href=(Query::default().set("account", told.scope.id.as_str()).address("/findings")) { (told.scope.name()) }
                @if told.scope.details.name.is_some() { " " span.soft { (told.scope.id) } }
                @if !told.scope.details.path.is_empty() { div.soft { (told.scope.details.path_text()) } }
            }
            dt { "Region" } dd { (row.region) }
            dt { "First seen" } dd { (time::ago(row.first_seen, now)) }
            dt { "Like this since" } dd { (time::ago(row.since, now)) }
            dt { "Last seen" } dd {
                (time::ago(row.last_seen, now))
                @if row.reopened > 0 { "; came back " (row.reopened) @if row.reopened == 1 { " time" } @else { " times" } " after it was mended" }
            }
            (told.acts.assignee())
        }
        @if let Some(exception) = said.and_then(|said| said.exception.as_ref()) {
            p.notice { "Accepted by " b { (exception.owner) } ": " (exception.reason)
                @if let Some(until) = exception.until { ", until " (until) } "." (told.acts.exception()) }
        }
        (told.acts.show(row, viewer, now))
        @if let Some(said) = said { (evidence(said)) }
        @if let Some(rule) = rule {
            section {
                h2 { "What is wrong, and why it matters" }
                @for paragraph in rule.text.rationale.trim().split("\n\n") { p { (prose(paragraph)) } }
                @if let Some(reason) = &rule.text.severity_reason { p.soft { (prose(reason)) } }
            }
            (remedy(&rule.text.remediation, told))
            @if !rule.text.references.is_empty() {
                section {
                    h2 { "Read on" }
                    ul { @for link in &rule.text.references { li { (reference(link)) } } }
                }
            }
        }
        (history(told))
        @if let Some(configuration) = &told.detail.configuration { (configured(configuration, said)) }
        (places(row, facts))
        @if !told.related.is_empty() {
            section {
                h2 { "Also failing on this resource" }
                ul.lines { @for other in &told.related {
                    li { (tag::severity(other.severity)) " " a href={ "/findings/" (other.id) } { (facts.title(other.rule.as_str())) } }
                } }
            }
        }
        p { a href={ "/rules/" (segment(row.rule.as_str())) } { "The rule, and what else it says" } }
        @if may_write {
            @let this = Query::default().with("rule", row.rule.as_str()).with("resource", row.resource.to_string());
            @let filter = this.address("");
            p { a href=(Query::default().with("filter", filter.trim_start_matches('?')).address("/alerts/new")) { "Make an alert of this" } }
        }
    }
}

/// A link, if it leads to a page of the web; the text otherwise.
pub(crate) fn reference(link: &str) -> Markup {
    html! {
        @if link.starts_with("https://") { a href=(link) rel="noreferrer" { (link) } } @else { (link) }
    }
}

fn evidence(said: &Said) -> Markup {
    html! {
        section {
            h2 { "How it is known" }
            @if !said.causes.is_empty() {
                ul.causes { @for cause in &said.causes { li { (cause_text(cause)) } } }
            }
            @if !said.evidence.is_empty() {
                div.scroll { table {
                    thead { tr { th { "Value" } th { "Stood at" } th { "Told by" } } }
                    tbody { @for value in &said.evidence {
                        tr {
                            td { (json(&value.value)) }
                            td { code { (value.path) } }
                            td { code { (value.operation) } }
                        }
                    } }
                } }
            }
            @if said.evidence.is_empty() && said.causes.is_empty() {
                p.soft { "The rule is about what is not there; no single value decided." }
            }
        }
    }
}

fn cause_text(cause: &UnknownCause) -> Markup {
    match cause {
        UnknownCause::Unreadable { what, failure } => html! {
            (what) " could not be read: " code { (failure.operation) } " answered " code { (failure.code) }
            @if !failure.message.is_empty() { " – " span.soft { (failure.message) } }
            @if !failure.permissions.is_empty() {
                "; grant " @for (index, permission) in failure.permissions.iter().enumerate() {
                    @if index > 0 { ", " } code { (permission) }
                }
            }
        },
        other => html! { (other.to_string()) },
    }
}

/// A value, short ones in a line.
fn json(value: &Value) -> Markup {
    match value {
        Value::Null => html! { em.soft { "nothing: the provider said that there is none" } },
        Value::Array(_) | Value::Object(_) => {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            html! { pre { (text) } }
        }
        other => html! { code { (other.to_string()) } },
    }
}

fn remedy(remediation: &Remediation, told: &Told) -> Markup {
    let filled = fill_all(remediation, &as_finding(&told.detail.row, &told.scope));
    html! {
        section {
            h2 { "How to mend it" }
            p { (prose(&filled.text)) }
            @for (title, text, is_command) in [
                ("Command line", &filled.cli, true), ("Terraform", &filled.terraform, true), ("Console", &filled.console, false),
            ] {
                @if let Some(text) = text {
                    h3 { (title) }
                    @if is_command { pre.command { code { (text.trim()) } } } @else { p { (prose(text)) } }
                }
            }
        }
    }
}

/// The id by which reports know a finding.
pub(crate) fn finding_id(row: &FindingRow, scope: &Scope) -> FindingId {
    FindingId::of(row.rule.as_str(), scope.id.as_str(), &row.resource_id, row.sub_key.as_deref())
}

/// The finding as reports know it: what fills names into commands takes it.
pub(crate) fn as_finding(row: &FindingRow, scope: &Scope) -> Finding {
    Finding {
        id: finding_id(row, scope),
        rule: row.rule.clone(),
        status: row.status.unwrap_or(VerdictStatus::NotApplicable),
        severity: row.severity,
        resource: ResourceReference {
            id: row.resource_id.as_str().into(),
            resource_type: row.resource_type.clone(),
            name: row.resource_name.clone(),
            region: row.region.clone(),
            scope: ScopeId::from(scope.id.as_str()),
            provider: scope.provider,
        }
        .into(),
        scope_details: Arc::new(scope.details.clone()),
        sub_key: row.sub_key.clone(),
        message: String::new().into(),
        exception: None,
        evidence: Vec::new().into(),
        causes: Vec::new(),
        controls: Arc::new([]),
    }
}

fn history(told: &Told) -> Markup {
    html! {
        section {
            h2 { "History" }
            ol.history { @for period in told.detail.periods.iter().rev() {
                li {
                    (tag::status(period.status, period.is_excepted)) " from " (time::moment(period.from))
                    @match period.to { Some(to) => { " until " (time::moment(to)) }, None => { " until now" } }
                }
            } }
        }
    }
}

fn configured(configuration: &Configuration, said: Option<&Said>) -> Markup {
    let decided: Vec<&str> = said
        .iter()
        .flat_map(|said| &said.evidence)
        .map(|evidence| evidence.path.split(['.', '[']).next().unwrap_or_default())
        .collect();
    html! {
        section {
            h2 { "Configuration" }
            (fields(configuration, &decided))
        }
    }
}

/// What was read of a resource, a part at a time; parts that decided stand open and are marked.
pub(crate) fn fields(configuration: &Configuration, decided: &[&str]) -> Markup {
    let own = Value::Object(configuration.fields.clone());
    let is_own = decided.iter().any(|name| configuration.fields.contains_key(*name));
    let attribute = |name: &String, attribute: &KeptAttribute| {
        use stance_model::AttributeState::{Absent, Known, Unreadable};
        html! {
            details.part open[decided.contains(&name.as_str())] {
                summary {
                    span { (name) @if decided.contains(&name.as_str()) { " " mark { "decided" } } }
                    code { (attribute.operation) }
                }
                @match &attribute.state {
                    Known { value } => (json(value)),
                    Absent => { p.soft { "The provider said that there is none." } },
                    Unreadable { failure } => { p { "It could not be read: " code { (failure.code) } } },
                }
            }
        }
    };
    html! {
        details.part open[is_own] {
            summary { span { "As listed" @if is_own { " " mark { "decided" } } } code { (configuration.listed_by) } }
            (json(&own))
        }
        @for (name, value) in &configuration.attributes { (attribute(name, value)) }
    }
}

fn places(row: &FindingRow, facts: &Facts) -> Markup {
    let places = facts.places(row.rule.as_str());
    let mut featured: Vec<_> =
        places.iter().filter_map(|place| Some((facts.benchmark(&place.benchmark)?, place))).collect();
    featured.sort_by_key(|(benchmark, _)| (!benchmark.featured, benchmark.title.as_str()));
    html! {
        @if !featured.is_empty() {
            section {
                h2 { "Benchmarks that it touches" }
                details.part {
                    summary { span { (featured.len()) " controls" } }
                    ul.lines { @for (benchmark, place) in &featured {
                        li { a href={ "/benchmarks/" (segment(&benchmark.id)) "#" (segment(&place.control)) } { (benchmark.title) " " (place.control) } }
                    } }
                }
            }
        }
    }
}
