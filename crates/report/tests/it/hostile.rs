//! What a cloud returns may be hostile; no format passes it on.

use crate::formats::{text, texts};
use crate::sample::{self, Names};
use crate::{pdf, xlsx};
use proptest::prelude::*;
use stance_model::{ExceptionMark, Report, ScopeDetails, UnscannedReason, UnscannedScope, printable};
use stance_report::{Format, TerminalOptions};
use std::borrow::Cow;
use std::sync::Arc;

pub const NASTY: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]><x/>&lt;&#0;",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "=cmd|' /C calc'!A0",
    "+1\t-1\r\n@x",
    "a\",\"b\n'; DROP TABLE x; --",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
    "{Name} {id} {{data}} {{script}}",
    "[click](javascript:alert(1))",
    "$(touch x) `touch x` ; rm -rf / #",
    "\u{0}\u{fffe}\u{ffff}\u{85}\u{2028}",
];

/// A report in which a text stands everywhere.
pub fn hostile(text: &str) -> Report {
    let names = Names { bucket: text.into(), key: text.into(), text: text.into() };
    let mut report = sample::report(&names);
    let run = &mut report.runs[0];
    run.scope = text.into();
    run.partition = text.into();
    run.identity = text.into();
    run.regions.push(text.into());
    run.skipped_regions[0].region = text.into();
    run.skipped_regions[0].reason = text.into();
    report.scan.stance_version = text.into();
    report.scan.organization = Some(text.into());
    report.exception_notices.push(text.into());
    report.taken_from.push(stance_model::KeptRun {
        number: 7,
        name: text.into(),
        ended_at: report.scan.ended_at,
        scopes: 1,
    });
    run.scope_details = sample::details(text);
    let failed = UnscannedReason::Failed { message: text.into() };
    for reason in [failed, UnscannedReason::LeftOut { setting: text.into() }] {
        let scope_details = ScopeDetails::clone(&sample::details(text));
        report.unscanned.push(UnscannedScope { scope: text.into(), scope_details, reason });
    }
    run.calls.insert(text.into(), stance_model::CallCount { succeeded: 1, failed: 1 });
    report.services.insert(text.into(), report.score);
    for benchmark in &mut report.benchmarks {
        benchmark.title = text.into();
        for control in &mut benchmark.controls {
            control.id = text.into();
            control.title = text.into();
            control.section = text.into();
        }
    }
    for (index, finding) in report.findings.iter_mut().enumerate() {
        let resource = Arc::make_mut(&mut finding.resource);
        resource.region = text.into();
        resource.resource_type = text.into();
        resource.scope = text.into();
        finding.scope_details = sample::details(text);
        let exception =
            ExceptionMark { id: Some(text.into()), reason: text.into(), owner: text.into(), until: None };
        finding.exception = index.is_multiple_of(3).then(|| Arc::new(exception));
        for evidence in Arc::make_mut(&mut finding.evidence).iter_mut().map(Arc::make_mut) {
            evidence.path = text.into();
            evidence.value = serde_json::json!({ text: [text] });
            evidence.operation = text.into();
        }
        for control in Arc::make_mut(&mut finding.controls) {
            control.benchmark = text.into();
            control.control = text.into();
        }
    }
    for rule in report.rules.values_mut() {
        rule.title = text.into();
        rule.service = text.into();
        rule.rationale = text.into();
        rule.references = vec![text.into(), format!("https://{text}")];
        rule.categories = vec![text.into()];
    }
    report
}

fn check(text_of: &str) {
    let report = hostile(text_of);
    pdf::check(&report);
    xlsx::check(&report);
    for format in texts() {
        let output = text(&report, format, &TerminalOptions::default());
        // line feeds are the only control characters of any format
        let shown = output.replace('\n', "");
        let shown = if format == Format::Csv { shown.replace('\r', "") } else { shown };
        assert!(matches!(printable(&shown), Cow::Borrowed(_)), "{format}: {text_of:?}");
        match format {
            Format::Json => assert_eq!(serde_json::from_str::<Report>(&output).unwrap(), report),
            Format::JsonLines => {
                for line in output.lines() {
                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                }
                assert_eq!(output.lines().count(), report.findings.len() + 1);
            }
            Format::Ocsf | Format::Sarif => {
                serde_json::from_str::<serde_json::Value>(&output).unwrap();
            }
            Format::Csv => csv(&output, &report),
            Format::Junit => junit(&output),
            Format::Html => html(&output),
            Format::Terminal => assert!(!output.contains('\u{1b}')),
            Format::Pdf | Format::Xlsx => unreachable!("they are no text"),
        }
    }
}

fn csv(output: &str, report: &Report) {
    let mut reader = ::csv::Reader::from_reader(output.as_bytes());
    let rows: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), report.findings.len());
    for cell in rows.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

fn junit(output: &str) {
    let known = [
        "?xml",
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "error",
        "skipped",
    ];
    for tag in output.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>', '/']).next().unwrap();
        assert!(known.contains(&name), "<{tag}");
        // each tag ends once, and the text after it holds no further end
        assert_eq!(tag.matches('>').count(), 1, "<{tag}");
        assert_eq!(tag.split('>').next().unwrap().matches('"').count() % 2, 0, "<{tag}");
    }
    assert_eq!(
        output.matches("<testcase").count(),
        output.matches("</testcase>").count() + output.matches("time=\"0\"/>").count()
    );
}

fn html(output: &str) {
    assert_eq!(output.matches("<script").count(), 2);
    assert_eq!(output.matches("</script").count(), 2);
    assert!(!output.contains("<img"));
    assert!(!output.contains("href=\"javascript"));
    let data = output.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
    assert!(!data.contains(['<', '>', '&']));
    serde_json::from_str::<serde_json::Value>(data).unwrap();
    // attributes hold no end of their own
    for link in output.split("href=\"").skip(1) {
        let target = link.split('"').next().unwrap();
        assert!(target.starts_with('#') || target.starts_with("https://"), "{target}");
    }
}

#[test]
fn nasty_names_are_harmless_in_every_format() {
    for nasty in NASTY {
        check(nasty);
    }
}

#[test]
fn nasty_names_as_they_look() {
    let all = NASTY.concat();
    let report = sample::report(&Names { bucket: all.clone(), key: all.clone(), text: all });
    for format in [Format::Terminal, Format::Csv, Format::Junit] {
        let name = format!("nasty_{format}");
        insta::assert_snapshot!(name, text(&report, format, &TerminalOptions::default()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_is_harmless_in_every_format(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mix_of_nasty_texts_is_harmless(parts in prop::collection::vec(prop::sample::select(NASTY), 1..4)) {
        check(&parts.concat());
    }
}
