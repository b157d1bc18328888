//! Lists of findings.

use crate::estate::{Estate, Fail, Pass, RULES, Unknown, day, stores, take};
use stance_model::Standing;
use stance_store::{Cell, Census, Constraints, Page, Position, Store};

fn failing(census: &Census) -> Vec<&Cell> {
    let mut cells: Vec<&Cell> =
        census.cells.iter().filter(|cell| cell.standing == Standing::Failing).collect();
    cells.sort_by(|left, right| (right.severity, &left.rule).cmp(&(left.severity, &right.rule)));
    cells
}

fn page(store: &Store, constraints: &Constraints, from: Position, limit: u64) -> Page {
    let census = store.census().unwrap();
    store.findings(&census, &failing(&census), constraints, from, limit).unwrap()
}

fn names(page: &Page) -> Vec<&str> {
    page.findings.iter().map(|finding| finding.resource_name.as_str()).collect()
}

#[test]
fn pages_follow_each_other_in_order_and_hold_each_finding_once() {
    for kept in stores() {
        let names: Vec<String> = (0..25).map(|number| format!("bucket-{number:02}")).collect();
        let buckets: Vec<_> = names.iter().map(|name| (name.as_str(), [Fail, Fail])).collect();
        take(&kept.store, 0, &[Estate::of(&buckets), Estate::of(&[("x", [Pass, Fail])]).in_scope("2", "x")]);
        let mut met = Vec::new();
        let mut from = Position::Start;
        loop {
            let page = page(&kept.store, &Constraints::default(), from, 7);
            assert_eq!(page.total, Some(51));
            met.extend(page.findings.iter().map(|finding| (finding.severity, finding.id.clone())));
            let Some(next) = page.next else { break };
            from = next;
        }
        assert_eq!(met.len(), 51);
        assert!(met.is_sorted_by(|left, right| left.0 >= right.0), "the worst come first");
        met.sort();
        met.dedup();
        assert_eq!(met.len(), 51);
        let beyond = page(&kept.store, &Constraints::default(), Position::Offset(1_000_000), 7);
        assert_eq!((beyond.findings.len(), beyond.next), (0, None));
    }
}

#[test]
fn findings_are_found_by_words_tags_and_times() {
    for kept in stores() {
        let estate = Estate::of(&[("payments-logs", [Fail, Pass]), ("site", [Fail, Fail])])
            .tagged("site", "team", "web")
            .tagged("payments-logs", "team", "o'hara \"%_");
        take(&kept.store, 0, std::slice::from_ref(&estate));
        let mut second = estate.clone();
        second.buckets.insert("new-logs".into(), vec![(RULES[0], Fail), (RULES[1], Unknown)]);
        second.buckets.insert("site".into(), vec![(RULES[0], Pass), (RULES[1], Fail)]);
        take(&kept.store, 1, &[second]);
        let found = |constraints: Constraints| page(&kept.store, &constraints, Position::Start, 10);
        let text = |text: &str| Constraints { text: Some(text.into()), ..Constraints::default() };
        assert_eq!(names(&found(text("LOG"))), ["payments-logs", "new-logs"]);
        assert_eq!(names(&found(text("pay log"))), ["payments-logs"]);
        assert_eq!(names(&found(text("arn:aws:s3:::site"))), ["site"]);
        for hostile in ["\"", "' OR 1=1 --", "logs:* | !", "%", "NOT", "a:b AND", "\0"] {
            let page = found(text(hostile));
            assert!(page.total.is_some(), "{hostile}");
        }
        let tag = |value: Option<&str>| Constraints {
            tag: Some(("team".into(), value.map(str::to_owned))),
            ..Constraints::default()
        };
        assert_eq!(names(&found(tag(Some("web")))), ["site"]);
        assert_eq!(names(&found(tag(Some("o'hara \"%_")))), ["payments-logs"]);
        assert_eq!(found(tag(None)).total, Some(2));
        assert_eq!(found(tag(Some("we"))).total, Some(0));
        let new = Constraints { first_seen_from: Some(day(1)), ..Constraints::default() };
        assert_eq!(names(&found(new)), ["new-logs"]);
        let never = Constraints { since_from: Some(day(2)), ..Constraints::default() };
        assert_eq!(found(never).total, Some(0));
        let none = Constraints { resource: Some(999), ..Constraints::default() };
        assert_eq!(found(none).total, Some(0));
    }
}

#[test]
fn a_search_that_meets_too_much_to_be_counted_goes_on_page_by_page() {
    for kept in stores() {
        let names: Vec<String> = (0..2_500).map(|number| format!("bucket-{number:04}")).collect();
        let buckets: Vec<_> = names.iter().map(|name| (name.as_str(), [Fail, Pass])).collect();
        take(&kept.store, 0, &[Estate::of(&buckets)]);
        let search = Constraints { text: Some("bucket".into()), ..Constraints::default() };
        let mut met = Vec::new();
        let mut from = Position::Start;
        loop {
            let page = page(&kept.store, &search, from, 700);
            assert_eq!(page.total, None);
            met.extend(page.findings.iter().map(|finding| finding.resource_name.clone()));
            let Some(next) = page.next else { break };
            from = next;
        }
        met.sort();
        assert_eq!(met, names);
    }
}
