//! Snapshots of an artificial organization: accounts with 5,000 resources each, in a folder.
//!
//! `cargo run --release --package stance-scan --example million -- DIR 200`

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stance_model::{
    Completion, Listing, ListingState, Provider, Resource, ResourceReference, Run, Snapshot, Source,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const GROUP: &str = "AWS::EC2::SecurityGroup";
const BUCKET: &str = "AWS::S3::Bucket";
const REGION: &str = "eu-central-1";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder")?;
    let accounts: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    for account in 0..accounts {
        let account = format!("{:012}", 100_000_000_000 + account);
        stance_collect::write_snapshot(
            &snapshot(&account),
            &Path::new(&folder).join(format!("{account}.jsonl.gz")),
        )?;
    }
    Ok(())
}

fn snapshot(account: &str) -> Snapshot {
    let read_at = DateTime::<Utc>::UNIX_EPOCH;
    let resource = |kind: &str, id: String, name: String, region: &str, fields: Value| Resource {
        reference: ResourceReference {
            id: id.as_str().into(),
            resource_type: kind.into(),
            name,
            region: region.into(),
            scope: account.into(),
            provider: Provider::Aws,
        },
        tags: BTreeMap::from([("team".to_owned(), "payments".to_owned())]),
        fields: fields.as_object().cloned().unwrap_or_default(),
        listed_by: Source { operation: "ec2:DescribeSecurityGroups".into(), read_at },
        attributes: BTreeMap::new(),
    };
    let group = |index: usize| {
        let open = if index.is_multiple_of(10) { "0.0.0.0/0" } else { "10.0.0.0/8" };
        let id = format!("arn:aws:ec2:{REGION}:{account}:security-group/sg-{index}");
        let fields = json!({
            "GroupId": format!("sg-{index}"),
            "GroupName": format!("service-{index}"),
            "VpcId": "vpc-1",
            "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": open }],
            }],
            "IpPermissionsEgress": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
        });
        resource(GROUP, id, format!("service-{index}"), REGION, fields)
    };
    let bucket = |index: usize| {
        let name = format!("bucket-{account}-{index}");
        let fields = json!({ "Name": name, "BucketRegion": REGION });
        resource(BUCKET, format!("arn:aws:s3:::{name}"), name, REGION, fields)
    };
    let listing = |name: &str, region: &str, count| Listing {
        resource_type: name.into(),
        region: region.into(),
        state: ListingState::Read { count },
    };
    let mut resources: Vec<Resource> = (0..4000).map(group).collect();
    resources.extend((0..1000).map(bucket));
    Snapshot {
        run: Run {
            started_at: read_at,
            ended_at: read_at,
            resumed_at: None,
            as_of: read_at,
            provider: Provider::Aws,
            scope: account.into(),
            scope_details: Arc::default(),
            partition: "aws".into(),
            identity: "bench".into(),
            regions: vec![REGION.into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: vec![
                listing(GROUP, REGION, 4000),
                listing(BUCKET, "global", 1000),
                listing("AWS::EC2::NetworkInterface", REGION, 0),
            ],
            calls: BTreeMap::new(),
            stance_version: "bench".into(),
        },
        resources,
    }
}
