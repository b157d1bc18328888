//! The members of an organization, by a stack set.

use crate::hcl::{Block, Expression, Item, raw, value};
use serde_json::{Value, json};

/// The template of a member's role, in a file beside.
pub(super) const TEMPLATE: &str = "member-role.yaml";

/// Values that are used more than once.
pub(super) fn locals() -> Vec<Item> {
    vec![
        Item::Blank,
        Item::Comment("what the members' template asks for".into()),
        value("member_parameters", member_parameters()),
    ]
}

fn member_parameters() -> Value {
    json!({
        "ManagementAccountId": "${local.account}",
        "RootRoleName": "${aws_iam_role.root.name}",
        "RoleName": "${var.role_name}",
        "PermissionsBoundary": "${var.permissions_boundary}",
    })
}

/// The stack set, and the stack of the management account, which stack sets leave out.
pub(super) fn items() -> Vec<Item> {
    let template = || raw("template_body", format!("file(\"${{path.module}}/{TEMPLATE}\")"));
    let capabilities = || value("capabilities", json!(["CAPABILITY_NAMED_IAM"]));
    let parameters = || raw("parameters", "local.member_parameters");
    let block = |kind: &str, items: Vec<Item>| Item::Block(Block::new(kind, &[], items));
    let set = Block::new(
        "resource",
        &["aws_cloudformation_stack_set", "members"],
        vec![
            value("name", "stance-members"),
            value("description", "The role that Stance reads each member with"),
            value("permission_model", "SERVICE_MANAGED"),
            raw("call_as", "var.call_as"),
            capabilities(),
            template(),
            parameters(),
            Item::Blank,
            block(
                "auto_deployment",
                vec![raw("enabled", "true"), raw("retain_stacks_on_account_removal", "false")],
            ),
            Item::Blank,
            block("managed_execution", vec![raw("active", "true")]),
            Item::Blank,
            Item::Comment("AWS tells a role here that service-managed stack sets must not be given".into()),
            block("lifecycle", vec![raw("ignore_changes", "[administration_role_arn]")]),
        ],
    );
    let instances = Block::new(
        "resource",
        &["aws_cloudformation_stack_set_instance", "members"],
        vec![
            raw("stack_set_name", "aws_cloudformation_stack_set.members.name"),
            raw("call_as", "var.call_as"),
            Item::Blank,
            block("deployment_targets", vec![raw("organizational_unit_ids", "var.organizational_unit_ids")]),
            Item::Blank,
            Item::Comment("one account that cannot be set up must not keep the others waiting".into()),
            block(
                "operation_preferences",
                vec![raw("failure_tolerance_percentage", "100"), raw("max_concurrent_percentage", "100")],
            ),
        ],
    );
    let management = Block::new(
        "resource",
        &["aws_cloudformation_stack", "management_account"],
        vec![
            raw("count", r#"var.scan_management_account && var.call_as == "SELF" ? 1 : 0"#),
            value("name", "stance-management-account"),
            capabilities(),
            template(),
            Item::Attribute("parameters", Expression::Raw("local.member_parameters".into())),
        ],
    );
    vec![
        Item::Comment("gives each member its role, and those that join later theirs".into()),
        Item::Block(set),
        Item::Blank,
        Item::Comment("roles are the same in all regions, so each account needs one stack alone".into()),
        Item::Block(instances),
        Item::Blank,
        Item::Comment(
            "stack sets leave the management account out; a delegated administrator is itself a member"
                .into(),
        ),
        Item::Block(management),
        Item::Blank,
    ]
}
