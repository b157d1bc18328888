//! Tokens of an identity provider that are exchanged for a role: IRSA in EKS, CI services, the cloud
//! connector.

use crate::support::identity::Issuer;
use crate::support::peer::Peer;
use crate::{Files, refused, scan, session, signed_in};
use chrono::TimeDelta;

const SUBJECT: &str = "system:serviceaccount:audit:stance";

fn aws(issuer: &Issuer) -> Peer {
    Peer::before_aws(issuer.trust(SUBJECT))
}

const ACCOUNT: &str = "130000000001";
const ROLE: &str = "arn:aws:iam::130000000001:role/federated";

#[test]
fn a_pod_signs_in_by_its_service_account() {
    let (issuer, files) = (Issuer::start(), Files::new());
    let token = files.write("token", &issuer.token(SUBJECT, TimeDelta::hours(1)));
    let aws = aws(&issuer);
    let mut scan = scan(&aws);
    scan.env("AWS_WEB_IDENTITY_TOKEN_FILE", token).env("AWS_ROLE_ARN", ROLE);
    scan.env("AWS_ROLE_SESSION_NAME", "pod");
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "federated", "pod"));
    assert_eq!(aws.received_for("AssumeRoleWithWebIdentity").len(), 1, "the token is exchanged once");
}

#[test]
fn a_web_identity_is_named_by_flags() {
    let (issuer, files) = (Issuer::start(), Files::new());
    let token = files.write("token", &issuer.token(SUBJECT, TimeDelta::hours(1)));
    let mut scan = scan(&aws(&issuer));
    scan.arg("--web-identity-token-file").arg(token).args(["--web-identity-role", ROLE]);
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "federated", "stance"));
    scan.args(["--session-name", "nightly"]);
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "federated", "nightly"));
}

#[test]
fn a_web_identity_is_named_by_the_configuration_and_may_assume_further_roles() {
    let (issuer, files) = (Issuer::start(), Files::new());
    files.write("token", &issuer.token(SUBJECT, TimeDelta::hours(1)));
    let web = format!(
        "aws:\n  web_identity: {{ token_file: token, role_arn: '{ROLE}', session_name: connector }}\n"
    );
    // the section's file is beside the configuration's
    let config = files.write("local.yaml", &web);
    let aws = aws(&issuer);
    assert_eq!(signed_in(scan(&aws).arg("--config").arg(config)), session(ACCOUNT, "federated", "connector"));
    let role = "arn:aws:iam::130000000004:role/reader";
    let config = files.write("local.yaml", &format!("{web}  iam_role: {role}\n"));
    assert_eq!(
        signed_in(scan(&aws).arg("--config").arg(config)),
        session("130000000004", "reader", "stance")
    );
}

#[test]
fn the_endpoint_that_is_named_exchanges_the_token_too() {
    let (issuer, files) = (Issuer::start(), Files::new());
    let token = files.write("token", &issuer.token(SUBJECT, TimeDelta::hours(1)));
    let aws = aws(&issuer);
    let mut scan = scan(&aws);
    scan.env_remove("AWS_ENDPOINT_URL").args(["--endpoint-url", &aws.url()]);
    scan.arg("--web-identity-token-file").arg(token).args(["--web-identity-role", ROLE]);
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "federated", "stance"));
}

#[test]
fn a_token_that_ended_or_is_another_s_is_refused_with_the_reason() {
    let (issuer, files) = (Issuer::start(), Files::new());
    let other = Issuer::start();
    let aws = aws(&issuer);
    for (token, part) in [
        (issuer.token(SUBJECT, TimeDelta::hours(-1)), "Token expired"),
        (
            issuer.token("another", TimeDelta::hours(1)),
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (other.token(SUBJECT, TimeDelta::hours(1)), "No OpenIDConnect provider found"),
        ("nonsense".to_owned(), "not a valid JWT"),
    ] {
        let mut scan = scan(&aws);
        scan.arg("--web-identity-token-file").arg(files.write("token", &token));
        let told = refused(scan.args(["--web-identity-role", ROLE]));
        assert!(told.contains(part), "{told}");
        assert!(!told.contains(&token), "the token is not shown: {told}");
    }
}
