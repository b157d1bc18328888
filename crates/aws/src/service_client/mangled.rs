//! Real answers, mangled: whatever a service, a proxy or the network makes of them, reading them ends
//! with an answer or an error.

use super::*;
use crate::testing::models;
use aws_smithy_types::body::SdkBody;
use proptest::prelude::*;

/// Service, operation and an answer of it, one for each protocol and each way of reading.
const ANSWERS: [(&str, &str, &str); 7] = [
    (
        "ec2",
        "DescribeSnapshots",
        "<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>snap-1</snapshotId>\
         <startTime>2024-01-02T03:04:05.000Z</startTime><volumeSize>8</volumeSize><encrypted>true</encrypted>\
         <tagSet><item><key>a&amp;b</key><value/></item></tagSet></item></snapshotSet></DescribeSnapshotsResponse>",
    ),
    (
        "iam",
        "GetAccountSummary",
        "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>3</value>\
         </entry></SummaryMap></GetAccountSummaryResult><ResponseMetadata/></GetAccountSummaryResponse>",
    ),
    ("kms", "GetKeyPolicy", r#"{"Policy":"{\"a\":[1,2.5e3,null,\"\\u00e9\"]}","Unknown":[1,{"x":null}]}"#),
    ("eks", "ListClusters", r#"{"clusters":["a","b"],"nextToken":null}"#),
    (
        "apigateway",
        "GetStages",
        r#"{"item":[{"stageName":"prod","createdDate":1704164645.5,"variables":{"a":"b"}}]}"#,
    ),
    (
        "s3",
        "GetBucketLocation",
        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>",
    ),
    ("s3", "GetBucketPolicy", r#"{"Version":"2012-10-17","Statement":[]}"#),
];

const PIECES: [&str; 20] = [
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&#x0;",
    "<![CDATA[",
    "<!--",
    "<item>",
    "</item>",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "1e999",
    "-1",
    "null",
];

/// What the client makes of a body.
fn read(service: &str, operation: &str, status: u16, body: &[u8]) -> Result<(), String> {
    let models = models();
    let service = models.service(service).unwrap();
    let conversion = Conversion { service, operation: service.operation(operation).unwrap() };
    let mut layer = Layer::new("test");
    layer.store_put(protocol::of(service));
    let config = ConfigBag::of_layers(vec![layer]);
    let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    match conversion.deserialize_nonstreaming_with_config(&response, &config) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error:?}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_mangled_answer_is_read_or_refused(
        chosen in 0..ANSWERS.len(),
        changes in proptest::collection::vec((0..1000_usize, 0..30_usize, 0..PIECES.len() + 2, any::<u8>()), 0..5),
        status in proptest::sample::select(&[200_u16, 400, 503][..]),
    ) {
        let (service, operation, body) = ANSWERS[chosen];
        let mut body = body.as_bytes().to_vec();
        for (at, count, kind, byte) in changes {
            let at = at * body.len() / 1000;
            let end = (at + count).min(body.len());
            match PIECES.get(kind) {
                Some(piece) => drop(body.splice(at..at, piece.bytes())),
                None if kind == PIECES.len() => drop(body.drain(at..end)),
                None => drop(body.splice(at..end, [byte])),
            }
        }
        let outcome = read(service, operation, status, &body);
        prop_assert!(status == 200 || outcome.is_err());
    }
}

#[test]
fn the_answers_themselves_are_read() {
    for (service, operation, body) in ANSWERS {
        assert_eq!(read(service, operation, 200, body.as_bytes()), Ok(()), "{service}:{operation}");
    }
}

#[test]
fn nesting_without_end_does_not_exhaust_the_stack() {
    for depth in [1000, 200_000] {
        let json = format!("{{\"Unknown\":{}", "[{\"a\":".repeat(depth));
        let xml = format!("<DescribeSnapshotsResponse><snapshotSet>{}", "<item>".repeat(depth));
        for (service, operation, _) in ANSWERS {
            for status in [200, 400] {
                // either is an answer, as long as it comes
                let _ = (
                    read(service, operation, status, json.as_bytes()),
                    read(service, operation, status, xml.as_bytes()),
                );
            }
        }
    }
}
