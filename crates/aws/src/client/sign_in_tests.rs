//! Roles, tokens and files that a client signs in with, against canned answers.

use super::*;
use crate::sign_in::{AccessKeys, Mfa, RoleToAssume, SignIn, SignedInUntil, WebIdentity};
use crate::testing::{Answer, KEYS, Server, answer, models, options, surroundings};
use serde_json::json;
use std::time::Duration;

const OWNER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>\
    <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn credentials(key: &str, expiration: &str) -> Answer {
    answer(
        200,
        format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
             <SecretAccessKey>secret-of-{key}</SecretAccessKey><SessionToken>token-of-{key}</SessionToken>\
             <Expiration>{expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

async fn connect(server: &Server, sign_in: SignIn) -> Result<Client, ConnectError> {
    let options = ClientOptions { sign_in, ..options(&server.url) };
    Client::connect_in(models(), options, surroundings(&KEYS, "")).await
}

fn roles(roles: Vec<RoleToAssume>) -> SignIn {
    SignIn { roles, ..SignIn::default() }
}

/// The key that a request was signed with.
fn key_of(request: &crate::testing::Received) -> String {
    let authorization = request.header("authorization").unwrap_or_default();
    let after = authorization.split("Credential=").nth(1).unwrap_or_default();
    after.split('/').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn roles_are_assumed_one_with_the_credentials_of_the_other() {
    let answers = vec![
        credentials("FIRST", "2999-01-01T00:00:00Z"),
        credentials("SECOND", "2999-01-01T00:00:00Z"),
        answer(200, OWNER),
    ];
    let server = Server::start(answers).await;
    let chain = ["arn:aws:iam::1:role/a", "arn:aws:iam::2:role/b"].map(RoleToAssume::new);
    let client = connect(&server, roles(chain.into())).await.unwrap();
    client.identity().await.unwrap();
    let keys: Vec<_> = server.received().iter().map(key_of).collect();
    assert_eq!(keys, ["AKIDEXAMPLE", "FIRST", "SECOND"]);
    assert_eq!(client.signed_in_until(), SignedInUntil::Always);
    assert_eq!(server.received()[2].header("x-amz-security-token"), Some("token-of-SECOND"));
}

#[tokio::test]
async fn a_role_is_assumed_once_however_many_accounts_there_are() {
    const ACCOUNTS: usize = 100;
    let of_each = vec![credentials("KEY", "2999-01-01T00:00:00Z"), answer(200, OWNER)];
    let mut answers = vec![of_each; ACCOUNTS].concat();
    answers.extend(vec![answer(200, OWNER); ACCOUNTS]);
    let server = Server::start(answers).await;
    let owner = connect(&server, SignIn::default()).await.unwrap();
    let mut members = Vec::new();
    for account in 0..ACCOUNTS {
        let role = RoleToAssume::new(format!("arn:aws:iam::{account}:role/a"));
        let member = owner.assume(&role).await.unwrap();
        member.identity().await.unwrap();
        members.push(member);
    }
    for member in &members {
        member.identity().await.unwrap();
    }
    let asked = server.received();
    let assumed = asked.iter().filter(|request| request.body.contains("Action=AssumeRole"));
    assert_eq!(assumed.count(), ACCOUNTS);
}

#[tokio::test]
async fn a_role_is_asked_for_with_all_that_its_trust_demands() {
    let server = Server::start(vec![credentials("KEY", "2999-01-01T00:00:00Z")]).await;
    let role = RoleToAssume {
        external_id: Some("an-id".into()),
        session_name: "audit".into(),
        duration: Some(Duration::from_mins(15)),
        ..RoleToAssume::new("arn:aws:iam::1:role/a")
    };
    connect(&server, roles(vec![role])).await.unwrap();
    let body = &server.received()[0].body;
    for part in [
        "Action=AssumeRole",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa",
        "RoleSessionName=audit",
        "ExternalId=an-id",
        "DurationSeconds=900",
    ] {
        assert!(body.split('&').any(|known| known == part), "{part} is not in {body}");
    }
}

#[tokio::test]
async fn a_second_factor_is_told_once_and_its_session_assumes_the_roles() {
    let session = credentials("SESSION", "2999-01-01T00:00:00Z");
    let session = Answer { body: session.body.replace("AssumeRole", "GetSessionToken"), ..session };
    let role = || credentials("ROLE", "2020-01-01T00:00:00Z");
    let server = Server::start(vec![session, role(), role(), answer(200, OWNER)]).await;
    let mfa = Some(Mfa { serial: "arn:aws:iam::1:mfa/me".into(), code: "123456".into() });
    let sign_in = SignIn { mfa, ..roles(vec![RoleToAssume::new("arn:aws:iam::1:role/a")]) };
    let client = connect(&server, sign_in).await.unwrap();
    // the role's credentials have ended already, and are asked for again without another code
    client.identity().await.unwrap();
    let received = server.received();
    let keys: Vec<_> = received.iter().map(key_of).collect();
    assert_eq!(keys, ["AKIDEXAMPLE", "SESSION", "SESSION", "ROLE"]);
    assert!(received[0].body.contains("TokenCode=123456"), "{}", received[0].body);
    assert!(received[1..].iter().all(|request| !request.body.contains("TokenCode")));
    // a code is good once: this session ends
    assert!(matches!(client.signed_in_until(), SignedInUntil::Time(_)));
}

#[tokio::test]
async fn a_role_whose_credentials_have_ended_is_assumed_again() {
    let answers = vec![
        credentials("OLD", "2020-01-01T00:00:00Z"),
        credentials("NEW", "2999-01-01T00:00:00Z"),
        answer(200, OWNER),
    ];
    let server = Server::start(answers).await;
    let client = connect(&server, roles(vec![RoleToAssume::new("arn:aws:iam::1:role/a")])).await.unwrap();
    client.identity().await.unwrap();
    let keys: Vec<_> = server.received().iter().map(key_of).collect();
    assert_eq!(keys, ["AKIDEXAMPLE", "AKIDEXAMPLE", "NEW"]);
}

#[tokio::test]
async fn a_role_that_is_refused_is_named_and_no_secret_is_told() {
    let refused = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>";
    let server = Server::start(vec![answer(403, refused)]).await;
    let error = connect(&server, roles(vec![RoleToAssume::new("arn:aws:iam::1:role/a")])).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("role `arn:aws:iam::1:role/a` cannot be assumed"), "{told}");
    assert!(told.contains("AccessDenied") && !told.contains("SECRETEXAMPLE"), "{told}");
}

#[tokio::test]
async fn given_keys_win_over_the_environment_and_a_token_goes_with_them() {
    let server = Server::start(vec![answer(200, OWNER)]).await;
    let keys = AccessKeys::new("GIVEN", "secret").with_session_token("token");
    let client = connect(&server, SignIn { keys: Some(keys), ..SignIn::default() }).await.unwrap();
    client.identity().await.unwrap();
    let request = &server.received()[0];
    assert_eq!((key_of(request).as_str(), request.header("x-amz-security-token")), ("GIVEN", Some("token")));
    assert_eq!(client.signed_in_until(), SignedInUntil::NotKnown);
}

#[tokio::test]
async fn a_credentials_file_is_named_itself_or_by_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    std::fs::write(
        &file,
        "[default]\naws_access_key_id=DEFAULT\naws_secret_access_key=s\n[audit]\naws_access_key_id=AUDIT\naws_secret_access_key=s\n",
    )
    .unwrap();
    for path in [file.as_path(), folder.path()] {
        for (profile, key) in [(None, "DEFAULT"), (Some("audit"), "AUDIT")] {
            let server = Server::start(vec![answer(200, OWNER)]).await;
            let sign_in = SignIn {
                profile: profile.map(str::to_owned),
                credentials_file: Some(path.to_owned()),
                ..SignIn::default()
            };
            connect(&server, sign_in).await.unwrap().identity().await.unwrap();
            assert_eq!(key_of(&server.received()[0]), key, "{}", path.display());
        }
    }
    let server = Server::start(vec![answer(200, OWNER)]).await;
    let missing = SignIn { credentials_file: Some(folder.path().join("nowhere")), ..SignIn::default() };
    let error = connect(&server, missing).await.unwrap_err().to_string();
    assert!(error.contains("there is no such file"), "{error}");
}

#[tokio::test]
async fn a_web_identity_without_its_token_is_told() {
    let server = Server::start(vec![answer(200, OWNER)]).await;
    let identity = WebIdentity {
        token_file: "/nowhere/token".into(),
        role_arn: "arn:aws:iam::1:role/a".into(),
        session_name: "stance".into(),
    };
    let error =
        connect(&server, SignIn { web_identity: Some(identity), ..SignIn::default() }).await.unwrap_err();
    assert_eq!(error.to_string(), "option `token_file` cannot be `/nowhere/token`: there is no such file");
}

/// A token in a file, and a role that takes it.
fn web_identity(folder: &tempfile::TempDir, role_arn: &str) -> SignIn {
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "header.claims.signature\n").unwrap();
    let identity = WebIdentity { token_file, role_arn: role_arn.into(), session_name: "ci".into() };
    SignIn { web_identity: Some(identity), ..SignIn::default() }
}

fn federated(key: &str, expiration: &str) -> Answer {
    let answer = credentials(key, expiration);
    Answer { body: answer.body.replace("AssumeRole", "AssumeRoleWithWebIdentity"), ..answer }
}

#[tokio::test]
async fn a_web_identity_s_token_is_exchanged_unsigned_and_read_again_when_the_credentials_end() {
    let folder = tempfile::tempdir().unwrap();
    let answers = vec![
        federated("OLD", "2020-01-01T00:00:00Z"),
        federated("NEW", "2999-01-01T00:00:00Z"),
        answer(200, OWNER),
    ];
    let server = Server::start(answers).await;
    let client = connect(&server, web_identity(&folder, "arn:aws:iam::1:role/a")).await.unwrap();
    std::fs::write(folder.path().join("token"), "next").unwrap();
    client.identity().await.unwrap();
    let received = server.received();
    assert_eq!(received.iter().map(key_of).collect::<Vec<_>>(), ["", "", "NEW"]);
    assert!(received[..2].iter().all(|request| request.header("authorization").is_none()));
    let told = |index: usize, part: &str| received[index].body.split('&').any(|known| known == part);
    assert!(told(0, "Action=AssumeRoleWithWebIdentity") && told(0, "RoleSessionName=ci"));
    assert!(told(0, "WebIdentityToken=header.claims.signature") && told(1, "WebIdentityToken=next"));
    assert_eq!(client.signed_in_until(), SignedInUntil::Always);
}

#[tokio::test]
async fn a_web_identity_is_exchanged_in_the_partition_of_its_role_where_nobody_says_a_region() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![federated("KEY", "2999-01-01T00:00:00Z")]).await;
    let sign_in = web_identity(&folder, "arn:aws-cn:iam::1:role/a");
    let options = ClientOptions { region: None, sign_in, ..options(&server.url) };
    let client = Client::connect_in(models(), options, surroundings(&KEYS, "")).await.unwrap();
    assert_eq!(client.default_region(), "cn-north-1");
}

#[tokio::test]
async fn a_role_is_asked_for_in_the_partition_of_the_credentials_where_nobody_says_a_region() {
    let refused = answer(
        403,
        "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>invalid</Message></Error></ErrorResponse>",
    );
    let owner = answer(200, OWNER.replace("arn:aws:", "arn:aws-cn:"));
    let role = credentials("ROLE", "2999-01-01T00:00:00Z");
    let server = Server::start(vec![refused.clone(), refused, owner, role]).await;
    let sign_in = roles(vec![RoleToAssume::new("arn:aws-cn:iam::1:role/a")]);
    let options = ClientOptions { region: None, sign_in, ..options(&server.url) };
    let client = Client::connect_in(models(), options, surroundings(&KEYS, "")).await.unwrap();
    assert_ne!(client.default_region(), "us-east-1");
    let actions: Vec<String> = server
        .received()
        .iter()
        .filter_map(|request| {
            request.body.split('&').find_map(|part| part.strip_prefix("Action=")).map(str::to_owned)
        })
        .collect();
    assert_eq!(actions, ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity", "AssumeRole"]);
}

#[tokio::test]
async fn the_partition_is_found_where_nobody_says_a_region() {
    let refused = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>invalid</Message></Error></ErrorResponse>";
    let owner = OWNER.replace("arn:aws:", "arn:aws-us-gov:");
    let server = Server::start(vec![answer(403, refused), answer(403, refused), answer(200, owner)]).await;
    let options = ClientOptions { region: None, ..options(&server.url) };
    let client = Client::connect_in(models(), options, surroundings(&KEYS, "")).await.unwrap();
    assert_eq!(client.default_region(), "us-east-1");
    assert_eq!(client.identity().await.unwrap().partition, "aws-us-gov");
    let asked: Vec<String> = server
        .received()
        .iter()
        .filter_map(|request| Some(request.header("authorization")?.split('/').nth(2)?.to_owned()))
        .collect();
    assert_eq!(asked.len(), 3);
    assert_eq!(client.default_region(), asked[2]);
    // where a region was said, credentials of another partition are wrong and nothing else is tried
    let server = Server::start(vec![answer(403, refused)]).await;
    let client = connect(&server, SignIn::default()).await.unwrap();
    client.identity().await.unwrap_err();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn every_request_is_counted_and_a_service_that_never_answers_is_given_up() {
    let throttled =
        "<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>";
    let server = Server::start(vec![answer(400, throttled), answer(200, OWNER)]).await;
    let client = connect(&server, SignIn::default()).await.unwrap();
    client.identity().await.unwrap();
    let traffic = client.traffic();
    assert_eq!((traffic.requests, traffic.throttled, traffic.repeated), (2, 1, 1));

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            held.push(stream);
        }
    });
    let mut options = options(&url);
    (options.read_timeout, options.attempt_timeout) = (Duration::from_millis(50), Duration::from_millis(80));
    let client = Client::connect_in(models(), options, surroundings(&KEYS, "")).await.unwrap();
    let call = || client.call("kms", "ListKeys", "eu-central-1", json!({}));
    for _ in 0..3 {
        assert_eq!(call().await.unwrap_err().code(), "Timeout");
    }
    let before = client.traffic().requests;
    let error = call().await.unwrap_err();
    assert!(error.message().contains("not asked again"), "{error}");
    assert_eq!(client.traffic().requests, before);
    held.abort();
}
