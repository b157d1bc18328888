//! AWS's names of accounts, regions, roles and organizational units.

use super::text::text_type;

text_type!(
    /// Number of an AWS account, 12 digits; the first may be zeros.
    AccountId, "account id", kind: "an account id", advice: "write its 12 digits",
    types: ["string", "integer"], pattern: r"^[0-9]{12}$",
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);
text_type!(
    /// Code of an AWS region, `eu-central-1`.
    RegionName, "region", kind: "a region", advice: "write its code, as `eu-central-1`",
    types: "string", pattern: r"^[a-z]{2,8}(-[a-z]+)+-[0-9]{1,2}$",
    is_region
);
text_type!(
    /// Name of an IAM role, without its path.
    RoleName, "role name", kind: "the name of a role", advice: "write 1 to 64 letters, digits or any of `_+=,.@-`",
    types: "string", pattern: r"^[A-Za-z0-9_+=,.@-]{1,64}$",
    |text| is_word(text, 1..=64, "_+=,.@-")
);
text_type!(
    /// Name of an STS session, as it appears in CloudTrail.
    SessionName, "session name", kind: "the name of a session", advice: "write 2 to 64 letters, digits or any of `_+=,.@-`",
    types: "string", pattern: r"^[A-Za-z0-9_+=,.@-]{2,64}$",
    |text| is_word(text, 2..=64, "_+=,.@-")
);
text_type!(
    /// Id of an organizational unit or of the root that holds them all.
    OrganizationalUnit, "organizational unit", kind: "an organizational unit",
    advice: "write its id, as `ou-ab12-cdef3456`, or the root's, as `r-ab12`",
    types: "string", pattern: r"^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$",
    is_organizational_unit
);
text_type!(
    /// Serial number of an MFA device: the ARN of a virtual one, the number of one to hold.
    MfaSerial, "MFA device", kind: "the serial number of an MFA device",
    advice: "write its ARN, as `arn:aws:iam::111122223333:mfa/name`, or the number on it",
    types: "string", pattern: r"^[A-Za-z0-9_+=/:,.@-]{9,256}$",
    |text| is_word(text, 9..=256, "_+=/:,.@-")
);

text_type!(
    /// Address of a service, `https://` or `http://` and a host.
    Endpoint, "URL", kind: "the address of an endpoint", advice: "write it with `https://` or `http://`",
    types: "string", pattern: r"^https?://\S+$",
    |text| {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
    }
);

text_type!(
    /// Name of a sink, which is also the name of its folder.
    SinkName, "name", kind: "the name of a sink", advice: "write 1 to 64 letters, digits or any of `_-`",
    types: "string", pattern: r"^[A-Za-z0-9_-]{1,64}$",
    |text| is_word(text, 1..=64, "_-")
);
text_type!(
    /// Namespace of data streams.
    Namespace, "namespace", kind: "a namespace",
    advice: "write 1 to 100 small letters, digits or any of `._`",
    types: "string", pattern: r"^[a-z0-9._]{1,100}$",
    |text| is_word(text, 1..=100, "._") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
);

text_type!(
    /// Repository in GitHub, with its owner.
    Repository, "repository", kind: "a repository", advice: "write it as `owner/name`",
    types: "string", pattern: r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$",
    |text| text.split_once('/').is_some_and(|(owner, name)| {
        [owner, name].iter().all(|part| is_word(part, 1..=100, "_.-") && !part.bytes().all(|byte| byte == b'.'))
    })
);

text_type!(
    /// Key of a project in Jira, with which its issues' numbers begin.
    JiraProject, "project key", kind: "the key of a project", advice: "write 2 to 50 capital letters, digits or `_`, as `SEC`",
    types: "string", pattern: r"^[A-Z][A-Z0-9_]{1,49}$",
    |text| is_word(text, 2..=50, "_")
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && !text.bytes().any(|byte| byte.is_ascii_lowercase())
);

text_type!(
    /// Name of a bucket in S3.
    BucketName, "bucket", kind: "the name of a bucket", advice: "write 3 to 63 small letters, digits or any of `.-`",
    types: "string", pattern: r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    |text| is_word(text, 3..=63, ".-")
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && !text.starts_with(['.', '-'])
        && !text.ends_with(['.', '-'])
);

impl Namespace {
    /// The one that Elastic's own integration takes unless told.
    pub(crate) fn usual() -> Self {
        Self("default".to_owned())
    }
}

impl SinkName {
    /// The sink that the section `coralogix` is.
    pub(crate) fn of_section() -> Self {
        Self("coralogix-section".to_owned())
    }
}

impl AccountId {
    /// The digits of an account in an ARN that was checked.
    pub(super) fn checked(digits: &str) -> Self {
        Self(digits.to_owned())
    }
}

impl RoleName {
    /// The role that member accounts have by the set-up of Elastic's agent, which many organizations did.
    pub(crate) fn of_members() -> Self {
        Self("cloudbeat-securityaudit".to_owned())
    }
}

/// Letters, digits and those marks, so many of them.
pub(super) fn is_word(text: &str, length: std::ops::RangeInclusive<usize>, marks: &str) -> bool {
    length.contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [area, names @ .., number] => {
            (2..=8).contains(&area.len())
                && lower(area)
                && !names.is_empty()
                && names.iter().copied().all(lower)
                && (1..=2).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

fn is_organizational_unit(text: &str) -> bool {
    let part = |part: &str, least| {
        (least..=32).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    match text.split('-').collect::<Vec<_>>().as_slice() {
        ["r", root] => part(root, 4),
        ["ou", root, unit] => part(root, 4) && part(unit, 8),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_every_partition_are_taken_and_zones_are_not() {
        for region in ["eu-west-1", "us-gov-east-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-7"] {
            assert!(region.parse::<RegionName>().is_ok(), "{region}");
        }
        for other in ["eu-west-1a", "EU-WEST-1", "eu-west", "eu--1", "all", "", "eu-west-1 "] {
            assert!(other.parse::<RegionName>().is_err(), "{other}");
        }
    }

    #[test]
    fn organizational_units_are_told_by_their_ids() {
        for unit in ["ou-ab12-cdef3456", "r-ab12"] {
            assert!(unit.parse::<OrganizationalUnit>().is_ok(), "{unit}");
        }
        for other in ["ou-ab12", "Production", "o-abcdefghij", "ou-AB12-cdef3456"] {
            assert!(other.parse::<OrganizationalUnit>().is_err(), "{other}");
        }
    }

    #[test]
    fn the_message_quotes_the_text_and_tells_what_to_write() {
        assert_eq!(
            "12345".parse::<AccountId>().unwrap_err().to_string(),
            "`12345` is not an account id; write its 12 digits"
        );
    }
}
