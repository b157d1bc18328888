//! Parameters of templates: what a customer may change without another template.

use super::has_user;
use crate::{Access, OnboardScope, OrganizationalUnit, Principal, Request};
use serde_json::{Map, Value, json};

const NAME_PATTERN: &str = r"^[\w+=,.@-]{1,64}$";

/// The parameters of the template that is applied by hand.
pub(super) fn parameters(request: &Request) -> Map<String, Value> {
    let mut parameters = Map::new();
    let mut add = |name: &str, parameter: Value| parameters.insert(name.to_owned(), parameter);
    let organization = matches!(request.scope, OnboardScope::Organization { .. });
    if organization {
        add("RootRoleName", name("Role that finds the accounts", request.names.root_role.as_str()));
    }
    if organization || request.access != Access::DirectKeys {
        add("RoleName", name("Role that reads", request.names.role.as_str()));
    }
    if has_user(request) {
        add("UserName", name("User that Stance signs in as", request.names.user.as_str()));
    }
    if let Some(principal) = request.access.principal() {
        let parameter = json!({
            "Description": "Who may assume the role: an account id, or the ARN of a role or user",
            "Type": "String",
            "Default": principal.as_str(),
            "AllowedPattern": Principal::PATTERN,
        });
        add("Principal", parameter);
    }
    if let Some(external_id) = request.access.external_id() {
        let parameter = json!({
            "Description": "What the principal must name when it assumes the role, so that it cannot be made to use it for somebody else",
            "Type": "String",
            "Default": external_id.as_str(),
            "AllowedPattern": r"^[\w+=,.@:/-]{2,1224}$",
        });
        add("ExternalId", parameter);
    }
    if organization {
        add("OrganizationalUnitIds", units(request));
        let parameter = json!({
            "Description": "Whether the management account is read too; stack sets leave it out",
            "Type": "String",
            "Default": request.scans_management_account(),
            "AllowedValues": ["true", "false"],
        });
        add("ScanManagementAccount", parameter);
        let parameter = json!({
            "Description": "SELF in the management account; DELEGATED_ADMIN in a member that is registered to manage stack sets",
            "Type": "String",
            "Default": "SELF",
            "AllowedValues": ["SELF", "DELEGATED_ADMIN"],
        });
        add("CallAs", parameter);
    }
    add("PermissionsBoundary", boundary(request));
    parameters
}

/// The parameters of the template of members.
pub(super) fn of_member(request: &Request) -> Value {
    json!({
        "ManagementAccountId": {
            "Description": "Account of the role that assumes the one made here",
            "Type": "String",
            "AllowedPattern": r"^\d{12}$",
        },
        "RootRoleName": name("Role that assumes the one made here", request.names.root_role.as_str()),
        "RoleName": name("Role that reads", request.names.role.as_str()),
        "PermissionsBoundary": boundary(request),
    })
}

fn name(description: &str, default: &str) -> Value {
    json!({
        "Description": description,
        "Type": "String",
        "Default": default,
        "AllowedPattern": NAME_PATTERN,
    })
}

fn boundary(request: &Request) -> Value {
    json!({
        "Description": "Name of a policy that bounds what is made; none if empty",
        "Type": "String",
        "Default": request.permissions_boundary.as_ref().map_or("", |name| name.as_str()),
        "AllowedPattern": r"^[\w+=,.@/-]{0,128}$",
    })
}

fn units(request: &Request) -> Value {
    let mut parameter = json!({
        "Description": "Units to read (ou-...), or the root (r-...) for all; AWS Organizations shows them under AWS accounts, and so does: aws organizations list-roots",
        "Type": "CommaDelimitedList",
        "AllowedPattern": OrganizationalUnit::PATTERN,
    });
    if let (Some(parameter), [_, ..]) = (parameter.as_object_mut(), request.units()) {
        let units: Vec<&str> = request.units().iter().map(OrganizationalUnit::as_str).collect();
        parameter.insert("Default".to_owned(), units.join(",").into());
    }
    parameter
}
