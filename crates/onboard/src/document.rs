//! Policy documents with places for what is known only where they are applied.

use serde_json::{Map, Value};

/// What a form fills in: CloudFormation by a parameter, Terraform by a variable, the commands by a
/// variable of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The partition, as `aws`.
    Partition,
    /// What the names of services end with, as `amazonaws.com`.
    Suffix,
    /// The account in which the document is applied.
    Account,
    /// The organization's management account.
    ManagementAccount,
    /// The name of the role that reads.
    Role,
    /// The name of the role in the management account.
    RootRole,
    /// The name of the user.
    User,
    /// Who is trusted.
    Principal,
    /// What who is trusted must name.
    ExternalId,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it stands.
    Literal(&'static str),
    /// To be filled in.
    Of(Reference),
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A text.
    Text(Vec<Part>),
    /// A list.
    List(Vec<Document>),
    /// Members in their order.
    Map(Vec<(&'static str, Document)>),
}

impl From<&'static str> for Document {
    fn from(text: &'static str) -> Self {
        Self::Text(vec![Part::Literal(text)])
    }
}

impl From<Reference> for Document {
    fn from(reference: Reference) -> Self {
        Self::Text(vec![Part::Of(reference)])
    }
}

impl From<Vec<Part>> for Document {
    fn from(parts: Vec<Part>) -> Self {
        Self::Text(parts)
    }
}

/// The ARN of something of IAM in an account.
pub(crate) fn arn(account: Part, resource: impl IntoIterator<Item = Part>) -> Vec<Part> {
    use Part::{Literal, Of};
    let head = [Literal("arn:"), Of(Reference::Partition), Literal(":iam::"), account, Literal(":")];
    head.into_iter().chain(resource).collect()
}

impl Document {
    /// The document in JSON, where each text is as the form writes it.
    pub(crate) fn render(&self, text: &impl Fn(&[Part]) -> Value) -> Value {
        match self {
            Self::Text(parts) => text(parts),
            Self::List(items) => items.iter().map(|item| item.render(text)).collect(),
            Self::Map(members) => {
                let members = members.iter().map(|(name, member)| ((*name).to_owned(), member.render(text)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// The text of the parts, where each form has its own way to write either.
pub(crate) fn written(
    parts: &[Part],
    literal: impl Fn(&str) -> String,
    reference: impl Fn(Reference) -> String,
) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) => literal(text),
            Part::Of(of) => reference(*of),
        })
        .collect()
}
