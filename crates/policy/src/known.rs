//! Which condition keys and values tie a request to callers or sources that
//! somebody chose: an account, an organization, a network, an endpoint.
//!
//! What a caller can set as they like (tags, referer, user agent, region,
//! encryption in transit, the service they go through, the private address within
//! a VPC that they may have made themselves) ties nothing.

use crate::address::AddressSet;
use crate::condition::{Comparison, Test};
use crate::principal::is_account_id;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Account,
    Organization,
    OrganizationPath,
    Arn,
    /// A VPC or VPC endpoint, by id.
    Network,
    Ip,
    UserId,
    /// A flag that ties the request when it is true.
    Flag,
    /// A key that only requests by AWS services themselves have.
    ServicePrincipal,
    /// A subscriber's address.
    Endpoint,
    /// A secret or id that has to be there word for word.
    Exact,
    /// The resource's own account or organization: ties the caller only when
    /// compared with theirs.
    OwnAccount,
    OwnOrganization,
}

/// Key in lower case; what kind; whether it tells the source for which a service
/// acts (rather than only who calls).
const KEYS: &[(&str, Kind, bool)] = &[
    ("aws:sourceaccount", Kind::Account, true),
    ("aws:sourceowner", Kind::Account, true),
    ("aws:principalaccount", Kind::Account, false),
    ("aws:vpceaccount", Kind::Account, false),
    ("kms:calleraccount", Kind::Account, false),
    ("s3:dataaccesspointaccount", Kind::Account, false),
    ("aws:principalorgid", Kind::Organization, false),
    ("aws:sourceorgid", Kind::Organization, true),
    ("aws:vpceorgid", Kind::Organization, false),
    ("aws:principalorgpaths", Kind::OrganizationPath, false),
    ("aws:sourceorgpaths", Kind::OrganizationPath, true),
    ("aws:vpceorgpaths", Kind::OrganizationPath, false),
    ("aws:sourcearn", Kind::Arn, true),
    ("aws:principalarn", Kind::Arn, false),
    ("aws:federatedprovider", Kind::Arn, false),
    ("aws:chatbotsourcearn", Kind::Arn, true),
    ("aws:sourcevpcarn", Kind::Arn, false),
    ("s3:dataaccesspointarn", Kind::Arn, false),
    ("lambda:sourcefunctionarn", Kind::Arn, false),
    ("ec2:sourceinstancearn", Kind::Arn, false),
    ("elasticfilesystem:accesspointarn", Kind::Arn, false),
    ("aws:sourcevpc", Kind::Network, false),
    ("aws:sourcevpce", Kind::Network, false),
    ("aws:ec2instancesourcevpc", Kind::Network, false),
    ("aws:sourceip", Kind::Ip, false),
    ("aws:userid", Kind::UserId, false),
    ("aws:principalisawsservice", Kind::Flag, false),
    ("elasticfilesystem:accessedviamounttarget", Kind::Flag, false),
    ("aws:principalservicename", Kind::ServicePrincipal, false),
    ("aws:principalservicenameslist", Kind::ServicePrincipal, false),
    ("sns:endpoint", Kind::Endpoint, false),
    ("lambda:eventsourcetoken", Kind::Exact, true),
    ("aws:resourceaccount", Kind::OwnAccount, false),
    ("aws:resourceorgid", Kind::OwnOrganization, false),
];

/// Key prefix of KMS encryption contexts. Services put the ARN of what they act
/// for there, which is how their documentation ties a key policy to a source.
const ENCRYPTION_CONTEXT: &str = "kms:encryptioncontext:";

impl Test {
    fn kind(&self) -> Option<Kind> {
        KEYS.iter().find(|(key, _, _)| *key == self.key).map(|(_, kind, _)| *kind)
    }

    /// Whether those who match the test's values, leaving negation aside, are
    /// callers whom somebody chose.
    fn values_are_known(&self) -> bool {
        self.kind().is_some_and(|kind| self.are_known_as(kind))
    }

    fn values_are_known_sources(&self) -> bool {
        if self.key.starts_with(ENCRYPTION_CONTEXT) {
            return self.are_known_as(Kind::Arn);
        }
        KEYS.iter().any(|(key, kind, source)| *source && *key == self.key && self.are_known_as(*kind))
    }

    fn are_known_as(&self, kind: Kind) -> bool {
        let textual = matches!(self.comparison, Comparison::Text | Comparison::Like | Comparison::Arn);
        match kind {
            Kind::Flag => self.comparison == Comparison::Bool && self.is_truth(true),
            Kind::Ip => {
                self.comparison == Comparison::Ip
                    && AddressSet::pair(self.values.iter().map(String::as_str))
                        .is_ok_and(|(v4, v6)| !v4.is_everyone() && !v6.is_everyone())
            }
            Kind::OwnAccount => self.compares_with(&["${aws:principalaccount}", "${aws:sourceaccount}"]),
            Kind::OwnOrganization => self.compares_with(&["${aws:principalorgid}", "${aws:sourceorgid}"]),
            _ => textual && self.shapes().iter().all(|shape| is_known(kind, shape)),
        }
    }

    fn compares_with(&self, variables: &[&str]) -> bool {
        matches!(self.comparison, Comparison::Text | Comparison::Like)
            && !self.values.is_empty()
            && self.values.iter().all(|v| variables.contains(&v.to_ascii_lowercase().as_str()))
    }

    /// Whether this test keeps everyone out but callers whom somebody chose.
    /// `beside` are all tests of the statement.
    pub(crate) fn narrows(&self, beside: &[Test]) -> bool {
        !self.negated && self.needs_key(beside) && self.values_are_known()
    }

    /// Whether this test keeps a service from acting for just anyone.
    pub(crate) fn narrows_source(&self, beside: &[Test]) -> bool {
        !self.negated && self.needs_key(beside) && self.values_are_known_sources()
    }

    /// Whether the test of a deny holds for every caller whom nobody chose.
    pub(crate) fn holds_for_strangers(&self) -> bool {
        if self.key == "aws:principalisawsservice" {
            // anonymous requests lack the key
            return self.comparison == Comparison::Bool && self.if_exists && self.is_truth(false);
        }
        self.holds_without_key() && self.values_are_known()
    }

    /// Whether the test of a deny holds whenever a service acts for a source
    /// that nobody chose.
    pub(crate) fn holds_for_unknown_sources(&self) -> bool {
        if self.key == "aws:principalisawsservice" {
            return self.comparison == Comparison::Bool && self.is_truth(true);
        }
        self.holds_without_key() && self.values_are_known_sources()
    }

    /// Whether the test of a deny holds for every caller from that account.
    pub(crate) fn holds_for_account(&self, account: &str) -> bool {
        if self.key == "aws:principalisawsservice" {
            return self.comparison == Comparison::Bool && self.is_truth(false);
        }
        self.holds_without_key()
            && self.values_are_known()
            && matches!(self.kind(), Some(Kind::Account | Kind::Arn))
            && self.named_accounts().is_some_and(|named| !named.iter().any(|n| n == account))
    }

    /// The accounts that the test's values name; None where they do not tell.
    pub(crate) fn named_accounts(&self) -> Option<Vec<String>> {
        let shapes = self.shapes();
        match self.kind()? {
            Kind::Account => Some(shapes),
            Kind::Arn => shapes
                .iter()
                .map(|arn| arn.split(':').nth(4).filter(|a| is_account_id(a)))
                .map(|account| account.map(str::to_owned))
                .collect(),
            _ => None,
        }
    }
}

fn is_known(kind: Kind, shape: &str) -> bool {
    let Some((prefix, _)) = shape.split_once('*') else {
        // word for word: somebody chose it, even if it matches nothing
        return true;
    };
    match kind {
        Kind::Account => {
            let fixed: String = shape.chars().filter(|c| *c != '*').collect();
            is_account_id(&fixed)
        }
        // ids are `o-` and at least ten characters; less may be anybody's
        Kind::Organization => prefix.len() >= 12,
        // the organization must be spelt out
        Kind::OrganizationPath => prefix.find('/').is_some_and(|slash| slash > 0),
        Kind::Arn => arn_is_known(shape),
        Kind::Network => prefix.split_once('-').is_some_and(|(_, id)| id.len() >= 8),
        // `AROA…:*` is every session of one role
        Kind::UserId => prefix.contains(':') || prefix.len() >= 12,
        Kind::ServicePrincipal => true,
        Kind::Endpoint => {
            arn_is_known(shape)
                || shape
                    .rsplit_once('@')
                    .is_some_and(|(_, domain)| !domain.is_empty() && !domain.contains('*'))
        }
        Kind::Exact | Kind::Ip | Kind::Flag | Kind::OwnAccount | Kind::OwnOrganization => false,
    }
}

/// An ARN ties to one account by its account part. Where that is empty by
/// design, as for S3 buckets, the name must be whole: anyone can make another
/// bucket whose name starts the same.
fn arn_is_known(shape: &str) -> bool {
    let parts: Vec<&str> = shape.splitn(6, ':').collect();
    let ["arn", _, _, _, account, resource] = parts.as_slice() else {
        return false;
    };
    if account.is_empty() {
        let name = resource.split('/').find(|part| !part.is_empty());
        return name.is_some_and(|name| !name.contains('*'));
    }
    is_account_id(account)
}
