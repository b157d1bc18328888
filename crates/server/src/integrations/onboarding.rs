//! What a customer applies in AWS so that Stance may read, for the page and for programs.

use crate::error::{PageError, PageResult};
use crate::facts::Facts;
use crate::query::Query;
use stance_catalog::{Permissions, Plan};
use stance_onboard::{
    Access, ExternalId, Form, ManagementAccount, Names, OnboardScope, Partition, PermissionSet, Request,
};

/// What is to be applied.
pub(crate) struct Onboarding {
    /// Files with their text.
    pub(crate) texts: Vec<(String, String)>,
    /// What to do, in order.
    pub(crate) steps: Vec<String>,
    /// The role that Stance then assumes, with `ACCOUNT_ID` for the account's number.
    pub(crate) role: Option<String>,
    /// The external id that was made for it.
    pub(crate) external_id: Option<String>,
}

/// What an address asks for; words that are not known are as the first of the list.
pub(crate) fn onboarding(query: &Query, facts: &Facts) -> PageResult<Onboarding> {
    let bad = |error: stance_onboard::OnboardError| PageError::Bad(error.to_string());
    let principal = query.text("principal").trim();
    let principal = if principal.is_empty() { None } else { Some(principal.parse().map_err(bad)?) };
    let mut external_id = None;
    let access = match query.text("access") {
        "instance-role" => Access::InstanceRole,
        "direct-keys" => Access::DirectKeys,
        "cloud-connector" => {
            let principal = principal
                .ok_or_else(|| PageError::Bad("say who assumes the role from another account".to_owned()))?;
            let id = ExternalId::generate().map_err(bad)?;
            external_id = Some(id.to_string());
            Access::CloudConnector { principal, external_id: id }
        }
        _ => Access::AccountRole { principal },
    };
    let scope = if query.text("scope") == "organization" {
        OnboardScope::Organization { units: Vec::new(), management_account: ManagementAccount::Scanned }
    } else {
        OnboardScope::Account
    };
    let request = Request {
        scope,
        access,
        names: Names::default(),
        permissions: permissions(facts, query.text("policy") == "managed")?,
        partition: Partition::Aws,
        permissions_boundary: None,
    };
    let (form, file, texts) = match query.text("form") {
        "terraform" => {
            let files = stance_onboard::terraform(&request).map_err(bad)?;
            (Form::Terraform, ".", files.into_iter().map(|file| (file.name.to_owned(), file.text)).collect())
        }
        "commands" => {
            let text = stance_onboard::commands(&request).map_err(bad)?;
            (Form::Commands, "stance.sh", vec![("stance.sh".to_owned(), text)])
        }
        _ => {
            let text = stance_onboard::cloudformation(&request).map_err(bad)?;
            (Form::CloudFormation, "stance.yaml", vec![("stance.yaml".to_owned(), text)])
        }
    };
    let steps = stance_onboard::preparation(&request, form, file);
    Ok(Onboarding { texts, steps, role: stance_onboard::role_to_assume(&request), external_id })
}

fn permissions(facts: &Facts, is_managed: bool) -> PageResult<PermissionSet> {
    let catalog = facts.catalog();
    // rules of the catalog were checked when it was loaded
    let actions = catalog.actions(&Plan::of(catalog, catalog.rules()).unwrap_or_default());
    let set = if is_managed {
        let additional = Permissions::policies_beside_security_audit(&actions);
        PermissionSet::managed_with(additional.map_err(|error| PageError::Bad(error.to_string()))?)
    } else {
        PermissionSet::least_privilege(Permissions::policies(&actions))
    };
    set.map_err(|error| PageError::Bad(error.to_string()))
}
