//! The template of an organization: the root role, the management account's own role, and the stack set
//! that gives each member its role.
//!
//! A template is limited in length, and the actions are most of it. They stand in it once, as a mapping,
//! from which both the management account's role and the members' template take them.

use super::identity::{self, Place, resources};
use super::{FORMAT, conditions, description, external_id_output, member, parameters};
use crate::blueprint::{identities, member_role};
use crate::{INLINE_TEMPLATE_LIMIT, OnboardError, ReadPolicy, Request, yaml};
use serde_json::{Map, Value, json};

/// Whether the management account gets the role of members.
const CONDITION: &str = "MakesMemberRole";

/// What stands for a list of actions until the rest of the members' template is escaped.
const PLACE_OF_ACTIONS: &str = "actions-of-policy-";

/// The template.
pub(super) fn template(request: &Request) -> Result<Value, OnboardError> {
    let place = Place { condition: None, depends_on: None, management_account: "AWS::AccountId" };
    let mut made = Map::new();
    let mut outputs = Map::new();
    for identity in identities(request) {
        let of = resources(&identity, request, &place, &|_, policy| policy.actions().collect());
        // the comments of several identities must not take each other's place
        made.extend(of.into_iter().map(|(name, value)| match name.as_str() {
            "#" => (format!("# {}", identity.id), value),
            _ => (name, value),
        }));
        outputs.extend(identity::outputs(&identity));
    }
    let place = Place { condition: Some(CONDITION), depends_on: Some("RootRole"), ..place };
    let find = |number, _: &ReadPolicy| json!({ "Fn::FindInMap": ["Reads", key(number), "Actions"] });
    made.extend(resources(&member_role(), request, &place, &find));
    made.insert("# set".into(), "gives each member its role, and those that join later theirs".into());
    made.insert("Members".into(), stack_set(request)?);
    outputs.extend(external_id_output(request));
    outputs.insert(
        "MemberRoleName".into(),
        json!({ "Description": "The role in each member", "Value": { "Ref": "RoleName" } }),
    );
    let mut template = Map::new();
    template.insert("AWSTemplateFormatVersion".into(), FORMAT.into());
    template.insert("Description".into(), description(request).into());
    template.insert("Parameters".into(), Value::Object(parameters(request)));
    if !request.permissions.policies().is_empty() {
        template.insert("#".into(), "what the rules read: once, for this account and for the members".into());
        template.insert("Mappings".into(), json!({ "Reads": mapping(request) }));
    }
    template.insert("Conditions".into(), organization_conditions());
    template.insert("Resources".into(), made.into());
    template.insert("Outputs".into(), outputs.into());
    Ok(template.into())
}

fn organization_conditions() -> Value {
    let mut conditions = conditions();
    if let Some(conditions) = conditions.as_object_mut() {
        let scanned = json!({ "Fn::Equals": [{ "Ref": "ScanManagementAccount" }, "true"] });
        let here = json!({ "Fn::Equals": [{ "Ref": "CallAs" }, "SELF"] });
        let why = "a delegated administrator is itself a member, whose role the stack set makes";
        conditions.insert("#".into(), why.into());
        conditions.insert(CONDITION.into(), json!({ "Fn::And": [scanned, here] }));
    }
    conditions
}

/// The name of a policy's actions in the mapping, by its number from 1.
fn key(number: usize) -> String {
    format!("Part{number}")
}

fn mapping(request: &Request) -> Map<String, Value> {
    let policies = (1..).zip(request.permissions.policies());
    policies
        .map(|(number, policy)| (key(number), json!({ "Actions": policy.actions().collect::<Vec<_>>() })))
        .collect()
}

fn stack_set(request: &Request) -> Result<Value, OnboardError> {
    let pass = |name: &str, value: &str| json!({ "ParameterKey": name, "ParameterValue": { "Ref": value } });
    Ok(json!({
        "Type": "AWS::CloudFormation::StackSet",
        "DependsOn": "RootRole",
        "Properties": {
            "StackSetName": { "Fn::Sub": "${AWS::StackName}-members" },
            "Description": "The role that Stance reads each member with",
            "PermissionModel": "SERVICE_MANAGED",
            "CallAs": { "Ref": "CallAs" },
            "AutoDeployment": { "Enabled": true, "RetainStacksOnAccountRemoval": false },
            "ManagedExecution": { "Active": true },
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "# preferences": "one account that cannot be set up must not keep the others waiting",
            "OperationPreferences": { "FailureTolerancePercentage": 100, "MaxConcurrentPercentage": 100 },
            "# instances": "roles are the same in all regions, so each account needs one stack alone",
            "StackInstancesGroup": [{
                "DeploymentTargets": { "OrganizationalUnitIds": { "Ref": "OrganizationalUnitIds" } },
                "Regions": [{ "Ref": "AWS::Region" }],
            }],
            "Parameters": [
                pass("ManagementAccountId", "AWS::AccountId"),
                pass("RootRoleName", "RootRoleName"),
                pass("RoleName", "RoleName"),
                pass("PermissionsBoundary", "PermissionsBoundary"),
            ],
            "TemplateBody": { "Fn::Sub": body(request)? },
        },
    }))
}

/// The members' template as the argument of `Fn::Sub`, which fills in the actions.
fn body(request: &Request) -> Result<Value, OnboardError> {
    let token = |number, _: &ReadPolicy| Value::from(format!("{PLACE_OF_ACTIONS}{}", key(number)));
    let mut text = yaml::document(&member(request, &token)).replace("${", "${!");
    let mut actions = Map::new();
    let mut length = text.len();
    for (number, policy) in (1..).zip(request.permissions.policies()) {
        let key = key(number);
        let list: Vec<&str> = policy.actions().collect();
        length += list.join("\", \"").len();
        // with the end of the line, so that the first number is not found in the tenth
        text = text.replace(&format!("{PLACE_OF_ACTIONS}{key}\n"), &format!("[\"${{{key}}}\"]\n"));
        let find = json!({ "Fn::FindInMap": ["Reads", key, "Actions"] });
        actions.insert(key, json!({ "Fn::Join": ["\", \"", find] }));
    }
    if length > INLINE_TEMPLATE_LIMIT {
        return Err(OnboardError::TemplateTooLong(length));
    }
    if actions.is_empty() { Ok(text.into()) } else { Ok(json!([text, actions])) }
}
