//! Finds the accounts of an organization, with names, organizational units and tags.

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream;
use serde_json::{Value, json};
use stance_collect::{CallFailure, Transport};
use stance_model::{ScopeDetails, ScopeId, ScopeUnit};
use thiserror::Error;

/// How many accounts' tags are asked for at once; the service takes few calls a second.
const TAGS_AT_ONCE: usize = 4;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id, `o-…`.
    pub id: String,
    /// The account that manages it.
    pub management_account: ScopeId,
    /// Its accounts, by number.
    pub accounts: Vec<OrganizationAccount>,
}

/// An account of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationAccount {
    /// Its number.
    pub id: ScopeId,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`.
    pub status: String,
    /// Its name, what holds it, its tags.
    pub details: ScopeDetails,
}

impl OrganizationAccount {
    /// Whether a unit holds it, directly or through units below.
    pub fn is_in(&self, unit: &str) -> bool {
        self.details.path.iter().any(|above| above.id == unit)
    }
}

/// The accounts of an organization cannot be found.
#[derive(Debug, Error)]
pub enum OrganizationError {
    /// A call failed.
    #[error(
        "the accounts of the organization cannot be found: organizations:{operation} answered {code} ({message}); sign in to the management account or to a delegated administrator, with a role that may list accounts"
    )]
    Call {
        /// Which operation.
        operation: String,
        /// The provider's error code.
        code: String,
        /// The provider's message; hostile text.
        message: String,
    },
    /// An answer lacks something.
    #[error("the answer to organizations:{operation} has no `{lacks}`")]
    Answer {
        /// Which operation.
        operation: String,
        /// What it lacks.
        lacks: String,
    },
    /// Tags are needed to choose, and cannot be read.
    #[error(
        "accounts are to be chosen by tags, and the tags of account `{account}` cannot be read: organizations:ListTagsForResource answered {code}"
    )]
    Tags {
        /// Whose tags.
        account: String,
        /// The provider's error code.
        code: String,
    },
}

/// What is done with tags that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagNeed {
    /// Accounts are chosen by them: without them nothing can be said.
    Required,
    /// They stand beside findings: without them the findings stand alone.
    Wished,
}

/// Finds the accounts of the organization that the caller belongs to.
///
/// # Errors
/// If the organization's tree cannot be read in full: an account that is not seen would not be scanned, and
/// nobody would know.
pub async fn find_accounts<T: Transport>(
    transport: &T,
    region: &str,
    tags_decide: bool,
) -> Result<Organization, OrganizationError> {
    let asker = Asker { transport, region };
    let described = asker.ask("DescribeOrganization", json!({})).await?;
    let organization = described.get("Organization").unwrap_or(&Value::Null);
    let text = |name: &str| {
        organization.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            OrganizationError::Answer { operation: "DescribeOrganization".into(), lacks: name.into() }
        })
    };
    let (id, management_account) = (text("Id")?, text("MasterAccountId")?);
    let roots = asker.ask("ListRoots", json!({})).await?;
    let mut accounts = Vec::new();
    for root in items(&roots, "Roots") {
        let Some(unit) = unit(root) else { continue };
        accounts.extend(asker.below(vec![unit]).await?);
    }
    accounts.sort_by(|left, right| left.id.cmp(&right.id));
    let need = if tags_decide { TagNeed::Required } else { TagNeed::Wished };
    asker.tag(&mut accounts, need).await?;
    Ok(Organization { id, management_account: management_account.as_str().into(), accounts })
}

struct Asker<'t, T> {
    transport: &'t T,
    region: &'t str,
}

impl<T: Transport> Asker<'_, T> {
    async fn ask(&self, operation: &str, input: Value) -> Result<Value, OrganizationError> {
        let answer = self.transport.call("organizations", operation, self.region, input).await;
        answer.map(|answer| answer.value).map_err(|CallFailure { code, message, .. }| {
            OrganizationError::Call { operation: operation.into(), code, message }
        })
    }

    /// The accounts in the last unit of a path, and in those below it.
    fn below(
        &self,
        path: Vec<ScopeUnit>,
    ) -> BoxFuture<'_, Result<Vec<OrganizationAccount>, OrganizationError>> {
        async move {
            let parent = json!({ "ParentId": path.last().map_or("", |unit| unit.id.as_str()) });
            let listed = self.ask("ListAccountsForParent", parent.clone()).await?;
            let mut accounts: Vec<_> =
                items(&listed, "Accounts").filter_map(|item| account(item, &path)).collect();
            let units = self.ask("ListOrganizationalUnitsForParent", parent).await?;
            for child in items(&units, "OrganizationalUnits").filter_map(unit) {
                let mut path = path.clone();
                path.push(child);
                accounts.extend(self.below(path).await?);
            }
            Ok(accounts)
        }
        .boxed()
    }

    async fn tag(
        &self,
        accounts: &mut [OrganizationAccount],
        need: TagNeed,
    ) -> Result<(), OrganizationError> {
        let asked = accounts.iter().map(|account| async move {
            let input = json!({ "ResourceId": account.id });
            self.transport.call("organizations", "ListTagsForResource", self.region, input).await
        });
        let asked: Vec<_> = asked.collect();
        let answers: Vec<_> = stream::iter(asked).buffered(TAGS_AT_ONCE).collect().await;
        let mut unread = 0;
        for (account, answer) in accounts.iter_mut().zip(answers) {
            match answer {
                Ok(answer) => {
                    account.details.tags = items(&answer.value, "Tags").filter_map(tag).collect();
                }
                Err(failure) if need == TagNeed::Required => {
                    return Err(OrganizationError::Tags {
                        account: account.id.to_string(),
                        code: failure.code,
                    });
                }
                Err(failure) => {
                    unread += 1;
                    tracing::debug!(account = %account.id, code = failure.code, "no tags");
                }
            }
        }
        if unread > 0 {
            tracing::warn!(
                "the tags of {unread} accounts cannot be read; grant organizations:ListTagsForResource to have them on findings"
            );
        }
        Ok(())
    }
}

fn items<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text(item: &Value, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn unit(item: &Value) -> Option<ScopeUnit> {
    Some(ScopeUnit { id: text(item, "Id")?, name: text(item, "Name")? })
}

fn tag(item: &Value) -> Option<(String, String)> {
    Some((text(item, "Key")?, text(item, "Value").unwrap_or_default()))
}

fn account(item: &Value, path: &[ScopeUnit]) -> Option<OrganizationAccount> {
    Some(OrganizationAccount {
        id: text(item, "Id")?.into(),
        // newer answers tell the state, older ones the status; both have the same words
        status: text(item, "State").or_else(|| text(item, "Status")).unwrap_or_default(),
        details: ScopeDetails {
            name: text(item, "Name"),
            path: path.to_vec(),
            tags: std::collections::BTreeMap::new(),
        },
    })
}

#[cfg(test)]
mod tests;
