//! How many verdicts a second one core reaches: the rules about security groups over made-up groups.
//!
//! `cargo run --release --package stance-evaluate --example verdict_rate -- 20000`

use chrono::{DateTime, Utc};
use serde_json::json;
use stance_catalog::{Catalog, Rule};
use stance_evaluate::{Options, evaluate};
use stance_model::{
    Completion, Listing, ListingState, Provider, Resource, ResourceReference, Run, Snapshot, Source,
};
use std::collections::BTreeMap;
use std::time::Instant;

const GROUP: &str = "AWS::EC2::SecurityGroup";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let catalog = Catalog::built_in()?;
    let rules: Vec<&Rule> = catalog.rules().filter(|rule| rule.text.resource.as_str() == GROUP).collect();
    for rule in &rules {
        rule.compiled().map_err(|problems| format!("{problems:?}"))?;
    }
    let snapshot = estate(count);
    let start = Instant::now();
    let report = evaluate(&catalog, &rules, &snapshot, &Options::default())
        .map_err(|problems| format!("{problems:?}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let verdicts: u64 = report.rules.values().map(|rule| rule.score.passed + rule.score.failed).sum();
    println!(
        "{verdicts} verdicts of {} rules with their findings in {seconds:.2} s, {:.0} a second",
        rules.len(),
        f64::from(u32::try_from(verdicts)?) / seconds
    );
    Ok(())
}

fn estate(count: usize) -> Snapshot {
    let read_at = DateTime::<Utc>::UNIX_EPOCH;
    let group = |index: usize| {
        let open = if index.is_multiple_of(10) { "0.0.0.0/0" } else { "10.0.0.0/8" };
        let fields = json!({
            "GroupId": format!("sg-{index}"),
            "GroupName": format!("group-{index}"),
            "VpcId": "vpc-1",
            "IpPermissions": [
                { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] },
                { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": open }] },
            ],
            "IpPermissionsEgress": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
        });
        Resource {
            reference: ResourceReference {
                id: format!("arn:aws:ec2:eu-central-1:123456789012:security-group/sg-{index}").into(),
                resource_type: GROUP.into(),
                name: format!("group-{index}"),
                region: "eu-central-1".into(),
                scope: "123456789012".into(),
                provider: Provider::Aws,
            }
            .into(),
            tags: BTreeMap::new(),
            fields: fields.as_object().cloned().unwrap_or_default(),
            listed_by: Source { operation: "ec2:DescribeSecurityGroups".into(), read_at },
            attributes: BTreeMap::new(),
        }
    };
    let listing = |name: &str, count| Listing {
        resource_type: name.into(),
        region: "eu-central-1".into(),
        state: ListingState::Read { count },
    };
    Snapshot {
        run: Run {
            started_at: read_at,
            ended_at: read_at,
            resumed_at: None,
            scope_details: std::sync::Arc::default(),
            as_of: read_at,
            provider: Provider::Aws,
            scope: "123456789012".into(),
            partition: "aws".into(),
            identity: "bench".into(),
            regions: vec!["eu-central-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: vec![listing(GROUP, count), listing("AWS::EC2::NetworkInterface", 0)],
            calls: BTreeMap::new(),
            stance_version: "bench".into(),
        },
        resources: (0..count).map(group).collect(),
    }
}
