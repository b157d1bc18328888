//! Verdicts that come, stay, change and go.

use crate::estate::{ACCOUNT, Estate, Fail, Pass, RULES, Unknown, day, stores, take};
use stance_model::{FindingId, Score, Standing, VerdictStatus};
use stance_store::{Constraints, FindingDetail, Position, Store};

fn finding(store: &Store, rule: usize, bucket: &str) -> FindingDetail {
    let id = FindingId::of(RULES[rule], ACCOUNT, &format!("arn:aws:s3:::{bucket}"), None);
    store.finding(&store.census().unwrap(), id.as_str(), |_| true).unwrap()
}

fn score(store: &Store) -> (u64, u64, u64) {
    let score: Score = store.census().unwrap().score(|_| true);
    (score.verdicts.passed, score.verdicts.failed, score.verdicts.unknown)
}

#[test]
fn a_finding_remembers_when_it_came_changed_went_and_came_back() {
    for kept in stores() {
        let store = &kept.store;
        let (_, first) = take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        assert_eq!((first.opened, first.resolved), (1, 0));
        take(store, 1, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let (_, mended) = take(store, 2, &[Estate::of(&[("logs", [Pass, Pass])])]);
        assert_eq!((mended.opened, mended.resolved), (0, 1));
        take(store, 3, &[Estate::of(&[])]);
        let gone = finding(store, 0, "logs");
        assert_eq!((gone.row.status, gone.row.since), (None, day(3)));
        assert_eq!(score(store), (0, 0, 0));
        let (_, back) = take(store, 4, &[Estate::of(&[("logs", [Fail, Pass])])]);
        assert_eq!((back.opened, back.resolved), (1, 0));

        let finding = finding(store, 0, "logs");
        assert_eq!(finding.row.first_seen, day(0));
        assert_eq!(finding.row.since, day(4));
        assert_eq!(finding.row.last_seen, day(4));
        assert_eq!(finding.row.reopened, 1);
        assert_eq!(finding.said.unwrap().message, "`logs` is judged fail");
        assert_eq!(finding.configuration.unwrap().fields["Name"], "logs");
        let periods: Vec<_> =
            finding.periods.iter().map(|period| (period.status, period.from, period.to)).collect();
        assert_eq!(
            periods,
            [
                (Some(Fail), day(0), Some(day(2))),
                (Some(Pass), day(2), Some(day(3))),
                (None, day(3), Some(day(4))),
                (Some(Fail), day(4), None),
            ]
        );
    }
}

#[test]
fn what_a_narrower_run_did_not_look_at_keeps_its_verdict_and_its_date() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("logs", [Fail, Fail]), ("site", [Pass, Fail])])]);
        take(store, 1, &[Estate::of(&[("logs", [Pass, Fail]), ("site", [Pass, Fail])]).narrow()]);
        assert_eq!(score(store), (2, 2, 0));
        assert_eq!(finding(store, 0, "logs").row.last_seen, day(1));
        let other = finding(store, 1, "logs").row;
        assert_eq!((other.status, other.last_seen), (Some(Fail), day(0)));
        // the next run that looks sees it again
        take(store, 2, &[Estate::of(&[("logs", [Pass, Fail]), ("site", [Pass, Fail])])]);
        assert_eq!(finding(store, 1, "logs").row.last_seen, day(2));
    }
}

#[test]
fn what_could_not_be_listed_is_unknown_and_never_gone_or_passing() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        take(store, 1, &[Estate::unreadable()]);
        // two that stand for what may be there, and the two that were known
        assert_eq!(score(store), (0, 0, 4));
        let passed = finding(store, 1, "logs");
        assert_eq!((passed.row.status, passed.row.last_seen), (Some(Unknown), day(0)));
        assert!(passed.configuration.is_some());
        // readable again: what stood in is gone, what is there is judged
        let (_, imported) = take(store, 2, &[Estate::of(&[("logs", [Fail, Pass])])]);
        assert_eq!(score(store), (1, 1, 0));
        assert_eq!(imported.opened, 1);
        assert_eq!(finding(store, 1, "logs").row.last_seen, day(2));
        let inventory: u64 = store.census().unwrap().inventory.iter().map(|held| held.resources).sum();
        assert_eq!(inventory, 1);
    }
}

#[test]
fn a_run_about_one_account_leaves_the_others_as_they_are() {
    for kept in stores() {
        let store = &kept.store;
        let other = Estate::of(&[("theirs", [Fail, Fail])]).in_scope("222222222222", "other");
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])]), other]);
        take(store, 1, &[Estate::of(&[("logs", [Pass, Pass])])]);
        assert_eq!(score(store), (2, 2, 0));
        assert_eq!(finding(store, 0, "theirs").row.last_seen, day(0));
        assert_eq!(finding(store, 0, "logs").row.last_seen, day(1));
        let census = store.census().unwrap();
        let scope = census.scope_of(ACCOUNT).unwrap();
        assert_eq!((scope.name(), scope.details.path_text().as_str()), ("shop", "Production"));
    }
}

#[test]
fn the_trend_tells_how_the_estate_stood_after_each_run() {
    for kept in stores() {
        let store = &kept.store;
        let other = || Estate::of(&[("theirs", [Fail, Fail])]).in_scope("222222222222", "other");
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        take(store, 1, &[other()]);
        take(store, 2, &[Estate::of(&[("logs", [Pass, Pass])]), other()]);
        take(store, 3, &[Estate::of(&[("logs", [Pass, Pass])]), other()]);
        let census = store.census().unwrap();
        let points = store.trend(&census, 10, |_| true).unwrap();
        let told: Vec<_> = points
            .iter()
            .map(|point| (point.at, point.score.verdicts.passed, point.score.verdicts.failed))
            .collect();
        assert_eq!(told, [(day(0), 1, 1), (day(1), 1, 3), (day(2), 2, 2), (day(3), 2, 2)]);
        let last = store.trend(&census, 1, |tally| tally.rule.as_str() == RULES[0]).unwrap();
        assert_eq!((last[0].score.verdicts.passed, last[0].score.verdicts.failed), (1, 1));
        // high and low weigh ten and one
        assert_eq!(points[0].score.weighted.failed, 10);
    }
}

#[test]
fn an_unchanged_run_changes_no_row_of_any_finding() {
    for kept in stores() {
        let store = &kept.store;
        let estate = Estate::of(&[("logs", [Fail, Pass]), ("site", [Unknown, Pass])]);
        take(store, 0, std::slice::from_ref(&estate));
        let before = finding(store, 0, "logs");
        let (_, imported) = take(store, 1, std::slice::from_ref(&estate));
        assert_eq!((imported.findings, imported.opened, imported.resolved), (4, 0, 0));
        let after = finding(store, 0, "logs");
        assert_eq!(after.row.since, before.row.since);
        assert_eq!(after.periods.len(), 1);
        assert_eq!(after.row.last_seen, day(1));
    }
}

#[test]
fn an_accepted_finding_counts_as_such_until_it_is_no_longer_accepted() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let accepted = || {
            let mut findings = Estate::of(&[("logs", [Fail, Pass])]).findings(day(1));
            findings[0].exception = Some(std::sync::Arc::new(stance_model::ExceptionMark {
                id: None,
                reason: "a public site".into(),
                owner: "web".into(),
                until: None,
            }));
            findings
        };
        let run = store.begin_run("accepted", day(1)).unwrap();
        let mut writer =
            stance_store::BundleWriter::begin(Vec::new(), RULES.into_iter().map(Into::into)).unwrap();
        writer.scope(&Estate::of(&[("logs", [Fail, Pass])]).snapshot(day(1)), &accepted()).unwrap();
        let sent = writer.end(crate::estate::scan(day(1)), Vec::new()).unwrap();
        let imported = store.import(run, sent.as_slice()).unwrap();
        assert_eq!((imported.opened, imported.resolved), (0, 1));
        let row = finding(store, 0, "logs").row;
        assert_eq!((row.status, row.standing), (Some(VerdictStatus::Fail), Standing::Excepted));
        assert_eq!(store.census().unwrap().score(|_| true).verdicts.excepted, 1);
        take(store, 2, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let detail = finding(store, 0, "logs");
        assert_eq!((detail.row.standing, detail.row.reopened), (Standing::Failing, 1));
        assert_eq!(
            detail.periods.iter().map(|period| period.is_excepted).collect::<Vec<_>>(),
            [false, true, false]
        );
    }
}

#[test]
fn what_two_accounts_share_is_found_in_each_of_them() {
    for kept in stores() {
        let store = &kept.store;
        let shared = Estate::of(&[("shared", [Fail, Pass])]);
        take(store, 0, &[shared.clone(), shared.clone().in_scope("222222222222", "other")]);
        take(store, 1, &[shared.clone(), Estate::of(&[]).in_scope("222222222222", "other")]);
        let census = store.census().unwrap();
        assert_eq!(census.score(|_| true).verdicts.failed, 1);
        let cells: Vec<_> = census.cells.iter().collect();
        let page = store.findings(&census, &cells, &Constraints::default(), Position::Start, 9).unwrap();
        let failing = page.findings.iter().find(|row| row.status == Some(VerdictStatus::Fail)).unwrap();
        // gone in one of them, it is there in the other, and for whoever sees the one only it is gone
        let other = census.scopes.values().find(|scope| scope.id.as_str() == "222222222222").unwrap().number;
        let all = store.finding(&census, &failing.id, |_| true).unwrap();
        assert_eq!((all.row.status, all.row.scope == other), (Some(VerdictStatus::Fail), false));
        let theirs = store.finding(&census, &failing.id, |scope| scope == other).unwrap();
        assert_eq!(theirs.row.status, None);
        assert!(store.finding(&census, &failing.id, |_| false).is_err());
    }
}
