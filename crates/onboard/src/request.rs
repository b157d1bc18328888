//! What is asked for.

use crate::{
    ExternalId, IamName, MANAGED_POLICIES_QUOTA, Names, OnboardError, OrganizationalUnit, Partition,
    Principal, ReadPolicy,
};
use serde_json::Value;

/// What to onboard, how Stance is to reach it, and what it may read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// One account or an organization.
    pub scope: OnboardScope,
    /// How Stance signs in.
    pub access: Access,
    /// What the identities are called.
    pub names: Names,
    /// What Stance may read.
    pub permissions: PermissionSet,
    /// Where the accounts are. CloudFormation, Terraform and the commands find it out themselves.
    pub partition: Partition,
    /// A policy of each account that bounds what is made, where the customer's own rules ask for one.
    pub permissions_boundary: Option<IamName>,
}

/// One account or an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnboardScope {
    /// The account in which the result is applied.
    Account,
    /// The accounts of an organization; the result is applied in its management account.
    Organization {
        /// Where members are read: organizational units, or the root for all. Asked for when the result
        /// is applied, if there are none.
        units: Vec<OrganizationalUnit>,
        /// Whether the management account is read too.
        management_account: ManagementAccount,
    },
}

/// Whether an organization's management account is read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagementAccount {
    /// Like a member.
    Scanned,
    /// Only its list of accounts is read.
    LeftOut,
}

/// How Stance signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the role of the EC2 instance that it runs on.
    InstanceRole,
    /// By assuming a role from an identity that it has already.
    AccountRole {
        /// Who may assume the role; any identity of the account itself that may call `sts:AssumeRole`
        /// where none is named.
        principal: Option<Principal>,
    },
    /// With the access key of a user.
    DirectKeys,
    /// By assuming a role from another party's account, which must name an external id.
    CloudConnector {
        /// The other party.
        principal: Principal,
        /// What it must name.
        external_id: ExternalId,
    },
}

impl Access {
    /// Who is trusted by name.
    pub(crate) fn principal(&self) -> Option<&Principal> {
        match self {
            Self::AccountRole { principal } => principal.as_ref(),
            Self::CloudConnector { principal, .. } => Some(principal),
            Self::InstanceRole | Self::DirectKeys => None,
        }
    }

    /// What must be named by who assumes the role.
    pub(crate) fn external_id(&self) -> Option<&ExternalId> {
        match self {
            Self::CloudConnector { external_id, .. } => Some(external_id),
            _ => None,
        }
    }
}

/// What Stance may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionSet {
    /// What the chosen rules need and nothing more.
    LeastPrivilege(Vec<ReadPolicy>),
    /// AWS's managed policy `SecurityAudit`, and what it lacks for the chosen rules.
    Managed {
        /// What it lacks.
        additional: Vec<ReadPolicy>,
    },
}

impl PermissionSet {
    /// What these policies allow, and nothing more.
    ///
    /// # Errors
    /// If one of them is no policy that only reads.
    pub fn least_privilege(policies: Vec<Value>) -> Result<Self, OnboardError> {
        Ok(Self::LeastPrivilege(read_policies(policies)?))
    }

    /// AWS's managed policy, and what these policies add to it.
    ///
    /// # Errors
    /// If one of them is no policy that only reads.
    pub fn managed_with(additional: Vec<Value>) -> Result<Self, OnboardError> {
        Ok(Self::Managed { additional: read_policies(additional)? })
    }

    /// The policies that are made, beside AWS's own.
    pub fn policies(&self) -> &[ReadPolicy] {
        match self {
            Self::LeastPrivilege(policies) | Self::Managed { additional: policies } => policies,
        }
    }

    /// AWS's own policies that are attached.
    pub(crate) fn managed(&self) -> &'static [&'static str] {
        match self {
            Self::LeastPrivilege(_) => &[],
            Self::Managed { .. } => &["SecurityAudit"],
        }
    }
}

fn read_policies(policies: Vec<Value>) -> Result<Vec<ReadPolicy>, OnboardError> {
    policies.into_iter().map(ReadPolicy::try_from).collect()
}

impl Request {
    /// Whether AWS will take what is made of it.
    ///
    /// # Errors
    /// If the principal is of another partition, or there are more policies than a role takes.
    pub fn check(&self) -> Result<(), OnboardError> {
        if let Some(principal) = self.access.principal()
            && principal.partition().is_some_and(|partition| partition != self.partition.name())
        {
            return Err(OnboardError::ForeignPartition {
                principal: principal.to_string(),
                partition: self.partition.name(),
            });
        }
        let policies = self.permissions.policies().len() + self.permissions.managed().len();
        if policies > MANAGED_POLICIES_QUOTA {
            return Err(OnboardError::TooManyPolicies(policies));
        }
        Ok(())
    }

    /// Where members are read, if that was said.
    pub(crate) fn units(&self) -> &[OrganizationalUnit] {
        match &self.scope {
            OnboardScope::Account => &[],
            OnboardScope::Organization { units, .. } => units,
        }
    }

    /// Whether the management account is read, in the words of templates.
    pub(crate) fn scans_management_account(&self) -> &'static str {
        match self.scope {
            OnboardScope::Organization { management_account: ManagementAccount::LeftOut, .. } => "false",
            _ => "true",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_principal_of_another_partition_is_refused() {
        let mut request = testing::account(testing::connector());
        assert_eq!(request.check(), Ok(()));
        request.partition = Partition::AwsCn;
        assert!(matches!(request.check(), Err(OnboardError::ForeignPartition { .. })));
    }

    #[test]
    fn more_policies_than_a_role_takes_are_refused() {
        let mut request = testing::account(Access::InstanceRole);
        request.permissions = PermissionSet::LeastPrivilege(vec![testing::policy(&["s3:GetThing"]); 10]);
        assert_eq!(request.check(), Ok(()));
        request.permissions =
            PermissionSet::Managed { additional: vec![testing::policy(&["s3:GetThing"]); 10] };
        assert_eq!(request.check(), Err(OnboardError::TooManyPolicies(11)));
    }
}
