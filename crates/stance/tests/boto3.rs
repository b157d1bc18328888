//! Every call of a scan gives what boto3 gives, on a mock AWS that others wrote.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use stance_aws::{AccessKeys, ApiModels, Client, ClientOptions, SignIn};
use stance_catalog::{Catalog, Plan};
use stance_collect::{Answer, CallFailure, Collector, NoObserver, ScanRegions, Scope, Transport};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Writes down every call with its outcome.
struct WritingDown {
    client: Client,
    calls: Mutex<Vec<Value>>,
}

impl Transport for WritingDown {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Answer, CallFailure> {
        let outcome = Transport::call(&self.client, service, operation, region, input.clone()).await;
        let told = match &outcome {
            Ok(answer) => json!({ "value": answer.value }),
            Err(failure) => json!({ "code": failure.code }),
        };
        let call = json!({
            "service": service, "operation": operation, "region": region, "input": input, "outcome": told,
        });
        self.calls.lock().unwrap().push(call);
        outcome
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_a_scan_gives_what_boto3_gives() {
    let address = std::env::var("STANCE_TEST_AWS").expect("run the tests by `cargo xtask test`");
    let python = std::env::var("STANCE_TEST_PYTHON").expect("run the tests by `cargo xtask test`");
    let catalog = Catalog::built_in_with(&[]).unwrap();
    let plan = Plan::of(&catalog, catalog.rules()).unwrap();
    let files = catalog.models().clone();
    let endpoints = files.endpoints().unwrap();
    let models = ApiModels::new(move |service| files.service(service), &endpoints).unwrap();
    let options = ClientOptions {
        endpoint_url: Some(address.clone()),
        sign_in: SignIn { keys: Some(AccessKeys::new("test", "test")), ..SignIn::default() },
        max_rate: 1_000.0,
        // the mock may answer 500 where several ask for a service for the first time at once
        max_attempts: 2,
        // boto3 conceals nothing
        conceal: |_, text| text.to_owned(),
        ..ClientOptions::default()
    };
    let client = Client::connect(models, options).await.unwrap();
    let transport = Arc::new(WritingDown { client, calls: Mutex::default() });
    let scope = Scope {
        details: Arc::default(),
        account: "123456789012".into(),
        partition: "aws".into(),
        identity: "arn:aws:iam::123456789012:user/test".into(),
        global_region: "us-east-1".into(),
    };
    let regions = ScanRegions { scanned: vec!["eu-central-1".into()], skipped: vec![] };
    let (_stop, stopped) = watch::channel(false);
    let permissions = catalog.permissions().clone();
    Collector::new(Arc::clone(&transport), scope, regions, plan, permissions, Arc::new(NoObserver), stopped)
        .collect(None)
        .await;

    let calls = transport.calls.lock().unwrap();
    assert!(calls.len() > 200, "only {} calls were made", calls.len());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for call in calls.iter() {
        writeln!(file, "{call}").unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compare_boto3.py");
    let ended = Command::new(python).arg(script).arg(&address).arg(file.path()).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{told}\n{}", String::from_utf8_lossy(&ended.stderr));
    println!("{told}");
}
