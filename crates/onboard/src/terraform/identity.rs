//! The resources of a role or a user.

use crate::Request;
use crate::blueprint::{Identity, InstanceProfile, Kind, Reads};
use crate::document::{Document, Part, Reference, written};
use crate::hcl::{Block, Expression, Item, literal, raw, value};
use serde_json::{Value, json};

/// What Terraform calls the kind of an identity.
struct Words {
    /// In resource types.
    kind: &'static str,
    /// What the resource is called.
    label: &'static str,
}

fn words(identity: &Identity) -> Words {
    let kind = match identity.kind {
        Kind::Role { .. } => "role",
        Kind::User => "user",
    };
    let label = match identity.name {
        Reference::RootRole => "root",
        _ => "stance",
    };
    Words { kind, label }
}

/// The resources of an identity.
pub(super) fn items(identity: &Identity, request: &Request) -> Vec<Item> {
    let Words { kind, label } = words(identity);
    let itself = format!("aws_iam_{kind}.{label}");
    let mut items = vec![Item::Comment(identity.purpose.to_owned())];
    let mut add = |of: &str, label: &str, body: Vec<Item>| {
        items.extend([Item::Block(Block::new("resource", &[of, label], body)), Item::Blank]);
    };
    let mut body = vec![raw("name", filled(identity.name))];
    if let Kind::Role { trust, .. } = &identity.kind {
        body.push(Item::Attribute("assume_role_policy", Expression::Json(document(trust))));
    }
    body.push(raw("permissions_boundary", "local.boundary"));
    add(&format!("aws_iam_{kind}"), label, body);
    if let Kind::Role { profile: InstanceProfile::Made, .. } = identity.kind {
        let body = vec![raw("name", format!("{itself}.name")), raw("role", format!("{itself}.name"))];
        add("aws_iam_instance_profile", label, body);
    }
    let holder = |name: &'static str| raw(name, format!("{itself}.name"));
    if let Some(inline) = &identity.inline {
        let body = vec![
            value("name", inline.name),
            holder(kind),
            Item::Comment(inline.why.to_owned()),
            Item::Attribute("policy", Expression::Json(document(&inline.document))),
        ];
        add(&format!("aws_iam_{kind}_policy"), label, body);
    }
    if identity.reads == Reads::Everything {
        for name in request.permissions.managed() {
            let arn = format!("arn:${{local.partition}}:iam::aws:policy/{name}");
            let body = vec![holder(kind), value("policy_arn", arn)];
            add(&format!("aws_iam_{kind}_policy_attachment"), "security_audit", body);
        }
        let mut policy = vec![
            raw("count", "length(local.read_actions)"),
            value("name", format!("${{{}}}-${{count.index + 1}}", filled(identity.name))),
            value("description", "What the rules of Stance read"),
        ];
        let attachment = vec![
            raw("count", "length(local.read_actions)"),
            holder(kind),
            raw("policy_arn", "aws_iam_policy.reads[count.index].arn"),
        ];
        if let Some(first) = request.permissions.policies().first() {
            let document = first.with_actions("${local.read_actions[count.index]}".into());
            policy.push(Item::Attribute("policy", Expression::Json(document)));
            add("aws_iam_policy", "reads", policy);
            add(&format!("aws_iam_{kind}_policy_attachment"), "reads", attachment);
        }
    }
    items
}

/// What is told of an identity when it is made.
pub(super) fn outputs(identity: &Identity) -> Vec<Item> {
    let Words { kind, label } = words(identity);
    let mut items = Vec::new();
    let mut add = |name: &str, description: &str, told: String| {
        let body = vec![value("description", description), raw("value", told)];
        items.extend([Item::Block(Block::new("output", &[name], body)), Item::Blank]);
    };
    match identity.kind {
        Kind::Role { profile, .. } => {
            add(&format!("{}_arn", snake(identity.id)), "The role", format!("aws_iam_{kind}.{label}.arn"));
            if profile == InstanceProfile::Made {
                let profile = format!("aws_iam_instance_profile.{label}.name");
                add("instance_profile", "What an EC2 instance is given", profile);
            }
        }
        Kind::User => {
            // the state of Terraform keeps every value that it makes, a secret key too
            let what =
                "The user; its key is made by `aws iam create-access-key`, since the state would keep it";
            add(&format!("{}_name", snake(identity.id)), what, format!("aws_iam_{kind}.{label}.name"));
        }
    }
    items
}

/// The lists of actions, a policy each.
pub(super) fn read_actions(request: &Request) -> Vec<Item> {
    let policies = request.permissions.policies();
    if policies.is_empty() {
        return Vec::new();
    }
    let lists: Vec<Vec<&str>> = policies.iter().map(|policy| policy.actions().collect()).collect();
    vec![
        Item::Blank,
        Item::Comment("what the rules of Stance read, in lists that AWS takes in one policy".into()),
        value("read_actions", json!(lists)),
    ]
}

fn document(document: &Document) -> Value {
    document.render(&|parts| text(parts).into())
}

fn text(parts: &[Part]) -> String {
    written(parts, literal, |reference| format!("${{{}}}", filled(reference)))
}

/// What fills something in.
fn filled(reference: Reference) -> &'static str {
    match reference {
        Reference::Partition => "local.partition",
        Reference::Suffix => "local.suffix",
        Reference::Account | Reference::ManagementAccount => "local.account",
        Reference::Role => "var.role_name",
        Reference::RootRole => "var.root_role_name",
        Reference::User => "var.user_name",
        Reference::Principal => "var.principal",
        Reference::ExternalId => "var.external_id",
    }
}

fn snake(id: &str) -> String {
    let mut out = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}
