//! Sinks: sections whose keys depend on their type.

use crate::support::{file, loaded, problems, shown};
use stance_config::{SinkKind, What};

#[test]
fn each_type_reads_its_own_keys_and_the_shared_ones() {
    let loaded = loaded(
        "sinks:\n  - type: file\n    path: findings.jsonl\n    filter: { severity: high, accounts: [012345678901] }\n  - type: webhook\n    url: https://hooks.example.org\n    secret: s3cret\n    what: changes\n",
    );
    let [file, webhook] = loaded.config.sinks.as_slice() else { panic!("two sinks") };
    assert!(matches!(&file.kind, SinkKind::File(file) if file.path.ends_with("findings.jsonl")));
    assert_eq!(file.delivery.filter.accounts[0].as_str(), "012345678901");
    assert_eq!((webhook.name(), webhook.delivery.what), ("webhook", What::Changes));
    assert!(matches!(&webhook.kind, SinkKind::Webhook(webhook) if webhook.secret.reveal() == "s3cret"));
    insta::assert_snapshot!(shown(&loaded));
}

#[test]
fn a_secret_in_a_sink_is_followed_and_not_shown() {
    let mut layers = file("sinks: [{ type: webhook, url: \"https://a.b\", secret: { env: HOOK } }]");
    layers.environment.push(("HOOK".to_owned(), "hunter2".to_owned()));
    let loaded = stance_config::load(&layers).unwrap();
    assert!(matches!(&loaded.config.sinks[0].kind, SinkKind::Webhook(it) if it.secret.reveal() == "hunter2"));
    let shown = shown(&loaded);
    assert!(shown.contains("env: HOOK") && !shown.contains("hunter2"), "{shown}");
    assert!(!format!("{:?}", loaded.config).contains("hunter2"));
}

#[test]
fn what_is_wrong_in_a_sink_is_told_with_its_line_and_the_nearest_word() {
    let told = problems(&file(
        "sinks:\n  - type: webhok\n  - path: findings.jsonl\n  - type: file\n    pth: x\n  - type: elasticsearch\n    url: https://ada:hunter2@example.org\n    batch_documents: none\n  - type: slack\n  - file\n",
    ));
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn two_ways_to_sign_in_to_one_sink_are_refused() {
    insta::assert_snapshot!(problems(&file(
        "sinks:\n  - type: elasticsearch\n    url: https://a.b\n    api_key: { env: A }\n    username: ada\n",
    )));
}

#[test]
fn sinks_of_one_name_are_refused() {
    insta::assert_snapshot!(problems(&file(
        "sinks:\n  - { type: stdout }\n  - { type: stdout, name: other }\n  - { type: file, path: x, name: other }\n",
    )));
}

#[test]
fn the_section_of_the_mission_is_a_sink() {
    let loaded = loaded(
        "coralogix: { grpc_endpoint: \"https://ng-api-grpc.app.coralogix.in\", api_key: k, application_name: A, dry_run: true }",
    );
    let sinks = loaded.config.all_sinks().unwrap();
    let [sink] = sinks.as_slice() else { panic!("one sink") };
    assert!(sink.delivery.dry_run);
    let SinkKind::Coralogix(coralogix) = &sink.kind else { panic!("{sink:?}") };
    assert_eq!(coralogix.domain.as_deref(), Some("coralogix.in"));
    assert_eq!((coralogix.application_name.as_str(), coralogix.subsystem_name.as_str()), ("A", "cspm"));
}
