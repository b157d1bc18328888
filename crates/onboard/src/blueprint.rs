//! What is to be made, before any form: each identity with whom it trusts and what it may do.

use crate::document::{Document, Part, Reference, arn};
use crate::{Access, OnboardScope, Request};
use Part::{Literal, Of};

/// The policy version that IAM has had since 2012.
const VERSION: &str = "2012-10-17";

/// What an organization scan asks for before it reads any account: which accounts there are, where they
/// stand in the tree, and their tags.
const DISCOVERY: &[&str] = &[
    "organizations:DescribeOrganization",
    "organizations:DescribeOrganizationalUnit",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListParents",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
];

/// Why the root role may assume no other role.
pub(crate) const WHY_ASSUME_IS_NARROW: &str = "only the role that reads, and only in accounts of the same \
    organization: with `*` whoever has this role could take any role anywhere that trusts this account";

/// A role or a user.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// What templates call it.
    pub(crate) id: &'static str,
    /// What it is called.
    pub(crate) name: Reference,
    /// What it is there for.
    pub(crate) purpose: &'static str,
    /// A role or a user.
    pub(crate) kind: Kind,
    /// What it may do beside reading.
    pub(crate) inline: Option<Inline>,
    /// Whether it reads.
    pub(crate) reads: Reads,
}

/// A role or a user.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A role that others assume.
    Role {
        /// Who may assume it.
        trust: Document,
        /// Whether instances of EC2 can have it.
        profile: InstanceProfile,
    },
    /// A user with an access key.
    User,
}

/// Whether instances of EC2 can have a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstanceProfile {
    /// By an instance profile of the same name.
    Made,
    /// They cannot.
    None,
}

/// Whether an identity may read what the rules need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// It may.
    Everything,
    /// It may not.
    Nothing,
}

/// A policy that is part of its identity.
#[derive(Clone, Debug)]
pub(crate) struct Inline {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it allows.
    pub(crate) document: Document,
    /// Why it is as it is.
    pub(crate) why: &'static str,
}

/// The identities of the account in which the result is applied, in the order in which they are made.
pub(crate) fn identities(request: &Request) -> Vec<Identity> {
    match (&request.scope, &request.access) {
        (OnboardScope::Account, Access::DirectKeys) => vec![Identity {
            id: "User",
            name: Reference::User,
            purpose: "the user whose access key Stance signs in with",
            kind: Kind::User,
            inline: None,
            reads: Reads::Everything,
        }],
        (OnboardScope::Account, access) => vec![Identity {
            id: "Role",
            name: Reference::Role,
            purpose: "the role that Stance reads this account with",
            kind: Kind::Role { trust: policy(trust(access)), profile: profile(access) },
            inline: None,
            reads: Reads::Everything,
        }],
        (OnboardScope::Organization { .. }, access) => {
            let mut identities = vec![root_role(access)];
            if *access == Access::DirectKeys {
                identities.push(root_user());
            }
            identities
        }
    }
}

/// The role of each account of an organization.
pub(crate) fn member_role() -> Identity {
    let root = [Literal("role/"), Of(Reference::RootRole)];
    let principal = arn(Of(Reference::ManagementAccount), root);
    Identity {
        id: "MemberRole",
        name: Reference::Role,
        purpose: "the role that Stance reads an account of the organization with",
        kind: Kind::Role {
            trust: policy(vec![assume(vec![("AWS", principal.into())], None)]),
            profile: InstanceProfile::None,
        },
        inline: None,
        reads: Reads::Everything,
    }
}

fn root_role(access: &Access) -> Identity {
    let organization = Document::Map(vec![("aws:ResourceOrgID", "${aws:PrincipalOrgID}".into())]);
    let members = [Literal("role/"), Of(Reference::Role)];
    let document = policy(vec![
        Document::Map(vec![
            ("Sid", "StanceFindAccounts".into()),
            ("Effect", "Allow".into()),
            ("Action", Document::List(DISCOVERY.iter().map(|action| (*action).into()).collect())),
            ("Resource", "*".into()),
        ]),
        Document::Map(vec![
            ("Sid", "StanceReadMembers".into()),
            ("Effect", "Allow".into()),
            ("Action", "sts:AssumeRole".into()),
            ("Resource", arn(Literal("*"), members).into()),
            ("Condition", Document::Map(vec![("StringEquals", organization)])),
        ]),
    ]);
    let mut trust = trust(access);
    if *access == Access::InstanceRole {
        // Elastic's set-up lets the account's own identities in too, and so do estates made for it
        trust.insert(0, assume(vec![("AWS", own_account())], None));
    }
    Identity {
        id: "RootRole",
        name: Reference::RootRole,
        purpose: "the role that finds the organization's accounts and assumes the role that reads in each",
        kind: Kind::Role { trust: policy(trust), profile: profile(access) },
        inline: Some(Inline { name: "StanceOrganization", document, why: WHY_ASSUME_IS_NARROW }),
        reads: Reads::Nothing,
    }
}

fn root_user() -> Identity {
    let document = policy(vec![Document::Map(vec![
        ("Sid", "StanceAssumeRoot".into()),
        ("Effect", "Allow".into()),
        ("Action", "sts:AssumeRole".into()),
        ("Resource", arn(Of(Reference::Account), [Literal("role/"), Of(Reference::RootRole)]).into()),
    ])]);
    Identity {
        id: "User",
        name: Reference::User,
        purpose: "the user whose access key Stance signs in with, before it assumes the root role",
        kind: Kind::User,
        inline: Some(Inline {
            name: "StanceAssumeRoot",
            document,
            why: "a key that leaks opens nothing but this one role",
        }),
        reads: Reads::Nothing,
    }
}

/// The statements on who may assume the role that Stance comes to first.
fn trust(access: &Access) -> Vec<Document> {
    match access {
        Access::InstanceRole => {
            let ec2: Document = vec![Literal("ec2."), Of(Reference::Suffix)].into();
            vec![assume(vec![("Service", ec2)], None)]
        }
        Access::AccountRole { principal: None } | Access::DirectKeys => {
            vec![assume(vec![("AWS", own_account())], None)]
        }
        Access::AccountRole { principal: Some(_) } => {
            vec![assume(vec![("AWS", Reference::Principal.into())], None)]
        }
        Access::CloudConnector { .. } => {
            let id = Document::Map(vec![("sts:ExternalId", Reference::ExternalId.into())]);
            let condition = Document::Map(vec![("StringEquals", id)]);
            vec![assume(vec![("AWS", Reference::Principal.into())], Some(condition))]
        }
    }
}

/// Every identity of the account that its own policies let call `sts:AssumeRole`.
fn own_account() -> Document {
    arn(Of(Reference::Account), [Literal("root")]).into()
}

fn profile(access: &Access) -> InstanceProfile {
    match access {
        Access::InstanceRole => InstanceProfile::Made,
        _ => InstanceProfile::None,
    }
}

fn assume(principal: Vec<(&'static str, Document)>, condition: Option<Document>) -> Document {
    let mut statement = vec![
        ("Effect", "Allow".into()),
        ("Principal", Document::Map(principal)),
        ("Action", "sts:AssumeRole".into()),
    ];
    statement.extend(condition.map(|condition| ("Condition", condition)));
    Document::Map(statement)
}

fn policy(statements: Vec<Document>) -> Document {
    Document::Map(vec![("Version", VERSION.into()), ("Statement", Document::List(statements))])
}
