//! Benchmarks with their sections and controls.

use super::summary::bar;
use crate::words;
use crate::xml::Xml;
use stance_model::{Assessment, BenchmarkResult, ControlResult, Findings, Report};
use std::io::{self, Write};

pub(super) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
    if report.benchmarks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"benchmarks\" aria-labelledby=\"benchmarks-title\"><h2 \
         id=\"benchmarks-title\">Benchmarks</h2>"
    )?;
    for benchmark in &report.benchmarks {
        write_benchmark(benchmark, out)?;
    }
    writeln!(out, "</section>")
}

fn write_benchmark(benchmark: &BenchmarkResult, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = benchmark.score.verdicts;
    write!(
        out,
        "<details class=\"benchmark\"><summary><span class=\"title\">{}</span>\
         <span class=\"soft\">{}</span></summary><div class=\"body\">",
        Xml(if benchmark.title.is_empty() { &benchmark.id } else { &benchmark.title }),
        Xml(&counts(benchmark))
    )?;
    write!(
        out,
        "<p>Score {} of the verdicts behind its controls, {} % of them unknown</p>",
        words::percent(verdicts.percent()),
        verdicts.unknown_percent()
    )?;
    bar(verdicts, "bar", out)?;

    let mut section = None;
    for control in &benchmark.controls {
        if section != Some(&control.section) {
            if section.is_some() {
                writeln!(out, "</tbody></table></div>")?;
            }
            section = Some(&control.section);
            writeln!(
                out,
                "<h3>{}</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Control</th>\
                 <th scope=\"col\">Title</th><th scope=\"col\">Assessment</th>\
                 <th scope=\"col\" class=\"n\">Passed</th><th scope=\"col\" class=\"n\">Failed</th>\
                 <th scope=\"col\" class=\"n\">Unknown</th></tr></thead><tbody>",
                Xml(&control.section)
            )?;
        }
        write_control(control, out)?;
    }
    if section.is_some() {
        writeln!(out, "</tbody></table></div>")?;
    }
    writeln!(out, "</div></details>")
}

fn write_control(control: &ControlResult, out: &mut dyn Write) -> io::Result<()> {
    let class = match control.assessment {
        Assessment::Pass => "pass",
        Assessment::Fail => "fail",
        Assessment::Unknown => "unknown",
        Assessment::Manual | Assessment::Excepted | Assessment::NothingToAssess | Assessment::NotAssessed => {
            "manual"
        }
    };
    writeln!(
        out,
        "<tr><th scope=\"row\">{}</th><td>{}</td><td><span class=\"state {class}\">{}</span></td>\
         <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        Xml(&control.id),
        Xml(&words::one_line(&control.title)),
        control.assessment.as_str(),
        words::number(control.score.passed),
        words::number(control.score.failed),
        words::number(control.score.unknown)
    )
}

fn counts(benchmark: &BenchmarkResult) -> String {
    let kinds = [
        Assessment::Pass,
        Assessment::Fail,
        Assessment::Unknown,
        Assessment::Manual,
        Assessment::NothingToAssess,
        Assessment::NotAssessed,
    ];
    kinds
        .into_iter()
        .filter_map(|kind| {
            let count = benchmark.controls.iter().filter(|control| control.assessment == kind).count();
            (count > 0).then(|| format!("{count} {}", kind.as_str()))
        })
        .collect::<Vec<_>>()
        .join(", ")
}
