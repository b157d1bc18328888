//! Whose estate it is, how it stands, and what could not be read.

use crate::gaps::Gaps;
use crate::groups::FailingRule;
use crate::words;
use crate::xml::Xml;
use stance_model::{Completion, Report, ScoreBreakdown};
use std::io::{self, Write};

pub(super) fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let run = &report.run;
    writeln!(out, "<h1>{} {}</h1>", run.provider.to_string().to_uppercase(), Xml(run.scope.as_str()))?;
    let (calls, failed) = words::calls(run);
    let mut facts = vec![
        format!("scanned {}", run.started_at.format("%Y-%m-%d %H:%M UTC")),
        format!("took {}", words::duration(run)),
        format!("{} calls, {} failed", words::number(calls), words::number(failed)),
        words::count(run.regions.len(), "region", "regions"),
        format!("partition {}", run.partition),
        format!("read as {}", run.identity),
    ];
    if !run.skipped_regions.is_empty() {
        facts.push(words::count(run.skipped_regions.len(), "region skipped", "regions skipped"));
    }
    write!(out, "<ul class=\"facts\">")?;
    for fact in facts {
        write!(out, "<li>{}</li>", Xml(&fact))?;
    }
    writeln!(out, "</ul>")
}

pub(super) fn nav(
    report: &Report,
    failing: &[FailingRule<'_>],
    gaps: &Gaps<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = [
        (true, "score", "Score"),
        (!report.services.is_empty(), "services", "Services"),
        (!report.benchmarks.is_empty(), "benchmarks", "Benchmarks"),
        (!failing.is_empty(), "rules", "Failing rules"),
        (!gaps.is_empty() || !report.run.skipped_regions.is_empty(), "gaps", "Not read"),
        (true, "findings", "All findings"),
    ];
    for (_, id, words) in parts.iter().filter(|(there, ..)| *there) {
        write!(out, "<a href=\"#{id}\">{words}</a>")?;
    }
    Ok(())
}

pub(super) fn notice(report: &Report, gaps: &Gaps<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.run.completion == Completion::Interrupted {
        writeln!(
            out,
            "<p class=\"notice\"><strong>This scan was interrupted.</strong> What it did not reach \
             is unknown, not good.</p>"
        )?;
    }
    let unknown = report.score.verdicts.unknown;
    if unknown > 0 && !gaps.is_empty() {
        writeln!(
            out,
            "<p class=\"notice\">{} of all verdicts ({} %) could not be reached. \
             <a href=\"#gaps\">What was not read, and what would help</a></p>",
            words::number(unknown),
            report.score.verdicts.unknown_percent()
        )?;
    }
    Ok(())
}

pub(super) fn score(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = report.score.verdicts;
    let weighted = report.score.weighted;
    let figure = verdicts.percent().map_or_else(|| "–".to_owned(), |percent| percent.to_string());
    write!(out, "<div class=\"score\"><div class=\"figure\">{figure}<small> % passed</small></div><div>")?;
    bar(verdicts, "bar", out)?;
    writeln!(
        out,
        "<p class=\"legend\"><span><span class=\"state pass\">passed</span> <b>{}</b></span>\
         <span><span class=\"state fail\">failed</span> <b>{}</b></span>\
         <span><span class=\"state unknown\">unknown</span> <b>{}</b> ({} % of all)</span></p>\
         <p class=\"soft\">Weighted by severity: {}, {} % unknown. Unknown verdicts count neither \
         as passed nor as failed.</p></div></div>",
        words::number(verdicts.passed),
        words::number(verdicts.failed),
        words::number(verdicts.unknown),
        verdicts.unknown_percent(),
        words::percent(weighted.percent()),
        weighted.unknown_percent()
    )
}

/// A bar with what passed, failed and is unknown.
pub(super) fn bar(verdicts: ScoreBreakdown, class: &str, out: &mut dyn Write) -> io::Result<()> {
    let parts = [("p", verdicts.passed), ("f", verdicts.failed), ("u", verdicts.unknown)];
    let all: u64 = parts.iter().map(|(_, count)| count).sum();
    write!(
        out,
        "<svg class=\"{class}\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{} passed, {} failed, {} unknown\">",
        verdicts.passed, verdicts.failed, verdicts.unknown
    )?;
    let mut from = 0;
    let mut counted = 0;
    for (class, count) in parts {
        counted += count;
        // from sums, so that rounding leaves no gap at the end
        let to = (counted * 1000).checked_div(all).unwrap_or(0);
        if to > from {
            write!(
                out,
                "<rect class=\"{class}\" x=\"{from}\" y=\"0\" width=\"{}\" height=\"10\"/>",
                to - from
            )?;
        }
        from = to;
    }
    writeln!(out, "</svg>")
}

pub(super) fn services(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.services.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"services\" aria-labelledby=\"services-title\"><h2 id=\"services-title\">By \
         service</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Service</th>\
         <th scope=\"col\" class=\"n\">Score</th><th scope=\"col\" class=\"wide\">Share</th>\
         <th scope=\"col\" class=\"n\">Passed</th><th scope=\"col\" class=\"n\">Failed</th>\
         <th scope=\"col\" class=\"n\">Unknown</th></tr></thead><tbody>"
    )?;
    let mut services: Vec<_> = report.services.iter().collect();
    services.sort_by_key(|(name, score)| (score.verdicts.percent().unwrap_or(u64::MAX), *name));
    for (name, score) in services {
        let verdicts = score.verdicts;
        write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"wide\">",
            Xml(name),
            verdicts.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
        )?;
        bar(verdicts, "bar small", out)?;
        writeln!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            words::number(verdicts.passed),
            words::number(verdicts.failed),
            words::number(verdicts.unknown)
        )?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

pub(super) fn gaps(report: &Report, gaps: &Gaps<'_>, out: &mut dyn Write) -> io::Result<()> {
    if gaps.is_empty() && report.run.skipped_regions.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"gaps\" aria-labelledby=\"gaps-title\"><h2 id=\"gaps-title\">What was not \
         read</h2>"
    )?;
    if !gaps.operations.is_empty() {
        writeln!(
            out,
            "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Operation</th>\
             <th scope=\"col\">Answer</th><th scope=\"col\">Permissions to grant</th>\
             <th scope=\"col\">Not listed in</th><th scope=\"col\" class=\"n\">Verdicts unknown</th>\
             </tr></thead><tbody>"
        )?;
        for gap in &gaps.operations {
            let permissions: Vec<_> = gap.permissions.iter().copied().collect();
            let regions: Vec<_> = gap.regions.iter().copied().collect();
            writeln!(
                out,
                "<tr><td><code>{}</code></td><td><code>{}</code><br><span class=\"soft\">{}</span>\
                 </td><td data-label=\"grant\"><code>{}</code></td><td data-label=\"not listed in\">{}</td>\
                 <td class=\"n\" data-label=\"verdicts unknown\">{}</td></tr>",
                Xml(gap.operation),
                Xml(gap.code),
                Xml(&words::one_line(gap.message)),
                Xml(&permissions.join(", ")),
                Xml(&regions.join(", ")),
                words::number(gap.verdicts as u64)
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
    }
    let others =
        [("Not read in this scan", &gaps.not_read), ("Answers of an unexpected shape", &gaps.unexpected)];
    for (title, causes) in others.into_iter().filter(|(_, causes)| !causes.is_empty()) {
        write!(out, "<h3>{title}</h3><ul>")?;
        for (what, verdicts) in causes {
            let verdicts = words::count(*verdicts, "verdict unknown", "verdicts unknown");
            write!(out, "<li>{}: {verdicts}</li>", Xml(&words::one_line(what)))?;
        }
        writeln!(out, "</ul>")?;
    }
    if !report.run.skipped_regions.is_empty() {
        write!(out, "<h3>Regions that were skipped</h3><ul>")?;
        for skipped in &report.run.skipped_regions {
            write!(
                out,
                "<li>{}: {}</li>",
                Xml(skipped.region.as_str()),
                Xml(&words::one_line(&skipped.reason))
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

pub(super) fn foot(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let run = &report.run;
    let regions: Vec<_> = run.regions.iter().map(stance_model::Region::as_str).collect();
    write!(
        out,
        "<p>Stance {}, rules judged as of {}. Regions: {}.</p>",
        Xml(&run.stance_version),
        run.as_of.format("%Y-%m-%d %H:%M UTC"),
        Xml(&regions.join(", "))
    )
}
