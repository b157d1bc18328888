//! A delivery that is killed at any moment.

use super::receiver::Receiver;
use super::support::run;
use super::{findings, scan};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn sinks(receiver: &Receiver) -> [String; 1] {
    [format!("type: webhook, url: \"{}\", secret: s, batch_documents: 2", receiver.url)]
}

/// The ids of the documents that the spool has accepted.
fn spooled(folder: &Path) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for entry in folder.join("stance/sinks/webhook").read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "batch") {
            let text = std::fs::read_to_string(&path).unwrap();
            ids.extend(
                text.lines().map(|line| super::support::json(line)["id"].as_str().unwrap().to_owned()),
            );
        }
    }
    ids
}

#[test]
fn what_was_accepted_arrives_after_a_kill_and_under_its_own_ids() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(200, "", Duration::from_millis(15));
    let mut accepted = BTreeSet::new();
    // kills at moments that lie differently to the steps of a delivery
    for round in 1..=6 {
        let before = receiver.ids().len();
        let mut child = scan(folder.path(), &sinks(&receiver))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while receiver.ids().len() < before + 2 * round {
            assert!(start.elapsed() < Duration::from_mins(1), "nothing arrives");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(3 * u64::try_from(round).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        accepted.extend(spooled(folder.path()));
    }
    let ended = run(&mut scan(folder.path(), &sinks(&receiver)));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let arrived: Vec<String> = receiver.ids();
    let different: BTreeSet<String> = arrived.iter().cloned().collect();
    assert!(accepted.is_subset(&different), "{:?}", accepted.difference(&different));
    assert!(spooled(folder.path()).is_empty());
    // each run has one id for each finding, however often it was sent
    let run_of = |id: &String| id.split('-').nth(1).unwrap().to_owned();
    let runs: BTreeSet<String> = different.iter().map(run_of).collect();
    assert_eq!(runs.len(), 7);
    let last = run_of(arrived.last().unwrap());
    assert_eq!(different.iter().filter(|id| run_of(id) == last).count(), findings(folder.path()));
    // only what was under way when the end came is sent twice
    assert!(arrived.len() - different.len() <= 6 * 2, "{} of {}", arrived.len(), different.len());
}
