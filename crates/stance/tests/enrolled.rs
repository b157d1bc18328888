//! Agents that scan what a server says: real processes over a real link, against the mock AWS.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use chrono::{TimeDelta, Utc};
use stance_store::{
    Actor, Address, AgentHealth, AgentPolicyId, IntegrationId, IntegrationName, NewEnrollment,
    NewIntegration, RunState, Schedule, Store,
};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::stance;

/// A scan of a second or less.
const QUICK: &str = "aws:\n  region: eu-central-1\nscan:\n  rules: [aws-s3-bucket-denies-plain-http]\n";
/// A scan that takes many seconds, so that something can happen meanwhile.
const SLOW: &str = "aws:\n  region: eu-central-1\n  max_rate: 2\nscan:\n  services: [s3]\n";
/// One that takes minutes.
const ENDLESS: &str = "aws:\n  region: eu-central-1\n  max_rate: 0.5\n";

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn tell(&self, signal: &str) {
        let told = Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    fn end(mut self) -> Option<i32> {
        self.tell("-TERM");
        self.0.wait().unwrap().code()
    }
}

/// A store, servers over it, and a policy with integrations.
struct Stage {
    folder: tempfile::TempDir,
    database: String,
    store: Store,
    policy: AgentPolicyId,
    /// Where the first server answers, and the second where there is one.
    ports: [u16; 2],
}

fn root() -> Actor {
    Actor { name: "root".into(), address: "::1".into() }
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("stance.db").display().to_string();
        Self::over(database, folder)
    }

    /// Over a database of its own in PostgreSQL, where the tests are told of one.
    fn in_postgres() -> Option<Self> {
        let server = std::env::var("STANCE_TEST_POSTGRES").ok()?;
        let name = format!("enrolled_{}", std::process::id());
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (server, options) = server.split_once('?').unwrap_or((&server, ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        Some(Self::over(format!("{server}/{name}?{options}"), tempfile::tempdir().unwrap()))
    }

    fn over(database: String, folder: tempfile::TempDir) -> Self {
        let store = Store::open(&Address::of(&database)).unwrap();
        let name = IntegrationName::of("eu").unwrap();
        let policy = store.add_agent_policy(&name, &root(), Utc::now()).unwrap();
        let listen = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // both at once, so that they differ
        let ports = [listen(), listen()].map(|listener| listener.local_addr().unwrap().port());
        Self { folder, database, store, policy, ports }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self, server: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[server])
    }

    fn integration(&self, name: &str, configuration: &str) -> IntegrationId {
        let new = NewIntegration {
            name: IntegrationName::of(name).unwrap(),
            namespace: IntegrationName::of("default").unwrap(),
            configuration: configuration.into(),
            schedule: Schedule::default(),
            enabled: true,
        };
        let id = self.store.add_integration(&new, &root(), Utc::now()).unwrap();
        self.store.set_runner(id, Some(self.policy), &root(), Utc::now()).unwrap();
        id
    }

    fn token(&self, hosts: u32) -> String {
        let ends_at = Utc::now() + TimeDelta::hours(1);
        let new = NewEnrollment { policy: self.policy, hosts, ends_at };
        self.store.make_enrollment(&new, &root(), Utc::now()).unwrap()
    }

    /// Starts the first server; it answers when this returns.
    fn serve(&self) -> Running {
        self.serve_at(0)
    }

    fn serve_at(&self, server: usize) -> Running {
        let mut server = stance()
            .args([
                "serve",
                "--listen",
                &format!("127.0.0.1:{}", self.ports[server]),
                "--database",
                &self.database,
            ])
            .stdout(Stdio::piped())
            .stderr(std::fs::File::options().create(true).append(true).open(self.path("server.log")).unwrap())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert!(first.contains("http://127.0.0.1"), "{first}");
        Running(server)
    }

    fn agent(&self, name: &str, token: &str) -> Running {
        self.agent_of(0, name, token)
    }

    fn agent_of(&self, server: usize, name: &str, token: &str) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.path("agent.log")).unwrap();
        let agent = stance()
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test-secret-never-shown")
            .env("AWS_ENDPOINT_URL", support::aws())
            .env("STANCE_ENROLLMENT_TOKEN", token)
            .env("HOSTNAME", name)
            .args(["agent", "--enroll", &self.url(server), "--state"])
            .arg(self.path(name))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Running(agent)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("agent.log")).unwrap_or_default()
    }

    /// Waits until something is so; how long is not what is tested.
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !is_so(self) {
            assert!(
                begin.elapsed() < Duration::from_mins(2),
                "{what}: it did not come about\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs of an integration with their state and failing findings.
    fn runs(&self, integration: IntegrationId) -> Vec<(RunState, u64)> {
        let runs = self.store.runs_of_integration(integration, 9).unwrap();
        runs.into_iter().map(|run| (run.state, run.score.failed)).collect()
    }

    /// Kills an agent soon after it was given a run.
    fn kill_at_work(&self, name: &str, agent: &Running) {
        let known = self.store.agents().unwrap();
        let id = known.iter().find(|agent| agent.description.host == name).unwrap().id;
        let held = |stage: &Self| -> Vec<i64> {
            let held = stage.store.held_runs().unwrap();
            held.iter().filter(|(agent, ..)| *agent == id).map(|(_, run, _)| run.number()).collect()
        };
        let before = held(self);
        self.until("a run for it", |stage| held(stage).iter().any(|run| !before.contains(run)));
        agent.tell("-KILL");
    }

    fn is_done(&self, integration: IntegrationId) -> bool {
        self.runs(integration).iter().any(|(state, _)| *state == RunState::Done)
    }
}

#[test]
fn a_host_becomes_an_agent_scans_what_the_server_says_and_starts_again_without_the_token() {
    let stage = Stage::new();
    let first = stage.integration("first", QUICK);
    let server = stage.serve();
    let agent = stage.agent("node", &stage.token(1));
    stage.until("the first run", |stage| stage.is_done(first));
    let runs = stage.runs(first);
    assert!(matches!(runs[..], [(RunState::Done, failing)] if failing > 0), "{runs:?}");
    assert!(stage.store.integration(first).unwrap().next_at > Utc::now() + TimeDelta::hours(23));
    assert_eq!(agent.end(), Some(0));

    let agent = stage.agent("node", "");
    let second = stage.integration("second", QUICK);
    stage.until("the second run", |stage| stage.is_done(second));
    let [known] = &stage.store.agents().unwrap()[..] else { panic!("one host, one agent") };
    assert_eq!(known.health(Utc::now()), AgentHealth::Well);
    assert!(known.name.starts_with("node-") && known.address == "127.0.0.1", "{known:?}");
    let health = stance().args(["agent", "--health", "--state"]).arg(stage.path("node")).output().unwrap();
    assert!(health.status.success(), "{health:?}");

    stage.store.revoke_agent(known.id, &root(), Utc::now()).unwrap();
    let mut agent = agent;
    stage.until("its end", |stage| stage.log().contains("has shut this agent out"));
    assert_eq!(agent.0.wait().unwrap().code(), Some(1));
    assert!(!stage.log().contains("never-shown") && !stage.log().contains("stance_agent_"));
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_run_that_ends_while_the_server_is_away_waits_and_is_delivered_once() {
    let stage = Stage::new();
    let slow = stage.integration("slow", SLOW);
    let server = stage.serve();
    let agent = stage.agent("node", &stage.token(1));
    stage.until("the scan", |stage| stage.log().contains("scan begins"));
    server.tell("-KILL");
    drop(server);
    stage.until("the scan's end", |stage| stage.log().contains("scan ended"));
    stage.until("a run that waits", |stage| std::fs::read_dir(stage.path("node/runs")).unwrap().count() == 2);
    // the agent dies as well: what it has is on disk
    agent.tell("-KILL");
    drop(agent);
    assert_eq!(stage.runs(slow), [(RunState::UnderWay, 0)]);

    let _server = stage.serve();
    let agent = stage.agent("node", "");
    stage.until("the delivery", |stage| stage.is_done(slow));
    let runs = stage.runs(slow);
    assert!(matches!(runs[..], [(RunState::Done, failing)] if failing > 0), "{runs:?}");
    stage.until("an empty spool", |stage| std::fs::read_dir(stage.path("node/runs")).unwrap().count() == 1);
    assert_eq!(agent.end(), Some(0));
}

#[test]
fn agents_of_a_policy_share_what_it_has_and_each_is_scanned_once() {
    let stage = Stage::new();
    let integrations: Vec<_> =
        (0..6).map(|number| stage.integration(&format!("account {number}"), QUICK)).collect();
    let _server = stage.serve();
    let token = stage.token(3);
    let agents: Vec<_> = ["a", "b", "c"].map(|name| stage.agent(name, &token)).into_iter().collect();
    stage.until("all runs", |stage| integrations.iter().all(|id| stage.is_done(*id)));
    let runs: Vec<_> = integrations.iter().map(|id| stage.runs(*id)).collect();
    assert!(runs.iter().all(|runs| runs.len() == 1), "{runs:?}");
    // they read the same account, and one that was overtaken by a later one leaves its findings alone
    assert!(runs.iter().any(|runs| runs[0].1 > 0), "{runs:?}");
    assert_eq!(stage.store.agents().unwrap().len(), 3);
    drop(agents);
}

#[test]
fn two_servers_and_four_agents_lose_nothing_and_double_nothing_when_some_are_killed() {
    let Some(stage) = Stage::in_postgres() else {
        println!("nothing to try: STANCE_TEST_POSTGRES is not set");
        return;
    };
    // an account each, so that what is lost or doubled shows
    let accounts: Vec<(IntegrationId, String)> = (0..16)
        .map(|number| {
            let account = format!("7000000000{number:02}");
            let configuration = format!(
                "aws:\n  region: eu-central-1\n  max_rate: 2\n  iam_role: arn:aws:iam::{account}:role/reader\n\
                 scan:\n  services: [iam, s3]\n"
            );
            (stage.integration(&account, &configuration), account)
        })
        .collect();
    let [first, second] = [0, 1].map(|server| stage.serve_at(server));
    let token = stage.token(4);
    let names = ["a", "b", "c", "d"];
    let mut agents: Vec<_> =
        names.iter().enumerate().map(|(number, name)| stage.agent_of(number % 2, name, &token)).collect();
    let done = |stage: &Stage| accounts.iter().filter(|(id, _)| stage.is_done(*id)).count();
    stage.until("the first runs", |stage| done(stage) >= 1);
    first.tell("-KILL");
    drop(first);
    stage.kill_at_work("b", &agents[1]);
    agents[1] = stage.agent_of(1, "b", "");
    let first = stage.serve_at(0);
    stage.kill_at_work("c", &agents[2]);
    agents[2] = stage.agent_of(0, "c", "");
    stage.until("all runs", |stage| done(stage) == accounts.len());

    let given_up = accounts.iter().filter(|(id, _)| stage.runs(*id).len() > 1).count();
    assert!(given_up > 0, "no agent was killed at its work");
    let mut found = std::collections::BTreeSet::new();
    for (id, account) in &accounts {
        let runs = stage.store.runs_of_integration(*id, 9).unwrap();
        let done: Vec<_> = runs.iter().filter(|run| run.state == RunState::Done).collect();
        assert_eq!(done.len(), 1, "{account} was read more than once, or not at all: {runs:?}");
        assert_eq!(done[0].scopes, 1, "{account}");
        found.insert((done[0].resources, done[0].score.failed, done[0].score.passed, done[0].score.unknown));
    }
    // the accounts are alike: what one run found, each has found
    assert_eq!(found.len(), 1, "{found:?}");
    let scopes: Vec<String> =
        stage.store.census().unwrap().scopes.values().map(|scope| scope.id.to_string()).collect();
    assert!(
        accounts.iter().all(|(_, account)| scopes.contains(account)) && scopes.len() == accounts.len(),
        "{scopes:?}"
    );
    drop((first, second, agents));
}

#[test]
fn a_run_is_stopped_from_the_console_and_keeps_what_it_has_read() {
    let stage = Stage::new();
    let slow = stage.integration("slow", ENDLESS);
    let _server = stage.serve();
    let _agent = stage.agent("node", &stage.token(1));
    stage.until("progress", |stage| {
        let runs = stage.store.runs_of_integration(slow, 1).unwrap();
        runs.first().is_some_and(|run| run.progress.as_ref().is_some_and(|told| told.listings_done > 0))
    });
    let run = stage.store.runs_of_integration(slow, 1).unwrap().remove(0);
    assert!(stage.store.ask_to_stop(run.id, &root(), Utc::now()).unwrap());
    stage.until("the end", |stage| stage.is_done(slow));
    let (_, told) = stage.store.run(run.id).unwrap();
    assert_ne!(told.unwrap().scan.completion, stance_model::Completion::Complete);
}

#[test]
fn a_host_without_a_token_or_with_a_wrong_one_is_told_what_to_do() {
    let stage = Stage::new();
    let _server = stage.serve();
    let wrong = format!("stance_enroll_{}", "a".repeat(64));
    for (token, told) in
        [("", "does not take the enrolment token"), (wrong.as_str(), "does not take the enrolment token")]
    {
        let mut agent = stage.agent("node", token);
        assert_eq!(agent.0.wait().unwrap().code(), Some(1));
        assert!(stage.log().contains(told), "{}", stage.log());
    }
    let mut agent = stance();
    agent.env_remove("STANCE_ENROLLMENT_TOKEN").args(["agent", "--enroll", &stage.url(0), "--state"]);
    let ended = support::run(agent.arg(stage.path("none")));
    assert!(ended.status == 1 && ended.err.contains("under Agents"), "{}", ended.err);
}
