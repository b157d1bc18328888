//! Functions on versions.

use super::{Function, function, text_of, truth};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::Value;
use std::cmp::Ordering;

pub(super) const FUNCTIONS: &[Function] = &[function("versionAtLeast", 2, version_at_least)];

fn version_at_least<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [version, least] = arguments else { return Err(Failure::Mismatch) };
    let (version, least) = (text_of(version, "versionAtLeast")?, text_of(least, "versionAtLeast")?);
    let (Some(parts), Some(least_parts)) = (parts(version), parts(least)) else {
        return Err(Failure::of(
            "versionAtLeast",
            format_args!("`{version}` and `{least}` cannot be compared as versions"),
        ));
    };
    truth(compare(&parts, &least_parts) != Ordering::Less)
}

/// The numbers at the start of a version, `8.0.mysql_aurora` as 8 and 0; nothing if it starts with none.
fn parts(version: &str) -> Option<Vec<u64>> {
    let numbers: Vec<u64> = version
        .trim_start_matches('v')
        .split(['.', '-', '_', '+'])
        .map_while(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

fn compare(left: &[u64], right: &[u64]) -> Ordering {
    (0..left.len().max(right.len()))
        .map(|index| left.get(index).unwrap_or(&0).cmp(right.get(index).unwrap_or(&0)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_not_by_letter() {
        let at_least = |left, right| compare(&parts(left).unwrap(), &parts(right).unwrap()).is_ge();
        assert!(at_least("1.10.2", "1.9"));
        assert!(at_least("1.9", "1.9.0"));
        assert!(!at_least("1.9", "1.10"));
        assert!(at_least("8.0.mysql_aurora.3.05", "8.0"));
        assert_eq!(parts("latest"), None);
    }
}
