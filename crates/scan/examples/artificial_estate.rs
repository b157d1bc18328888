//! Writes snapshots of an organization that nobody has, to see what a scan of that size takes.
//!
//! `cargo run --release --package stance-scan --example artificial_estate -- FOLDER 200 5000`

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stance_catalog::{Catalog, Plan, ReadScope};
use stance_collect::write_snapshot;
use stance_model::{
    Attribute, AttributeState, Completion, Listing, ListingState, Provider, Region, Resource,
    ResourceReference, ResourceType, Run, ScopeDetails, ScopeUnit, Snapshot, Source,
};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// As many as an account has unless it switches more on.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
/// Of ten resources so many are of each kind: most rules speak of groups and buckets, and most of an estate
/// is something else.
const MIX: [Kind; 10] = {
    use Kind::{Bucket, Group, Role, Volume};
    [Group, Volume, Role, Volume, Bucket, Role, Volume, Group, Role, Volume]
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Group,
    Bucket,
    Role,
    Volume,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "artificial_estate FOLDER ACCOUNTS RESOURCES";
    let folder = arguments.next().ok_or(usage)?;
    let accounts: u64 = arguments.next().ok_or(usage)?.parse()?;
    let resources: usize = arguments.next().ok_or(usage)?.parse()?;
    std::fs::create_dir_all(&folder)?;
    let catalog = Catalog::built_in()?;
    let plan = Plan::of(&catalog, catalog.rules()).map_err(|problems| format!("{problems:?}"))?;
    for number in 0..accounts {
        let account = (100_000_000_000 + number).to_string();
        let file = Path::new(&folder).join(format!("{account}.jsonl.gz"));
        write_snapshot(&snapshot(&plan, &account, number, resources), &file)?;
    }
    Ok(())
}

fn snapshot(plan: &Plan, account: &str, number: u64, count: usize) -> Snapshot {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let resources: Vec<Resource> = (0..count)
        .zip(MIX.iter().cycle().zip(REGIONS.iter().cycle()))
        .map(|(index, (kind, region))| kind.resource(account, region, index))
        .collect();
    let mut counts: HashMap<(&ResourceType, &Region), usize> = HashMap::new();
    for Resource { reference, .. } in &resources {
        *counts.entry((&reference.resource_type, &reference.region)).or_default() += 1;
    }
    let listings = plan.types.iter().flat_map(|planned| {
        let regions = match planned.definition.read {
            ReadScope::Regional => REGIONS.map(Region::from).to_vec(),
            _ => vec![Region::global()],
        };
        regions.into_iter().map(|region| {
            let resource_type = planned.definition.name.clone();
            let count = counts.get(&(&resource_type, &region)).copied().unwrap_or_default();
            Listing { resource_type, region, state: ListingState::Read { count } }
        })
    });
    let listings: Vec<Listing> = listings.collect();
    let unit = |id: &str, name: &str| ScopeUnit { id: id.into(), name: name.into() };
    Snapshot {
        run: Run {
            started_at: now,
            ended_at: now,
            resumed_at: None,
            as_of: now,
            provider: Provider::Aws,
            scope: account.into(),
            scope_details: Arc::new(ScopeDetails {
                name: Some(format!("account-{number}")),
                path: vec![unit("r-1", "Root"), unit("ou-1-12345678", "Workloads")],
                tags: BTreeMap::from([("environment".to_owned(), "production".to_owned())]),
            }),
            partition: "aws".into(),
            identity: "bench".into(),
            regions: REGIONS.map(Region::from).to_vec(),
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings,
            calls: BTreeMap::new(),
            stance_version: env!("CARGO_PKG_VERSION").into(),
        },
        resources,
    }
}

impl Kind {
    fn resource(self, account: &str, region: &str, index: usize) -> Resource {
        let ill_kept = index.is_multiple_of(7);
        let (type_name, operation, id, name, fields, attributes) = match self {
            Self::Group => {
                let id = format!("arn:aws:ec2:{region}:{account}:security-group/sg-{index:08}");
                let name = format!("group-{index}");
                (
                    "AWS::EC2::SecurityGroup",
                    "ec2:DescribeSecurityGroups",
                    id,
                    name,
                    group(index, ill_kept),
                    vec![],
                )
            }
            Self::Volume => {
                let id = format!("arn:aws:ec2:{region}:{account}:volume/vol-{index:08}");
                let name = format!("vol-{index:08}");
                ("AWS::EC2::Volume", "ec2:DescribeVolumes", id, name, volume(index, !ill_kept), vec![])
            }
            Self::Role => {
                let id = format!("arn:aws:iam::{account}:role/role-{index}");
                let name = format!("role-{index}");
                let fields = role(&id, &name, ill_kept);
                ("AWS::IAM::Role", "iam:GetAccountAuthorizationDetails", id, name, fields, vec![])
            }
            Self::Bucket => {
                let name = format!("bucket-{account}-{index}");
                let fields = json!({ "Name": name, "BucketRegion": region });
                let attributes = bucket(&name, ill_kept);
                (
                    "AWS::S3::Bucket",
                    "s3:ListBuckets",
                    format!("arn:aws:s3:::{name}"),
                    name,
                    fields,
                    attributes,
                )
            }
        };
        let source = |operation: &str| Source { operation: operation.into(), read_at: DateTime::UNIX_EPOCH };
        let attributes = attributes.into_iter().map(|(name, operation, value)| {
            let state = match value {
                Value::Null => AttributeState::Absent,
                value => AttributeState::Known { value },
            };
            (name.to_owned(), Attribute { source: source(operation), state })
        });
        let is_global = matches!(self, Self::Role);
        Resource {
            reference: ResourceReference {
                id: id.as_str().into(),
                resource_type: type_name.into(),
                name,
                region: if is_global { Region::global() } else { Region::from(region) },
                scope: account.into(),
                provider: Provider::Aws,
            }
            .into(),
            tags: BTreeMap::from([("team".to_owned(), format!("team-{}", index % 20))]),
            fields: fields.as_object().cloned().unwrap_or_default(),
            listed_by: source(operation),
            attributes: attributes.collect(),
        }
    }
}

fn group(index: usize, open: bool) -> Value {
    let from = if open { "0.0.0.0/0" } else { "10.0.0.0/8" };
    json!({
        "GroupId": format!("sg-{index:08}"), "GroupName": format!("group-{index}"), "VpcId": "vpc-1",
        "IpPermissions": [
            { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] },
            { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": from }] },
        ],
        "IpPermissionsEgress": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
    })
}

fn volume(index: usize, encrypted: bool) -> Value {
    json!({
        "VolumeId": format!("vol-{index:08}"), "Encrypted": encrypted, "Size": 100, "State": "in-use",
        "AvailabilityZone": "eu-central-1a", "VolumeType": "gp3", "CreateTime": "2026-01-01T00:00:00Z",
        "Attachments": [{ "InstanceId": format!("i-{index:08}"), "State": "attached", "DeleteOnTermination": true }],
    })
}

fn role(arn: &str, name: &str, trusts_all: bool) -> Value {
    let principal =
        if trusts_all { json!({ "AWS": "*" }) } else { json!({ "Service": "lambda.amazonaws.com" }) };
    json!({
        "Arn": arn, "RoleName": name, "RoleId": format!("AROA{name}"), "Path": "/",
        "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }],
        },
        "AttachedManagedPolicies": [], "RolePolicyList": [], "InstanceProfileList": [], "Tags": [],
    })
}

/// Attributes by name, with the operations that would have read them.
fn bucket(name: &str, ill_kept: bool) -> Vec<(&'static str, &'static str, Value)> {
    let resource = [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")];
    let denies_plain_http = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resource,
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }]});
    let kept = |value: Value| if ill_kept { Value::Null } else { value };
    let encryption =
        json!({ "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] });
    let blocked = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    vec![
        ("Encryption", "s3:GetBucketEncryption", encryption),
        ("Policy", "s3:GetBucketPolicy", kept(denies_plain_http)),
        ("PolicyStatus", "s3:GetBucketPolicyStatus", kept(json!({ "IsPublic": false }))),
        ("Acl", "s3:GetBucketAcl", json!({ "Owner": { "ID": "owner" }, "Grants": [] })),
        (
            "OwnershipControls",
            "s3:GetBucketOwnershipControls",
            json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }),
        ),
        ("PublicAccessBlock", "s3:GetPublicAccessBlock", kept(blocked)),
        ("Versioning", "s3:GetBucketVersioning", json!({ "Status": "Enabled" })),
        ("Logging", "s3:GetBucketLogging", json!({})),
        ("Lifecycle", "s3:GetBucketLifecycleConfiguration", Value::Null),
        ("Replication", "s3:GetBucketReplication", Value::Null),
        ("ObjectLock", "s3:GetObjectLockConfiguration", Value::Null),
        ("Website", "s3:GetBucketWebsite", Value::Null),
        ("NotificationConfiguration", "s3:GetBucketNotificationConfiguration", json!({})),
    ]
}
