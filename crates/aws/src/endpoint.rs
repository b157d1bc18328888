//! Which host a service has in a region.
//!
//! The rule is `{prefix}.{region}.{suffix of the partition}`; the table that `tools/api_models.py`
//! makes holds the exceptions, per service, variant and partition.

use crate::error::ModelError;
use serde::Deserialize;
use std::collections::HashMap;

/// A group of regions with identities and names of their own.
#[derive(Debug, Deserialize)]
pub(crate) struct Partition {
    pub id: String,
    dns: String,
    dual: String,
    pub global: String,
    prefixes: Vec<String>,
    regions: Vec<String>,
}

/// FIPS-validated cryptography, IPv6 beside IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Variant {
    pub fips: bool,
    pub dual_stack: bool,
}

impl Variant {
    fn name(self) -> &'static str {
        match (self.fips, self.dual_stack) {
            (false, false) => "plain",
            (true, false) => "fips",
            (false, true) => "dual",
            (true, true) => "fips-dual",
        }
    }
}

/// In what one service's hosts in one partition differ from the rule.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Exceptions {
    /// There are none at all.
    none: bool,
    /// One host for all regions, and the region that requests are signed for.
    global: Option<(String, String)>,
    /// Another pattern.
    pattern: Option<String>,
    /// Single regions: the host and, where it is another one, the region to sign for; nothing
    /// where the service says that it has no such host.
    hosts: HashMap<String, Option<Vec<String>>>,
}

#[derive(Debug, Deserialize)]
struct Table {
    partitions: Vec<Partition>,
    services: HashMap<String, HashMap<String, HashMap<String, Exceptions>>>,
}

#[derive(Debug)]
pub(crate) struct Endpoints {
    /// The partition of last resort, also in the list.
    aws: usize,
    table: Table,
}

/// Where to send a request, and for which region to sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub url: String,
    pub signing_region: String,
}

impl Endpoints {
    pub fn parse(text: &[u8]) -> Result<Self, ModelError> {
        let table: Table =
            serde_json::from_slice(text).map_err(|e| ModelError::Endpoints { message: e.to_string() })?;
        let aws = table.partitions.iter().position(|partition| partition.id == "aws");
        let aws =
            aws.ok_or_else(|| ModelError::Endpoints { message: "partition `aws` is missing".into() })?;
        Ok(Self { aws, table })
    }

    /// The partition of a region: by name, else by the longest prefix, else `aws`.
    #[allow(clippy::indexing_slicing, reason = "`aws` is a position in this very list")]
    pub fn partition(&self, region: &str) -> &Partition {
        let all = &self.table.partitions;
        let longest = |partition: &&Partition| {
            partition
                .prefixes
                .iter()
                .filter(|prefix| region.starts_with(prefix.as_str()))
                .map(String::len)
                .max()
        };
        all.iter()
            .find(|partition| partition.regions.iter().any(|known| known == region))
            .or_else(|| all.iter().filter(|p| longest(p).is_some()).max_by_key(longest))
            .unwrap_or(&all[self.aws])
    }

    /// A partition by its own name.
    pub fn by_id(&self, id: &str) -> Option<&Partition> {
        self.table.partitions.iter().find(|partition| partition.id == id)
    }

    /// Where global services are asked in all partitions but one.
    pub fn global_regions_beside(&self, partition: &str) -> Vec<String> {
        let others = self.table.partitions.iter().filter(|other| other.id != partition);
        others.map(|other| other.global.clone()).collect()
    }

    /// The endpoint of a service; nothing where it has none of this variant there.
    pub fn resolve(&self, service: &str, prefix: &str, region: &str, variant: Variant) -> Option<Endpoint> {
        let partition = self.partition(region);
        let known = self
            .table
            .services
            .get(service)
            .and_then(|variants| variants.get(variant.name()))
            .and_then(|partitions| partitions.get(&partition.id));
        let endpoint = |host: &str, signing: &str| Endpoint {
            url: format!("https://{host}"),
            signing_region: signing.to_string(),
        };
        let mut pattern = None;
        if let Some(known) = known {
            if known.none {
                return None;
            }
            if let Some((host, signing)) = &known.global {
                return Some(endpoint(host, signing));
            }
            if let Some(exception) = known.hosts.get(region) {
                let exception = exception.as_deref()?;
                return Some(endpoint(exception.first()?, exception.get(1).map_or(region, String::as_str)));
            }
            pattern = known.pattern.as_deref();
        }
        let host = if let Some(pattern) = pattern {
            pattern
                .replace("{region}", region)
                .replace("{dns}", &partition.dns)
                .replace("{dual}", &partition.dual)
        } else {
            let fips = if variant.fips { "-fips" } else { "" };
            let suffix = if variant.dual_stack { &partition.dual } else { &partition.dns };
            format!("{prefix}{fips}.{region}.{suffix}")
        };
        Some(endpoint(&host, region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn url(service: &str, region: &str, variant: Variant) -> (String, String) {
        let endpoints = Endpoints::parse(testing::ENDPOINTS).unwrap();
        let prefix = match service {
            "cloudwatch" => "monitoring",
            "s3control" => "s3-control",
            other => other,
        };
        let found = endpoints.resolve(service, prefix, region, variant).unwrap();
        (found.url.trim_start_matches("https://").to_string(), found.signing_region)
    }

    const PLAIN: Variant = Variant { fips: false, dual_stack: false };
    const FIPS: Variant = Variant { fips: true, dual_stack: false };
    const DUAL: Variant = Variant { fips: false, dual_stack: true };
    const BOTH: Variant = Variant { fips: true, dual_stack: true };

    #[test]
    fn regional_services_follow_the_partitions_suffix() {
        for (region, host) in [
            ("eu-central-1", "ec2.eu-central-1.amazonaws.com"),
            ("cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"),
            ("us-gov-east-1", "ec2.us-gov-east-1.amazonaws.com"),
            ("eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(url("ec2", region, PLAIN), (host.to_string(), region.to_string()));
        }
    }

    #[test]
    fn global_services_have_one_host_and_signing_region_a_partition() {
        for (region, host, signing) in [
            ("eu-west-1", "iam.amazonaws.com", "us-east-1"),
            ("cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("us-gov-east-1", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
            ("eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ] {
            assert_eq!(url("iam", region, PLAIN), (host.to_string(), signing.to_string()));
        }
    }

    #[test]
    fn fips_and_dual_stack_have_hosts_of_their_own() {
        assert_eq!(url("sts", "us-east-2", FIPS).0, "sts-fips.us-east-2.amazonaws.com");
        assert_eq!(url("sts", "us-gov-west-1", FIPS).0, "sts.us-gov-west-1.amazonaws.com");
        assert_eq!(url("ec2", "eu-west-1", DUAL).0, "ec2.eu-west-1.api.aws");
        assert_eq!(url("s3", "eu-west-1", DUAL).0, "s3.dualstack.eu-west-1.amazonaws.com");
        assert_eq!(url("s3", "us-west-2", BOTH).0, "s3-fips.dualstack.us-west-2.amazonaws.com");
        assert_eq!(url("s3", "cn-north-1", DUAL).0, "s3.dualstack.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn variant_that_a_partition_lacks_has_no_endpoint() {
        let endpoints = Endpoints::parse(testing::ENDPOINTS).unwrap();
        assert_eq!(endpoints.resolve("s3", "s3", "cn-north-1", FIPS), None);
    }

    #[test]
    fn region_newer_than_the_table_is_told_by_its_prefix() {
        let endpoints = Endpoints::parse(testing::ENDPOINTS).unwrap();
        for (region, partition) in [
            ("eu-moon-9", "aws"),
            ("us-gov-north-7", "aws-us-gov"),
            ("cn-south-3", "aws-cn"),
            ("eusc-de-west-2", "aws-eusc"),
            ("nowhere", "aws"),
        ] {
            assert_eq!(endpoints.partition(region).id, partition, "{region}");
        }
        assert_eq!(url("ec2", "cn-south-3", PLAIN).0, "ec2.cn-south-3.amazonaws.com.cn");
    }

    #[test]
    fn table_without_the_first_partition_is_refused() {
        let error = Endpoints::parse(br#"{"partitions":[],"services":{}}"#).unwrap_err();
        assert!(error.to_string().contains("partition `aws`"));
        assert!(Endpoints::parse(b"{").is_err());
    }
}
