//! What is to be scanned: an account and the way into it.

use crate::settings::{AccountAccess, AccountSettings, MemberRole, RegionSettings, ScanSettings};
use crate::{Organization, accounts_file};
use stance_aws::{RoleToAssume, SignIn};
use stance_model::{ScopeDetails, ScopeId, UnscannedReason, UnscannedScope};
use std::collections::HashSet;

/// An account to scan.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Nothing where it is known only once signed in.
    pub id: Option<ScopeId>,
    pub details: ScopeDetails,
    pub access: Access,
    pub regions: RegionSettings,
}

/// The way into an account.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// As whoever signed in first.
    Base,
    /// By roles, one after the other.
    Roles(Vec<RoleToAssume>),
    /// By a role; as whoever signed in first where that is not to be had, for it is the same account.
    RoleOrBase(RoleToAssume),
    /// By a sign-in of its own.
    Own(Box<SignIn>),
}

impl Target {
    /// What it is called while nothing more is known.
    pub fn label(&self) -> String {
        match (&self.id, &self.access) {
            (Some(id), _) => id.to_string(),
            (None, Access::Roles(roles)) => roles.last().map_or_else(String::new, |role| role.arn.clone()),
            (None, Access::Own(sign_in)) => sign_in.profile.clone().unwrap_or_else(|| "an account".into()),
            (None, Access::Base | Access::RoleOrBase(_)) => "the account that signs in".into(),
        }
    }
}

/// What is to be scanned, and what is left out.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub scanned: Vec<Target>,
    pub left_out: Vec<UnscannedScope>,
}

impl Targets {
    /// The accounts that are named, or the one that signs in where nothing else is asked for.
    pub fn named(settings: &ScanSettings, partition: &str) -> Self {
        let mut targets = Self::default();
        if settings.accounts.is_empty() && settings.organization.is_none() {
            targets.scanned.push(Target {
                id: None,
                details: ScopeDetails::default(),
                access: Access::Base,
                regions: settings.regions.clone(),
            });
        }
        for account in &settings.accounts {
            targets.add(settings, target(account, settings, partition));
        }
        targets
    }

    /// Adds the accounts of an organization that are not named already.
    pub fn add_organization(
        &mut self,
        organization: &Organization,
        settings: &ScanSettings,
        own_account: &ScopeId,
        partition: &str,
    ) {
        let Some(chosen) = &settings.organization else { return };
        let named: HashSet<ScopeId> = self.scanned.iter().filter_map(|target| target.id.clone()).collect();
        for account in &organization.accounts {
            if named.contains(&account.id) {
                continue;
            }
            if let Some(setting) = chosen.filter.leaves_out(account, organization.management_account.as_str())
            {
                self.left_out.push(UnscannedScope {
                    scope: account.id.clone(),
                    scope_details: account.details.clone(),
                    reason: UnscannedReason::LeftOut { setting },
                });
                continue;
            }
            let role = settings.member_role.in_account(partition, account.id.as_str());
            let access =
                if account.id == *own_account { Access::RoleOrBase(role) } else { Access::Roles(vec![role]) };
            let target = Target {
                id: Some(account.id.clone()),
                details: account.details.clone(),
                access,
                regions: settings.regions.clone(),
            };
            self.add(settings, target);
        }
        // what the organization knows of accounts that were named without a name
        for target in &mut self.scanned {
            let known = organization.accounts.iter().find(|account| Some(&account.id) == target.id.as_ref());
            if let Some(account) = known
                && target.details.is_empty()
            {
                target.details = account.details.clone();
            }
        }
    }

    fn add(&mut self, settings: &ScanSettings, target: Target) {
        match (&target.id, &settings.left_out_account) {
            (Some(id), Some(left_out)) if id == left_out => self.left_out.push(UnscannedScope {
                scope: id.clone(),
                scope_details: target.details,
                reason: left_out_by_setting(),
            }),
            _ => self.scanned.push(target),
        }
    }
}

/// Why the account that Stance runs in is not scanned.
pub(crate) fn left_out_by_setting() -> UnscannedReason {
    UnscannedReason::LeftOut { setting: "`master_account_id`".into() }
}

fn target(account: &AccountSettings, settings: &ScanSettings, partition: &str) -> Target {
    let mut id = account.id.clone();
    let access = match &account.access {
        AccountAccess::Base => Access::Base,
        AccountAccess::MemberRole => {
            let number = account.id.as_ref().map_or("", ScopeId::as_str);
            Access::Roles(vec![settings.member_role.in_account(partition, number)])
        }
        AccountAccess::Roles(roles) => {
            let last = roles.last().and_then(|role| accounts_file::account_of_role(&role.arn));
            id = id.or_else(|| last.map(ScopeId::from));
            Access::Roles(roles.clone())
        }
        AccountAccess::Own(sign_in) => Access::Own(sign_in.clone()),
    };
    let regions = account.regions.clone().unwrap_or_else(|| settings.regions.clone());
    Target { id, details: account.details.clone(), access, regions }
}

impl MemberRole {
    /// The account that a number or a role's ARN names, as the command line has it.
    pub fn account(&self, entry: &str) -> Option<AccountSettings> {
        accounts_file::account(entry, self)
    }
}
