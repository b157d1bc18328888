//! The resources of a role or a user.

use super::BOUNDARY_CONDITION;
use crate::blueprint::{Identity, Inline, InstanceProfile, Kind, Reads};
use crate::document::{Part, Reference, written};
use crate::{ReadPolicy, Request};
use serde_json::{Map, Value, json};

/// Where in a template an identity stands.
pub(super) struct Place {
    /// The condition under which it is made.
    pub(super) condition: Option<&'static str>,
    /// What must be there before.
    pub(super) depends_on: Option<&'static str>,
    /// What tells the management account.
    pub(super) management_account: &'static str,
}

/// The resources of an identity, with the lists of actions that it may read written as `actions` says of each policy's
/// number, from 1, and the policy.
pub(super) fn resources(
    identity: &Identity,
    request: &Request,
    place: &Place,
    actions: &dyn Fn(usize, &ReadPolicy) -> Value,
) -> Map<String, Value> {
    let mut made = Map::new();
    let name = json!({ "Ref": parameter(identity.name, place) });
    made.insert("#".into(), identity.purpose.into());
    match &identity.kind {
        Kind::Role { trust, profile } => {
            let mut properties = json!({
                "RoleName": name,
                "AssumeRolePolicyDocument": trust.render(&|parts| text(parts, place)),
            });
            extend(&mut properties, common(identity, request, place));
            made.insert(identity.id.into(), resource("AWS::IAM::Role", &properties, place));
            if *profile == InstanceProfile::Made {
                let properties = json!({ "InstanceProfileName": name, "Roles": [{ "Ref": identity.id }] });
                let id = format!("{}InstanceProfile", identity.id);
                made.insert(id, resource("AWS::IAM::InstanceProfile", &properties, place));
            }
        }
        Kind::User => {
            let mut properties = json!({ "UserName": name });
            extend(&mut properties, common(identity, request, place));
            made.insert(identity.id.into(), resource("AWS::IAM::User", &properties, place));
            made.extend(access_key(identity, place));
        }
    }
    if identity.reads == Reads::Everything {
        made.extend(read_policies(identity, request, place, actions));
    }
    made
}

/// What roles and users have alike.
fn common(identity: &Identity, request: &Request, place: &Place) -> Value {
    let policy = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}";
    let boundary =
        json!({ "Fn::If": [BOUNDARY_CONDITION, { "Fn::Sub": policy }, { "Ref": "AWS::NoValue" }] });
    let mut properties = json!({ "PermissionsBoundary": boundary });
    let managed = request.permissions.managed();
    if identity.reads == Reads::Everything && !managed.is_empty() {
        let arns = managed.iter().map(|name| {
            let arn = format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}");
            json!({ "Fn::Sub": arn })
        });
        extend(&mut properties, json!({ "ManagedPolicyArns": arns.collect::<Vec<_>>() }));
    }
    if let Some(Inline { name, document, why }) = &identity.inline {
        let document = document.render(&|parts| text(parts, place));
        let policy = json!({ "PolicyName": name, "PolicyDocument": document });
        extend(&mut properties, json!({ "#": why, "Policies": [policy] }));
    }
    properties
}

fn read_policies(
    identity: &Identity,
    request: &Request,
    place: &Place,
    actions: &dyn Fn(usize, &ReadPolicy) -> Value,
) -> Map<String, Value> {
    let attached = match identity.kind {
        Kind::Role { .. } => "Roles",
        Kind::User => "Users",
    };
    let policies = request.permissions.policies();
    let told = policies.iter().enumerate().map(|(index, policy)| {
        let number = index + 1;
        let name = format!("${{{}}}-{number}", parameter(identity.name, place));
        let properties = json!({
            "ManagedPolicyName": { "Fn::Sub": name },
            // without the number of parts: a policy with another description would be another one
            "Description": "What the rules of Stance read",
            "PolicyDocument": policy.with_actions(actions(number, policy)),
            attached: [{ "Ref": identity.id }],
        });
        (format!("{}Reads{number}", identity.id), resource("AWS::IAM::ManagedPolicy", &properties, place))
    });
    told.collect()
}

/// The key of a user, kept where only those see it who may read secrets.
fn access_key(identity: &Identity, place: &Place) -> Map<String, Value> {
    let key = format!("{}AccessKey", identity.id);
    let secret = format!("{}Secret", identity.id);
    let pair = format!(r#"{{"AccessKeyId": "${{{key}}}", "SecretAccessKey": "${{{key}.SecretAccessKey}}"}}"#);
    let name = format!("${{{}}}-access-key", parameter(identity.name, place));
    let mut made = Map::new();
    let properties = json!({ "UserName": { "Ref": identity.id } });
    made.insert(key, resource("AWS::IAM::AccessKey", &properties, place));
    let properties = json!({
        "Name": { "Fn::Sub": name },
        "Description": "Access key with which Stance signs in",
        "SecretString": { "Fn::Sub": pair },
    });
    made.insert("# key".into(), "an output would show the key to everybody who may look at stacks".into());
    made.insert(secret, resource("AWS::SecretsManager::Secret", &properties, place));
    made
}

fn resource(of: &str, properties: &Value, place: &Place) -> Value {
    let mut resource = json!({ "Type": of });
    if let Some(condition) = place.condition {
        extend(&mut resource, json!({ "Condition": condition }));
    }
    if let Some(other) = place.depends_on {
        extend(&mut resource, json!({ "DependsOn": other }));
    }
    extend(&mut resource, json!({ "Properties": properties }));
    resource
}

/// What is told of an identity when it is made.
pub(super) fn outputs(identity: &Identity) -> Map<String, Value> {
    let output = |description: &str, value: Value| json!({ "Description": description, "Value": value });
    let id = identity.id;
    let mut told = Map::new();
    match &identity.kind {
        Kind::Role { profile, .. } => {
            let arn = json!({ "Fn::GetAtt": [id, "Arn"] });
            told.insert(format!("{id}Arn"), output("The role", arn));
            if *profile == InstanceProfile::Made {
                let name = json!({ "Ref": format!("{id}InstanceProfile") });
                told.insert(format!("{id}InstanceProfile"), output("What an EC2 instance is given", name));
            }
        }
        Kind::User => {
            let arn = json!({ "Ref": format!("{id}Secret") });
            told.insert(format!("{id}SecretArn"), output("The secret that holds the access key", arn));
        }
    }
    told
}

/// A text with what is to be filled in.
fn text(parts: &[Part], place: &Place) -> Value {
    match parts {
        [Part::Of(reference)] => json!({ "Ref": parameter(*reference, place) }),
        parts if parts.iter().any(|part| matches!(part, Part::Of(_))) => {
            let literal = |text: &str| text.replace("${", "${!");
            let reference = |of| format!("${{{}}}", parameter(of, place));
            json!({ "Fn::Sub": written(parts, literal, reference) })
        }
        parts => written(parts, str::to_owned, |_| String::new()).into(),
    }
}

/// The parameter, own or CloudFormation's, that fills something in.
fn parameter(reference: Reference, place: &Place) -> &'static str {
    match reference {
        Reference::Partition => "AWS::Partition",
        Reference::Suffix => "AWS::URLSuffix",
        Reference::Account => "AWS::AccountId",
        Reference::ManagementAccount => place.management_account,
        Reference::Role => "RoleName",
        Reference::RootRole => "RootRoleName",
        Reference::User => "UserName",
        Reference::Principal => "Principal",
        Reference::ExternalId => "ExternalId",
    }
}

fn extend(value: &mut Value, with: Value) {
    if let (Value::Object(members), Value::Object(more)) = (value, with) {
        members.extend(more);
    }
}
