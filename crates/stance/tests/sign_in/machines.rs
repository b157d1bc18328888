//! The roles of machines and containers: EC2, ECS, EKS.

use crate::support::identity::{Keys, container_credentials, instance_metadata};
use crate::support::peer::Peer;
use crate::{Files, refused, scan, session, signed_in};
use chrono::TimeDelta;
use std::process::Command;

const ACCOUNT: &str = "120000000001";

fn aws() -> Peer {
    Peer::before_aws(|_| None)
}

/// A scan on an instance that has that metadata service.
fn on_instance(aws: &Peer, metadata: &Peer) -> Command {
    let mut command = scan(aws);
    command.env_remove("AWS_EC2_METADATA_DISABLED").env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url());
    command
}

#[test]
fn an_instance_signs_in_as_its_role() {
    let keys = Keys::of_role(ACCOUNT, "scanner", "i-0abc");
    let metadata = instance_metadata("scanner", vec![(keys, TimeDelta::hours(6))]);
    assert_eq!(signed_in(&mut on_instance(&aws(), &metadata)), session(ACCOUNT, "scanner", "i-0abc"));
    let asked = metadata.received();
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("PUT", "/latest/api/token"));
    let tokens = asked
        .iter()
        .filter(|request| request.method == "GET")
        .map(|request| request.header("x-aws-ec2-metadata-token"));
    assert!(tokens.into_iter().all(|token| token.is_some()), "nothing is asked by version 1");
}

#[test]
fn an_instance_s_credentials_are_fetched_again_when_they_end_within_the_scan() {
    let role = |session: &str| Keys::of_role(ACCOUNT, "scanner", session);
    let (first, second) = (role("first"), role("second"));
    let lasting = vec![(first.clone(), TimeDelta::seconds(4)), (second.clone(), TimeDelta::hours(6))];
    let metadata = instance_metadata("scanner", lasting);
    let aws = aws();
    let (account, _) = signed_in(&mut on_instance(&aws, &metadata));
    assert_eq!(account, ACCOUNT);
    let requests = aws.received();
    let keys: Vec<_> = requests.iter().filter_map(|request| request.access_key()).collect();
    assert!(keys.contains(&second.id.as_str()), "{keys:?}");
    let renewed = keys.iter().position(|key| *key == second.id).unwrap();
    assert!(keys[renewed..].iter().all(|key| *key == second.id), "{keys:?}");
}

#[test]
fn an_ecs_task_signs_in_as_its_role() {
    let keys = Keys::of_role(ACCOUNT, "task", "ecs");
    let container = container_credentials(keys, None);
    // the address 169.254.170.2 is the agent's own; a proxy is what a test can put in its place
    let mut scan = scan(&aws());
    scan.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task");
    scan.env("HTTP_PROXY", container.url()).env("NO_PROXY", "127.0.0.1");
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "task", "ecs"));
    assert_eq!(container.received()[0].path, "http://169.254.170.2/v2/credentials/task");
}

#[test]
fn a_container_s_endpoint_may_be_named_in_full_with_a_token() {
    let keys = Keys::of_role(ACCOUNT, "task", "ecs");
    let container = container_credentials(keys, Some("Basic abc"));
    let aws = aws();
    let scan = |token: &str| {
        let mut command = scan(&aws);
        command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/credentials", container.url()));
        command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token);
        command
    };
    assert_eq!(signed_in(&mut scan("Basic abc")), session(ACCOUNT, "task", "ecs"));
    let told = refused(&mut scan("Basic other"));
    assert!(told.contains("error: signing in to AWS failed"), "{told}");
}

#[test]
fn a_pod_signs_in_by_eks_pod_identity() {
    let keys = Keys::of_role(ACCOUNT, "pod", "eks-cluster-pod");
    let agent = container_credentials(keys, Some("token-of-the-pod"));
    let files = Files::new();
    let mut scan = scan(&aws());
    scan.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/v1/credentials", agent.url()));
    scan.env(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        files.write("eks-pod-identity-token", "token-of-the-pod"),
    );
    assert_eq!(signed_in(&mut scan), session(ACCOUNT, "pod", "eks-cluster-pod"));
    assert_eq!(agent.received()[0].path, "/v1/credentials");
}
