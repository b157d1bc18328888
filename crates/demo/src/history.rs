//! A past for the demo's estate: what it might have looked like some days before it was recorded.
//!
//! Some resources were not there yet, and some parts of others had not been set up. Which ones follows from their
//! ids alone, so that every demo tells the same story.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use stance_model::{AttributeState, ListingState, Resource, Snapshot};
use std::collections::HashMap;

/// Of so many resources one is younger than the story, and of so many parts one was set up within it.
const ONE_OF: u8 = 4;

/// The estate so many days before it was read, of a story that is `length` days long.
pub fn days_before(snapshot: &Snapshot, days: u8, length: u8) -> Snapshot {
    let mut earlier = snapshot.clone();
    let past = TimeDelta::days(i64::from(days));
    for moment in [&mut earlier.run.started_at, &mut earlier.run.ended_at, &mut earlier.run.as_of] {
        *moment -= past;
    }
    earlier.resources.retain(|resource| !happened_within(resource.reference.id.as_str(), days, length));
    for resource in &mut earlier.resources {
        before_it_was_set_up(resource, days, length);
    }
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    for Resource { reference, .. } in &earlier.resources {
        *counts.entry((reference.resource_type.as_str(), reference.region.as_str())).or_default() += 1;
    }
    for listing in &mut earlier.run.listings {
        if let ListingState::Read { count } = &mut listing.state {
            let there = counts.get(&(listing.resource_type.as_str(), listing.region.as_str()));
            *count = there.copied().unwrap_or_default();
        }
    }
    earlier
}

fn before_it_was_set_up(resource: &mut Resource, days: u8, length: u8) {
    let id = resource.reference.id.as_str().to_owned();
    for (name, attribute) in &mut resource.attributes {
        let is_known = matches!(attribute.state, AttributeState::Known { .. });
        if is_known && happened_within(&format!("{id} {name}"), days, length) {
            attribute.state = AttributeState::Absent;
        }
    }
}

/// Whether something happened within the last so many days.
fn happened_within(what: &str, days: u8, length: u8) -> bool {
    let digest = Sha256::digest(what);
    let [is_of_story, when] = [digest.first(), digest.get(1)].map(|byte| byte.copied().unwrap_or_default());
    is_of_story.is_multiple_of(ONE_OF) && when % length.max(1) < days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_once_has_happened_ever_since() {
        let mut within = 0;
        for number in 0..500 {
            let what = format!("resource {number}");
            let days: Vec<bool> = (0..=7).map(|days| happened_within(&what, days, 7)).collect();
            assert!(!days[0], "today everything is there");
            assert!(days.is_sorted(), "{days:?}");
            within += usize::from(days[7]);
        }
        assert!((80..170).contains(&within), "{within}");
    }
}
