//! A link that opens the console of CloudFormation with everything filled in.

use crate::{Access, OnboardError, OnboardScope, OrganizationalUnit, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is written as it stands in a link.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The link to create the stack of the request from its template in S3, for who is signed in to the
/// console: only the box about IAM is left to tick.
///
/// # Errors
/// If the address is not one of a template in S3 of the request's partition, which CloudFormation asks for,
/// or the region's name is none.
pub fn quick_create_link(
    request: &Request,
    template_url: &str,
    region: &str,
    stack: &str,
) -> Result<String, OnboardError> {
    request.check()?;
    let host = template_url.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
    let end = format!(".{}", request.partition.suffix());
    if !host.is_some_and(|(host, path)| host.ends_with(&end) && host.contains("s3") && !path.is_empty()) {
        return Err(OnboardError::TemplateUrl(template_url.to_owned()));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || !region.bytes().all(plain) {
        return Err(OnboardError::Region(region.to_owned()));
    }
    let mut query = format!("templateURL={}&stackName={}", escaped(template_url), escaped(stack));
    for (name, value) in parameters(request) {
        query.extend(["&param_", name, "=", &escaped(&value)]);
    }
    let console = request.partition.console();
    Ok(format!(
        "https://{region}.{console}/cloudformation/home?region={region}#/stacks/create/review?{query}"
    ))
}

/// The parameters, so that one template may serve requests with other values than its own.
fn parameters(request: &Request) -> Vec<(&'static str, String)> {
    let organization = matches!(request.scope, OnboardScope::Organization { .. });
    let names = &request.names;
    let mut told = Vec::new();
    if organization {
        told.push(("RootRoleName", names.root_role.to_string()));
    }
    if organization || request.access != Access::DirectKeys {
        told.push(("RoleName", names.role.to_string()));
    }
    if request.access == Access::DirectKeys {
        told.push(("UserName", names.user.to_string()));
    }
    told.extend(request.access.principal().map(|principal| ("Principal", principal.to_string())));
    told.extend(request.access.external_id().map(|id| ("ExternalId", id.to_string())));
    if organization {
        let units: Vec<&str> = request.units().iter().map(OrganizationalUnit::as_str).collect();
        if !units.is_empty() {
            told.push(("OrganizationalUnitIds", units.join(",")));
        }
        told.push(("ScanManagementAccount", request.scans_management_account().to_owned()));
    }
    told.extend(request.permissions_boundary.as_ref().map(|name| ("PermissionsBoundary", name.to_string())));
    told
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Partition;
    use crate::testing::{account, connector, organization};

    const URL: &str = "https://bucket.s3.amazonaws.com/stance & co.yaml";

    #[test]
    fn everything_is_filled_in_and_nothing_breaks_out_of_its_place() {
        let link = quick_create_link(&account(connector()), URL, "eu-central-1", "stance").unwrap();
        insta::assert_snapshot!(link);
        let link =
            quick_create_link(&organization(Access::InstanceRole), URL, "us-east-1", "stance").unwrap();
        insta::assert_snapshot!(link);
    }

    #[test]
    fn each_partition_has_its_console() {
        for (partition, url, console) in [
            (Partition::AwsUsGov, URL, "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
            (
                Partition::AwsCn,
                "https://b.s3.cn-north-1.amazonaws.com.cn/t",
                "https://cn-north-1.console.amazonaws.cn/",
            ),
        ] {
            let request = Request { partition, ..account(Access::InstanceRole) };
            let link = quick_create_link(&request, url, partition.region(), "stance").unwrap();
            assert!(link.starts_with(console), "{link}");
        }
    }

    #[test]
    fn a_template_that_is_not_in_s3_is_refused() {
        for url in
            ["http://b.s3.amazonaws.com/t", "https://example.com/t", "https://b.s3.amazonaws.com/", "t.yaml"]
        {
            let made = quick_create_link(&account(Access::InstanceRole), url, "us-east-1", "stance");
            assert_eq!(made, Err(OnboardError::TemplateUrl(url.to_owned())));
        }
        let made = quick_create_link(&account(Access::InstanceRole), URL, "us-east-1.evil/", "stance");
        assert!(matches!(made, Err(OnboardError::Region(_))));
    }
}
