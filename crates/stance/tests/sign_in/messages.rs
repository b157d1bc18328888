//! What people are told when they cannot be signed in: one line that names what is wrong and what to do.

use crate::support::identity::{Keys, asks_for_external_id, checks_code};
use crate::support::peer::{Peer, Reply};
use crate::{Files, refused, scan, with_keys};
use std::fmt::Write;
use std::process::Command;

/// What was told, one below the other, without what differs from run to run.
struct Told {
    text: String,
    files: Files,
}

impl Told {
    fn new() -> Self {
        Self { text: String::new(), files: Files::new() }
    }

    /// Runs a command that must fail, with nothing of this machine in its environment.
    fn add(&mut self, case: &str, command: &mut Command) {
        command.env_remove("AWS_CONFIG_FILE").env("HOME", self.files.path("home"));
        let default = command.get_envs().any(|(name, value)| {
            name == "AWS_SHARED_CREDENTIALS_FILE" && value.is_some_and(|value| value == "/nonexistent")
        });
        if default {
            command.env_remove("AWS_SHARED_CREDENTIALS_FILE");
        }
        let folder = self.files.path("").display().to_string();
        let told = refused(command).replace(&folder, "FOLDER/");
        assert_eq!(told.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{told}");
        writeln!(self.text, "{case}:\n{told}").unwrap();
    }
}

#[test]
fn who_has_no_credentials_is_told_what_to_do() {
    let aws = Peer::before_aws(|_| None);
    let mut told = Told::new();
    told.files.write(
        "credentials",
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n[empty]\nregion = eu-west-1\n[half]\naws_access_key_id = AKID\n",
    );
    let file = told.files.path("credentials");
    told.add("nothing at all", &mut scan(&aws));
    told.add("half a key", scan(&aws).env("AWS_ACCESS_KEY_ID", "AKID"));
    told.add("a profile that is not there", scan(&aws).args(["--profile", "audit"]));
    told.add("a profile of the environment that is not there", scan(&aws).env("AWS_PROFILE", "audit"));
    let profile = |name: &str| {
        let mut command = scan(&aws);
        command.args(["--profile", name, "--credentials-file"]).arg(&file);
        command
    };
    told.add("a profile that the file has not", &mut profile("audit"));
    told.add("a profile without keys", &mut profile("empty"));
    told.add("a profile with half a key", &mut profile("half"));
    told.add("no such file", scan(&aws).arg("--credentials-file").arg(told.files.path("nowhere")));
    told.add(
        "no such token",
        scan(&aws)
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
            .env("AWS_ROLE_ARN", "arn:aws:iam::170000000001:role/pod"),
    );
    told.add(
        "no such token of a flag",
        scan(&aws)
            .args(["--web-identity-token-file", "/nowhere"])
            .args(["--web-identity-role", "arn:aws:iam::170000000001:role/pod"]),
    );
    told.add(
        "no container endpoint",
        scan(&aws).env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/keys"),
    );
    insta::assert_snapshot!(told.text);
}

#[test]
fn who_is_refused_is_told_by_whom_and_why() {
    const DEVICE: &str = "arn:aws:iam::170000000001:mfa/ada";
    let role = "arn:aws:iam::170000000002:role/reader";
    let keys = Keys::of_role("170000000001", "administrator", "ada");
    let mut told = Told::new();
    let as_ada = |aws: &Peer, arguments: &[&str]| {
        let mut command = scan(aws);
        with_keys(&mut command, &keys).args(arguments);
        command
    };
    let always = |code: &'static str, message: &'static str| {
        Peer::before_aws(move |_| Some(Reply::error(403, code, message)))
    };
    let trust = Peer::before_aws(asks_for_external_id("right"));
    told.add("a role without its external id", &mut as_ada(&trust, &["--role-arn", role]));
    let device = Peer::before_aws(checks_code(DEVICE, "123456"));
    told.add("a wrong code", &mut as_ada(&device, &["--mfa-serial", DEVICE, "--mfa-code", "654321"]));
    told.add(
        "no code, and no terminal",
        as_ada(&device, &["--mfa-serial", DEVICE]).stdin(std::process::Stdio::null()),
    );
    let expired = always("ExpiredToken", "The security token included in the request is expired");
    told.add("keys that have ended", &mut as_ada(&expired, &[]));
    told.add("keys that have ended and a role", &mut as_ada(&expired, &["--role-arn", role]));
    let unknown = always("InvalidClientTokenId", "The security token included in the request is invalid.");
    told.add("keys that nobody knows", &mut as_ada(&unknown, &[]));
    let wrong = always(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
    );
    told.add("a wrong secret", &mut as_ada(&wrong, &[]));
    insta::assert_snapshot!(told.text);
    assert!(!told.text.contains(&keys.secret) && !told.text.contains("654321"), "no secret is told");
}
