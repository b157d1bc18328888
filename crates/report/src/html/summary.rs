//! Whose estate it is, how it stands, and what could not be read.

use crate::gaps::Gaps;
use crate::groups::FailingRule;
use crate::xml::Xml;
use crate::{overview, words};
use stance_model::{Findings, Report, ScoreBreakdown};
use std::io::{self, Write};

pub(super) fn head(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
    let scan = &report.scan;
    let provider = scan.provider.to_string().to_uppercase();
    writeln!(out, "<h1>{provider} {}</h1>", Xml(&overview::subject(report)))?;
    let time = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    let mut facts = if report.taken_from.is_empty() {
        let (calls, failed) = overview::calls(report);
        vec![
            format!("scanned {}", time(scan.started_at)),
            format!("took {}", words::span(scan.ended_at - scan.started_at)),
            format!("{} calls, {} failed", words::number(calls), words::number(failed)),
        ]
    } else {
        // scans of several days stand side by side, and the store keeps no calls
        vec![format!("scanned from {} to {}", time(scan.started_at), time(scan.ended_at))]
    };
    facts.push(words::count(overview::regions(report).len(), "region", "regions"));
    facts.push(overview::partitions(report));
    facts.extend(overview::identity(report).map(|identity| format!("read as {identity}")));
    facts.extend(overview::traffic(report));
    let skipped = overview::skipped_regions(report);
    if !skipped.is_empty() {
        facts.push(words::count(skipped.len(), "region skipped", "regions skipped"));
    }
    write!(out, "<ul class=\"facts\">")?;
    for fact in facts {
        write!(out, "<li>{}</li>", Xml(&fact))?;
    }
    writeln!(out, "</ul>")
}

pub(super) fn nav(
    report: &Report<dyn Findings>,
    failing: &[FailingRule<'_>],
    gaps: &Gaps,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = [
        (true, "score", "Score"),
        (overview::has_many_scopes(report), "accounts", "Accounts"),
        (!report.services.is_empty(), "services", "Services"),
        (!report.benchmarks.is_empty(), "benchmarks", "Benchmarks"),
        (!failing.is_empty(), "rules", "Failing rules"),
        (!gaps.is_empty() || !overview::skipped_regions(report).is_empty(), "gaps", "Not read"),
        (true, "findings", "All findings"),
    ];
    for (_, id, words) in parts.iter().filter(|(there, ..)| *there) {
        write!(out, "<a href=\"#{id}\">{words}</a>")?;
    }
    Ok(())
}

pub(super) fn notice(report: &Report<dyn Findings>, gaps: &Gaps, out: &mut dyn Write) -> io::Result<()> {
    if let Some(shortfall) = overview::shortfall(report) {
        writeln!(out, "<p class=\"notice\"><strong>Not whole.</strong> {}</p>", Xml(&shortfall))?;
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

pub(super) fn score(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
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
         as passed nor as failed{}.</p></div></div>",
        words::number(verdicts.passed),
        words::number(verdicts.failed),
        words::number(verdicts.unknown),
        verdicts.unknown_percent(),
        words::percent(weighted.percent()),
        weighted.unknown_percent(),
        match verdicts.excepted {
            0 => String::new(),
            count => format!("; {} accepted by exceptions count neither way", words::number(count)),
        }
    )?;
    if !report.exception_notices.is_empty() {
        write!(out, "<h3>About the exceptions</h3><ul>")?;
        for notice in &report.exception_notices {
            write!(out, "<li>{}</li>", Xml(&words::one_line(notice)))?;
        }
        writeln!(out, "</ul>")?;
    }
    Ok(())
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

/// How each account stands, where there are several, and why some were not scanned.
pub(super) fn scopes(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
    if !overview::has_many_scopes(report) {
        return Ok(());
    }
    section("accounts", "By account", out)?;
    let mut rows: Vec<_> = report
        .runs
        .iter()
        .map(|run| {
            let verdicts = report.scopes.get(&run.scope).copied().unwrap_or_default().verdicts;
            let mut whose = overview::named(run.scope.as_str(), &run.scope_details);
            if !run.scope_details.path.is_empty() {
                whose = format!("{whose} in {}", run.scope_details.path_text());
            }
            (whose, verdicts)
        })
        .collect();
    rows.sort_by_key(|(whose, verdicts)| (verdicts.percent().unwrap_or(u64::MAX), whose.clone()));
    standings("Account", &rows, out)?;
    if !report.unscanned.is_empty() {
        write!(out, "<h3>Accounts that were not scanned</h3><ul>")?;
        for scope in &report.unscanned {
            let whose = overview::named(scope.scope.as_str(), &scope.scope_details);
            write!(
                out,
                "<li>{}: {}</li>",
                Xml(&whose),
                Xml(&words::one_line(&overview::why(&scope.reason)))
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

pub(super) fn services(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
    if report.services.is_empty() {
        return Ok(());
    }
    section("services", "By service", out)?;
    let mut rows: Vec<_> =
        report.services.iter().map(|(name, score)| (name.clone(), score.verdicts)).collect();
    rows.sort_by_key(|(name, verdicts)| (verdicts.percent().unwrap_or(u64::MAX), name.clone()));
    standings("Service", &rows, out)?;
    writeln!(out, "</section>")
}

fn section(id: &str, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>")
}

/// A table with a row for each of what stands somehow.
fn standings(what: &str, rows: &[(String, ScoreBreakdown)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{what}</th>\
         <th scope=\"col\" class=\"n\">Score</th><th scope=\"col\" class=\"wide\">Share</th>\
         <th scope=\"col\" class=\"n\">Passed</th><th scope=\"col\" class=\"n\">Failed</th>\
         <th scope=\"col\" class=\"n\">Unknown</th></tr></thead><tbody>"
    )?;
    for (name, verdicts) in rows {
        write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"wide\">",
            Xml(name),
            verdicts.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
        )?;
        bar(*verdicts, "bar small", out)?;
        writeln!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            words::number(verdicts.passed),
            words::number(verdicts.failed),
            words::number(verdicts.unknown)
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

pub(super) fn gaps(report: &Report<dyn Findings>, gaps: &Gaps, out: &mut dyn Write) -> io::Result<()> {
    if gaps.is_empty() && overview::skipped_regions(report).is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"gaps\" aria-labelledby=\"gaps-title\"><h2 id=\"gaps-title\">What was not \
         read</h2>"
    )?;
    let many_scopes = overview::has_many_scopes(report);
    if !gaps.operations.is_empty() {
        writeln!(
            out,
            "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Operation</th>\
             <th scope=\"col\">Answer</th><th scope=\"col\">Permissions to grant</th>\
             <th scope=\"col\">Not listed in</th><th scope=\"col\" class=\"n\">Verdicts unknown</th>\
             </tr></thead><tbody>"
        )?;
        for gap in &gaps.operations {
            let permissions: Vec<_> = gap.permissions.iter().map(String::as_str).collect();
            let mut regions: Vec<_> = gap.regions.iter().map(String::as_str).collect();
            let scopes = words::count(gap.scopes.len(), "account", "accounts");
            if many_scopes {
                regions.push(&scopes);
            }
            writeln!(
                out,
                "<tr><td><code>{}</code></td><td><code>{}</code><br><span class=\"soft\">{}</span>\
                 </td><td data-label=\"grant\"><code>{}</code></td><td data-label=\"not listed in\">{}</td>\
                 <td class=\"n\" data-label=\"verdicts unknown\">{}</td></tr>",
                Xml(&gap.operation),
                Xml(&gap.code),
                Xml(&words::one_line(&gap.message)),
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
    if !overview::skipped_regions(report).is_empty() {
        write!(out, "<h3>Regions that were skipped</h3><ul>")?;
        for ((region, reason), runs) in overview::skipped_regions(report) {
            let reason = overview::skipped_reason(report, reason, &runs);
            write!(out, "<li>{}: {}</li>", Xml(region), Xml(&words::one_line(&reason)))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

pub(super) fn foot(report: &Report<dyn Findings>, out: &mut dyn Write) -> io::Result<()> {
    let regions: Vec<_> = overview::regions(report).into_iter().collect();
    write!(
        out,
        "<p>Stance {}, rules judged as of {}. Regions: {}.</p>",
        Xml(&report.scan.stance_version),
        report.scan.as_of.format("%Y-%m-%d %H:%M UTC"),
        Xml(&regions.join(", "))
    )?;
    match overview::taken_from(report) {
        Some(runs) => {
            write!(out, "<p>Put together from the last run about each account: {}.</p>", Xml(&runs))
        }
        None => Ok(()),
    }
}
