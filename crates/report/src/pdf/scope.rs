//! What was scanned and how, what was not assessed, and how the score is reckoned.

use super::ELSEWHERE;
use super::flow::Flow;
use super::summary::small;
use super::table::{Cell, Column, Table};
use super::text::cut;
use crate::digest::Digest;
use crate::gaps::Gaps;
use crate::{overview, words};
use stance_model::{Assessment, Completion, Findings, RegionChoice, Report, UnscannedScope};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Rows of a table of this chapter.
const SHOWN: usize = 60;
/// Permissions to grant that are listed together.
const PERMISSIONS_SHOWN: usize = 120;

pub(super) fn write(report: &Report<dyn Findings>, digest: &Digest<'_>, flow: &mut Flow) {
    flow.chapter("Scope and method");
    flow.section("What was scanned");
    facts(report, flow);
    runs(report, flow);
    accounts(report, flow);
    flow.section("Method");
    method(flow);
    flow.section("How the score is reckoned");
    score(flow);
    flow.section("What was not assessed");
    not_assessed(report, &digest.gaps, flow);
}

fn facts(report: &Report<dyn Findings>, flow: &mut Flow) {
    let scan = &report.scan;
    let time = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let (calls, failed) = overview::calls(report);
    let choice = match scan.regions {
        RegionChoice::All => "all that are enabled",
        RegionChoice::Some => "those that were chosen",
    };
    let regions: Vec<_> = overview::regions(report).into_iter().collect();
    let identities: BTreeSet<_> = report.runs.iter().map(|run| run.identity.as_str()).collect();
    let identities: Vec<_> = identities.into_iter().collect();
    let mut facts = vec![
        ("Provider", scan.provider.to_string().to_uppercase()),
        ("Partitions", overview::partitions(report)),
        ("Accounts scanned", words::number(report.runs.len() as u64)),
        ("Accounts not scanned", words::number(report.unscanned.len() as u64)),
        ("Regions", format!("{choice}: {}", first_of(&regions, 60))),
        ("Collected", format!("{} to {}", time(scan.started_at), time(scan.ended_at))),
        ("Rules judged as of", time(scan.as_of)),
        ("Read as", first_of(&identities, 4)),
        ("Rules evaluated", words::number(report.rules.len() as u64)),
        ("Stance", scan.stance_version.clone()),
    ];
    // a store keeps no calls
    if calls > 0 {
        let told = format!("{}, {} of them failed", words::number(calls), words::number(failed));
        facts.insert(facts.len() - 2, ("Calls to the provider", told));
    }
    if let Some(organization) = &scan.organization {
        facts.insert(1, ("Organization", organization.clone()));
    }
    facts.extend(overview::traffic(report).map(|traffic| ("The provider's limits", traffic)));
    let mut table = Table::begin(flow, [Column::text("Fact", 1.2), Column::text("Value", 4.0)]);
    for (name, value) in facts {
        table.row([Cell::bold(name), Cell::text(&value)]);
    }
    table.end();
}

/// The first of several texts, and how many more there are.
pub(super) fn first_of(texts: &[&str], most: usize) -> String {
    let mut shown = texts.iter().take(most).map(|text| cut(text, 200)).collect::<Vec<_>>().join(", ");
    if texts.len() > most {
        let _ = write!(shown, " and {} more", words::number((texts.len() - most) as u64));
    }
    shown
}

/// The runs of a store that the report was put together from.
fn runs(report: &Report<dyn Findings>, flow: &mut Flow) {
    if report.taken_from.is_empty() {
        return;
    }
    flow.section("Runs that this report was put together from");
    flow.paragraph("Of each account it tells what the last run about that account has found.");
    let columns = [
        Column::number("Run", 0.5),
        Column::text("", 0.15),
        Column::text("Name", 3.4),
        Column::text("Ended", 1.6),
        Column::number("Accounts", 0.8),
    ];
    let mut table = Table::begin(flow, columns);
    for run in report.taken_from.iter().take(SHOWN) {
        table.row([
            Cell::text(&format!("#{}", run.number)),
            Cell::default(),
            Cell::text(&cut(&run.name, 200)),
            Cell::text(&run.ended_at.format("%Y-%m-%d %H:%M UTC").to_string()),
            Cell::number(run.scopes),
        ]);
    }
    table.end();
    more(report.taken_from.len(), SHOWN, flow);
}

fn accounts(report: &Report<dyn Findings>, flow: &mut Flow) {
    if report.runs.is_empty() {
        return;
    }
    flow.section("Accounts");
    let columns = [
        Column::text("Account", 1.4),
        Column::text("Path", 1.5),
        Column::text("Read as", 2.8),
        Column::number("Regions", 0.7),
        Column::text("", 0.1),
        Column::text("Scan", 1.5),
    ];
    let mut table = Table::begin(flow, columns);
    for run in report.runs.iter().take(SHOWN) {
        let scope = run.scope.as_str();
        let name = run.scope_details.name.as_deref();
        let completion = match run.completion {
            Completion::Complete => "complete",
            Completion::Interrupted => "interrupted",
            Completion::CredentialsExpired => "credentials expired",
        };
        table.row([
            name.map_or_else(|| Cell::text(scope), |name| Cell::text(name).below(scope, small())),
            Cell::text(&run.scope_details.path_text()),
            Cell::code(&run.identity),
            Cell::number(run.regions.len() as u64),
            Cell::default(),
            Cell::text(completion).below(&run.ended_at.format("%Y-%m-%d %H:%M UTC").to_string(), small()),
        ]);
    }
    table.end();
    more(report.runs.len(), SHOWN, flow);
}

/// Says how many rows were left out.
pub(super) fn more(all: usize, shown: usize, flow: &mut Flow) {
    if all > shown {
        flow.note(&format!("and {} more. {ELSEWHERE}", words::number((all - shown) as u64)));
    }
}

fn method(flow: &mut Flow) {
    flow.points(
        [
            "Configuration is read through the provider's own interfaces with a role that can only read; \
             nothing was changed, installed or sent to any resource.",
            "Every resource that could be listed is judged by every rule of this scan that concerns it. \
             Nothing is sampled.",
            "A verdict is *passed* or *failed* only on facts that were read; each keeps them as evidence, \
             with the operation that told them and the time. Where a fact is missing the verdict is \
             *unknown*, never passed.",
            "Values that look like secrets are never kept; only where they stand is told.",
            "What an exception accepts is listed with its reason, its owner and its end, and counts neither \
             as passed nor as failed.",
            "Controls that no rule can tell are called *manual*: a person has to look.",
        ]
        .map(|text| text.replace('*', "")),
    );
}

fn score(flow: &mut Flow) {
    flow.paragraph(
        "The score is the number of passed verdicts in a hundred of those passed or failed, rounded down, so \
         that only a clean sheet shows 100. Unknown and accepted verdicts stand aside. The share of unknown \
         verdicts is told with it, rounded up, so that only none shows 0: a score with many unknown verdicts \
         says little.",
    );
    flow.paragraph(
        "The weighted score counts each verdict by the severity of its rule: critical 25, high 10, medium 4, \
         low 1, info 0. In a benchmark each finding counts once, however many controls it touches; a control \
         fails where any of its verdicts fails, and passes only where all of them pass.",
    );
}

fn not_assessed(report: &Report<dyn Findings>, gaps: &Gaps, flow: &mut Flow) {
    let skipped = overview::skipped_regions(report);
    let manual: usize = report
        .benchmarks
        .iter()
        .flat_map(|benchmark| &benchmark.controls)
        .filter(|control| control.assessment == Assessment::Manual)
        .count();
    if manual > 0 {
        flow.paragraph(&format!(
            "{} of the benchmarks in this report no rule can tell; the chapter on benchmarks marks them as \
             manual.",
            words::count(manual, "control", "controls")
        ));
    }
    if gaps.is_empty() && skipped.is_empty() && report.unscanned.is_empty() {
        flow.paragraph("Everything that this scan set out to read was read.");
        return;
    }
    unscanned(&report.unscanned, flow);
    if !skipped.is_empty() {
        flow.part("Regions that were skipped");
        let mut table = Table::begin(flow, [Column::text("Region", 1.0), Column::text("Why", 3.5)]);
        for ((region, reason), runs) in skipped.iter().take(SHOWN) {
            table.row([Cell::text(region), Cell::text(&overview::skipped_reason(report, reason, runs))]);
        }
        table.end();
        more(skipped.len(), SHOWN, flow);
    }
    operations(gaps, flow);
    for (title, causes) in
        [("Not read in this scan", &gaps.not_read), ("Answers of an unexpected shape", &gaps.unexpected)]
    {
        if causes.is_empty() {
            continue;
        }
        flow.part(title);
        let columns = [Column::text("What", 4.0), Column::number("Verdicts unknown", 1.0)];
        let mut rows: Vec<_> = causes.iter().collect();
        rows.sort_by_key(|(what, verdicts)| (std::cmp::Reverse(**verdicts), *what));
        let mut table = Table::begin(flow, columns);
        for (what, verdicts) in rows.into_iter().take(SHOWN) {
            table.row([Cell::text(&words::one_line(what)), Cell::number(*verdicts as u64)]);
        }
        table.end();
        more(causes.len(), SHOWN, flow);
    }
}

fn unscanned(scopes: &[UnscannedScope], flow: &mut Flow) {
    if scopes.is_empty() {
        return;
    }
    flow.part("Accounts that were not scanned");
    let mut table = Table::begin(flow, [Column::text("Account", 1.4), Column::text("Why", 3.5)]);
    for scope in scopes.iter().take(SHOWN) {
        let name = scope.scope_details.name.as_deref();
        let id = scope.scope.as_str();
        table.row([
            name.map_or_else(|| Cell::text(id), |name| Cell::text(name).below(id, small())),
            Cell::text(&words::one_line(&overview::why(&scope.reason))),
        ]);
    }
    table.end();
    more(scopes.len(), SHOWN, flow);
}

fn operations(gaps: &Gaps, flow: &mut Flow) {
    if gaps.operations.is_empty() {
        return;
    }
    flow.part("Operations that failed");
    let columns = [
        Column::text("Operation", 2.7),
        Column::text("Answer", 1.7),
        Column::text("Permission to grant", 2.7),
        Column::number("Verdicts unknown", 0.8),
    ];
    let mut table = Table::begin(flow, columns);
    for gap in gaps.operations.iter().take(SHOWN) {
        let permissions: Vec<_> = gap.permissions.iter().map(String::as_str).collect();
        table.row([
            Cell::code(&gap.operation),
            Cell::code(&gap.code),
            Cell::code(&first_of(&permissions, 5)),
            Cell::number(gap.verdicts as u64),
        ]);
    }
    table.end();
    more(gaps.operations.len(), SHOWN, flow);
    let permissions: Vec<_> = gaps.permissions().into_iter().collect();
    if !permissions.is_empty() {
        flow.label("All permissions that would help");
        flow.code(&first_of(&permissions, PERMISSIONS_SHOWN));
    }
}
