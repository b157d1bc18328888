//! What a customer applies so that Stance may read an AWS account or organization: the roles and users
//! with their policies, as a CloudFormation template, as Terraform, as commands of the AWS CLI, and as
//! documents to be pasted by hand.
//!
//! Pure: a [`Request`] with the actions that a scan takes goes in, texts come out. What is to be made is
//! decided once, in the blueprint; every form is a rendering of it, so that no two forms can differ.

mod blueprint;
mod by_hand;
mod cloudformation;
mod commands;
mod document;
mod error;
mod external_id;
mod hcl;
mod link;
mod names;
mod partition;
mod principal;
mod read_policy;
mod request;
mod shell;
mod steps;
mod terraform;
#[cfg(test)]
mod testing;
mod text;
mod yaml;

pub use by_hand::{NamedDocument, policies};
pub use cloudformation::{cloudformation, member_role_template};
pub use commands::commands;
pub use error::OnboardError;
pub use external_id::ExternalId;
pub use link::quick_create_link;
pub use names::{IamName, Names, OrganizationalUnit};
pub use partition::Partition;
pub use principal::Principal;
pub use read_policy::ReadPolicy;
pub use request::{Access, ManagementAccount, OnboardScope, PermissionSet, Request};
pub use steps::{Form, preparation, role_to_assume, steps};
pub use terraform::{TextFile, terraform};

/// The longest template, in bytes, that CloudFormation takes without a bucket of S3.
pub const INLINE_TEMPLATE_LIMIT: usize = 51_200;

/// The most managed policies that a role or user takes under AWS's default quota.
pub const MANAGED_POLICIES_QUOTA: usize = 10;
