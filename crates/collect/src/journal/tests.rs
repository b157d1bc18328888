//! Journals that end where a process was killed.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use stance_catalog::{Catalog, Plan};
use stance_model::{Provider, ReadFailure, ResourceReference, Source};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const SCOPE: &str = "123456789012";

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let catalog = Catalog::built_in_with(&[]).unwrap();
    Plan::of(&catalog, catalog.rules().filter(|rule| rule.service == "ec2")).unwrap()
});

fn planned(index: usize) -> &'static PlannedType {
    &PLAN.types[index % PLAN.types.len()]
}

fn resource(of: &PlannedType, number: usize) -> Resource {
    let source = Source { operation: "ec2:Describe".into(), read_at: DateTime::UNIX_EPOCH };
    Resource {
        reference: ResourceReference {
            id: format!("arn:{}:{number}", of.definition.name).as_str().into(),
            resource_type: of.definition.name.clone(),
            name: format!("resource {number}"),
            region: "eu-central-1".into(),
            scope: SCOPE.into(),
            provider: Provider::Aws,
        }
        .into(),
        tags: BTreeMap::from([("number".to_owned(), number.to_string())]),
        fields: json!({ "Number": number, "Text": "x".repeat(number % 50) }).as_object().unwrap().clone(),
        listed_by: source,
        attributes: BTreeMap::new(),
    }
}

fn listing(of: &PlannedType, count: usize) -> Listing {
    Listing {
        resource_type: of.definition.name.clone(),
        region: "eu-central-1".into(),
        state: ListingState::Read { count },
    }
}

fn keep(journal: &Journal, index: usize, count: usize) {
    let of = planned(index);
    let resources: Vec<Resource> = (0..count).map(|number| resource(of, number)).collect();
    journal.keep(of, &listing(of, count), &resources);
}

/// How many of the entries are held, each of which must be as it was kept.
fn held(journal: &Journal, counts: &[usize]) -> Vec<usize> {
    let region = Region::from("eu-central-1");
    let mut held = Vec::new();
    for (index, count) in counts.iter().enumerate() {
        let of = planned(index);
        let Some(kept) = journal.take(of, &region) else { continue };
        assert_eq!(kept.listing, listing(of, *count));
        assert_eq!(kept.resources, (0..*count).map(|number| resource(of, number)).collect::<Vec<_>>());
        held.push(index);
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_journal_that_was_cut_anywhere_holds_what_came_before_and_goes_on(
        counts in prop::collection::vec(0..20usize, 0..8),
        place in 0.0..1.0f64,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let begun = Journal::begin(&path, SCOPE).unwrap();
        let head = path.metadata().unwrap().len();
        let mut ends = Vec::new();
        for (index, count) in counts.iter().enumerate() {
            keep(&begun, index, *count);
            ends.push(path.metadata().unwrap().len());
        }
        let started_at = begun.started_at();
        drop(begun);
        let length = path.metadata().unwrap().len();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let cut = head + ((length - head) as f64 * place) as u64;
        File::options().write(true).open(&path).unwrap().set_len(cut).unwrap();

        let resumed = Journal::resume(&path, SCOPE).unwrap();
        prop_assert!(resumed.is_resumed());
        prop_assert_eq!(resumed.started_at(), started_at);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        prop_assert_eq!(held(&resumed, &counts), (0..whole).collect::<Vec<_>>());

        // what is kept from now on is found, whatever stood behind the cut
        let mut counts = counts[..whole].to_vec();
        counts.push(7);
        keep(&resumed, whole, 7);
        drop(resumed);
        let again = Journal::resume(&path, SCOPE).unwrap();
        prop_assert_eq!(held(&again, &counts), (0..=whole).collect::<Vec<_>>());
    }

    #[test]
    fn a_journal_with_a_wrong_byte_tells_nothing_wrong(place in 0.0..1.0f64, flip in 1..=255u8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let counts = [3, 5, 2];
        let begun = Journal::begin(&path, SCOPE).unwrap();
        for (index, count) in counts.iter().enumerate() {
            keep(&begun, index, *count);
        }
        drop(begun);
        let mut bytes = std::fs::read(&path).unwrap();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (bytes.len() as f64 * place) as usize;
        bytes[at] ^= flip;
        std::fs::write(&path, bytes).unwrap();
        // refused as a whole, or held up to the wrong byte
        if let Ok(resumed) = Journal::resume(&path, SCOPE) {
            let held = held(&resumed, &counts);
            prop_assert_eq!(held.clone(), (0..held.len()).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_is_no_journal_of_the_account_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    std::fs::write(&path, "my diary").unwrap();
    let told = Journal::resume(&path, SCOPE).unwrap_err().to_string();
    assert!(
        told.ends_with("is not a journal of this scan (it is something else); remove it to scan anew"),
        "{told}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"my diary");
    Journal::begin(&path, "999999999999").unwrap();
    let told = Journal::resume(&path, SCOPE).unwrap_err().to_string();
    assert!(told.contains("it is of `999999999999`"), "{told}");
}

#[test]
fn a_listing_that_failed_or_was_asked_otherwise_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::begin(&path, SCOPE).unwrap();
    let failure = ReadFailure {
        operation: "ec2:Describe".into(),
        code: "AccessDenied".into(),
        message: "no".into(),
        permissions: Vec::new(),
    };
    let failed =
        Listing { state: ListingState::Unreadable { failure: Box::new(failure) }, ..listing(planned(0), 0) };
    journal.keep(planned(0), &failed, &[]);
    keep(&journal, 1, 2);
    drop(journal);
    let resumed = Journal::resume(&path, SCOPE).unwrap();
    let region = Region::from("eu-central-1");
    assert!(resumed.take(planned(0), &region).is_none());
    let mut otherwise = planned(1).clone();
    let attributes = PLAN.types.iter().flat_map(|planned| planned.definition.attributes.iter().cloned());
    otherwise.definition.attributes.extend(attributes.take(1));
    assert!(resumed.take(&otherwise, &region).is_none());
}
