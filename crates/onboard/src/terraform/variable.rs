//! Variables: what a customer may change without other files.

use crate::blueprint::{Kind, identities};
use crate::hcl::{Block, Item, literal, raw, value};
use crate::{Access, OnboardScope, OrganizationalUnit, Principal, Request};
use serde_json::Value;

/// The variables of the module.
pub(super) fn variables(request: &Request) -> Vec<Block> {
    let mut blocks = Vec::new();
    let organization = matches!(request.scope, OnboardScope::Organization { .. });
    let names = &request.names;
    if organization {
        blocks.push(text("root_role_name", "Role that finds the accounts", names.root_role.as_str()));
    }
    if organization || request.access != Access::DirectKeys {
        blocks.push(text("role_name", "Role that reads", names.role.as_str()));
    }
    if identities(request).iter().any(|identity| matches!(identity.kind, Kind::User)) {
        blocks.push(text("user_name", "User that Stance signs in as", names.user.as_str()));
    }
    if let Some(principal) = request.access.principal() {
        let what = "Who may assume the role: an account id, or the ARN of a role or user";
        let problem = "An account id, or the ARN of a role, a user or an account's root.";
        let pattern = validation("principal", Principal::PATTERN, problem);
        blocks.push(variable("principal", what, "string", Some(principal.as_str().into()), vec![pattern]));
    }
    if let Some(id) = request.access.external_id() {
        let what = "What the principal must name when it assumes the role, so that it cannot be made to use it for somebody else";
        let pattern = validation(
            "external_id",
            r"^[\w+=,.@:/-]{2,1224}$",
            "2 to 1224 letters, digits and _+=,.@:/- are what AWS takes.",
        );
        blocks.push(variable("external_id", what, "string", Some(id.as_str().into()), vec![pattern]));
    }
    if organization {
        let what = "Units to read (ou-...), or the root (r-...) for all; AWS Organizations shows them under AWS accounts, and so does: aws organizations list-roots";
        let units: Vec<&str> = request.units().iter().map(OrganizationalUnit::as_str).collect();
        let default = if units.is_empty() { None } else { Some(units.into()) };
        blocks.push(variable("organizational_unit_ids", what, "list(string)", default, vec![]));
        let what = "Whether the management account is read too; stack sets leave it out";
        let default = request.scans_management_account() == "true";
        blocks.push(variable("scan_management_account", what, "bool", Some(default.into()), vec![]));
        let what = "SELF in the management account; DELEGATED_ADMIN in a member that is registered to manage stack sets";
        let choice = validation("call_as", "^(SELF|DELEGATED_ADMIN)$", "SELF or DELEGATED_ADMIN.");
        blocks.push(variable("call_as", what, "string", Some("SELF".into()), vec![choice]));
    }
    let default = request.permissions_boundary.as_ref().map_or("", |name| name.as_str());
    blocks.push(text(
        "permissions_boundary",
        "Name of a policy that bounds what is made; none if empty",
        default,
    ));
    blocks
}

fn text(name: &'static str, description: &str, default: &str) -> Block {
    variable(name, description, "string", Some(default.into()), vec![])
}

fn variable(
    name: &'static str,
    description: &str,
    of: &'static str,
    default: Option<Value>,
    more: Vec<Item>,
) -> Block {
    let mut items = vec![value("description", literal(description)), raw("type", of)];
    items.extend(default.map(|default| value("default", default)));
    items.extend(more);
    Block::new("variable", &[name], items)
}

fn validation(name: &str, pattern: &str, problem: &'static str) -> Item {
    let pattern = pattern.replace('\\', "\\\\");
    let condition = format!("can(regex(\"{pattern}\", var.{name}))");
    let items = vec![raw("condition", condition), value("error_message", problem)];
    Item::Block(Block::new("validation", &[], items))
}
