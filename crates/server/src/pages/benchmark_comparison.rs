//! Two versions of a benchmark beside each other: controls that came, went, or ask other rules, and how each version
//! stands here.

use super::layout::{Part, page};
use super::overview::{benchmark_result, rule_scores};
use crate::Console;
use crate::error::{PageError, PageResult};
use crate::filter::Filter;
use crate::parts::score::{bar, counted, percent};
use crate::query::{Query, segment};
use crate::viewer::Viewer;
use axum::extract::{Path, RawQuery, State};
use maud::{Markup, html};
use stance_catalog::{Benchmark, Control};
use stance_model::{BenchmarkResult, RuleId};
use std::collections::BTreeSet;

/// Whether two controls are the same one.
type Likeness<'f> = &'f dyn Fn(&Control, &Control) -> bool;

/// What became of controls between two versions.
struct Comparison<'b> {
    /// Those that only the later one has.
    added: Vec<&'b Control>,
    /// Those that only the earlier one has.
    removed: Vec<&'b Control>,
    /// Those that both have, and that ask other rules: as it was, and as it is.
    changed: Vec<(&'b Control, &'b Control)>,
    /// Those that both have with the same rules, under another number.
    renumbered: Vec<(&'b Control, &'b Control)>,
    /// How many both have with the same rules and number.
    same: usize,
}

impl<'b> Comparison<'b> {
    /// Numbers shift between versions, so titles are asked first; then numbers, where a rule is shared.
    fn of(from: &'b Benchmark, to: &'b Benchmark) -> Self {
        let mut left: Vec<&Control> = from.controls().collect();
        let mut pairs: Vec<(Option<&Control>, &Control)> =
            to.controls().map(|control| (None, control)).collect();
        let is_titled = |old: &Control, new: &Control| old.title.eq_ignore_ascii_case(&new.title);
        let is_numbered = |old: &Control, new: &Control| {
            old.id == new.id && old.rules.iter().any(|rule| new.rules.contains(rule))
        };
        let ways: [Likeness<'_>; 2] = [&is_titled, &is_numbered];
        for is_same in ways {
            for (old, new) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
                if let Some(place) = left.iter().position(|held| is_same(held, new)) {
                    *old = Some(left.remove(place));
                }
            }
        }
        let mut told =
            Self { added: Vec::new(), removed: left, changed: Vec::new(), renumbered: Vec::new(), same: 0 };
        for (old, new) in pairs {
            match old {
                None => told.added.push(new),
                Some(old) if rules(old) != rules(new) => told.changed.push((old, new)),
                Some(old) if old.id != new.id => told.renumbered.push((old, new)),
                Some(_) => told.same += 1,
            }
        }
        told
    }
}

fn rules(control: &Control) -> BTreeSet<&RuleId> {
    control.rules.iter().collect()
}

/// What the versions of a benchmark have in common: its id without the version.
fn family(benchmark: &Benchmark) -> &str {
    let id = benchmark.id.as_str();
    id.strip_suffix(benchmark.version.as_str()).unwrap_or(id)
}

/// The version before a benchmark among its other versions, or the latest of them where it is the first itself.
pub(super) fn before<'b>(benchmark: &Benchmark, others: &[&'b Benchmark]) -> Option<&'b Benchmark> {
    let is_earlier = |other: &&&Benchmark| numbers(&other.version) < numbers(&benchmark.version);
    others.iter().find(is_earlier).or(others.first()).copied()
}

/// The other versions of a benchmark, the latest first.
pub(super) fn versions<'b>(benchmark: &Benchmark, all: &[&'b Benchmark]) -> Vec<&'b Benchmark> {
    let is_other = |other: &&&Benchmark| other.id != benchmark.id && family(other) == family(benchmark);
    let mut others: Vec<&Benchmark> = all.iter().filter(is_other).copied().collect();
    others.sort_by_key(|other| std::cmp::Reverse(numbers(&other.version)));
    others
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

pub(crate) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let facts = console.facts();
    let known = |id: &str| {
        facts.benchmark(id).ok_or_else(|| PageError::NotFound(format!("there is no benchmark `{id}`")))
    };
    let to = known(&id)?;
    let others = versions(to, &facts.benchmarks());
    let from = match query.first("with") {
        Some(other) => known(other)?,
        None => before(to, &others).ok_or_else(|| {
            PageError::NotFound(format!("`{id}` has one version only; there is nothing to compare it with"))
        })?,
    };
    let (visible, ids) = (viewer.visible.clone(), [from.id.clone(), to.id.clone()]);
    let results = console
        .ask(move |_, facts, census| {
            let scores = rule_scores(census, &Filter::default().cells(census, facts, &visible));
            let result = |id: &String| {
                facts.benchmark(id).and_then(|benchmark| benchmark_result(benchmark, census, &scores))
            };
            Ok(ids.each_ref().map(result))
        })
        .await?;
    let told = Comparison::of(from, to);
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/benchmarks" { "Benchmarks" } " / " a href={ "/benchmarks/" (segment(&id)) } { (to.title) } }
        header.title {
            h1 { "What changed" }
            p.soft { "From " (from.title) " to " (to.title) }
        }
        form.filters data-instant method="get" action={ "/benchmarks/" (segment(&id)) "/compare" } {
            label { span { "Compare with version" } select name="with" {
                @for other in &others { option value=(other.id) selected[other.id == from.id] { (other.version) } }
            } }
            div.buttons { button type="submit" { "Show" } }
        }
        div.cards { @for (benchmark, result) in [from, to].into_iter().zip(&results) { (score(benchmark, result.as_ref())) } }
        p { (counted(told.added.len() as u64, "control", "controls")) " added, " (told.removed.len()) " removed, " (told.changed.len()) " ask other rules, " (told.renumbered.len()) " have another number only, " (told.same) " are the same." }
        (listed("Added", to, &told.added))
        (listed("Removed", from, &told.removed))
        (changed(&told.changed))
        (renumbered(&told.renumbered))
    };
    Ok(page(Part::Benchmarks, &format!("{}: what changed", to.title), &viewer, &content))
}

fn score(benchmark: &Benchmark, result: Option<&BenchmarkResult>) -> Markup {
    html! {
        section.card.posture {
            h2 { (benchmark.title) }
            @match result {
                Some(result) => { p.figure { (percent(&result.score.verdicts)) } (bar(&result.score.verdicts)) },
                None => p.soft { "None of its rules was part of a run." },
            }
        }
    }
}

fn listed(title: &str, benchmark: &Benchmark, controls: &[&Control]) -> Markup {
    html! {
        @if !controls.is_empty() {
            section {
                h2 { (title) }
                div.scroll { table {
                    thead { tr { th { "Control" } th { "Title" } th { "Rules" } } }
                    tbody { @for control in controls { tr {
                        td { a href={ "/benchmarks/" (segment(&benchmark.id)) "#" (control.id) } { (control.id) } }
                        td { (control.title) }
                        td { (names("", control.rules.iter())) @if control.rules.is_empty() { span.soft { "none" } } }
                    } } }
                } }
            }
        }
    }
}

fn changed(changed: &[(&Control, &Control)]) -> Markup {
    html! {
        @if !changed.is_empty() {
            section {
                h2 { "With other rules" }
                div.scroll { table {
                    thead { tr { th { "Control" } th { "Title" } th { "Rules" } } }
                    tbody { @for (old, new) in changed { tr {
                        td { (new.id) @if old.id != new.id { div.soft { "was " (old.id) } } }
                        td { (new.title) }
                        td {
                            (names("+ ", rules(new).difference(&rules(old)).copied()))
                            (names("\u{2212} ", rules(old).difference(&rules(new)).copied()))
                        }
                    } } }
                } }
            }
        }
    }
}

fn renumbered(renumbered: &[(&Control, &Control)]) -> Markup {
    html! {
        @if !renumbered.is_empty() {
            section {
                h2 { "With another number" }
                div.scroll { table {
                    thead { tr { th { "Control" } th { "Was" } th { "Title" } } }
                    tbody { @for (old, new) in renumbered { tr { td { (new.id) } td { (old.id) } td { (new.title) } } } }
                } }
            }
        }
    }
}

fn names<'r>(sign: &str, rules: impl Iterator<Item = &'r RuleId>) -> Markup {
    html! { @for rule in rules { div.name { (sign) a href={ "/rules/" (segment(rule.as_str())) } { (rule) } } } }
}
