//! What is done with bytes that may come from anybody: nothing of it may panic, and what is promised of
//! the outcome must hold. Run by the fuzzer (`fuzz_targets/`), and in every test run on mangled real
//! inputs (`crates/stance/tests/mangled.rs`).

use serde_json::Value;
use stance_exceptions::{Exceptions, FillIn, RuleNames, Subject, import_mutelist, read_exceptions};
use stance_policy::{Policy, metric_filter as filter, network as net};
use std::collections::BTreeMap;
use std::io::Write;

/// A policy document, as JSON and as the text that some services answer with.
pub fn policy(bytes: &[u8]) {
    let document = serde_json::from_slice(bytes).ok();
    let text = Value::String(String::from_utf8_lossy(bytes).into_owned());
    for policy in [document, Some(text)].iter().flatten().filter_map(|document| Policy::parse(document).ok())
    {
        let public = policy.public_actions();
        assert_eq!(policy.is_public(), !public.is_empty());
        for action in public.iter().map(String::as_str).chain(["s3:GetObject", "*", "s3:*"]) {
            policy.is_public_for(action);
            policy.allows(action, Some("arn:aws:s3:::bucket/key"));
            policy.allows(action, None);
            policy.allows_on_any_resource(action);
        }
        policy.allows_administrator();
        policy.allows_all_actions_of("s3");
        policy.denies_insecure_transport();
        policy.external_accounts("123456789012");
        policy.escalations();
        policy.trusts_service_without_source();
        policy.statements();
    }
}

/// A metric filter in the first line, events in the others.
pub fn metric_filter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (pattern, events) = text.split_once('\n').unwrap_or((&text, ""));
    let events: Vec<Value> = events.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let caught = filter::catches(pattern, &events);
    assert!(filter::parse(pattern).is_ok() || !caught, "a pattern that is none catches nothing");
}

/// A permission of a security group, or an address.
pub fn network(bytes: &[u8]) {
    if let Ok(permission) = serde_json::from_slice::<Value>(bytes) {
        net::from_internet(&permission);
        net::from_anywhere_wide(&permission, 8);
        net::allows_port(&permission, "tcp", 22);
        net::allows_all_ports(&permission);
        net::allows_all_protocols(&permission);
        net::acl_admits_internet(&permission, "tcp", 22);
        net::acl_admits_internet_on_all_ports(&permission);
    }
    let text = String::from_utf8_lossy(bytes);
    let (outer, inner) = text.split_once('\n').unwrap_or((&text, "10.0.0.0/8"));
    if net::is_internet(outer).is_ok() {
        assert_eq!(net::cidr_contains(outer, outer), Ok(true), "a range contains itself");
    }
    // either is an answer
    let _ = (net::is_private_address(outer), net::cidr_contains(outer, inner));
}

/// The lines of a snapshot before they are compressed, and the same bytes as they are.
pub fn snapshot(bytes: &[u8]) {
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    compressed.write_all(bytes).expect("memory takes it");
    let compressed = compressed.finish().expect("memory takes it");
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let (file, again) = (folder.path().join("snapshot"), folder.path().join("again"));
    for content in [compressed.as_slice(), bytes] {
        std::fs::write(&file, content).expect("the file is writable");
        let Ok(snapshot) = stance_collect::read_snapshot(&file) else { continue };
        stance_collect::write_snapshot(&snapshot, &again).expect("the file is writable");
        assert_eq!(stance_collect::read_snapshot(&again).expect("what was written is read"), snapshot);
    }
}

fn names() -> RuleNames {
    RuleNames::new([
        ("aws-s3-bucket-is-not-public", "s3_bucket_public_access"),
        ("aws-s3-bucket-denies-plain-http", "s3_bucket_secure_transport_policy"),
        ("aws-iam-user-has-hardware-mfa", "iam_user_hardware_mfa_enabled"),
        ("aws-ec2-instance-has-no-public-ip", "ec2_instance_public_ip"),
    ])
}

/// A file of exceptions.
pub fn exceptions(bytes: &[u8]) {
    let Ok(list) = read_exceptions(&String::from_utf8_lossy(bytes)) else { return };
    let Ok(exceptions) = Exceptions::compile(list.clone(), names()) else { return };
    let tags = BTreeMap::from([("env".to_owned(), "dev".to_owned())]);
    let subject = Subject {
        finding: "0123456789abcdef0123456789abcdef",
        rule: "aws-s3-bucket-is-not-public",
        service: "s3",
        resource_id: "arn:aws:s3:::acme-website",
        resource_name: "acme-website",
        tags: &tags,
        account: "123456789012",
        region: "eu-central-1",
    };
    let as_of = chrono::DateTime::UNIX_EPOCH;
    let slowly = list.iter().find(|exception| {
        !exception.has_ended(as_of)
            && exception.covers.covers(&subject, &names())
            && !exception.except.iter().any(|criteria| criteria.covers(&subject, &names()))
    });
    assert_eq!(exceptions.covering(&subject, as_of).map(AsRef::as_ref), slowly);
}

/// A mutelist of Prowler.
pub fn mutelist(bytes: &[u8]) {
    let fill_in = FillIn { owner: Some("owner"), reason: Some("reason") };
    let Ok(imported) = import_mutelist(&String::from_utf8_lossy(bytes), &names(), fill_in) else { return };
    let list = read_exceptions(&imported.yaml).expect("what was imported is read");
    assert_eq!(list.len(), imported.exceptions);
    Exceptions::compile(list, names()).expect("what was imported makes sense");
}
