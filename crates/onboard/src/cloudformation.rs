//! Templates of CloudFormation.

mod identity;
mod organization;
mod parameter;

use crate::blueprint::{Kind, identities, member_role};
use crate::request::Access;
use crate::{INLINE_TEMPLATE_LIMIT, OnboardError, OnboardScope, Request, yaml};
use identity::{Place, resources};
use parameter::parameters;
use serde_json::{Map, Value, json};

/// The version of the format, which has been the same since 2010.
const FORMAT: &str = "2010-09-09";

/// Whether a stack has a boundary to put on what it makes.
const BOUNDARY_CONDITION: &str = "HasPermissionsBoundary";

/// The template to be applied: in the account, or in the organization's management account. Where it is
/// longer than [`INLINE_TEMPLATE_LIMIT`], it must be given to CloudFormation by a bucket of S3.
///
/// # Errors
/// If AWS would not take it.
pub fn cloudformation(request: &Request) -> Result<String, OnboardError> {
    request.check()?;
    let template = match request.scope {
        OnboardScope::Account => account(request),
        OnboardScope::Organization { .. } => organization::template(request)?,
    };
    Ok(yaml::document(&template))
}

/// The template of the role that reads a member account: what the stack set puts into each of them. It can
/// be applied alone where stack sets are not used.
///
/// # Errors
/// If AWS would not take it.
pub fn member_role_template(request: &Request) -> Result<String, OnboardError> {
    request.check()?;
    let text = yaml::document(&member(request, &|_, policy| policy.actions().collect()));
    // a stack set is given its template inline
    if text.len() > INLINE_TEMPLATE_LIMIT {
        return Err(OnboardError::TemplateTooLong(text.len()));
    }
    Ok(text)
}

fn account(request: &Request) -> Value {
    let place = Place { condition: None, depends_on: None, management_account: "AWS::AccountId" };
    let mut made = Map::new();
    let mut outputs = Map::new();
    for identity in identities(request) {
        made.extend(resources(&identity, request, &place, &|_, policy| policy.actions().collect()));
        outputs.extend(identity::outputs(&identity));
    }
    outputs.extend(external_id_output(request));
    json!({
        "AWSTemplateFormatVersion": FORMAT,
        "Description": description(request),
        "Parameters": parameters(request),
        "Conditions": conditions(),
        "Resources": made,
        "Outputs": outputs,
    })
}

/// The template of a member's role, with its lists of actions written as `actions` says.
fn member(request: &Request, actions: &dyn Fn(usize, &crate::ReadPolicy) -> Value) -> Value {
    let place = Place { condition: None, depends_on: None, management_account: "ManagementAccountId" };
    let role = member_role();
    json!({
        "AWSTemplateFormatVersion": FORMAT,
        "Description": "Lets Stance read this account of an organization. It only reads.",
        "Parameters": parameter::of_member(request),
        "Conditions": conditions(),
        "Resources": resources(&role, request, &place, actions),
        "Outputs": identity::outputs(&role),
    })
}

fn conditions() -> Value {
    json!({ BOUNDARY_CONDITION: { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "PermissionsBoundary" }, ""] }] } })
}

fn description(request: &Request) -> String {
    let what = match request.scope {
        OnboardScope::Account => "this AWS account",
        OnboardScope::Organization { .. } => "the accounts of this AWS organization",
    };
    let keys = match request.access {
        Access::DirectKeys => {
            " The user's secret key goes to Secrets Manager and not to the outputs, which everybody sees who \
             may look at stacks."
        }
        _ => "",
    };
    format!("Lets Stance read the configuration of {what}. It only reads.{keys}")
}

fn external_id_output(request: &Request) -> Option<(String, Value)> {
    request.access.external_id().map(|_| {
        let output = json!({
            "Description": "What the principal must name when it assumes the role",
            "Value": { "Ref": "ExternalId" },
        });
        ("ExternalId".to_owned(), output)
    })
}

/// Whether anything of the request is a user with a key.
fn has_user(request: &Request) -> bool {
    identities(request).iter().any(|identity| matches!(identity.kind, Kind::User))
}

#[cfg(test)]
mod tests;
