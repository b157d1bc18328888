//! What to do with what is printed, in a few plain lines.

use crate::shell::word;
use crate::{Access, INLINE_TEMPLATE_LIMIT, OnboardScope, PermissionSet, Request, cloudformation};

/// In which form something is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A template of CloudFormation.
    CloudFormation,
    /// Files for Terraform.
    Terraform,
    /// Commands of the AWS CLI.
    Commands,
    /// Policies to be pasted.
    Policies,
    /// A link to the console.
    Link,
}

/// How a whole organization is scanned.
const SCAN_ORGANIZATION: &str = "stance scan aws --organization";

/// How an account is scanned.
const SCAN_ACCOUNT: &str = "stance scan aws";

/// What is to be done, a step a line, to the first scan. `file` is where the result stands.
pub fn steps(request: &Request, form: Form, file: &str) -> Vec<String> {
    let mut steps = preparation(request, form, file);
    steps.extend(scan(request));
    steps
}

/// What is to be done in AWS, a step a line, before anything is scanned.
pub fn preparation(request: &Request, form: Form, file: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let organization = matches!(request.scope, OnboardScope::Organization { .. });
    steps.push(if organization {
        "sign in to the organization's management account as an administrator".to_owned()
    } else {
        "sign in to the account as an administrator".to_owned()
    });
    if organization && form != Form::Policies {
        steps.push(
            "let stack sets reach members, once: `aws cloudformation activate-organizations-access` (in the console: CloudFormation, StackSets, Activate trusted access)"
                .to_owned(),
        );
        if request.units().is_empty() && form != Form::Commands {
            steps.push(
                "find the organization's root id, which stands for all accounts: `aws organizations list-roots --query 'Roots[0].Id'`"
                    .to_owned(),
            );
        }
    }
    steps.push(apply(request, form, &word(file)));
    if request.access == Access::DirectKeys {
        let name = &request.names.user;
        steps.push(match form {
            Form::Terraform | Form::Policies => {
                format!("make the user's key, which is shown once: `aws iam create-access-key --user-name {name}`")
            }
            Form::CloudFormation | Form::Commands | Form::Link => format!(
                "fetch the user's key: `aws secretsmanager get-secret-value --secret-id {name}-access-key --query SecretString --output text`"
            ),
        });
    }
    steps
}

/// The role that Stance assumes once it is there, with `ACCOUNT_ID` in the place of the account's number; nothing where
/// it signs in with a key, or as the instance it runs on.
pub fn role_to_assume(request: &Request) -> Option<String> {
    let role = match request.scope {
        OnboardScope::Account => &request.names.role,
        OnboardScope::Organization { .. } => &request.names.root_role,
    };
    match request.access {
        Access::InstanceRole | Access::DirectKeys => None,
        Access::AccountRole { .. } | Access::CloudConnector { .. } => {
            Some(format!("arn:{}:iam::ACCOUNT_ID:role/{role}", request.partition))
        }
    }
}

fn apply(request: &Request, form: Form, file: &str) -> String {
    match form {
        Form::CloudFormation => {
            let units = match (&request.scope, request.units()) {
                (OnboardScope::Organization { .. }, []) => {
                    " --parameter-overrides OrganizationalUnitIds=ROOT_OR_UNIT_IDS"
                }
                _ => "",
            };
            let long = cloudformation(request).is_ok_and(|text| text.len() > INLINE_TEMPLATE_LIMIT);
            let bucket = if long { " --s3-bucket A_BUCKET_OF_YOURS" } else { "" };
            format!(
                "apply the template: `aws cloudformation deploy --stack-name stance --template-file {file} --capabilities CAPABILITY_NAMED_IAM{units}{bucket}`"
            )
        }
        Form::Terraform => {
            format!("apply it: `terraform -chdir={file} init` and `terraform -chdir={file} apply`")
        }
        Form::Commands => format!("run it: `bash {file}`"),
        Form::Policies => {
            let managed = match &request.permissions {
                PermissionSet::LeastPrivilege(_) => "",
                PermissionSet::Managed { .. } => ", with AWS's own `SecurityAudit` beside those that read",
            };
            format!(
                "make each role or user by its file's name with these policies{managed}; put the account's id in the place of ACCOUNT_ID or MANAGEMENT_ACCOUNT_ID; a role for an EC2 instance needs an instance profile too"
            )
        }
        Form::Link => {
            "open the link, look at the parameters, tick the box about IAM, choose Create stack".to_owned()
        }
    }
}

fn scan(request: &Request) -> Vec<String> {
    let (role, scan) = match request.scope {
        OnboardScope::Account => (&request.names.role, SCAN_ACCOUNT),
        OnboardScope::Organization { .. } => (&request.names.root_role, SCAN_ORGANIZATION),
    };
    let partition = request.partition;
    let arn = format!("arn:{partition}:iam::ACCOUNT_ID:role/{role}");
    match &request.access {
        Access::InstanceRole => vec![
            format!(
                "give an EC2 instance the instance profile `{role}` (Actions, Security, Modify IAM role)"
            ),
            format!("run `{scan}` on that instance"),
        ],
        Access::DirectKeys => {
            let mut steps = vec!["put the key in a profile: `aws configure --profile stance`".to_owned()];
            if let OnboardScope::Organization { .. } = request.scope {
                steps.push(profile("stance-root", &arn, "stance", ""));
                steps.push(format!("run `{scan} --profile stance-root`"));
            } else {
                steps.push(format!("run `{scan} --profile stance`"));
            }
            steps
        }
        Access::AccountRole { .. } | Access::CloudConnector { .. } => {
            let id = request.access.external_id();
            let id = id.map(|id| format!("\n    external_id = {id}")).unwrap_or_default();
            vec![profile("stance", &arn, "default", &id), format!("run `{scan} --profile stance`")]
        }
    }
}

/// The profile that assumes a role, which all tools of AWS read.
fn profile(name: &str, role: &str, source: &str, more: &str) -> String {
    format!(
        "add this to ~/.aws/config where Stance runs; `{source}` is a profile that may assume the role:\n    [profile {name}]\n    role_arn = {role}\n    source_profile = {source}{more}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account, connector, organization};

    #[test]
    fn each_way_leads_to_a_scan() {
        let mut told = String::new();
        for (request, form, file) in [
            (account(Access::InstanceRole), Form::CloudFormation, "stance.yaml"),
            (account(connector()), Form::Commands, "stance.sh"),
            (organization(Access::DirectKeys), Form::Terraform, "stance"),
            (organization(Access::InstanceRole), Form::Policies, "stance"),
            (account(Access::InstanceRole), Form::Link, ""),
        ] {
            let steps = steps(&request, form, file).join("\n- ");
            told.extend([format!("{form:?}\n- {steps}\n")]);
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn who_named_no_unit_is_told_how_to_find_the_root() {
        let scope = OnboardScope::Organization {
            units: vec![],
            management_account: crate::ManagementAccount::Scanned,
        };
        let request = Request { scope, ..account(Access::InstanceRole) };
        let told = steps(&request, Form::CloudFormation, "stance.yaml").join("\n");
        assert!(told.contains("list-roots") && told.contains("OrganizationalUnitIds="), "{told}");
    }

    #[test]
    fn a_template_that_is_too_long_to_be_passed_inline_goes_by_a_bucket() {
        let permissions = crate::PermissionSet::LeastPrivilege(crate::testing::long_policies(8));
        let request = Request { permissions, ..account(Access::InstanceRole) };
        assert!(apply(&request, Form::CloudFormation, "stance.yaml").contains("--s3-bucket"));
        assert!(!apply(&account(Access::InstanceRole), Form::CloudFormation, "stance.yaml").contains("--s3"));
    }
}
