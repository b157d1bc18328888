//! What can be wrong with a request.

use crate::{INLINE_TEMPLATE_LIMIT, MANAGED_POLICIES_QUOTA, ReadPolicy};

/// Why nothing can be made of a request.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OnboardError {
    /// Not a name that IAM takes.
    #[error("`{0}` is not a name that IAM takes; use 1 to 64 letters, digits and `_+=,.@-`")]
    Name(String),
    /// Not an identity that a role may trust.
    #[error(
        "`{0}` is no principal to trust; give an account id, or the ARN of a role, a user or an account's root, and no wildcard"
    )]
    Principal(String),
    /// A session's ARN, which ends with the session.
    #[error("`{0}` is a session of a role; give the role's own ARN, as `{1}`")]
    Session(String, String),
    /// The principal belongs to another partition.
    #[error("`{principal}` is not of the partition `{partition}`; a role can trust only its own partition")]
    ForeignPartition {
        /// The principal.
        principal: String,
        /// The partition that was asked for.
        partition: &'static str,
    },
    /// Not an external id that STS takes.
    #[error("`{0}` is not an external id that AWS takes; use 2 to 1224 letters, digits and `_+=,.@:/-`")]
    ExternalId(String),
    /// Not the id of an organizational unit or root.
    #[error(
        "`{0}` is neither an organizational unit (`ou-…`) nor a root (`r-…`); `aws organizations list-roots` shows the root"
    )]
    OrganizationalUnit(String),
    /// Not a partition.
    #[error("`{0}` is not a partition; use `aws`, `aws-us-gov` or `aws-cn`")]
    Partition(String),
    /// Not a policy that Stance makes.
    #[error("a read policy must have one statement with a list of actions, but is `{0}`")]
    NotAReadPolicy(String),
    /// A policy is longer than AWS takes.
    #[error("a policy of {0} characters is longer than the {limit} that AWS takes", limit = ReadPolicy::LIMIT)]
    PolicyTooLong(usize),
    /// More managed policies than one identity takes.
    #[error(
        "{0} managed policies are more than the {MANAGED_POLICIES_QUOTA} that a role takes; choose fewer rules, or use `--managed`"
    )]
    TooManyPolicies(usize),
    /// The template is too long.
    #[error(
        "the template has {0} bytes, and CloudFormation takes {INLINE_TEMPLATE_LIMIT}; choose fewer rules, or use `--managed`"
    )]
    TemplateTooLong(usize),
    /// No random numbers.
    #[error("the operating system gives no random numbers for an external id; give one by `--external-id`")]
    NoRandomness,
    /// A template's address that the console does not take.
    #[error("`{0}` is not the https address of a template in S3")]
    TemplateUrl(String),
    /// Not a region's name.
    #[error("`{0}` is not the name of a region")]
    Region(String),
}
