//! Findings: chosen by anything, grouped, sorted, page by page.

use super::alerts::may_write;
use super::layout::{Part, empty, page};
use crate::Console;
use crate::api::export::Export;
use crate::dimension::{Dimension, STANDINGS, standing_key, standing_word};
use crate::error::{PageError, PageResult};
use crate::facts::Facts;
use crate::filter::{Filter, Sort};
use crate::grouping::{Group, dimensions, groups};
use crate::parts::pager::{PAGE, pager, position};
use crate::parts::score::{bar, count, counted};
use crate::parts::{tag, time};
use crate::query::Query;
use crate::viewer::{Viewer, Visible};
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_model::{ScoreBreakdown, Severity};
use stance_store::{Cell, Census, FindingRow, Page};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values that a filter offers; what is rarer can be written into the address.
const OFFERED: usize = 200;
/// Groups within a group that are shown.
const SHOWN: usize = 100;

/// What a page of findings shows.
struct Told {
    census: Arc<Census>,
    visible: Visible,
    page: Page,
    groups: Vec<Group>,
    score: ScoreBreakdown,
    offered: BTreeMap<Dimension, Vec<(String, String)>>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let now = console.now();
    let filter = Filter::of(&query, &viewer, now).map_err(PageError::Bad)?;
    let from = position(&query).map_err(PageError::Bad)?;
    let by = dimensions(&query);
    let (wanted, asked, grouped) = (filter.clone(), query.clone(), by.clone());
    let visible = viewer.visible.clone();
    let told = console
        .ask(move |store, facts, census| {
            let mut cells = wanted.cells(census, facts, &visible);
            let mut score = ScoreBreakdown::default();
            for cell in &cells {
                score.add(cell.standing, cell.findings);
            }
            let seen = Filter::default().cells(census, facts, &visible);
            let groups = groups(&cells, &grouped, census, facts);
            let page = if grouped.is_empty() {
                Sort::of(&asked).apply(&mut cells, census);
                store.findings(census, &cells, &wanted.constraints, from, PAGE)?
            } else {
                Page { findings: Vec::new(), total: None, next: None }
            };
            let offered = offered(&seen, census, facts, &visible);
            Ok(Told { census: Arc::clone(census), visible, page, groups, score, offered })
        })
        .await?;
    let facts = console.facts();
    let content = html! {
        header.title {
            h1 { "Findings" }
            p.soft { (summary(&told.score)) }
            (exports(&query))
            @if may_write(&viewer) { p.soft { a href=(alert(&query)) { "Make an alert of this" } } }
        }
        (form(&query, &by, &told.offered))
        (chips(&query, &filter, &told.census, facts, &told.visible))
        @if by.is_empty() {
            (table(&told, facts, now))
            @if !told.page.findings.is_empty() || told.page.next.is_some() {
                (pager("/findings", &query, from, told.page.findings.len() as u64, told.page.total, told.page.next))
            }
        } @else {
            (group_table(&told, &by, &query, facts))
        }
    };
    Ok(page(Part::Findings, "Findings", &viewer, &content))
}

/// Ways to take what is shown along.
fn exports(query: &Query) -> Markup {
    html! {
        p.soft { "Save as"
            @for export in Export::ALL { " " a href=(query.address(export.path())) download { (export.title()) } }
        }
    }
}

/// The address at which an alert is made of what is chosen.
fn alert(query: &Query) -> String {
    let chosen = query.address("");
    Query::default().with("filter", chosen.trim_start_matches('?')).address("/alerts/new")
}

fn summary(score: &ScoreBreakdown) -> String {
    let all = score.passed + score.failed + score.unknown + score.excepted;
    format!(
        "{}: {} failed, {} unknown, {} passed, {} excepted",
        counted(all, "finding", "findings"),
        count(score.failed),
        count(score.unknown),
        count(score.passed),
        count(score.excepted),
    )
}

/// What can be chosen: values that are there, with the words that people read.
fn offered(
    cells: &[&Cell],
    census: &Census,
    facts: &Facts,
    visible: &Visible,
) -> BTreeMap<Dimension, Vec<(String, String)>> {
    let mut offered = BTreeMap::new();
    for dimension in [
        Dimension::Account,
        Dimension::Unit,
        Dimension::Region,
        Dimension::Service,
        Dimension::Type,
        Dimension::Category,
    ] {
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        let scopes = census.scopes.values();
        if dimension.is_of_scope() {
            let seen: std::collections::HashSet<i64> = cells.iter().map(|cell| cell.scope).collect();
            for scope in scopes.filter(|scope| seen.contains(&scope.number)) {
                for value in dimension.of_scope(scope) {
                    let shown = dimension.show(&value, census, facts, visible).into_owned();
                    values.insert(value, shown);
                }
            }
        } else if dimension == Dimension::Region {
            values.extend(cells.iter().map(|cell| (cell.region.to_string(), cell.region.to_string())));
        } else {
            let rules: std::collections::HashSet<_> = cells.iter().map(|cell| &cell.rule).collect();
            for value in rules.into_iter().flat_map(|rule| dimension.of_rule(rule, facts, &census.settings)) {
                values.insert(value.clone(), value);
            }
        }
        let mut values: Vec<(String, String)> = values.into_iter().collect();
        values.sort_by(|left, right| left.1.cmp(&right.1));
        values.truncate(OFFERED);
        offered.insert(dimension, values);
    }
    let benchmarks = facts.benchmarks().into_iter();
    offered.insert(
        Dimension::Benchmark,
        benchmarks.map(|benchmark| (benchmark.id.clone(), benchmark.title.clone())).collect(),
    );
    offered
}

/// The form that changes the address.
fn form(query: &Query, by: &[Dimension], offered: &BTreeMap<Dimension, Vec<(String, String)>>) -> Markup {
    let select = |name: &str, title: &str, all: &str, values: &[(String, String)]| {
        let chosen = query.first(name);
        html! {
            label { span { (title) }
                select name=(name) {
                    option value="" { (all) }
                    @for (value, shown) in values {
                        option value=(value) selected[chosen == Some(value.as_str())] { (shown) }
                    }
                    // what the address asks for stays, even if it is several or none of these
                    @if let Some(chosen) = chosen.filter(|chosen| !values.iter().any(|(value, _)| value == chosen)) {
                        option value=(chosen) selected { (chosen) }
                    }
                }
            }
        }
    };
    let standings: Vec<(String, String)> =
        STANDINGS.map(|held| (standing_key(held).to_owned(), standing_word(held).to_owned())).into();
    let severities: Vec<(String, String)> =
        Severity::WORST_FIRST.map(|held| (held.as_str().to_owned(), held.as_str().to_owned())).into();
    let sorts: Vec<(String, String)> =
        Sort::ALL.map(|held| (held.key().to_owned(), held.key().to_owned())).into();
    let times: Vec<(String, String)> = [("1d", "last day"), ("7d", "last 7 days"), ("30d", "last 30 days")]
        .map(|(value, shown)| (value.to_owned(), shown.to_owned()))
        .into();
    // what has no field of its own is kept
    let fields = ["q", "tag", "status", "severity", "group", "sort", "since", "first_seen", "from", "after"];
    let kept = query.pairs().filter(|(name, value)| {
        let has_field = Dimension::of(name).is_some_and(|dimension| offered.contains_key(&dimension));
        !fields.contains(name) && !has_field && !value.is_empty()
    });
    html! {
        form.filters method="get" action="/findings" role="search" {
            label.wide { span { "Search" }
                input type="search" name="q" value=[query.first("q")] placeholder="words of a name or id";
            }
            (select("status", "Status", "any", &standings))
            (select("severity", "Severity", "any", &severities))
            @for dimension in [Dimension::Account, Dimension::Service, Dimension::Region] {
                @if let Some(values) = offered.get(&dimension) {
                    (select(dimension.key(), dimension.title(), "any", values))
                }
            }
            details open[is_more_chosen(query)] {
                summary { "More" }
                div.filters {
                    @for dimension in [Dimension::Unit, Dimension::Type, Dimension::Category, Dimension::Benchmark] {
                        @if let Some(values) = offered.get(&dimension).filter(|values| !values.is_empty()) {
                            (select(dimension.key(), dimension.title(), "any", values))
                        }
                    }
                    label { span { "Resource tag" } input name="tag" value=[query.first("tag")] placeholder="key=value"; }
                    (select("first_seen", "First seen", "any time", &times))
                    (select("since", "Changed", "any time", &times))
                    @for (place, title) in ["Group by", "then by", "then by"].into_iter().enumerate() {
                        (group_field(title, by.get(place).copied()))
                    }
                    (select("sort", "Sort by", "severity", sorts.get(1..).unwrap_or_default()))
                }
            }
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            div.buttons { button type="submit" { "Show" } a href="/findings" { "Clear" } }
        }
    }
}

fn group_field(title: &str, chosen: Option<Dimension>) -> Markup {
    html! {
        label { span { (title) }
            select name="group" {
                option value="" { "nothing" }
                @for dimension in Dimension::ALL {
                    option value=(dimension.key()) selected[chosen == Some(dimension)] { (dimension.title().to_lowercase()) }
                }
            }
        }
    }
}

fn is_more_chosen(query: &Query) -> bool {
    ["unit", "type", "category", "benchmark", "tag", "first_seen", "since", "group", "sort"]
        .iter()
        .any(|name| query.first(name).is_some())
}

/// What is chosen, each with a way to drop it.
fn chips(query: &Query, filter: &Filter, census: &Census, facts: &Facts, visible: &Visible) -> Markup {
    let start = query.clone().without("from").without("after");
    let others = [
        ("q", "Search"),
        ("tag", "Tag"),
        ("resource", "Resource"),
        ("exception", "Exception"),
        ("assigned", "Assigned"),
        ("first_seen", "First seen"),
        ("since", "Changed"),
    ];
    html! {
        ul.chips {
            @for (dimension, values) in &filter.wanted {
                @for value in values {
                    @let rest = values.iter().filter(|other| *other != value).cloned().collect::<Vec<_>>();
                    @let query = rest.into_iter().fold(start.clone().without(dimension.key()), |query, value| {
                        query.with(dimension.key(), value)
                    });
                    li { (dimension.title()) ": " b { (dimension.show(value, census, facts, visible)) }
                        a href=(query.address("/findings")) aria-label={ "drop " (dimension.title()) " " (value) } { "×" } }
                }
            }
            @for (name, title) in others {
                @if let Some(value) = query.first(name) {
                    li { (title) ": " b { (value) }
                        a href=(start.clone().without(name).address("/findings")) aria-label={ "drop " (title) } { "×" } }
                }
            }
        }
    }
}

fn table(told: &Told, facts: &Facts, now: DateTime<Utc>) -> Markup {
    if told.page.findings.is_empty() {
        return empty(
            "No finding is like that",
            &html! { "Drop a part of the filter, or " a href="/findings" { "look at all of them" } "." },
        );
    }
    html! {
        div.scroll { table.findings {
            thead { tr {
                th { "Status" } th { "Severity" } th { "Finding" } th { "Resource" } th { "Account" } th { "Region" }
                th { "Since" }
            } }
            tbody { @for finding in &told.page.findings { (line(finding, &told.census, facts, now)) } }
        } }
    }
}

/// A finding in a table.
pub(crate) fn line(finding: &FindingRow, census: &Census, facts: &Facts, now: DateTime<Utc>) -> Markup {
    let href = format!("/findings/{}", finding.id);
    html! {
        tr data-href=(href) {
            td { (tag::standing(finding.standing)) }
            td { (tag::severity(finding.severity)) }
            td { a href=(href) { (facts.title(finding.rule.as_str())) }
                @if let Some(key) = &finding.sub_key { div.soft.name { (key) } } }
            td.name { (finding.resource_name) div.soft { (finding.resource_type) } }
            td { @if let Some(scope) = census.scope(finding.scope) { (scope.name()) } }
            td.short { (finding.region) }
            td { (time::ago(finding.since, now)) }
        }
    }
}

fn group_table(told: &Told, by: &[Dimension], query: &Query, facts: &Facts) -> Markup {
    if told.groups.is_empty() {
        return empty("No finding is like that", &html! { a href="/findings" { "Look at all of them" } "." });
    }
    html! {
        div.scroll { table {
            thead { tr {
                th { (by.iter().map(|dimension| dimension.title()).collect::<Vec<_>>().join(" › ")) }
                th { "Worst" } th.bars { "Verdicts" } th.n { "Failed" } th.n { "All" }
            } }
            tbody { (group_rows(&told.groups, by, 0, &query.clone().without("group"), told, facts)) }
        } }
    }
}

fn group_rows(
    groups: &[Group],
    by: &[Dimension],
    depth: usize,
    query: &Query,
    told: &Told,
    facts: &Facts,
) -> Markup {
    let Some(dimension) = by.get(depth) else { return html! {} };
    html! {
        @for group in groups.iter().take(SHOWN) {
            @let inner = query.clone().set(dimension.key(), group.value.as_str());
            @let score = &group.score;
            tr class={ "depth-" (depth) } {
                th scope="row" { a href=(inner.address("/findings")) { (dimension.show(&group.value, &told.census, facts, &told.visible)) } }
                td { @if let Some(worst) = group.worst { (tag::severity(worst)) } }
                td.bars { (bar(score)) }
                td.n { (count(score.failed)) }
                td.n { (count(score.failed + score.unknown + score.passed + score.excepted)) }
            }
            (group_rows(&group.within, by, depth + 1, &inner, told, facts))
        }
        @if groups.len() > SHOWN {
            tr { td colspan="5" { "and " (count((groups.len() - SHOWN) as u64)) " more; choose more narrowly to see them" } }
        }
    }
}
