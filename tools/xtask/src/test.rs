//! Everything that must hold before a change lands.

use crate::debian::install_unattended;
use crate::docs;
use crate::doubles::{self, Aws};
use crate::postgres::Postgres;
use crate::process::{cargo, command, root, run};
use std::path::PathBuf;

/// The environment variable that tells end-to-end tests where the mock AWS answers.
const AWS_VARIABLE: &str = "STANCE_TEST_AWS";

/// The environment variable that tells tests of the store where PostgreSQL answers.
const POSTGRES_VARIABLE: &str = "STANCE_TEST_POSTGRES";

/// Runs every check; with a filter, only the tests that it names.
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
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    api_models(true)?;
    run(cargo().args(["run", "--quiet", "--package", "stance", "--", "rules", "check"]))?;
    docs::run(true)?;
    run_tests(filter)?;
    api()?;
    onboard()?;
    deploy()?;
    console()
}

/// Looks at what lies in `deploy/`.
fn deploy() -> anyhow::Result<()> {
    run(command(doubles::python()?).arg("tests/deploy.py").arg(target().join("debug/stance")))
}

/// Clicks through the console in a browser, over a mock AWS of its own.
fn console() -> anyhow::Result<()> {
    const BROWSER: &str = "chromium";
    if which(BROWSER).is_none() {
        install_unattended(BROWSER);
    }
    let aws = Aws::start_with_estate()?;
    run(command(doubles::python()?).arg("tests/console.py").arg(target().join("debug/stance")).arg(aws.url()))
}

/// Where a program is.
fn which(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

/// Asks the console's API what its own description allows and forbids.
fn api() -> anyhow::Result<()> {
    run(cargo().args(["build", "--quiet", "--package", "stance-server", "--example", "small_api"]))?;
    run(command(doubles::python()?).arg("tests/api.py").arg(target().join("debug/examples/small_api")))
}

/// Applies what `stance onboard` prints to a mock AWS of its own.
fn onboard() -> anyhow::Result<()> {
    run(cargo().args(["build", "--quiet", "--package", "stance"]))?;
    run(command(doubles::python()?).arg("tests/onboard.py").arg(target().join("debug/stance")))
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
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
