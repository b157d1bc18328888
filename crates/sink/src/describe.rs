//! How findings become documents.

use crate::change::{Change, Results};
use crate::document::Document;
use crate::{RunId, SinkError, filter};
use serde_json::{Map, Value};
use stance_config::{DocumentForm, SinkFilter, What};
use stance_model::{Finding, Findings, Report};
use std::io;

/// The run that documents are about.
pub(crate) struct About<'a> {
    pub report: &'a Report<dyn Findings>,
    pub run: RunId,
}

/// Where documents go once they are made.
pub(crate) type Give<'g> = &'g mut dyn FnMut(Document) -> Result<(), SinkError>;

/// Makes the documents of one run.
pub(crate) trait Describe {
    /// The documents of a finding, if it has one of its own.
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError>;

    /// The documents of the run as a whole, if it has any.
    fn end(&mut self, _: &About<'_>, _: Give<'_>) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Reads through what the sink takes of the results, and gives its documents; tells how many findings the
/// filter left out.
pub(crate) fn describe(
    describe: &mut dyn Describe,
    results: Results<'_>,
    what: What,
    filter: &SinkFilter,
    give: Give<'_>,
) -> Result<u64, SinkError> {
    let report = results.report;
    let about = About { report, run: RunId::of(report) };
    let (mut left_out, mut failure) = (0, None);
    let mut visit = |change: Option<Change>, finding: &Finding| {
        if !filter::matches(filter, report, finding) {
            left_out += 1;
            return Ok(());
        }
        describe.finding(&about, finding, change, give).map_err(|error| {
            failure = Some(error);
            io::Error::other("stopped")
        })
    };
    let read = match (what, results.changes) {
        (What::All, _) => report.findings.each(&mut |finding| visit(None, finding)),
        (What::Changes, Some(changes)) => changes.each(&mut |change, finding| visit(Some(change), finding)),
        (What::Changes, None) => Ok(()),
    };
    match (failure, read) {
        (Some(error), _) => return Err(error),
        (None, Err(error)) => return Err(SinkError::Findings(error)),
        (None, Ok(())) => {}
    }
    describe.end(&about, give)?;
    Ok(left_out)
}

/// A document for each finding, in Stance's own form or in OCSF.
pub(crate) struct Plain(pub DocumentForm);

impl Describe for Plain {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let id = about.run.document(&finding.id);
        let body = match self.0 {
            DocumentForm::Stance => stance(about, finding, change)?,
            DocumentForm::Ocsf => ocsf(about, finding, change),
        };
        give(Document::new(id, &body)?)
    }
}

/// Stance's own form: the line of the report, with the document's id, the run's and the change.
pub(crate) fn stance(
    about: &About<'_>,
    finding: &Finding,
    change: Option<Change>,
) -> Result<Value, SinkError> {
    let mut body = stance_report::document::stance(about.report, finding).map_err(SinkError::Document)?;
    if let Some(members) = body.as_object_mut() {
        members.insert("document_id".into(), about.run.document(&finding.id).into());
        members.insert("run_id".into(), about.run.as_str().into());
        members.insert("at".into(), about.report.scan.ended_at.to_rfc3339().into());
        members.extend(change_members(change));
    }
    Ok(body)
}

/// What a document says of the change.
pub(crate) fn change_members(change: Option<Change>) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(change) = change {
        members.insert("change".into(), change.as_str().into());
        if let Change::StatusChanged { from } = change {
            members.insert("status_before".into(), from.as_str().into());
        }
    }
    members
}

fn ocsf(about: &About<'_>, finding: &Finding, change: Option<Change>) -> Value {
    let mut event = stance_report::document::ocsf(about.report, finding);
    let mut set = |path: &[&str], value: Value| {
        let mut place = &mut event;
        for key in path {
            let Some(members) = place.as_object_mut() else { return };
            place = members.entry(*key).or_insert_with(|| Value::Object(Map::new()));
        }
        *place = value;
    };
    set(&["metadata", "uid"], about.run.document(&finding.id).into());
    set(&["metadata", "correlation_uid"], about.run.as_str().into());
    let activity = match change {
        None | Some(Change::New) => None,
        Some(Change::StatusChanged { .. }) => Some((2, "Update")),
        Some(Change::Resolved) => Some((3, "Close")),
    };
    if let Some((id, name)) = activity {
        set(&["activity_id"], id.into());
        set(&["activity_name"], name.into());
        // a class's number, and behind it the activity's
        set(&["type_uid"], (200_300 + id).into());
        set(&["type_name"], format!("Compliance Finding: {name}").into());
    }
    if change == Some(Change::Resolved) {
        set(&["status_id"], 4.into());
        set(&["status"], "Resolved".into());
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::report;
    use stance_model::VerdictStatus;

    fn documents(form: DocumentForm, results: Results<'_>, what: What) -> Vec<Value> {
        let mut bodies = Vec::new();
        describe(&mut Plain(form), results, what, &SinkFilter::default(), &mut |document| {
            bodies.push(serde_json::from_str(document.text()).unwrap());
            Ok(())
        })
        .unwrap();
        bodies
    }

    #[test]
    fn a_document_bears_the_ids_of_finding_and_run() {
        let report = report(1);
        let results = Results::of(report.as_dyn());
        insta::assert_json_snapshot!(documents(DocumentForm::Stance, results, What::All)[0]);
        insta::assert_json_snapshot!(documents(DocumentForm::Ocsf, results, What::All)[0]);
    }

    #[test]
    fn changes_are_told_in_the_words_of_each_form() {
        let report = report(3);
        let kinds = [Change::New, Change::StatusChanged { from: VerdictStatus::Pass }, Change::Resolved];
        let changes: Vec<_> = kinds.into_iter().zip(report.findings.clone()).collect();
        let results = Results { changes: Some(&changes), ..Results::of(report.as_dyn()) };
        let own = documents(DocumentForm::Stance, results, What::Changes);
        let told: Vec<_> =
            own.iter().map(|body| (body["change"].clone(), body["status_before"].clone())).collect();
        assert_eq!(
            told,
            [
                ("new".into(), Value::Null),
                ("status-changed".into(), "pass".into()),
                ("resolved".into(), Value::Null)
            ]
        );
        let events = documents(DocumentForm::Ocsf, results, What::Changes);
        let types: Vec<_> = events.iter().map(|event| event["type_uid"].as_u64().unwrap()).collect();
        assert_eq!(types, [200_301, 200_302, 200_303]);
        assert_eq!(events[2]["status"], "Resolved");
    }

    #[test]
    fn without_a_run_before_there_are_no_changes() {
        let report = report(3);
        assert!(documents(DocumentForm::Stance, Results::of(report.as_dyn()), What::Changes).is_empty());
    }
}
