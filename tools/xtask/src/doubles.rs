//! The servers that tests run against, written by others: installed below `target/`, started, stopped.

use crate::process::{command, root, run};
use anyhow::{Context, bail};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Versions are pinned, so that a test that fails tomorrow fails for a reason of ours.
const PACKAGES: &str = "tests/requirements.txt";

/// The peer that Stance is compared with.
const PROWLER: &str = "prowler==5.46.0";

/// How long a double may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The Python of the doubles' own environment, made on first use.
pub fn python() -> anyhow::Result<PathBuf> {
    let environment = root().join("target/venv");
    let python = environment.join("bin/python");
    let wanted = std::fs::read(root().join(PACKAGES)).context("cannot read the list of test packages")?;
    let installed = environment.join("installed.txt");
    if std::fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(command("python3").args(["-m", "venv"]).arg(&environment))
        .context("the tests need python3 with its venv module (Debian: apt-get install python3-venv)")?;
    // Python compiles what is used of them when it is used
    run(command(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--requirement",
        PACKAGES,
    ]))?;
    std::fs::write(&installed, wanted)?;
    Ok(python)
}

/// Prowler in an environment of its own, made on first use; its needs do not fit those of the doubles.
pub fn prowler() -> anyhow::Result<PathBuf> {
    let environment = root().join("target/prowler");
    let program = environment.join("bin/prowler");
    if !program.exists() {
        run(command("python3").args(["-m", "venv"]).arg(&environment))?;
        run(command(environment.join("bin/python")).args(["-m", "pip", "install", "--quiet", PROWLER]))?;
    }
    Ok(program)
}

/// A mock AWS; stopped when dropped.
pub struct Aws {
    server: Child,
    port: u16,
}

impl Aws {
    /// Starts an empty mock AWS on a free port of loopback.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_logging_to(Stdio::null())
    }

    fn start_logging_to(log: Stdio) -> anyhow::Result<Self> {
        let python = python()?;
        let port = free_port()?;
        let server = command(python.with_file_name("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            // AWS's own managed policies are part of every account
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            // else every account owns the snapshots of a thousand images
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start moto_server")?;
        let mut started = Self { server, port };
        started.wait()?;
        Ok(started)
    }

    /// Starts a mock AWS that holds the tests' estate.
    pub fn start_with_estate() -> anyhow::Result<Self> {
        let aws = Self::start()?;
        run(command(python()?).arg("tests/estate/seed.py").arg(aws.url()))?;
        Ok(aws)
    }

    /// The same, with a line in the file for each request.
    pub fn start_with_estate_logging_to(log: &Path) -> anyhow::Result<Self> {
        let file = std::fs::File::create(log).with_context(|| format!("cannot write `{}`", log.display()))?;
        let aws = Self::start_logging_to(file.into())?;
        run(command(python()?).arg("tests/estate/seed.py").arg(aws.url()))?;
        Ok(aws)
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.server.try_wait()? {
                bail!("moto_server ended at once with {status}");
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("moto_server did not answer within {PATIENCE:?}")
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A port of loopback on which nobody answers.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
