//! The policies, for those who make the roles by hand.

use crate::blueprint::{Identity, Kind, Reads, identities, member_role};
use crate::document::{Document, Reference, written};
use crate::{OnboardError, OnboardScope, Request};
use serde_json::Value;

/// A policy with what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDocument {
    /// The name of a file for it.
    pub file: String,
    /// Where it goes, in a line.
    pub purpose: String,
    /// The policy.
    pub document: Value,
}

/// Trust and permission policies of each identity. `ACCOUNT_ID` and `MANAGEMENT_ACCOUNT_ID` stand in them
/// for the ids of accounts, to be replaced.
///
/// # Errors
/// If AWS would not take them.
pub fn policies(request: &Request) -> Result<Vec<NamedDocument>, OnboardError> {
    request.check()?;
    let mut all: Vec<NamedDocument> =
        identities(request).iter().flat_map(|identity| of(identity, request)).collect();
    if let OnboardScope::Organization { .. } = request.scope {
        all.extend(of(&member_role(), request));
    }
    Ok(all)
}

fn of(identity: &Identity, request: &Request) -> Vec<NamedDocument> {
    let name = filled(identity.name, request);
    let mut documents = Vec::new();
    let mut add = |what: &str, purpose: String, document: Value| {
        documents.push(NamedDocument { file: format!("{name}-{what}.json"), purpose, document });
    };
    let kind = match &identity.kind {
        Kind::Role { trust, .. } => {
            add("trust", format!("trust policy of the role `{name}`"), rendered(trust, request));
            "role"
        }
        Kind::User => "user",
    };
    if let Some(inline) = &identity.inline {
        let purpose = format!("inline policy of the {kind} `{name}`");
        add("inline", purpose, rendered(&inline.document, request));
    }
    if identity.reads == Reads::Everything {
        for (number, policy) in (1..).zip(request.permissions.policies()) {
            let purpose = format!("managed policy to attach to the {kind} `{name}`");
            add(&format!("reads-{number}"), purpose, policy.document().clone());
        }
    }
    documents
}

fn rendered(document: &Document, request: &Request) -> Value {
    document.render(&|parts| written(parts, str::to_owned, |reference| filled(reference, request)).into())
}

fn filled(reference: Reference, request: &Request) -> String {
    let account = match request.scope {
        OnboardScope::Account => "ACCOUNT_ID",
        OnboardScope::Organization { .. } => "MANAGEMENT_ACCOUNT_ID",
    };
    match reference {
        Reference::Partition => request.partition.name().to_owned(),
        Reference::Suffix => request.partition.suffix().to_owned(),
        Reference::Account | Reference::ManagementAccount => account.to_owned(),
        Reference::Role => request.names.role.to_string(),
        Reference::RootRole => request.names.root_role.to_string(),
        Reference::User => request.names.user.to_string(),
        Reference::Principal => request.access.principal().map(ToString::to_string).unwrap_or_default(),
        Reference::ExternalId => request.access.external_id().map(ToString::to_string).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;
    use crate::Partition;
    use crate::testing::{accesses, account, connector, organization};

    fn told(request: &Request) -> String {
        let documents = policies(request).unwrap();
        let told = documents.iter().map(|of| format!("{}: {}\n{:#}\n", of.file, of.purpose, of.document));
        told.collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_cloud_connector_must_name_its_external_id() {
        insta::assert_snapshot!(told(&account(connector())));
    }

    #[test]
    fn an_organization_has_the_trust_of_the_root_role_and_of_members() {
        insta::assert_snapshot!(told(&organization(Access::InstanceRole)));
    }

    #[test]
    fn services_of_china_end_as_there() {
        let request = Request { partition: Partition::AwsCn, ..account(Access::InstanceRole) };
        assert!(told(&request).contains("\"ec2.amazonaws.com.cn\""));
    }

    #[test]
    fn nobody_is_trusted_by_a_wildcard() {
        for (name, access) in accesses() {
            for request in [account(access.clone()), organization(access.clone())] {
                for policy in policies(&request).unwrap() {
                    for statement in policy.document["Statement"].as_array().unwrap() {
                        let principal = statement.get("Principal").map(ToString::to_string);
                        assert!(!principal.is_some_and(|text| text.contains('*')), "{name}: {statement}");
                        let action = statement["Action"].to_string();
                        assert!(!action.contains('*'), "{name}: {action}");
                    }
                }
            }
        }
    }
}
