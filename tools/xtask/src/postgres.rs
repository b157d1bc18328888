//! A PostgreSQL server for the tests of the store, in a folder that is gone afterwards.

use crate::debian::install_unattended;
use crate::doubles::free_port;
use crate::process::{command, run};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What Debian calls it.
const PACKAGE: &str = "postgresql";
/// Who the server runs as where the tests run as root, which it refuses.
const USER: &str = "postgres";

/// Sees to it that PostgreSQL is there, where that can be done.
pub fn fetch() {
    // without it the store is tested on SQLite alone
    let _ = programs().or_else(install);
}

/// A server on loopback; stopped when dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// Starts a server with an empty database; nothing where PostgreSQL is not installed.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let Some(programs) = programs().or_else(install) else { return Ok(None) };
        let server = Self { programs, folder: tempfile::tempdir()?, port: free_port()? };
        if is_root()? {
            run(command("chown").arg(USER).arg(server.folder.path()))?;
        }
        run(server
            .program("initdb")?
            .args(["--auth", "trust", "--username", "stance", "--no-sync", "--encoding", "UTF8", "--pgdata"])
            .arg(server.data())
            .stdout(Stdio::null()))?;
        let options = format!("-h 127.0.0.1 -p {} -c unix_socket_directories='' -c fsync=off", server.port);
        run(server
            .program("pg_ctl")?
            .args(["-w", "-s", "-o", &options, "-l"])
            .arg(server.folder.path().join("log"))
            .arg("-D")
            .arg(server.data())
            .arg("start"))?;
        Ok(Some(server))
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("postgres://stance@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> anyhow::Result<Command> {
        let program = self.programs.join(name);
        if is_root()? {
            let mut as_user = command("runuser");
            // the folder of the project may be closed to that user
            as_user.args(["-u", USER, "--"]).arg(program).current_dir(self.folder.path());
            return Ok(as_user);
        }
        Ok(command(program))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stopped = self.program("pg_ctl").and_then(|mut stop| {
            run(stop.args(["-s", "-m", "immediate", "-D"]).arg(self.data()).arg("stop"))
        });
        if let Err(error) = stopped {
            eprintln!("the PostgreSQL of the tests goes on: {error}");
        }
    }
}

fn is_root() -> anyhow::Result<bool> {
    let told = command("id").arg("-u").output().context("cannot tell who runs the tests")?;
    Ok(told.stdout.starts_with(b"0\n"))
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?;
    let mut folders: Vec<PathBuf> =
        versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop()
}

/// Installs it where nobody sits at the machine.
fn install() -> Option<PathBuf> {
    install_unattended(PACKAGE);
    let found = programs();
    if found.is_none() {
        eprintln!(
            "PostgreSQL is not installed, so the store is tested on SQLite alone: apt-get install {PACKAGE}"
        );
    }
    found
}
