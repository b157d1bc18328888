//! The same as commands of the AWS CLI, in a script that may be run or pasted.

use crate::blueprint::{Identity, InstanceProfile, Kind, Reads, identities};
use crate::document::{Document, Part, Reference, written};
use crate::request::Access;
use crate::shell::{escaped, expanding_file, literal_file, quoted};
use crate::text::comment;
use crate::{OnboardError, OnboardScope, Request, member_role_template};
use serde_json::{Value, json};

/// What begins and ends a variable's name until the rest of a document is escaped for the shell. No name,
/// id or ARN can hold it.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// What every script starts with: who is signed in, and a folder that nobody else reads.
const START: &str = r#"account=$(aws sts get-caller-identity --query Account --output text)
partition=$(aws sts get-caller-identity --query Arn --output text | cut -d: -f2)
case $partition in
  aws-cn) suffix=amazonaws.com.cn ;;
  *) suffix=amazonaws.com ;;
esac
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"#;

/// Ends the script with what the members of an organization need.
const MEMBERS: &str = r#"
# gives each member its role, and those that join later theirs
aws cloudformation create-stack-set --stack-set-name stance-members \
  --description 'The role that Stance reads each member with' \
  --template-body "file://$folder/member-role.yaml" --parameters "file://$folder/parameters.json" \
  --permission-model SERVICE_MANAGED --call-as "$call_as" --capabilities CAPABILITY_NAMED_IAM \
  --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --managed-execution Active=true
# roles are the same in all regions, so each account needs one stack alone
aws cloudformation create-stack-instances --stack-set-name stance-members --call-as "$call_as" \
  --deployment-targets "OrganizationalUnitIds=$units" --regions "$region" \
  --operation-preferences FailureTolerancePercentage=100,MaxConcurrentPercentage=100

# stack sets leave the management account out; a delegated administrator is itself a member
if [ "$scan_management_account" = true ] && [ "$call_as" = SELF ]; then
  aws cloudformation create-stack --stack-name stance-management-account --region "$region" \
    --template-body "file://$folder/member-role.yaml" --parameters "file://$folder/parameters.json" \
    --capabilities CAPABILITY_NAMED_IAM
  aws cloudformation wait stack-create-complete --stack-name stance-management-account --region "$region"
fi
"#;

/// The script, for bash and a signed-in `aws`.
///
/// # Errors
/// If AWS would not take what it makes.
pub fn commands(request: &Request) -> Result<String, OnboardError> {
    request.check()?;
    let mut script = String::from("#!/usr/bin/env bash\n");
    script.push_str("# Lets Stance read ");
    script.push_str(match request.scope {
        OnboardScope::Account => "the AWS account that you are signed in to.\n",
        OnboardScope::Organization { .. } => {
            "the AWS organization whose management account you are signed in to.\n"
        }
    });
    // in a shell of its own, so that pasted into one it does not end that when a command fails
    script.push_str("(\nset -euo pipefail\n\n");
    script.push_str(&variables(request));
    script.push_str(START);
    for identity in identities(request) {
        script.push('\n');
        script.push_str(&comment(identity.purpose, ""));
        script.push_str(&make(&identity, request));
    }
    if let OnboardScope::Organization { .. } = request.scope {
        script.push('\n');
        script.push_str(&literal_file("\"$folder/member-role.yaml\"", &member_role_template(request)?));
        let pass = |name: &str, value: &str| json!({ "ParameterKey": name, "ParameterValue": mark(value) });
        let parameters = json!([
            pass("ManagementAccountId", "account"),
            pass("RootRoleName", "root_role_name"),
            pass("RoleName", "role_name"),
            pass("PermissionsBoundary", "boundary"),
        ]);
        script.push_str(&json_file("parameters", &parameters));
        script.push_str(MEMBERS);
    }
    script.push_str(")\n");
    Ok(script)
}

fn variables(request: &Request) -> String {
    let mut lines = Vec::new();
    let organization = matches!(request.scope, OnboardScope::Organization { .. });
    let names = &request.names;
    if organization {
        lines.push(format!("root_role_name={}", quoted(names.root_role.as_str())));
    }
    if organization || request.access != Access::DirectKeys {
        lines.push(format!("role_name={}", quoted(names.role.as_str())));
    }
    if request.access == Access::DirectKeys {
        lines.push(format!("user_name={}", quoted(names.user.as_str())));
    }
    if let Some(principal) = request.access.principal() {
        lines.push(format!("principal={}", quoted(principal.as_str())));
    }
    if let Some(id) = request.access.external_id() {
        lines.push(format!("external_id={}", quoted(id.as_str())));
    }
    let boundary = request.permissions_boundary.as_ref().map_or("", |name| name.as_str());
    lines.push(format!(
        "boundary={} # name of a policy that bounds what is made; none if empty",
        quoted(boundary)
    ));
    if organization {
        let units: Vec<&str> = request.units().iter().map(crate::OrganizationalUnit::as_str).collect();
        lines.push(match units.as_slice() {
            [] => "units=$(aws organizations list-roots --query 'Roots[0].Id' --output text) # all accounts; or units of yours, as ou-…,ou-…".to_owned(),
            units => format!("units={}", quoted(&units.join(","))),
        });
        lines.push(format!("scan_management_account={}", request.scans_management_account()));
        lines.push("call_as=SELF # or DELEGATED_ADMIN".to_owned());
        lines
            .push(format!("region=${{AWS_REGION:-${{AWS_DEFAULT_REGION:-{}}}}}", request.partition.region()));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Makes one identity.
fn make(identity: &Identity, request: &Request) -> String {
    let name = variable(identity.name);
    let mut script: Vec<String> = Vec::new();
    let (kind, flag) = match &identity.kind {
        Kind::Role { trust, .. } => {
            script.push(json_file("trust", &rendered(trust)));
            ("role", " --assume-role-policy-document \"file://$folder/trust.json\"")
        }
        Kind::User => ("user", ""),
    };
    let boundary = "${boundary:+--permissions-boundary \"arn:$partition:iam::$account:policy/$boundary\"}";
    script.push(format!("aws iam create-{kind} --{kind}-name \"${name}\"{flag} \\\n  {boundary}\n"));
    script.push(format!("aws iam wait {kind}-exists --{kind}-name \"${name}\"\n"));
    if let Kind::Role { profile: InstanceProfile::Made, .. } = identity.kind {
        script.push(format!("aws iam create-instance-profile --instance-profile-name \"${name}\"\n"));
        script.push(format!(
            "aws iam add-role-to-instance-profile --instance-profile-name \"${name}\" --role-name \"${name}\"\n"
        ));
    }
    if let Some(inline) = &identity.inline {
        script.push(comment(inline.why, ""));
        script.push(json_file("inline", &rendered(&inline.document)));
        script.push(format!(
            "aws iam put-{kind}-policy --{kind}-name \"${name}\" --policy-name {} \\\n  --policy-document \"file://$folder/inline.json\"\n",
            inline.name
        ));
    }
    if identity.reads == Reads::Everything {
        for managed in request.permissions.managed() {
            script.push(format!(
                "aws iam attach-{kind}-policy --{kind}-name \"${name}\" --policy-arn \"arn:$partition:iam::aws:policy/{managed}\"\n"
            ));
        }
        for (number, policy) in (1..).zip(request.permissions.policies()) {
            let file = format!("reads-{number}");
            script.push(json_file(&file, policy.document()));
            script.push(format!(
                "aws iam create-policy --policy-name \"${name}-{number}\" --description 'What the rules of Stance read' \\\n  --policy-document \"file://$folder/{file}.json\"\n"
            ));
            script.push(format!(
                "aws iam attach-{kind}-policy --{kind}-name \"${name}\" --policy-arn \"arn:$partition:iam::$account:policy/${name}-{number}\"\n"
            ));
        }
    }
    if let Kind::User = identity.kind {
        script.push("# the key goes to Secrets Manager by a file: it stands on no screen and in no list of processes\n".to_owned());
        script.push(format!(
            "aws iam create-access-key --user-name \"${name}\" --output json \\\n  --query 'AccessKey.{{AccessKeyId: AccessKeyId, SecretAccessKey: SecretAccessKey}}' > \"$folder/key.json\"\n"
        ));
        script.push(format!(
            "aws secretsmanager create-secret --name \"${name}-access-key\" --secret-string \"file://$folder/key.json\"\n"
        ));
    }
    script.concat()
}

/// A command that writes a document, with its variables filled in.
fn json_file(name: &str, document: &Value) -> String {
    let text = escaped(&format!("{document:#}"));
    let text = text.replace(MARKS[0], "${").replace(MARKS[1], "}");
    expanding_file(&format!("\"$folder/{name}.json\""), &text)
}

fn rendered(document: &Document) -> Value {
    let text = |parts: &[Part]| written(parts, str::to_owned, |reference| mark(variable(reference)));
    document.render(&|parts| text(parts).into())
}

fn mark(variable: &str) -> String {
    format!("{}{variable}{}", MARKS[0], MARKS[1])
}

/// The shell's variable that fills something in.
fn variable(reference: Reference) -> &'static str {
    match reference {
        Reference::Partition => "partition",
        Reference::Suffix => "suffix",
        Reference::Account | Reference::ManagementAccount => "account",
        Reference::Role => "role_name",
        Reference::RootRole => "root_role_name",
        Reference::User => "user_name",
        Reference::Principal => "principal",
        Reference::ExternalId => "external_id",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accesses, account, connector, managed, organization};
    use std::process::{Command, Stdio};

    #[test]
    fn an_account_for_a_cloud_connector_with_the_managed_policy() {
        insta::assert_snapshot!(commands(&managed(account(connector()))).unwrap());
    }

    #[test]
    fn an_account_with_direct_keys() {
        insta::assert_snapshot!(commands(&account(Access::DirectKeys)).unwrap());
    }

    #[test]
    fn an_organization_for_an_instance() {
        insta::assert_snapshot!(commands(&organization(Access::InstanceRole)).unwrap());
    }

    #[test]
    fn bash_can_read_every_script() {
        use std::io::Write;
        for (name, access) in accesses() {
            for request in [account(access.clone()), organization(access.clone())] {
                let script = commands(&request).unwrap();
                let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
                bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
                assert!(bash.wait().unwrap().success(), "{name}:\n{script}");
            }
        }
    }
}
