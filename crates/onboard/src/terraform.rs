//! The same as Terraform, for the provider `hashicorp/aws`.
//!
//! Members of an organization get their role by a stack set too: only that gives accounts that join later
//! theirs, and Terraform would need a provider for each account else.

mod identity;
mod organization;
mod variable;

use crate::blueprint::identities;
use crate::hcl::{self, Block, Item, raw, value};
use crate::{OnboardError, OnboardScope, Request};
use serde_json::json;

/// A file with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Its name, without a folder.
    pub name: &'static str,
    /// What it holds.
    pub text: String,
}

/// The files of a module: `main.tf`, and for an organization the template that its stack set applies.
///
/// # Errors
/// If AWS would not take what it makes.
pub fn terraform(request: &Request) -> Result<Vec<TextFile>, OnboardError> {
    request.check()?;
    let mut items = vec![Item::Block(settings()), Item::Blank];
    for variable in variable::variables(request) {
        items.extend([Item::Block(variable), Item::Blank]);
    }
    for name in ["aws_caller_identity", "aws_partition"] {
        items.extend([Item::Block(Block::new("data", &[name, "current"], vec![])), Item::Blank]);
    }
    items.extend([Item::Block(locals(request)), Item::Blank]);
    let mut files = Vec::new();
    for identity in identities(request) {
        items.extend(identity::items(&identity, request));
    }
    if let OnboardScope::Organization { .. } = request.scope {
        items.extend(organization::items());
        files.push(TextFile { name: organization::TEMPLATE, text: crate::member_role_template(request)? });
    }
    for identity in identities(request) {
        items.extend(identity::outputs(&identity));
    }
    if request.access.external_id().is_some() {
        let told = vec![
            value("description", "What the principal must name when it assumes the role"),
            raw("value", "var.external_id"),
        ];
        items.extend([Item::Block(Block::new("output", &["external_id"], told)), Item::Blank]);
    }
    items.pop();
    files.insert(0, TextFile { name: "main.tf", text: hcl::file(&items) });
    Ok(files)
}

fn settings() -> Block {
    let provider = json!({ "source": "hashicorp/aws", "version": ">= 5.0" });
    let providers = Block::new("required_providers", &[], vec![value("aws", provider)]);
    Block::new(
        "terraform",
        &[],
        vec![value("required_version", ">= 1.3"), Item::Blank, Item::Block(providers)],
    )
}

fn locals(request: &Request) -> Block {
    let mut items = vec![
        Item::Comment("the account of the role that is made, and what the names of services end with".into()),
        raw("account", "data.aws_caller_identity.current.account_id"),
        raw("partition", "data.aws_partition.current.partition"),
        raw("suffix", "data.aws_partition.current.dns_suffix"),
        Item::Blank,
        raw(
            "boundary_arn",
            r#""arn:${local.partition}:iam::${local.account}:policy/${var.permissions_boundary}""#,
        ),
        raw("boundary", r#"var.permissions_boundary == "" ? null : local.boundary_arn"#),
    ];
    match request.scope {
        OnboardScope::Account => items.extend(identity::read_actions(request)),
        OnboardScope::Organization { .. } => items.extend(organization::locals()),
    }
    Block::new("locals", &[], items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;
    use crate::testing::{account, connector, managed, organization};

    fn text(request: &Request) -> String {
        let files = terraform(request).unwrap();
        files.iter().map(|file| format!("--- {}\n{}", file.name, file.text)).collect::<Vec<_>>().concat()
    }

    #[test]
    fn an_account_for_an_instance() {
        insta::assert_snapshot!(text(&account(Access::InstanceRole)));
    }

    #[test]
    fn an_account_for_a_cloud_connector_with_the_managed_policy() {
        insta::assert_snapshot!(text(&managed(account(connector()))));
    }

    #[test]
    fn an_account_with_direct_keys() {
        insta::assert_snapshot!(text(&account(Access::DirectKeys)));
    }

    #[test]
    fn an_organization_for_an_instance() {
        let files = terraform(&organization(Access::InstanceRole)).unwrap();
        insta::assert_snapshot!(files[0].text);
        assert_eq!(files[1].name, "member-role.yaml");
        assert_eq!(files[1].text, crate::member_role_template(&organization(Access::InstanceRole)).unwrap());
    }
}
