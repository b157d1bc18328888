//! A mock AWS that belongs to one test, with an organization in it, and the gateway before it that makes trouble.

use super::{json, stance};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Who signs in, and manages the organization.
pub const MANAGEMENT: &str = "123456789012";
/// How long a double may take to answer.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A process that ends with its test.
pub struct Ending(pub Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The Python of the doubles; `cargo xtask test` makes its environment and says where it is.
pub fn python() -> PathBuf {
    std::env::var_os("STANCE_TEST_PYTHON")
        .expect("STANCE_TEST_PYTHON is not set: run the tests by `cargo xtask test`")
        .into()
}

/// A program of `tests/doubles`.
pub fn double(name: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/doubles").join(name));
    command
}

/// A mock AWS with an organization, behind the gateway.
pub struct Organization {
    _server: Ending,
    _gateway: Ending,
    server: String,
    /// `127.0.0.1:1234`, where the gateway answers.
    gateway: String,
    /// Numbers of accounts and ids of units by name.
    ids: BTreeMap<String, String>,
}

impl Organization {
    /// Starts the doubles and makes an organization of those steps; `tests/doubles/organization.py` tells what a
    /// step is.
    pub fn of(steps: &Value) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Command::new(python().with_file_name("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Ending(server);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "moto_server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let url = format!("http://127.0.0.1:{port}");
        let mut gateway = double("gateway.py").arg(&url).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(gateway.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").to_owned();
        let mut made = Self {
            _server: server,
            _gateway: Ending(gateway),
            server: url,
            gateway: address,
            ids: BTreeMap::new(),
        };
        made.change(steps);
        made
    }

    /// Makes more of it, or moves and closes accounts.
    pub fn change(&mut self, steps: &Value) {
        let mut command = double("organization.py");
        command.arg(&self.server);
        if !self.ids.is_empty() {
            command.arg(serde_json::to_string(&self.ids).unwrap());
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(steps.to_string().as_bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "the organization cannot be made");
        self.ids = serde_json::from_slice(&ended.stdout).unwrap();
    }

    /// The number of an account or the id of a unit.
    pub fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("there is no `{name}`"))
    }

    /// A command that meets AWS here, with times short enough for what never answers.
    pub fn command(&self) -> Command {
        let mut command = stance();
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.gateway))
            .env("STANCE__AWS__READ_TIMEOUT", "10s");
        command
    }

    /// A scan of two regions by those rules, as JSON.
    pub fn scan(&self, rules: &str) -> Command {
        let mut command = self.command();
        command
            .args(["scan", "aws", "--region", "us-east-1,eu-central-1", "--format", "json", "--rule", rules])
            .args(["--max-rate", "1000"]);
        command
    }

    /// Tells the gateway what troubles which account.
    pub fn trouble(&self, troubles: &Value) {
        self.control("PUT", "troubles", &troubles.to_string());
    }

    /// What the gateway was asked since it was told to count anew.
    pub fn asked(&self) -> Asked {
        Asked(self.control("GET", "counts", ""))
    }

    /// Counts anew.
    pub fn count_anew(&self) {
        self.control("POST", "reset", "");
    }

    fn control(&self, method: &str, what: &str, body: &str) -> Value {
        let mut connection = TcpStream::connect(&self.gateway).unwrap();
        write!(
            connection,
            "{method} /_gateway/{what} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        json(answer.split_once("\r\n\r\n").expect("a body").1)
    }
}

/// What the gateway was asked.
pub struct Asked(Value);

impl Asked {
    /// How many requests about an account were of that kind.
    pub fn count(&self, account: &str, is: impl Fn(&str, &str, &str) -> bool) -> u64 {
        let requests = self.0["requests"].as_array().unwrap().iter();
        let text = |request: &Value, name: &str| request[name].as_str().unwrap().to_owned();
        requests
            .filter(|request| request["account"] == account)
            .filter(|request| {
                is(&text(request, "service"), &text(request, "region"), &text(request, "operation"))
            })
            .map(|request| request["count"].as_u64().unwrap())
            .sum()
    }

    /// How many requests about an account there were at all.
    pub fn all(&self, account: &str) -> u64 {
        self.count(account, |_, _, _| true)
    }

    /// How many requests were answered with a complaint.
    pub fn throttled(&self, account: &str) -> u64 {
        self.0["throttled"][account].as_u64().unwrap_or(0)
    }

    /// The most requests within any one second, and the most later than two seconds after the first complaint.
    pub fn highest_rates(&self, account: &str, service: &str) -> (u64, u64) {
        let rates = self.0["rates"].as_array().unwrap();
        let of = rates.iter().find(|rate| rate["account"] == account && rate["service"] == service).unwrap();
        (of["highest"].as_u64().unwrap(), of["highest_after"].as_u64().unwrap())
    }
}

/// A step that makes an account.
pub fn account(name: &str, unit: &str, tags: &Value, buckets: usize, safe: usize) -> Value {
    json!({ "account": name, "in": unit, "tags": tags, "buckets": buckets, "safe": safe })
}

/// A step that makes a unit.
pub fn unit(name: &str, parent: &str) -> Value {
    json!({ "unit": name, "in": parent })
}
