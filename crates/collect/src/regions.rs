//! Which regions to scan.

use crate::{CallFailure, Transport};
use futures_util::future::join_all;
use serde_json::{Value, json};
use stance_model::{Region, SkippedRegion};

/// The regions to scan, and those that are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanRegions {
    /// Regions to scan.
    pub scanned: Vec<Region>,
    /// Regions that are left out, and why.
    pub skipped: Vec<SkippedRegion>,
}

/// Finds the regions that are enabled for the account and answer; with `wanted`, only those; none of
/// `unwanted`.
///
/// Each region is asked once who we are: that takes no permission, fails where the region is
/// switched off, and tells within the connect timeout where nobody answers.
pub async fn find_regions<T: Transport>(
    transport: &T,
    home: &str,
    wanted: &[String],
    unwanted: &[String],
) -> ScanRegions {
    let mut regions = ScanRegions::default();
    let candidates = if wanted.is_empty() {
        match transport.call("ec2", "DescribeRegions", home, json!({"AllRegions": true})).await {
            Ok(answer) => enabled(&answer.value, &mut regions.skipped),
            Err(failure) => {
                regions.skipped.push(SkippedRegion {
                    region: "*".into(),
                    reason: format!(
                        "the account's regions could not be listed (ec2:DescribeRegions answered {}); only {home} was scanned, name others with --region",
                        failure.code
                    ),
                });
                vec![home.to_owned()]
            }
        }
    } else {
        wanted.to_vec()
    };
    let (left_out, candidates): (Vec<String>, Vec<String>) =
        candidates.into_iter().partition(|region| unwanted.contains(region));
    regions.skipped.extend(left_out.into_iter().map(|region| SkippedRegion {
        region: region.into(),
        reason: "left out by the setting for regions".into(),
    }));
    let probes =
        candidates.iter().map(|region| transport.call("sts", "GetCallerIdentity", region, json!({})));
    for (region, outcome) in candidates.iter().zip(join_all(probes).await) {
        match outcome.err().and_then(|failure| reason(&failure)) {
            Some(reason) => regions.skipped.push(SkippedRegion { region: region.as_str().into(), reason }),
            None => regions.scanned.push(region.as_str().into()),
        }
    }
    regions.scanned.sort();
    regions
}

fn enabled(answer: &Value, skipped: &mut Vec<SkippedRegion>) -> Vec<String> {
    let mut enabled = Vec::new();
    for region in answer.get("Regions").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = region.get("RegionName").and_then(Value::as_str) else { continue };
        match region.get("OptInStatus").and_then(Value::as_str) {
            Some("not-opted-in") => skipped
                .push(SkippedRegion { region: name.into(), reason: "not enabled for the account".into() }),
            _ => enabled.push(name.to_owned()),
        }
    }
    enabled
}

/// Why a region that answered so is to be left out; any other failure is for its own calls to tell.
fn reason(failure: &CallFailure) -> Option<String> {
    match failure.code.as_str() {
        CallFailure::UNREACHABLE | CallFailure::NO_SUCH_HOST | CallFailure::TIMEOUT => {
            Some(format!("nobody answers there: {}", failure.message))
        }
        _ if failure.region_off => Some(format!("switched off for the account ({})", failure.code)),
        _ => None,
    }
}
