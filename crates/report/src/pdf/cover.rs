//! The first page: whose estate, when, how it stands.

use super::TITLE;
use super::flow::Flow;
use super::palette::{self, ACCENT, MARGIN, PAGE_HEIGHT, PASS, SOFT, WHITE, WIDTH};
use super::text::{Span, Style, cut};
use crate::{overview, words};
use pdf_writer::types::StructRole;
use stance_model::{Findings, Report};

/// More benchmarks than these are counted, not named.
const BENCHMARKS_NAMED: usize = 3;

pub(super) fn write(report: &Report<dyn Findings>, flow: &mut Flow) {
    flow.document.begin_page(false);
    flow.document.open(StructRole::Sect);
    flow.document.artifact(|content| {
        ACCENT.fill(content);
        content.rect(0.0, PAGE_HEIGHT - 268.0, palette::PAGE_WIDTH, 268.0).fill_nonzero();
    });
    line(flow, StructRole::P, "Stance", Style::BODY.bold().size(13.0).colour(WHITE), 62.0, 1);
    line(flow, StructRole::H1, TITLE, Style::BODY.bold().size(31.0).colour(WHITE), 130.0, 2);
    let subject =
        format!("{} {}", report.scan.provider.to_string().to_uppercase(), overview::subject(report));
    line(flow, StructRole::P, &cut(&subject, 300), Style::BODY.size(15.0).colour(WHITE), 184.0, 3);

    figure(report, flow);
    facts(report, flow);
    flow.document.close();
}

fn line(flow: &mut Flow, role: StructRole, text: &str, style: Style, y: f32, most: usize) -> f32 {
    let block = flow.document.set(&[Span::new(text, style)], WIDTH, most);
    flow.document.open(role);
    flow.document.text(&block, 0..block.lines.len(), MARGIN, y);
    flow.document.close();
    y + block.height()
}

/// The score as a ring, with its parts in words beside it.
fn figure(report: &Report<dyn Findings>, flow: &mut Flow) {
    let verdicts = report.score.verdicts;
    let (x, y) = (MARGIN + 78.0, 396.0);
    flow.document.artifact(|content| palette::ring(content, verdicts, x, PAGE_HEIGHT - y, 66.0, 19.0));
    let score = verdicts.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    let centred = |flow: &mut Flow, text: &str, style: Style, y: f32| {
        let block = flow.document.set(&[Span::new(text, style)], 110.0, 1);
        flow.document.open(StructRole::P);
        flow.document.text(&block, 0..1, x - block.width() / 2.0, y);
        flow.document.close();
    };
    centred(flow, &score, Style::BODY.bold().size(27.0), y - 27.0);
    centred(flow, "passed", Style::BODY.size(9.5).soft(), y + 9.0);

    let kinds = [
        ("passed", verdicts.passed, PASS, "verdicts that hold"),
        ("failed", verdicts.failed, palette::FAIL, "verdicts that do not hold"),
        ("unknown", verdicts.unknown, palette::UNKNOWN_PART, "verdicts that could not be reached"),
        ("accepted", verdicts.excepted, SOFT, "verdicts that an exception accepts"),
    ];
    let mut y = 334.0;
    for (word, count, colour, meaning) in kinds {
        let spans = [
            Span::new(words::number(count), Style::BODY.bold().size(15.0)),
            Span::new(format!("  {word}"), Style::BODY.bold().size(11.0)),
            Span::new(format!("   {meaning}"), Style::BODY.soft()),
        ];
        let block = flow.document.set(&spans, WIDTH - 200.0, 1);
        flow.document.artifact(|content| {
            colour.fill(content);
            content.rect(MARGIN + 186.0, PAGE_HEIGHT - y - 18.0, 4.0, 15.0).fill_nonzero();
        });
        flow.document.open(StructRole::P);
        flow.document.text(&block, 0..1, MARGIN + 200.0, y);
        flow.document.close();
        y += 32.0;
    }
}

fn facts(report: &Report<dyn Findings>, flow: &mut Flow) {
    let scan = &report.scan;
    let time = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    let benchmarks = match report.benchmarks.as_slice() {
        [] => "none".to_owned(),
        few if few.len() <= BENCHMARKS_NAMED => few
            .iter()
            .map(|it| cut(&words::one_line(super::benchmarks::name(it)), 120))
            .collect::<Vec<_>>()
            .join("; "),
        many => format!("{}, none in particular", many.len()),
    };
    let mut facts = vec![
        ("Scanned", format!("{} to {}", time(scan.started_at), time(scan.ended_at))),
        ("Accounts", words::number(report.runs.len() as u64)),
        ("Regions", words::number(overview::regions(report).len() as u64)),
        ("Benchmarks", benchmarks),
        ("Rules evaluated", words::number(report.rules.len() as u64)),
        ("Made by", format!("Stance {}", cut(&scan.stance_version, 40))),
    ];
    if let Some(organization) = &scan.organization {
        facts.insert(1, ("Organization", cut(organization, 120)));
    }
    let mut y = 540.0;
    for (name, value) in facts {
        flow.document.rule(y);
        let name = flow.document.set(&[Span::new(name, Style::BODY.soft())], 110.0, 1);
        let value = flow.document.set(&[Span::new(value, Style::BODY)], WIDTH - 120.0, 2);
        flow.document.open(StructRole::P);
        flow.document.text(&name, 0..1, MARGIN, y + 5.0);
        flow.document.text(&value, 0..value.lines.len(), MARGIN + 120.0, y + 5.0);
        flow.document.close();
        y += value.height() + 10.0;
    }
    flow.document.rule(y);
    if let Some(shortfall) = overview::shortfall(report) {
        flow.y = y + 14.0;
        flow.notice("Not whole.", &cut(&shortfall, 600));
    }
}
