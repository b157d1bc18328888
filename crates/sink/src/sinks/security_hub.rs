//! AWS Security Hub: findings in its own format, imported in batches, archived once they are mended.

mod asff;
mod resource_types;

use super::Receive;
use crate::SinkError;
use crate::answer::{Answer, ItemAnswer};
use crate::aws::{Reach, Service};
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give};
use crate::document::Document;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use stance_config::SecurityHub;
use stance_model::{Finding, printable};
use std::collections::BTreeMap;

/// Its name in botocore.
const SERVICE: &str = "securityhub";

/// What a batch may hold as they say: 100 findings, and 6 MB with what is added before it is sent.
const LIMITS: Limits = Limits { documents: 100, bytes: 5_500_000 };

/// Codes of single findings that may be taken when they are sent again.
const PASSING_TROUBLE: [&str; 3] = ["InternalFailure", "InternalException", "LimitExceeded"];

/// The Security Hub of one account, or of each.
pub(super) struct Hub {
    service: Service,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    #[serde(default)]
    failed_findings: Vec<Failed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    error_code: String,
    #[serde(default)]
    error_message: String,
}

/// Findings of one account, each with its place in the batch.
type Group = Vec<(usize, Value)>;

impl Hub {
    pub fn new(settings: &SecurityHub) -> Result<Self, String> {
        let service = Service::new(Reach {
            service: SERVICE,
            sign_in: settings.sign_in(),
            region: settings.region.as_ref(),
            endpoint: settings.endpoint_url.as_ref(),
            timeout: settings.timeout,
        })?;
        Ok(Self { service })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        let mut groups: BTreeMap<Option<String>, Group> = BTreeMap::new();
        for (place, document) in batch.iter().enumerate() {
            let Ok(finding) = serde_json::from_str::<Value>(document.text()) else {
                return Answer::Unfit { reason: "this is a finding of another version of Stance".to_owned() };
            };
            let account = finding.get(asff::ACCOUNT).and_then(Value::as_str).map(str::to_owned);
            let account = account.filter(|_| self.service.is_in_each_account());
            groups.entry(account).or_default().push((place, finding));
        }
        let is_one = groups.len() == 1;
        let mut answers: BTreeMap<usize, ItemAnswer> = BTreeMap::new();
        for (account, group) in groups {
            let places: Vec<usize> = group.iter().map(|(place, _)| *place).collect();
            match self.import(account.as_deref(), group).await {
                Ok(each) => answers.extend(each),
                // a half of it may do; what was taken is taken again under the same id
                Err(answer) if is_one || matches!(answer, Answer::Unfit { .. }) => return answer,
                // one account's trouble does not touch the others
                Err(Answer::Later { reason, .. } | Answer::TurnedAway { reason }) => {
                    answers
                        .extend(places.into_iter().map(|place| (place, ItemAnswer::Later(reason.clone()))));
                }
                Err(other) => return other,
            }
        }
        Answer::Each(answers.into_values().collect())
    }

    async fn import(&self, account: Option<&str>, group: Group) -> Result<Vec<(usize, ItemAnswer)>, Answer> {
        let client = self.service.client(account).await?;
        let identity = self.service.identity(account, &client).await?;
        let region = client.default_region();
        let (places, mut findings): (Vec<usize>, Vec<Value>) = group.into_iter().unzip();
        for finding in &mut findings {
            asff::address(finding, &identity.partition, region, &identity.account);
        }
        let ids: Vec<String> = findings.iter().map(|finding| asff::id(finding).to_owned()).collect();
        let answer = client
            .call(SERVICE, "BatchImportFindings", region, json!({ "Findings": findings }))
            .await
            .map_err(|error| self.service.answer(&error))?;
        let Imported { failed_findings } = serde_json::from_value(answer)
            .map_err(|_| Answer::later("securityhub gave an answer that is not one of an import"))?;
        let failed: BTreeMap<&str, &Failed> =
            failed_findings.iter().map(|failed| (failed.id.as_str(), failed)).collect();
        let each = places.into_iter().zip(ids);
        Ok(each
            .map(|(place, id)| (place, failed.get(id.as_str()).map_or(ItemAnswer::Taken, |it| refusal(it))))
            .collect())
    }
}

fn refusal(failed: &Failed) -> ItemAnswer {
    let told = format!("securityhub answered {}: {}", failed.error_code, failed.error_message);
    let reason = printable(&told).into_owned();
    if PASSING_TROUBLE.contains(&failed.error_code.as_str()) {
        ItemAnswer::Later(reason)
    } else {
        ItemAnswer::Refused(reason)
    }
}

impl Receive for Hub {
    fn limits(&self) -> Limits {
        LIMITS
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Findings)
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

/// A document for each finding. One that is new and holds is left out: there is nothing to archive.
struct Findings;

impl Describe for Findings {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let document = asff::finding(about, finding, change);
        if change == Some(Change::New) && asff::is_archived(&document) {
            return Ok(());
        }
        give(Document::new(about.run.document(&finding.id), &document)?)
    }
}

#[cfg(test)]
mod tests;
