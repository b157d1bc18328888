//! Benchmarks with their sections and controls.

use super::flow::Flow;
use super::scope::more;
use super::summary::{small, standings};
use super::table::{Cell, Column, Table};
use super::text::cut;
use crate::words;
use stance_model::{Assessment, BenchmarkResult, ControlResult, Findings, Report, ScoreBreakdown};

/// Of more benchmarks than these nobody chose one: they are counted, and their controls are in the
/// workbook.
const MOST_IN_FULL: usize = 8;
/// Controls of a benchmark that are listed.
const CONTROLS_SHOWN: usize = 2_000;
/// Letters of a control's number that fit into a narrow column.
const SHORT_NUMBER: usize = 8;

/// The kinds of assessment in the order in which they are told.
const KINDS: [Assessment; 7] = [
    Assessment::Pass,
    Assessment::Fail,
    Assessment::Unknown,
    Assessment::Excepted,
    Assessment::Manual,
    Assessment::NothingToAssess,
    Assessment::NotAssessed,
];

/// What a benchmark is called.
pub(super) fn name(benchmark: &BenchmarkResult) -> &str {
    if benchmark.title.is_empty() { &benchmark.id } else { &benchmark.title }
}

pub(super) fn write(report: &Report<dyn Findings>, flow: &mut Flow) {
    if report.benchmarks.is_empty() {
        return;
    }
    flow.chapter("Benchmarks");
    flow.paragraph(
        "Titles of controls are our own words; the benchmark's own text is with its publisher. A control \
         with `nothing to assess` has rules, but met no resource that they concern; one that is `not \
         assessed` has rules that were not part of this scan.",
    );
    if report.benchmarks.len() > 1 {
        overview(report, flow);
    }
    if report.benchmarks.len() > MOST_IN_FULL {
        flow.notice(
            "No benchmark was chosen.",
            "This scan touches more benchmarks than a document can hold in full. Choose one with \
             `--benchmark` to have each of its controls here; the XLSX form of this report has all of them.",
        );
        return;
    }
    for (place, benchmark) in report.benchmarks.iter().enumerate() {
        if place > 0 {
            flow.next_page();
        }
        write_benchmark(benchmark, flow);
    }
}

fn overview(report: &Report<dyn Findings>, flow: &mut Flow) {
    flow.section("All benchmarks");
    let columns = [
        Column::text("Benchmark", 3.6),
        Column::number("Score", 0.7),
        Column::number("Controls", 0.8),
        Column::number("Passed", 0.7),
        Column::number("Failed", 0.7),
        Column::number("Unknown", 0.8),
        Column::number("Manual", 0.75),
        Column::number("Other", 0.65),
    ];
    let mut table = Table::begin(flow, columns);
    for benchmark in &report.benchmarks {
        let count = |kind| benchmark.controls.iter().filter(|control| control.assessment == kind).count();
        let [passed, failed, unknown, manual] =
            [Assessment::Pass, Assessment::Fail, Assessment::Unknown, Assessment::Manual].map(count);
        let all = benchmark.controls.len();
        table.row([
            Cell::text(name(benchmark)).below(&benchmark.id, small()),
            Cell::percent(benchmark.score.verdicts),
            Cell::number(all as u64),
            Cell::number(passed as u64),
            Cell::number(failed as u64),
            Cell::number(unknown as u64),
            Cell::number(manual as u64),
            Cell::number((all - passed - failed - unknown - manual) as u64),
        ]);
    }
    table.end();
}

fn write_benchmark(benchmark: &BenchmarkResult, flow: &mut Flow) {
    flow.section(&words::one_line(name(benchmark)));
    let verdicts = benchmark.score.verdicts;
    flow.paragraph(&format!(
        "Score {} of the verdicts behind its controls, {} % of them unknown. Of {}: {}.",
        words::percent(verdicts.percent()),
        verdicts.unknown_percent(),
        words::count(benchmark.controls.len(), "control", "controls"),
        kinds(benchmark)
    ));
    let sections = sections(benchmark);
    if !sections.is_empty() {
        flow.part("Verdicts by section");
        let scores = sections.iter().map(|(title, controls)| {
            let mut score = ScoreBreakdown::default();
            for control in controls {
                score += control.score;
            }
            (title, score)
        });
        let (empty, judged): (Vec<_>, Vec<_>) =
            scores.partition(|(_, score)| *score == ScoreBreakdown::default());
        let rows = judged.iter().map(|(title, score)| (Cell::text(title), *score));
        standings("Section", rows, CONTROLS_SHOWN, "sections", flow);
        if !empty.is_empty() {
            let sections = words::count(empty.len(), "section has", "sections have");
            flow.note(&format!("{sections} no verdict: the controls are manual, or met nothing to judge."));
        }
        flow.note(
            "A section adds up the verdicts of its controls; one that stands behind two of them counts twice \
             here.",
        );
    }
    flow.part("Controls");
    // some number their controls, some name them after services
    let longest =
        benchmark.controls.iter().map(|control| control.id.chars().count()).max().unwrap_or_default();
    let (number, title) = if longest > SHORT_NUMBER { (1.45, 2.65) } else { (0.8, 3.3) };
    let columns = [
        Column::text("Control", number),
        Column::text("Title", title),
        Column::text("Assessment", 1.75),
        Column::number("Passed", 0.7),
        Column::number("Failed", 0.7),
        Column::number("Unknown", 0.8),
    ];
    let mut table = Table::begin(flow, columns);
    let mut left = CONTROLS_SHOWN;
    for (title, controls) in &sections {
        if left > 0 {
            table.group(title);
        }
        for control in controls.iter().take(left) {
            row(control, &mut table);
        }
        left = left.saturating_sub(controls.len());
    }
    table.end();
    more(benchmark.controls.len(), CONTROLS_SHOWN, flow);
}

fn row(control: &ControlResult, table: &mut Table<'_, 6>) {
    table.row([
        Cell::bold(&control.id),
        Cell::prose(&control.title),
        Cell::assessment(control.assessment),
        Cell::number(control.score.passed),
        Cell::number(control.score.failed),
        Cell::number(control.score.unknown),
    ]);
}

/// The controls by section, in the benchmark's own order.
fn sections(benchmark: &BenchmarkResult) -> Vec<(String, Vec<&ControlResult>)> {
    let mut sections: Vec<(String, Vec<&ControlResult>)> = Vec::new();
    for control in &benchmark.controls {
        let title = cut(&words::one_line(&control.section), 300);
        match sections.last_mut() {
            Some((last, controls)) if *last == title => controls.push(control),
            _ => sections.push((title, vec![control])),
        }
    }
    sections
}

/// How many controls there are of each kind, in words.
fn kinds(benchmark: &BenchmarkResult) -> String {
    let counts = KINDS.into_iter().filter_map(|kind| {
        let count = benchmark.controls.iter().filter(|control| control.assessment == kind).count();
        let word = match kind {
            Assessment::Pass => "passed",
            Assessment::Fail => "failed",
            other => other.as_str(),
        };
        (count > 0).then(|| format!("{count} {word}"))
    });
    counts.collect::<Vec<_>>().join(", ")
}
