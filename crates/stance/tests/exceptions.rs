//! `stance exceptions`, as people run it.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use support::{run, stance};

const MUTELIST: &str = "\
Mutelist:
  Accounts:
    '*':
      Checks:
        s3_bucket_secure_transport_policy:
          Regions: ['*']
          Resources: [acme-website]
          Description: served to everybody
        no_such_check:
          Regions: ['*']
          Resources: [x]
";

#[test]
fn a_mutelist_becomes_a_file_that_passes_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let (mutelist, file) = (folder.path().join("mutelist.yaml"), folder.path().join("exceptions.yaml"));
    std::fs::write(&mutelist, MUTELIST).unwrap();
    let import = || {
        let mut command = stance();
        command.args(["exceptions", "import"]).arg(&mutelist).arg("--output").arg(&file);
        command
    };
    let ended = run(import().args(["--owner", "web-team"]));
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.err.contains("mutelist.yaml:9: `no_such_check`: left out"), "{}", ended.err);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("rule: aws-s3-bucket-denies-plain-http\n"), "{text}");
    let checked = run(stance().args(["exceptions", "check"]).arg(&file));
    assert_eq!(checked.status, 0, "{}", checked.err);
    assert_eq!(checked.out, "1 exceptions, 1 of them without an end date: all well\n");

    // what people filled in is not written over
    let again = run(&mut import());
    assert_eq!(again.status, 1);
    assert!(again.err.contains("name a file that is not there yet"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn an_import_without_an_owner_does_not_pass_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let (mutelist, file) = (folder.path().join("mutelist.yaml"), folder.path().join("exceptions.yaml"));
    std::fs::write(&mutelist, MUTELIST).unwrap();
    let ended = run(stance().args(["exceptions", "import"]).arg(&mutelist));
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.err.contains("to fill in a reason or an owner: 1"), "{}", ended.err);
    std::fs::write(&file, ended.out).unwrap();
    let checked = run(stance().args(["exceptions", "check"]).arg(&file));
    assert_eq!(checked.status, 1);
    assert!(checked.err.contains("exceptions.yaml:6: `owner` is still to be filled in"), "{}", checked.err);
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exceptions.yaml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let ended = run(stance().args(["exceptions", "check"]).arg(&file));
        assert_eq!(ended.status, 1, "{}", ended.out);
        ended.err
    };
    let unknown = check("- { rule: aws-s3-nothing, reason: r, owner: o }\n");
    assert!(unknown.contains("exception in line 1 names the rule `aws-s3-nothing`"), "{unknown}");
    let field = check("- rule: a\n  reason: r\n  whose: o\n");
    assert!(field.contains("exceptions.yaml:3: unknown field `whose`"), "{field}");
}
