//! Objects as they are put.

use super::*;
use crate::testing::{Double, Script, documents, report, secret};
use serde_json::json;
use std::io::Read;

fn settings(url: &str) -> S3 {
    S3 {
        bucket: "example-findings".parse().ok(),
        prefix: Some("/ext/stance/".into()),
        region: "eu-west-1".parse().ok(),
        access_key_id: Some(secret("AKIAEXAMPLE")),
        secret_access_key: Some(secret("never-shown")),
        endpoint_url: url.parse().ok(),
        timeout: "5s".parse().unwrap(),
        ..S3::default()
    }
}

fn bucket(double: &Double) -> Bucket {
    Bucket::new(&settings(&double.url(""))).unwrap()
}

#[tokio::test]
async fn each_account_of_a_batch_gets_an_object_below_its_region_and_day() {
    let double = Double::answering(200, "").await;
    let bucket = bucket(&double);
    let mut report = report(4);
    std::sync::Arc::make_mut(&mut report.findings[3].resource).scope = "999999999999".into();
    assert_eq!(bucket.send(&documents(&bucket, &report)).await, Answer::Taken);
    let received = double.received();
    let folders: Vec<&str> =
        received.iter().filter_map(|it| it.line.rsplit_once('/')).map(|(folder, _)| folder).collect();
    let below = "PUT /example-findings/ext/stance/region%3Deu-west-1";
    assert_eq!(
        folders,
        [
            format!("{below}/accountId%3D111122223333/eventDay%3D20260131"),
            format!("{below}/accountId%3D999999999999/eventDay%3D20260131"),
        ]
    );
    assert!(received[0].header("authorization").unwrap().contains("/eu-west-1/s3/aws4_request"));
    assert!(received[0].header("x-amz-checksum-sha256").is_some());
    assert_eq!(received[0].header("x-amz-server-side-encryption"), None);
}

#[tokio::test]
async fn the_same_batch_makes_the_same_object_and_another_one_another() {
    let double = Double::answering(200, "").await;
    let bucket = bucket(&double);
    for findings in [3, 3, 4] {
        bucket.send(&documents(&bucket, &report(findings))).await;
    }
    let put = double.received();
    assert_eq!(
        (&put[0].line, put[0].header("x-amz-checksum-sha256")),
        (&put[1].line, put[1].header("x-amz-checksum-sha256"))
    );
    assert_ne!(put[0].line, put[2].line);
}

#[test]
fn an_object_holds_the_lines_of_its_form_and_asks_for_encryption() {
    let bucket = Bucket::new(&S3 {
        form: DocumentForm::Ocsf,
        encryption: Some(ObjectEncryption::AwsKms),
        kms_key: Some("alias/findings".into()),
        ..settings("http://127.0.0.1:1")
    })
    .unwrap();
    let line: Line = serde_json::from_str(documents(&bucket, &report(1))[0].text()).unwrap();
    let input = bucket.input("k", &compressed(line.line.get().as_bytes()).unwrap());
    assert_eq!(
        (&input["ServerSideEncryption"], &input["SSEKMSKeyId"]),
        (&json!("aws:kms"), &json!("alias/findings"))
    );
    let body = STANDARD.decode(input["Body"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["class_uid"], 2003);
}

#[tokio::test]
async fn a_store_that_is_busy_is_tried_again_and_one_that_refuses_us_is_told() {
    for (status, code, kind) in
        [(503, "SlowDown", "Later"), (403, "AccessDenied", "TurnedAway"), (404, "NoSuchBucket", "TurnedAway")]
    {
        let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
        let double = Double::of(vec![Script::answer(status, body)]).await;
        let bucket = bucket(&double);
        let answer = format!("{:?}", bucket.send(&documents(&bucket, &report(1))).await);
        assert!(answer.starts_with(kind) && answer.contains(code), "{answer}");
        assert!(!answer.contains("never-shown"), "{answer}");
    }
}

#[test]
fn a_key_without_its_encryption_is_refused() {
    let told = Bucket::new(&S3 { kms_key: Some("k".into()), ..settings("http://127.0.0.1:1") }).map(drop);
    assert!(told.unwrap_err().contains("aws-kms"));
}
