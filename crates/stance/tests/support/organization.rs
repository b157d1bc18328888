//! An organization in a mock AWS of its own, with a gateway that makes trouble before it.

use super::json;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An organization, its mock AWS and the gateway; both are stopped when dropped.
pub struct Organization {
    servers: Vec<Child>,
    gateway: u16,
    pub id: String,
    pub production: String,
    pub workloads: String,
    pub accounts: Vec<String>,
    mock: u16,
    folder: tempfile::TempDir,
}

fn python() -> PathBuf {
    std::env::var_os("STANCE_TEST_PYTHON").map(PathBuf::from).expect("run the tests by `cargo xtask test`")
}

fn of_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < Duration::from_mins(1), "no server on port {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Organization {
    /// An organization of so many accounts beside the management account.
    pub fn of(accounts: usize) -> Self {
        let (mock, gateway) = (free_port(), free_port());
        let server = Command::new(python().with_file_name("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &mock.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(mock);
        let made = Command::new(python())
            .arg(of_repository("tests/estate/organization.py"))
            .args([format!("http://127.0.0.1:{mock}"), accounts.to_string()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made = json(&String::from_utf8(made.stdout).unwrap());
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let accounts = made["accounts"].as_array().unwrap();
        Self {
            servers: vec![server],
            gateway,
            id: text("organization"),
            production: text("production"),
            workloads: text("workloads"),
            accounts: accounts.iter().map(|id| id.as_str().unwrap().to_owned()).collect(),
            mock,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts the gateway with those troubles of accounts.
    pub fn with_troubles(mut self, troubles: &BTreeMap<String, &str>) -> Self {
        let file = self.folder.path().join("troubles.json");
        std::fs::write(&file, serde_json::to_vec(troubles).unwrap()).unwrap();
        let gateway = Command::new(python())
            .arg(of_repository("tests/doubles/gateway.py"))
            .args([self.gateway.to_string(), format!("http://127.0.0.1:{}", self.mock)])
            .arg(&file)
            .spawn()
            .unwrap();
        self.servers.push(gateway);
        wait_for(self.gateway);
        self
    }

    /// Where services are called, through the gateway.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway)
    }

    /// What the gateway counted.
    pub fn counts(&self) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.gateway)).unwrap();
        stream.write_all(b"GET /__counts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        json(text.split_once("\r\n\r\n").unwrap().1)
    }

    /// How often an account asked for something.
    pub fn asked(&self, account: &str) -> BTreeMap<String, u64> {
        let counts = self.counts();
        let counts = counts["counts"].as_object().unwrap();
        let of_account = counts.iter().filter_map(|(what, count)| {
            Some((what.strip_prefix(account)?.trim().to_owned(), count.as_u64()?))
        });
        of_account.collect()
    }
}

impl Drop for Organization {
    fn drop(&mut self) {
        for server in &mut self.servers {
            // a server that has ended already is what is wanted
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
