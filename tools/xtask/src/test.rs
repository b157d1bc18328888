//! Everything that must hold before a change lands.

use crate::build::Built;
use crate::debian::install_unattended;
use crate::docs;
use crate::doubles::{self, Aws};
use crate::postgres::{self, Postgres};
use crate::process::{cargo, command, run};
use anyhow::anyhow;
use std::path::PathBuf;

/// The environment variable that tells end-to-end tests where the mock AWS answers.
const AWS_VARIABLE: &str = "STANCE_TEST_AWS";

/// The environment variable that tells tests of the store where PostgreSQL answers.
const POSTGRES_VARIABLE: &str = "STANCE_TEST_POSTGRES";

/// The browser that clicks through the console, as Debian calls it.
const BROWSER: &str = "chromium";

/// Runs the tests, or only those that the filter names.
pub fn run_tests(filter: &[String]) -> anyhow::Result<()> {
    let aws = Aws::start_with_estate()?;
    let postgres = Postgres::start()?;
    let mut tests = cargo();
    tests
        .args(["nextest", "run", "--workspace", "--no-fail-fast"])
        .args(filter)
        .env(AWS_VARIABLE, aws.url())
        .env("STANCE_TEST_PYTHON", doubles::python()?);
    if let Some(postgres) = &postgres {
        tests.env(POSTGRES_VARIABLE, postgres.url());
    }
    run(&mut tests)
}

/// Runs every check; with a filter, only the tests that it names.
pub fn run_all(filter: &[String]) -> anyhow::Result<()> {
    if !filter.is_empty() {
        return run_tests(filter);
    }
    run(cargo().args(["fmt", "--all", "--check"]))?;
    std::thread::scope(|scope| {
        let fetched = scope.spawn(fetch);
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
        fetched.join().map_err(|_| anyhow!("fetching what the tests need ended in a panic"))?
    })?;
    api_models(true)?;
    let built = Built::all()?;
    run(command(built.stance()).args(["rules", "check"]))?;
    docs::run(true, &built)?;
    run_tests(filter)?;
    for (script, program) in [
        // asks the console's API what its own description allows and forbids
        ("tests/api.py", built.example("small_api")),
        // applies what `stance onboard` prints to a mock AWS of its own
        ("tests/onboard.py", built.stance()),
        // looks at what lies in `deploy/`
        ("tests/deploy.py", built.stance()),
    ] {
        run(command(doubles::python()?).arg(script).arg(program))?;
    }
    console(&built)
}

/// Fetches what the tests need beside Rust.
fn fetch() -> anyhow::Result<()> {
    doubles::python()?;
    postgres::fetch();
    if which(BROWSER).is_none() {
        install_unattended(BROWSER);
    }
    Ok(())
}

/// Clicks through the console in a browser, over a mock AWS of its own.
fn console(built: &Built) -> anyhow::Result<()> {
    let aws = Aws::start_with_estate()?;
    run(command(doubles::python()?).arg("tests/console.py").arg(built.stance()).arg(aws.url()))
}

/// Where a program is.
fn which(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

/// Makes the API models from the catalog, or tells whether they are up to date.
pub fn api_models(check: bool) -> anyhow::Result<()> {
    let mut models = command(doubles::python()?);
    models.arg("tools/api_models.py");
    if check {
        models.arg("--check");
    }
    run(&mut models)
}
