//! Permissions: from operations to the provider's names of the rights that they take.

use crate::{ApiModelFiles, CatalogError, Problem};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How operations translate to IAM actions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// IAM prefix by service, where it differs from the service's name.
    #[serde(default)]
    prefixes: BTreeMap<String, String>,
    /// Actions by operation, where they are not the operation's own name.
    #[serde(default)]
    actions: BTreeMap<String, Vec<String>>,
}

/// What a managed policy lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyGap {
    /// The managed policy.
    pub managed: &'static str,
    /// Actions that it does not allow.
    pub missing: Vec<String>,
}

impl Permissions {
    /// Where the table stands in a catalog.
    pub(crate) const FILE: &str = "aws/permissions.yaml";

    /// Adds another table, whose entries win.
    pub(crate) fn extend(&mut self, other: Self) {
        self.prefixes.extend(other.prefixes);
        self.actions.extend(other.actions);
    }

    /// The IAM actions that an operation takes.
    pub fn of(&self, operation: &str) -> Vec<String> {
        if let Some(actions) = self.actions.get(operation) {
            return actions.clone();
        }
        match operation.split_once(':') {
            Some((service, name)) => {
                let prefix = self.prefixes.get(service).map_or(service, String::as_str);
                vec![format!("{prefix}:{name}")]
            }
            None => Vec::new(),
        }
    }

    /// All actions that the operations take, each once.
    pub fn all<'o>(&self, operations: impl IntoIterator<Item = &'o str>) -> BTreeSet<String> {
        operations.into_iter().flat_map(|operation| self.of(operation)).collect()
    }

    /// The characters, white space left aside, that AWS takes in one managed policy.
    pub const POLICY_LIMIT: usize = 6144;

    /// The length of a document as AWS counts it.
    pub fn policy_length(document: &Value) -> usize {
        document.to_string().chars().filter(|letter| !letter.is_whitespace()).count()
    }

    /// The least-privilege policy for the actions, in as many documents as AWS's limit asks for.
    pub fn policies(actions: &BTreeSet<String>) -> Vec<Value> {
        let mut parts = vec![BTreeSet::new()];
        for action in actions {
            if let Some(last) = parts.last_mut() {
                last.insert(action.clone());
                if Self::policy_length(&Self::policy(last)) > Self::POLICY_LIMIT {
                    last.remove(action);
                    parts.push(BTreeSet::from([action.clone()]));
                }
            }
        }
        parts.iter().map(Self::policy).collect()
    }

    /// The least-privilege policy document for the actions.
    pub fn policy(actions: &BTreeSet<String>) -> Value {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "StanceRead",
                "Effect": "Allow",
                "Action": actions,
                "Resource": "*",
            }],
        })
    }

    /// The policies that are needed beside the provider's managed one for auditors; none where that is enough.
    ///
    /// # Errors
    /// As those of [`Permissions::lacking_in_security_audit`].
    pub fn policies_beside_security_audit(actions: &BTreeSet<String>) -> Result<Vec<Value>, CatalogError> {
        let missing: BTreeSet<String> =
            Self::lacking_in_security_audit(actions)?.missing.into_iter().collect();
        Ok(if missing.is_empty() { Vec::new() } else { Self::policies(&missing) })
    }

    /// What the provider's managed policy for auditors lacks of the actions.
    ///
    /// # Errors
    /// If the list of the policy's actions is not built in, which the tests rule out.
    pub fn lacking_in_security_audit(actions: &BTreeSet<String>) -> Result<PolicyGap, CatalogError> {
        const FILE: &str = "aws/security-audit.json";
        let allowed: Vec<String> = ApiModelFiles::default()
            .file(FILE)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| {
                CatalogError::Problems(vec![Problem {
                    file: FILE.into(),
                    line: None,
                    message:
                        "the list of actions is missing or not well-formed; run `cargo xtask api-models`"
                            .into(),
                }])
            })?;
        let missing = actions
            .iter()
            .filter(|action| !allowed.iter().any(|pattern| matches(pattern, action)))
            .cloned()
            .collect();
        Ok(PolicyGap { managed: "SecurityAudit", missing })
    }
}

/// Whether an action pattern with `*` covers the action; case does not count in IAM.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_policy_is_told_in_parts_that_aws_takes() {
        let actions: BTreeSet<String> =
            (0..500).map(|index| format!("service:DescribeThing{index}")).collect();
        let parts = Permissions::policies(&actions);
        assert!(parts.len() > 1);
        assert!(parts.iter().all(|part| Permissions::policy_length(part) <= Permissions::POLICY_LIMIT));
        let told: usize =
            parts.iter().map(|part| part["Statement"][0]["Action"].as_array().unwrap().len()).sum();
        assert_eq!(told, actions.len());
    }

    #[test]
    fn operations_become_actions_by_the_table_or_their_own_name() {
        let permissions = Permissions {
            prefixes: [("elbv2".to_owned(), "elasticloadbalancing".to_owned())].into(),
            actions: [("s3:ListBuckets".to_owned(), vec!["s3:ListAllMyBuckets".to_owned()])].into(),
        };
        assert_eq!(permissions.of("s3:ListBuckets"), ["s3:ListAllMyBuckets"]);
        assert_eq!(
            permissions.of("elbv2:DescribeLoadBalancers"),
            ["elasticloadbalancing:DescribeLoadBalancers"]
        );
    }

    #[test]
    fn patterns_cover_actions() {
        assert!(matches("s3:Get*", "s3:GetBucketPolicy"));
        assert!(matches("s3:get*policy", "s3:GetBucketPolicy"));
        assert!(matches("s3:GetBucketPolicy", "s3:GetBucketPolicy"));
        assert!(!matches("s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"));
        assert!(!matches("s3:List*", "s3:GetBucketPolicy"));
        assert!(matches("*", "a:b"));
    }
}
