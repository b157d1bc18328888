//! The client against canned answers: every protocol, every known pitfall.

use super::*;
use crate::sign_in::SignIn;
use crate::testing::{Answer, KEYS, Server, answer, client, models, options, served, surroundings};
use serde_json::json;
use std::time::{Duration, Instant};

const REGION: &str = "eu-central-1";
const EC2_THROTTLED: &str = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow down</Message></Error></Errors></Response>";
const SNAPSHOT: &str = "<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>snap-1</snapshotId>\
    <startTime>2024-01-02T03:04:05.000Z</startTime><volumeSize>8</volumeSize><encrypted>true</encrypted>\
    <tagSet><item><key>a&amp;b</key><value/></item></tagSet></item></snapshotSet></DescribeSnapshotsResponse>";

fn profile(name: &str) -> SignIn {
    SignIn { profile: Some(name.into()), ..SignIn::default() }
}

// --- protocols ---

#[tokio::test]
async fn ec2_request_is_flattened_and_answer_has_no_result_element() {
    let (server, client) = served(vec![answer(200, SNAPSHOT)]).await;
    let input = json!({"OwnerIds": ["self", "1"], "Filters": [{"Name": "status", "Values": ["x y"]}], "MaxResults": 5});
    let got = client.call("ec2", "DescribeSnapshots", REGION, input).await.unwrap();
    assert_eq!(
        got,
        json!({"Snapshots": [{"SnapshotId": "snap-1", "StartTime": "2024-01-02T03:04:05Z", "VolumeSize": 8,
            "Encrypted": true, "Tags": [{"Key": "a&b", "Value": ""}]}]})
    );
    let body = &server.received()[0].body;
    for part in [
        "Action=DescribeSnapshots",
        "Version=2016-11-15",
        "Owner.1=self",
        "Owner.2=1",
        "Filter.1.Name=status",
        "Filter.1.Value.1=x%20y",
        "MaxResults=5",
    ] {
        assert!(body.split('&').any(|p| p == part), "{part} is not in {body}");
    }
}

#[tokio::test]
async fn query_answer_is_inside_its_result_element() {
    let body = "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap>\
        <entry><key>Users</key><value>3</value></entry></SummaryMap></GetAccountSummaryResult>\
        <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetAccountSummaryResponse>";
    let (server, client) = served(vec![answer(200, body)]).await;
    let got = client.call("iam", "GetAccountSummary", REGION, json!({})).await.unwrap();
    assert_eq!(got, json!({"SummaryMap": {"Users": 3}}));
    let authorization = server.received()[0].header("authorization").unwrap().to_string();
    assert!(authorization.contains("/us-east-1/iam/aws4_request"), "{authorization}");
}

#[tokio::test]
async fn json_request_names_its_target() {
    let (server, client) = served(vec![answer(200, r#"{"Policy":"{}","Unknown":[1,{"x":null}]}"#)]).await;
    let got = client.call("kms", "GetKeyPolicy", REGION, json!({"KeyId": "k"})).await.unwrap();
    assert_eq!(got, json!({"Policy": "{}"}));
    let request = &server.received()[0];
    assert_eq!(request.header("x-amz-target"), Some("TrentService.GetKeyPolicy"));
    assert_eq!(request.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(request.body, r#"{"KeyId":"k"}"#);
}

#[tokio::test]
async fn rest_json_input_goes_into_the_query() {
    let (server, client) = served(vec![answer(200, r#"{"clusters":["a"],"nextToken":null}"#)]).await;
    let got = client
        .call("eks", "ListClusters", REGION, json!({"maxResults": 7, "nextToken": "a/b"}))
        .await
        .unwrap();
    assert_eq!(got, json!({"clusters": ["a"]}));
    let line = &server.received()[0].line;
    assert!(
        line.starts_with("GET /clusters?")
            && line.contains("maxResults=7")
            && line.contains("nextToken=a%2Fb"),
        "{line}"
    );
}

#[tokio::test]
async fn identity_is_read_from_the_arn() {
    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::123456789012:user/u</Arn>\
        <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let (_server, client) = served(vec![answer(200, body)]).await;
    let identity = client.identity().await.unwrap();
    assert_eq!((identity.account.as_str(), identity.partition.as_str()), ("123456789012", "aws-cn"));
}

#[tokio::test]
async fn input_that_does_not_fit_is_our_own_mistake_and_never_sent() {
    let (server, client) = served(vec![answer(200, "{}")]).await;
    for (service, operation, input, told) in [
        ("kms", "GetKeyPolicy", json!({}), "`KeyId` is missing"),
        ("kms", "GetKeyPolicy", json!({"KeyId": 5}), "`5` is not a text"),
        ("kms", "GetKeyPolicy", json!({"KeyId": "k", "Keyid": "k"}), "no input `Keyid`"),
        ("kms", "GetKeyPolicy", json!([]), "`[]` is not an object"),
        ("kms", "Nope", json!({}), "no operation `Nope`"),
        ("nope", "Nope", json!({}), "no API model of service `nope`"),
        ("ec2", "DescribeSnapshots", json!({"MaxResults": 5_000_000_000_u64}), "not in range"),
    ] {
        let error = client.call(service, operation, REGION, input).await.unwrap_err();
        assert_eq!(error.code(), "InvalidInput", "{error}");
        assert!(error.message().contains(told), "{error} does not say {told}");
    }
    let error = client.call("kms", "ListKeys", "evil.example/", json!({})).await.unwrap_err();
    assert_eq!(error.code(), "InvalidInput");
    assert!(server.received().is_empty());
}

// --- the pitfalls ---

#[tokio::test]
async fn pitfall_1_throttled_query_calls_are_tried_again() {
    let throttled = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
    let body = "<GetAccountSummaryResponse><GetAccountSummaryResult/></GetAccountSummaryResponse>";
    let (server, client) = served(vec![answer(400, throttled), answer(200, body)]).await;
    client.call("iam", "GetAccountSummary", REGION, json!({})).await.unwrap();
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn pitfall_2_two_throttled_attempts_cost_seconds_and_not_half_a_minute() {
    let (server, client) =
        served(vec![answer(503, EC2_THROTTLED), answer(503, EC2_THROTTLED), answer(200, SNAPSHOT)]).await;
    let start = Instant::now();
    client.call("ec2", "DescribeSnapshots", REGION, json!({})).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn pitfall_3_uri_label_is_filled_although_the_wire_name_differs() {
    let (server, client) =
        served(vec![answer(200, r#"{"item":[{"stageName":"prod","createdDate":1704164645}]}"#)]).await;
    let got = client.call("apigateway", "GetStages", REGION, json!({"restApiId": "a/b"})).await.unwrap();
    assert_eq!(got, json!({"item": [{"stageName": "prod", "createdDate": "2024-01-02T03:04:05Z"}]}));
    assert_eq!(server.received()[0].line, "GET /restapis/a%2Fb/stages");
}

#[tokio::test]
async fn pitfall_4_bucket_location_is_unwrapped() {
    let body = "<?xml version=\"1.0\"?><LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>";
    let (_server, client) = served(vec![answer(200, body)]).await;
    let got = client.call("s3", "GetBucketLocation", REGION, json!({"Bucket": "b"})).await.unwrap();
    assert_eq!(got, json!({"LocationConstraint": "eu-west-1"}));
    let body = "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
    let (_server, client) = served(vec![answer(200, body)]).await;
    let got = client.call("s3", "GetBucketLocation", REGION, json!({"Bucket": "b"})).await.unwrap();
    assert_eq!(got, json!({}));
}

#[tokio::test]
async fn pitfall_4_query_compatible_service_is_asked_for_the_old_codes() {
    let refused = Answer {
        headers: vec![("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender".into())],
        ..answer(400, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#)
    };
    let (server, client) = served(vec![refused]).await;
    let error = client.call("sqs", "ListQueues", REGION, json!({})).await.unwrap_err();
    assert_eq!(error.code(), "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!(server.received()[0].header("x-amzn-query-mode"), Some("true"));
}

#[tokio::test]
async fn pitfall_4_apigateway_is_asked_for_plain_json() {
    let (server, client) = served(vec![answer(200, "{}")]).await;
    client.call("apigateway", "GetStages", REGION, json!({"restApiId": "a"})).await.unwrap();
    assert_eq!(server.received()[0].header("accept"), Some("application/json"));
}

#[tokio::test]
async fn pitfall_4_account_is_no_part_of_a_configured_host() {
    let (server, client) = served(vec![answer(200, "<PublicAccessBlockConfiguration/>")]).await;
    client
        .call("s3control", "GetPublicAccessBlock", REGION, json!({"AccountId": "123456789012"}))
        .await
        .unwrap();
    let request = &server.received()[0];
    assert_eq!(request.header("host"), server.url.strip_prefix("http://"));
    assert_eq!(request.header("x-amz-account-id"), Some("123456789012"));
}

#[tokio::test]
async fn pitfall_4_account_is_the_first_part_of_the_real_host() {
    let client = client(ClientOptions { endpoint_url: None, ..options("") }).await;
    let service = client.inner.models.service("s3control").unwrap();
    let operation = service.operation("GetPublicAccessBlock").unwrap();
    let prefix = crate::service_client::host_prefix(
        operation.host_prefix.unwrap(),
        &json!({"AccountId": "123456789012"}),
    );
    assert_eq!(prefix, "123456789012.");
    let (endpoint, configured) = client.endpoint(service, REGION).unwrap();
    assert_eq!((endpoint.url.as_str(), configured), ("https://s3-control.eu-central-1.amazonaws.com", false));
}

#[tokio::test]
async fn pitfall_5_credentials_that_fail_later_are_told_as_such() {
    // the profile's process gives credentials once, and refuses afterwards
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("credentials.sh");
    std::fs::write(
        &script,
        "if [ -e \"$1\" ]; then echo 'no more today' >&2; exit 1; fi; touch \"$1\"\n\
         echo '{\"Version\":1,\"AccessKeyId\":\"AKIDEXAMPLE\",\"SecretAccessKey\":\"SECRETEXAMPLE\",\"Expiration\":\"2001-01-01T00:00:00Z\"}'\n",
    )
    .unwrap();
    let mark = folder.path().join("mark");
    let config = format!("[profile p]\ncredential_process = sh {} {}\n", script.display(), mark.display());
    let server = Server::start(vec![answer(200, "{}")]).await;
    let options = ClientOptions { sign_in: profile("p"), ..options(&server.url) };
    let client = Client::connect_in(models(), options, surroundings(&[], &config)).await.unwrap();
    let error = client.call("kms", "ListKeys", REGION, json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::SignIn { .. }), "{error:?}");
    assert!(!error.to_string().contains("SECRETEXAMPLE"));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn pitfall_6_buckets_are_part_of_the_path_even_with_dots() {
    let (server, client) = served(vec![answer(200, "{}")]).await;
    client.call("s3", "GetBucketPolicy", REGION, json!({"Bucket": "my.bucket"})).await.unwrap();
    assert_eq!(server.received()[0].line, "GET /my.bucket?policy");
}

#[tokio::test]
async fn pitfall_6_redirect_to_another_region_is_an_error_and_not_followed() {
    let body = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint></Error>";
    let redirect = Answer { headers: vec![("x-amz-bucket-region", "eu-west-1".into())], ..answer(301, body) };
    let (server, client) = served(vec![redirect]).await;
    let error = client.call("s3", "GetBucketPolicy", REGION, json!({"Bucket": "b"})).await.unwrap_err();
    assert_eq!(error.code(), "PermanentRedirect");
    assert_eq!(server.received().len(), 1);
}

// pitfall 7, schemas are built when first called and leaked once: see `model`

#[tokio::test]
async fn pitfall_8_time_without_zone_does_not_fail_the_answer() {
    let body = SNAPSHOT.replace("03:04:05.000Z", "03:04:05");
    let (_server, client) = served(vec![answer(200, body)]).await;
    let got = client.call("ec2", "DescribeSnapshots", REGION, json!({})).await.unwrap();
    assert_eq!(got["Snapshots"][0]["StartTime"], "2024-01-02T03:04:05Z");
    let body = r#"{"KeyMetadata":{"KeyId":"k","CreationDate":"2024-01-02T03:04:05","DeletionDate":1704164645.5,"ValidTo":"soon"}}"#;
    let (_server, client) = served(vec![answer(200, body)]).await;
    let got = client.call("kms", "DescribeKey", REGION, json!({"KeyId": "k"})).await.unwrap();
    assert_eq!(
        got["KeyMetadata"],
        json!({"KeyId": "k", "CreationDate": "2024-01-02T03:04:05Z", "DeletionDate": "2024-01-02T03:04:05.5Z", "ValidTo": "soon"})
    );
}

/// The exact versions themselves are in the workspace's `Cargo.toml`.
#[test]
fn pitfall_9_every_crate_below_version_one_is_pinned() {
    let manifest = include_str!("../../../../Cargo.toml");
    for line in manifest.lines().filter(|line| line.starts_with("aws-")) {
        assert!(!line.contains("\"0.") && !line.contains("\"^0."), "`{line}` is not pinned");
    }
}

// --- failures ---

#[tokio::test]
async fn missing_credentials_are_told_while_connecting() {
    let error =
        Client::connect_in(models(), options("http://localhost:1"), surroundings(&[], "")).await.unwrap_err();
    assert!(matches!(error, ConnectError::MissingCredentials), "{error:?}");
    assert!(
        error.to_string().starts_with("no AWS credentials found: name a profile with `--profile`"),
        "{error}"
    );
}

#[tokio::test]
async fn unknown_profile_and_refused_sign_in_are_told_while_connecting() {
    let options = ClientOptions { sign_in: profile("nope"), ..options("http://localhost:1") };
    let error = Client::connect_in(models(), options.clone(), surroundings(&KEYS, "")).await.unwrap_err();
    assert!(error.to_string().starts_with("option `profile` cannot be `nope`"), "{error}");
    let config = "[profile p]\ncredential_process = sh -c 'echo refused >&2; exit 1'\n";
    let options = ClientOptions { sign_in: profile("p"), ..options };
    let error = Client::connect_in(models(), options, surroundings(&KEYS, config)).await.unwrap_err();
    assert!(matches!(error, ConnectError::SignIn { .. }), "{error:?}");
}

#[tokio::test]
async fn endpoint_that_is_no_url_is_refused() {
    let error =
        Client::connect_in(models(), options("localhost:1"), surroundings(&KEYS, "")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "option `endpoint_url` cannot be `localhost:1`: it must start with `https://` or `http://`"
    );
}

#[tokio::test]
async fn expired_credentials_are_a_failed_sign_in() {
    let body = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error></ErrorResponse>";
    let (_server, client) = served(vec![answer(403, body)]).await;
    let error = client.identity().await.unwrap_err();
    assert_eq!(error.code(), "SignInFailed");
    assert_eq!(
        error.to_string(),
        "signing in to AWS failed: the credentials have expired (The security token is expired); get new ones and scan again"
    );
}

#[tokio::test]
async fn unreachable_endpoint_fails_within_seconds() {
    // a port that nobody listens on, and a name that nobody has
    for (url, codes) in [
        ("http://127.0.0.1:9", &["Unreachable"][..]),
        // without a network, nobody can be asked whether the name exists
        ("https://name.invalid", &["NoSuchHost", "Unreachable"]),
    ] {
        let start = Instant::now();
        let error = client(options(url)).await.call("kms", "ListKeys", REGION, json!({})).await.unwrap_err();
        assert!(codes.contains(&error.code()), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn service_that_never_answers_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let options =
        ClientOptions { max_attempts: 1, read_timeout: Duration::from_millis(200), ..options(&url) };
    let error = client(options).await.call("kms", "ListKeys", REGION, json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn answer_that_is_none_is_malformed() {
    let page = "<html><body>Welcome to the guest network</body></html>";
    for (service, operation, body) in [
        ("kms", "ListKeys", page),
        ("kms", "ListKeys", r#"{"Keys":[{"KeyId":"#),
        ("eks", "ListClusters", page),
        ("s3", "ListBuckets", page),
        ("iam", "GetAccountSummary", page),
        ("iam", "GetAccountSummary", ""),
        ("ec2", "DescribeSnapshots", page),
        ("ec2", "DescribeSnapshots", ""),
        ("ec2", "DescribeSnapshots", &SNAPSHOT[..SNAPSHOT.len() - 40]),
    ] {
        let (_server, client) = served(vec![answer(200, body)]).await;
        let error = client.call(service, operation, REGION, json!({})).await.unwrap_err();
        assert!(matches!(error, CallError::MalformedAnswer { .. }), "{service} {body}: {error:?}");
    }
}

#[tokio::test]
async fn errors_of_regions_and_permissions_are_recognised() {
    let refused =
        |status, code: &str| answer(status, format!("{{\"__type\":\"x#{code}\",\"message\":\"m\"}}"));
    for (code, denied, off) in [
        ("AccessDeniedException", true, false),
        ("UnrecognizedClientException", false, true),
        ("OptInRequired", false, true),
        ("NotFoundException", false, false),
    ] {
        let (server, client) = served(vec![refused(400, code)]).await;
        let error = client.call("kms", "ListKeys", REGION, json!({})).await.unwrap_err();
        assert_eq!((error.is_access_denied(), error.is_region_off()), (denied, off), "{code}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn throttling_that_does_not_end_is_told_after_twice_as_many_attempts_as_other_failures() {
    let server = Server::start(vec![answer(503, EC2_THROTTLED)]).await;
    let client = client(ClientOptions { max_attempts: 1, ..options(&server.url) }).await;
    let error = client.call("ec2", "DescribeSnapshots", REGION, json!({})).await.unwrap_err();
    assert!(error.is_throttling());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn clock_that_is_off_is_corrected_for_the_next_attempt() {
    let skewed = Answer {
        headers: vec![("date", "Tue, 02 Jan 2035 03:04:05 GMT".into())],
        ..answer(403, r#"{"__type":"RequestTimeTooSkewed","message":"m"}"#)
    };
    let (server, client) = served(vec![skewed, answer(200, "{}")]).await;
    client.call("kms", "ListKeys", REGION, json!({})).await.unwrap();
    let times: Vec<_> =
        server.received().iter().map(|r| r.header("x-amz-date").unwrap()[..4].to_string()).collect();
    assert_ne!(times[0], "2035");
    assert_eq!(times[1], "2035");
}

// --- paging ---

#[tokio::test]
async fn all_pages_are_read_and_counted() {
    let (server, client) = served(vec![
        answer(200, r#"{"Keys":[{"KeyId":"a"}],"Truncated":true,"NextMarker":"m"}"#),
        answer(200, r#"{"Keys":[{"KeyId":"b"}],"Truncated":false}"#),
    ])
    .await;
    let pages = client.call_all("kms", "ListKeys", REGION, json!({"Limit": 1})).await.unwrap();
    assert_eq!(
        pages,
        Pages { value: json!({"Keys": [{"KeyId": "a"}, {"KeyId": "b"}], "Truncated": false}), pages: 2 }
    );
    assert_eq!(server.received()[1].body, r#"{"Limit":1,"Marker":"m"}"#);
    assert!(client.is_paginated("kms", "ListKeys").unwrap());
    assert!(!client.is_paginated("kms", "GetKeyPolicy").unwrap());
    assert!(client.is_paginated("kms", "Nope").is_err());
    assert!(!client.has_operation("kms", "Nope").unwrap());
}

#[tokio::test]
async fn page_that_fails_fails_the_whole() {
    let (_server, client) = served(vec![
        answer(200, r#"{"Keys":[],"Truncated":true,"NextMarker":"m"}"#),
        answer(400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
    ])
    .await;
    assert!(client.call_all("kms", "ListKeys", REGION, json!({})).await.unwrap_err().is_access_denied());
}

// --- configuration ---

async fn url_of(
    service: &str,
    variables: &[(&str, &str)],
    config: &str,
    endpoint_url: Option<&str>,
) -> String {
    let options = ClientOptions {
        region: Some(REGION.into()),
        endpoint_url: endpoint_url.map(Into::into),
        ..ClientOptions::default()
    };
    let variables: Vec<_> = KEYS.iter().chain(variables).copied().collect();
    let client = Client::connect_in(models(), options, surroundings(&variables, config)).await.unwrap();
    let service = client.inner.models.service(service).unwrap();
    client.endpoint(service, REGION).unwrap().0.url
}

#[tokio::test]
async fn configured_endpoints_are_taken_in_order() {
    let all = ("AWS_ENDPOINT_URL", "http://all");
    let one = ("AWS_ENDPOINT_URL_API_GATEWAY", "http://one");
    let file = "[default]\nendpoint_url = http://file\nservices = mine\n[services mine]\nec2 =\n  endpoint_url = http://file-ec2\n";
    assert_eq!(url_of("apigateway", &[all, one], file, Some("http://option")).await, "http://option");
    assert_eq!(url_of("apigateway", &[all, one], file, None).await, "http://one");
    assert_eq!(url_of("ec2", &[all, one], "", None).await, "http://all");
    assert_eq!(url_of("ec2", &[], file, None).await, "http://file-ec2");
    assert_eq!(url_of("kms", &[], file, None).await, "http://file");
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        url_of("ec2", &[all, one, ignore], file, None).await,
        "https://ec2.eu-central-1.amazonaws.com"
    );
}

#[tokio::test]
async fn fips_and_dual_stack_may_come_from_the_environment() {
    let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
    let dual = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
    assert_eq!(url_of("kms", &[fips], "", None).await, "https://kms-fips.eu-central-1.amazonaws.com");
    assert_eq!(url_of("ec2", &[dual], "", None).await, "https://ec2.eu-central-1.api.aws");
}

#[tokio::test]
async fn default_region_comes_from_options_environment_profile_or_is_us_east_1() {
    let region = async |option: Option<&str>, variables: &[(&str, &str)], config: &str| {
        let options = ClientOptions { region: option.map(Into::into), ..ClientOptions::default() };
        let variables: Vec<_> = KEYS.iter().chain(variables).copied().collect();
        let client = Client::connect_in(models(), options, surroundings(&variables, config)).await.unwrap();
        client.default_region().to_string()
    };
    let (variable, file) = (("AWS_REGION", "eu-west-1"), "[default]\nregion = eu-west-2\n");
    assert_eq!(region(Some("eu-west-3"), &[variable], file).await, "eu-west-3");
    assert_eq!(region(None, &[variable], file).await, "eu-west-1");
    assert_eq!(region(None, &[], file).await, "eu-west-2");
    assert_eq!(region(None, &[], "").await, "us-east-1");
}

#[tokio::test]
async fn named_profile_wins_over_the_environments_credentials() {
    let config =
        "[profile p]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\nregion = eu-west-1\n";
    let server = Server::start(vec![answer(200, "{}")]).await;
    let options = ClientOptions { sign_in: profile("p"), region: None, ..options(&server.url) };
    let client = Client::connect_in(models(), options, surroundings(&KEYS, config)).await.unwrap();
    client.call("kms", "ListKeys", client.default_region(), json!({})).await.unwrap();
    let authorization = server.received()[0].header("authorization").unwrap().to_string();
    assert!(
        authorization.contains("AKIDPROFILE") && authorization.contains("/eu-west-1/kms/"),
        "{authorization}"
    );
}

#[tokio::test]
async fn partitions_and_their_global_regions_are_known() {
    let client = client(options("http://localhost:1")).await;
    for (region, partition, global) in [
        ("eu-west-1", "aws", "us-east-1"),
        ("cn-northwest-1", "aws-cn", "cn-north-1"),
        ("us-gov-east-1", "aws-us-gov", "us-gov-west-1"),
        ("eusc-de-east-1", "aws-eusc", "eusc-de-east-1"),
    ] {
        assert_eq!(client.partition_of(region), partition);
        assert_eq!(client.global_region(partition), global);
    }
    assert_eq!(client.global_region("nowhere"), "us-east-1");
}

#[tokio::test]
async fn nothing_prints_secrets() {
    let (_server, client) = served(vec![answer(200, "{}")]).await;
    let printed = format!("{client:?} {:?} {:?}", client.inner.loaded.signer, models());
    assert!(!printed.contains("SECRETEXAMPLE"), "{printed}");
}

#[tokio::test]
async fn many_calls_at_once_share_one_client() {
    let (server, client) = served(vec![answer(200, r#"{"Keys":[]}"#)]).await;
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move {
                client.call("kms", "ListKeys", ["eu-west-1", "eu-west-2"][n % 2], json!({})).await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(server.received().len(), 40);
    assert_eq!(client.inner.targets.lock().unwrap().len(), 2);
}
