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
    /// Accounts that are named. With none and no organization, the account that signs in is scanned.
    pub accounts: Vec<AccountSettings>,
    /// The organization whose accounts are found, if one is to be scanned.
    pub organization: Option<OrganizationSettings>,
    /// How a role is called in accounts that are named by their number alone, and in members.
    pub member_role: MemberRole,
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
#[derive(Clone, Debug, Default)]
pub struct AccountSettings {
    /// Its number, if it is known before signing in.
    pub id: Option<ScopeId>,
    /// Its name, if somebody gave it one.
    pub details: ScopeDetails,
    /// How to get in.
    pub access: AccountAccess,
    /// Its own regions, instead of those of the scan.
    pub regions: Option<RegionSettings>,
}

/// How to get into an account.
#[derive(Clone, Debug, Default)]
pub enum AccountAccess {
    /// As whoever signs in first.
    #[default]
    Base,
    /// By a role of the usual name in the account, assumed by whoever signs in first.
    MemberRole,
    /// By roles, assumed one after the other, the first by whoever signs in first.
    Roles(Vec<RoleToAssume>),
    /// By a sign-in of its own.
    Own(Box<SignIn>),
}

/// The role that members of an organization have for Stance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRole {
    /// Its name, with its path if it has one.
    pub name: String,
    /// The external id that its trust policy asks for, if it does.
    pub external_id: Option<String>,
    /// What sessions are called in the accounts' logs.
    pub session_name: String,
    /// How long its credentials are good.
    pub duration: Option<Duration>,
}

impl MemberRole {
    /// The name that Elastic's onboarding gives it, so that estates that have it work unchanged.
    pub const NAME: &str = "cloudbeat-securityaudit";

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

impl Default for MemberRole {
    fn default() -> Self {
        Self {
            name: Self::NAME.into(),
            external_id: None,
            session_name: RoleToAssume::SESSION_NAME.into(),
            duration: None,
        }
    }
}

/// An organization to scan.
#[derive(Clone, Debug, Default)]
pub struct OrganizationSettings {
    /// A role in the management account that is assumed first, such as `cloudbeat-root`; whoever signs in
    /// asks the organization itself unless one is named.
    pub management_role: Option<RoleToAssume>,
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
