//! Keys that are given: by the environment, by the configuration, by the shared files.

use crate::support::identity::Keys;
use crate::support::peer::Peer;
use crate::{Files, scan, session, signed_in, user, with_keys};

/// One account for all: the mock AWS loads its managed policies into each new one.
const ACCOUNT: &str = "110000000001";

/// The mock AWS behind a door that keeps the requests.
fn aws() -> Peer {
    Peer::before_aws(|_| None)
}

#[test]
fn access_keys_of_the_environment_sign_in() {
    let keys = Keys::of_user(ACCOUNT, "ada");
    assert_eq!(signed_in(with_keys(&mut scan(&aws()), &keys)), user(ACCOUNT, "ada"));
}

#[test]
fn temporary_keys_of_the_environment_sign_in_with_their_token() {
    let (aws, keys) = (aws(), Keys::of_role(ACCOUNT, "auditor", "today"));
    assert_eq!(signed_in(with_keys(&mut scan(&aws), &keys)), session(ACCOUNT, "auditor", "today"));
    let tokens =
        aws.received().into_iter().map(|request| request.header("x-amz-security-token").map(str::to_owned));
    assert!(tokens.into_iter().all(|token| token == keys.token), "the token goes with every request");
}

#[test]
fn access_keys_of_the_configuration_come_from_variables_and_files_and_win_over_the_environment() {
    let keys = Keys::of_role(ACCOUNT, "auditor", "configured");
    let files = Files::new();
    files.write("secret", &format!("{}\n", keys.secret));
    let config = files.write(
        "local.yaml",
        "aws:\n  access_key_id: { env: AUDIT_ID }\n  secret_access_key: { file: secret }\n  session_token: { env: AUDIT_TOKEN }\n",
    );
    let mut scan = scan(&aws());
    with_keys(&mut scan, &Keys::of_role(ACCOUNT, "auditor", "environment"));
    scan.arg("--config")
        .arg(config)
        .env("AUDIT_ID", &keys.id)
        .env("AUDIT_TOKEN", keys.token.as_ref().unwrap());
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "auditor", "configured"));
}

#[test]
fn access_keys_are_taken_from_the_configuration_s_own_variables() {
    let keys = Keys::of_user(ACCOUNT, "grace");
    let mut scan = scan(&aws());
    scan.env("STANCE__AWS__ACCESS_KEY_ID", &keys.id).env("STANCE__AWS__SECRET_ACCESS_KEY", &keys.secret);
    assert_eq!(signed_in(&mut scan), user(ACCOUNT, "grace"));
}

/// A folder as `~/.aws`, with a default and a named profile.
fn shared_files() -> Files {
    let files = Files::new();
    let keys = |session: &str| Keys::of_role(ACCOUNT, "profile", session);
    let (default, named) = (keys("default"), keys("named"));
    files.write(".aws/credentials", &(default.section("default") + &named.section("audit")));
    files
}

#[test]
fn a_profile_and_a_credentials_file_are_named_by_flags() {
    let aws = aws();
    let files = shared_files();
    for path in [".aws/credentials", ".aws"] {
        let mut unnamed = scan(&aws);
        unnamed.arg("--credentials-file").arg(files.path(path));
        assert_eq!(signed_in(&mut unnamed), session(ACCOUNT, "profile", "default"), "{path}");
        let named = unnamed.args(["--profile", "audit"]);
        assert_eq!(signed_in(named), session(ACCOUNT, "profile", "named"), "{path}");
    }
}

#[test]
fn a_profile_and_a_credentials_file_are_named_by_the_configuration() {
    let aws = aws();
    let files = shared_files();
    for (yaml, name) in [
        ("aws: { credentials_file: .aws/credentials }", "default"),
        ("aws: { credentials_file: .aws, profile: audit }", "named"),
    ] {
        let config = files.write("local.yaml", yaml);
        assert_eq!(
            signed_in(scan(&aws).arg("--config").arg(config)),
            session(ACCOUNT, "profile", name),
            "{yaml}"
        );
    }
}

#[test]
fn with_nothing_said_the_default_profile_of_the_home_folder_signs_in() {
    let aws = aws();
    let files = shared_files();
    let scan = || {
        let mut command = scan(&aws);
        command.env_remove("AWS_SHARED_CREDENTIALS_FILE").env_remove("AWS_CONFIG_FILE");
        command.env("HOME", files.path(""));
        command
    };
    assert_eq!(signed_in(&mut scan()), session(ACCOUNT, "profile", "default"));
    // a profile alone is looked for in the home folder's file
    assert_eq!(signed_in(scan().args(["--profile", "audit"])), session(ACCOUNT, "profile", "named"));
    assert_eq!(signed_in(scan().env("AWS_PROFILE", "audit")), session(ACCOUNT, "profile", "named"));
}

#[test]
fn a_named_profile_wins_over_keys_of_the_environment_and_they_over_the_default_profile() {
    let aws = aws();
    let files = shared_files();
    let keys = Keys::of_role(ACCOUNT, "auditor", "environment");
    let scan = || {
        let mut command = scan(&aws);
        with_keys(&mut command, &keys).env("AWS_SHARED_CREDENTIALS_FILE", files.path(".aws/credentials"));
        command
    };
    assert_eq!(signed_in(&mut scan()), session(ACCOUNT, "auditor", "environment"));
    assert_eq!(signed_in(scan().args(["--profile", "audit"])), session(ACCOUNT, "profile", "named"));
}

#[test]
fn a_profile_may_assume_a_role_or_run_a_program() {
    let aws = aws();
    let files = shared_files();
    let program = files.write("program.json", &{
        let keys = Keys::of_user(ACCOUNT, "program");
        serde_json::json!({"Version": 1, "AccessKeyId": keys.id, "SecretAccessKey": keys.secret}).to_string()
    });
    let config = files.write(
        ".aws/config",
        &format!(
            "[profile role]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/auditor\nsource_profile = audit\n\
             role_session_name = profiled\n[profile program]\ncredential_process = cat {}\n",
            program.display()
        ),
    );
    let as_profile = |name: &str| {
        let mut command = scan(&aws);
        command.env("AWS_CONFIG_FILE", &config).args(["--profile", name, "--credentials-file"]);
        signed_in(command.arg(files.path(".aws/credentials")))
    };
    assert_eq!(as_profile("role"), session(ACCOUNT, "auditor", "profiled"));
    assert_eq!(as_profile("program"), user(ACCOUNT, "program"));
}
