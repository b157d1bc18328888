//! `stance agent`: scans by itself, on a schedule.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{run, stance};

/// An agent with a folder of its own, a sink that writes a file, and the mock AWS.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn with(schedule: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Self { folder };
        let aws = std::env::var("STANCE_TEST_AWS").expect("run the tests by `cargo xtask test`");
        let sent = stage.sent();
        let config = format!(
            "aws:\n  region: eu-central-1\n  endpoint_url: {aws}\nscan:\n  rules: [aws-s3-bucket-denies-plain-http]\n\
             schedule:\n{schedule}sinks:\n  - type: file\n    path: {}\n    folder: {}\n",
            sent.display(),
            stage.path("spool").display(),
        );
        std::fs::write(stage.path("local.yaml"), config).unwrap();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sent(&self) -> PathBuf {
        self.path("sent.jsonl")
    }

    fn agent(&self) -> Command {
        let mut agent = stance();
        agent
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .args(["agent", "--config"])
            .arg(self.path("local.yaml"))
            .arg("--state")
            .arg(self.path("state"));
        agent
    }

    fn lines(&self) -> usize {
        std::fs::read_to_string(self.sent()).map_or(0, |text| text.lines().count())
    }

    /// Waits until something is so; how long is not what is tested.
    fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !is_so(self) {
            assert!(begin.elapsed() < Duration::from_mins(2), "it did not come about");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn end(mut agent: Child) -> Option<i32> {
    let told = Command::new("kill").args(["-TERM", &agent.id().to_string()]).status().unwrap();
    assert!(told.success());
    agent.wait().unwrap().code()
}

fn start(agent: &mut Command, log: &Path) -> Child {
    agent.stdout(Stdio::null()).stderr(std::fs::File::create(log).unwrap()).spawn().unwrap()
}

#[test]
fn an_agent_scans_once_sends_what_it_found_and_tells_how_it_is() {
    let stage = Stage::with("  every: 24h\n");
    let before = run(stage.agent().arg("--health"));
    assert_eq!((before.status, before.out.trim()), (1, "not running; no scan yet"));
    let dry = run(stage.agent().args(["--once", "--dry-run"]));
    assert_eq!(dry.status, 3, "{}", dry.err);
    assert!(dry.err.contains("would send") && stage.lines() == 0, "{}", dry.err);
    let once = run(stage.agent().arg("--once"));
    assert_eq!(once.status, 3, "{}", once.err);
    assert!(stage.lines() > 0 && once.out.is_empty(), "{}", once.out);
    let after = run(stage.agent().arg("--health"));
    assert!(after.status == 0 && after.out.starts_with("running; last scan ended at "), "{}", after.out);
}

#[test]
fn an_agent_scans_when_it_starts_and_not_again_when_it_is_started_anew() {
    let stage = Stage::with("  every: 24h\n");
    let agent = start(&mut stage.agent(), &stage.path("log"));
    stage.until(|stage| {
        stage.path("state/agent.json").exists()
            && run(stage.agent().arg("--health")).out.contains("last scan")
    });
    let sent = stage.lines();
    assert!(sent > 0);
    assert_eq!(end(agent), Some(0));
    let again = start(&mut stage.agent(), &stage.path("log"));
    stage.until(|stage| std::fs::read_to_string(stage.path("log")).unwrap().contains("next scan"));
    // it would begin at once, if it did
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(end(again), Some(0));
    assert_eq!(stage.lines(), sent);
    let log = std::fs::read_to_string(stage.path("log")).unwrap();
    assert!(log.contains("told to end") && !log.contains("scanned"), "{log}");
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_at_once() {
    for (schedule, told) in [
        ("  every: 1m\n", "every 10 minutes at most"),
        ("  every: 5h\n  at: \"03:00\"\n", "whole days"),
        ("  every: sometimes\n", "`sometimes`"),
    ] {
        let stage = Stage::with(schedule);
        let wrong = run(&mut stage.agent());
        assert_eq!(wrong.status, 1, "{}", wrong.err);
        assert!(wrong.err.contains(told), "{}", wrong.err);
    }
}
