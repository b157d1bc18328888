//! A report, settings and a scripted server for tests.

mod double;
mod sample;

pub(crate) use double::{Double, Received, Script};
pub(crate) use sample::report;

use crate::change::Results;
use crate::describe::describe;
use crate::document::Document;
use crate::sinks::Receive;
use crate::tickets::{Ticket, Ticketing, Tickets};
use stance_config::{Http, Secret, SinkFilter, What};
use stance_model::Report;

/// A secret of that text.
pub(crate) fn secret(text: &str) -> Secret {
    serde_json::from_value(text.into()).unwrap()
}

/// Requests that end fast.
pub(crate) fn http() -> Http {
    Http { timeout: "1s".parse().unwrap(), ..Http::default() }
}

/// The documents that a receiver gets of a report.
pub(crate) fn documents(receiver: &dyn Receive, report: &Report) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut maker = receiver.describe();
    let results = Results::of(report.as_dyn());
    describe(maker.as_mut(), results, What::All, &SinkFilter::default(), &mut |document| {
        documents.push(document);
        Ok(())
    })
    .unwrap();
    documents
}

/// The first ticket of a report.
pub(crate) fn failing(report: &Report) -> Ticket {
    let mut made = None;
    let results = Results::of(report.as_dyn());
    let mut maker = Ticketing::new(50);
    describe(&mut maker, results, What::All, &SinkFilter::default(), &mut |document| {
        made = serde_json::from_str::<Tickets>(document.text()).ok();
        Ok(())
    })
    .unwrap();
    made.unwrap().failing[0].clone()
}
