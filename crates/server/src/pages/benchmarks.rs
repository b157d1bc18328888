//! All benchmarks with their scores.

use super::layout::{Part, page};
use super::overview::{benchmark_result, benchmark_table, rule_scores};
use crate::Console;
use crate::error::PageResult;
use crate::filter::Filter;
use crate::viewer::Viewer;
use axum::extract::State;
use maud::{Markup, html};
use stance_model::BenchmarkResult;

pub(crate) async fn show(State(console): State<Console>, viewer: Viewer) -> PageResult<Markup> {
    let visible = viewer.visible.clone();
    let (featured, others): (Vec<BenchmarkResult>, Vec<BenchmarkResult>) = console
        .ask(move |_, facts, census| {
            let cells = Filter::default().cells(census, facts, &visible);
            let scores = rule_scores(census, &cells);
            let results = facts.benchmarks().into_iter().filter_map(|benchmark| {
                Some((benchmark.featured, benchmark_result(benchmark, census, &scores)?))
            });
            let (featured, others): (Vec<_>, Vec<_>) = results.partition(|(featured, _)| *featured);
            let only = |results: Vec<(bool, BenchmarkResult)>| {
                results.into_iter().map(|(_, result)| result).collect()
            };
            Ok((only(featured), only(others)))
        })
        .await?;
    let content = html! {
        header.title {
            h1 { "Benchmarks" }
            p.soft { "Titles are short words of our own beside the official numbers. A control without a rule is manual, and never green." }
        }
        (benchmark_table(&featured))
        @if !others.is_empty() { section { h2 { "Others" } (benchmark_table(&others)) } }
    };
    Ok(page(Part::Benchmarks, "Benchmarks", &viewer, &content))
}
