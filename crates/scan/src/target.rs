//! What is to be scanned: an account and the way into it.

use crate::Organization;
use crate::settings::{AccountSettings, RegionSettings, Role, ScanSettings};
use stance_aws::{Client, RoleToAssume, SignIn};
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
#[derive(Clone)]
pub(crate) enum Access {
    /// As this client.
    Client(Client),
    /// By a role, assumed by this client.
    Role(Client, RoleToAssume),
    /// By a role, assumed by this client; as the client itself where that is not to be had, for it is in
    /// the same account.
    RoleOrClient(Client, RoleToAssume),
    /// By a sign-in, and roles that are assumed then: its own sign-in, or the first one's client.
    Roles(SignedIn, Vec<Role>),
}

/// Where roles begin.
#[derive(Clone)]
pub(crate) enum SignedIn {
    /// By the first sign-in.
    First(Client),
    /// By another one.
    Own(Box<SignIn>),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Client(_) => "Client",
            Self::Role(..) => "Role",
            Self::RoleOrClient(..) => "RoleOrClient",
            Self::Roles(..) => "Roles",
        })
    }
}

impl Target {
    /// What it is called while nothing more is known.
    pub fn label(&self) -> String {
        match (&self.id, &self.access) {
            (Some(id), _) => id.to_string(),
            (None, Access::Roles(SignedIn::Own(sign_in), _)) if sign_in.profile.is_some() => {
                sign_in.profile.clone().unwrap_or_default()
            }
            (None, _) => self.details.name.clone().unwrap_or_else(|| "the account that signs in".into()),
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
    /// Adds an account that is named; `first` is the client of the first sign-in, where there is one.
    pub fn add_named(&mut self, account: &AccountSettings, settings: &ScanSettings, first: Option<&Client>) {
        let signed_in = match (&account.sign_in, first) {
            (Some(own), _) => SignedIn::Own(own.clone()),
            (None, Some(first)) => SignedIn::First(first.clone()),
            (None, None) => SignedIn::Own(Box::new(settings.client.sign_in.clone())),
        };
        let last = account.roles.last().and_then(|role| match role {
            Role::Arn(role) => account_of_role(&role.arn),
            Role::Named(_) => None,
        });
        let target = Target {
            id: account.id.clone().or_else(|| last.map(ScopeId::from)),
            details: account.details.clone(),
            access: Access::Roles(signed_in, account.roles.clone()),
            regions: account.regions.clone(),
        };
        self.add(settings, target);
    }

    /// Adds the account that a client is of.
    pub fn add_own(&mut self, client: Client, settings: &ScanSettings) {
        self.scanned.push(Target {
            id: None,
            details: ScopeDetails::default(),
            access: Access::Client(client),
            regions: settings.regions.clone(),
        });
    }

    /// Adds the accounts of an organization that are not named already. `asker` is who asked the
    /// organization, and is of `own_account`.
    pub fn add_organization(
        &mut self,
        organization: &Organization,
        settings: &ScanSettings,
        asker: &Client,
        own_account: &ScopeId,
        partition: &str,
    ) {
        let Some(chosen) = &settings.organization else { return };
        // what the organization knows of accounts that were named without a name
        for target in &mut self.scanned {
            let known = organization.accounts.iter().find(|account| Some(&account.id) == target.id.as_ref());
            if let Some(account) = known
                && target.details.is_empty()
            {
                target.details = account.details.clone();
            }
        }
        let named: HashSet<ScopeId> = self.scanned.iter().filter_map(|target| target.id.clone()).collect();
        for account in &organization.accounts {
            if named.contains(&account.id) {
                continue;
            }
            let left_out = chosen.filter.leaves_out(account, organization.management_account.as_str());
            if let Some(setting) = left_out {
                self.left_out.push(UnscannedScope {
                    scope: account.id.clone(),
                    scope_details: account.details.clone(),
                    reason: UnscannedReason::LeftOut { setting },
                });
                continue;
            }
            let role = chosen.member_role.in_account(partition, account.id.as_str());
            let access = if account.id == *own_account { Access::RoleOrClient } else { Access::Role };
            let target = Target {
                id: Some(account.id.clone()),
                details: account.details.clone(),
                access: access(asker.clone(), role),
                regions: settings.regions.clone(),
            };
            self.add(settings, target);
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

/// The account in a role's ARN.
fn account_of_role(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}
