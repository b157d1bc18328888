//! What to scan and how, as whoever wires this crate says.

use crate::{AccountFilter, Keep};
use chrono::{DateTime, Utc};
use stance_aws::{ClientOptions, RoleToAssume, SignIn};
use stance_model::{ScopeDetails, ScopeId};
use std::time::Duration;

/// What to scan and how.
#[derive(Clone, Debug, Default)]
pub struct ScanSettings {
    /// How to sign in first, where services are, how often they are asked.
    pub client: ClientOptions,
    /// Roles that are assumed then, to scan the account that they lead to, or to ask an organization.
    pub roles: Vec<Role>,
    /// Accounts that are named. With none and no organization, the account that signs in is scanned.
    pub accounts: Vec<AccountSettings>,
    /// The organization whose accounts are found, if one is to be scanned.
    pub organization: Option<OrganizationSettings>,
    /// An account whose results are left out: the one that Stance itself runs in.
    pub left_out_account: Option<ScopeId>,
    /// Which regions.
    pub regions: RegionSettings,
    /// How many accounts are scanned at the same time.
    pub accounts_at_once: usize,
    /// Where what was read is kept, if anywhere.
    pub keep: Keep,
    /// The moment that rules take for now.
    pub as_of: Option<DateTime<Utc>>,
}

/// An account that is named.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Its number, if it is known before signing in.
    pub id: Option<ScopeId>,
    /// Its name, if somebody gave it one.
    pub details: ScopeDetails,
    /// How to sign in, where that differs from the first sign-in.
    pub sign_in: Option<Box<SignIn>>,
    /// Roles that are assumed then, one after the other.
    pub roles: Vec<Role>,
    /// Its regions.
    pub regions: RegionSettings,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// By its ARN.
    Arn(RoleToAssume),
    /// By its name, in the account that is to be scanned; where that is not known before signing in, in the
    /// account that signs in.
    Named(NamedRole),
}

/// A role that is known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRole {
    /// Its name, with its path if it has one.
    pub name: String,
    /// The external id that its trust policy asks for, if it does.
    pub external_id: Option<String>,
    /// What sessions are called in the accounts' logs.
    pub session_name: String,
    /// How long its credentials are good.
    pub duration: Option<Duration>,
}

impl NamedRole {
    /// The name that Elastic's onboarding gives the role of members, so that estates that have it work
    /// unchanged.
    pub const OF_MEMBERS: &str = "cloudbeat-securityaudit";

    /// A role that asks for nothing but its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            external_id: None,
            session_name: RoleToAssume::SESSION_NAME.into(),
            duration: None,
        }
    }

    /// The role in an account.
    pub fn in_account(&self, partition: &str, account: &str) -> RoleToAssume {
        RoleToAssume {
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone(),
            duration: self.duration,
            ..RoleToAssume::new(format!("arn:{partition}:iam::{account}:role/{}", self.name))
        }
    }
}

impl Role {
    /// The role, once it is known where.
    pub(crate) fn in_account(&self, partition: &str, account: &str) -> RoleToAssume {
        match self {
            Self::Arn(role) => role.clone(),
            Self::Named(role) => role.in_account(partition, account),
        }
    }
}

/// An organization to scan.
#[derive(Clone, Debug)]
pub struct OrganizationSettings {
    /// The role that its accounts have for Stance.
    pub member_role: NamedRole,
    /// A role in the account that signs in, which is assumed to ask the organization and to get into its
    /// accounts, such as `cloudbeat-root`; whoever signs in does both unless one is named.
    pub management_role: Option<NamedRole>,
    /// Which of its accounts.
    pub filter: AccountFilter,
}

/// Which regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionSettings {
    /// These; all that are enabled for the account where there are none.
    pub include: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
}
