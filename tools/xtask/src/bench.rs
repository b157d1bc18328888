//! Figures of speed, for docs/benchmarks.md.

use crate::doubles::Aws;
use crate::process::{cargo, command, run};
use anyhow::{Context, bail};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const STANCE: &str = "target/release/stance";
/// The example of `stance-scan` that makes the estate.
const MAKER: &str = "artificial_estate";

/// Builds for release, measures, and prints a row for each figure.
pub fn run_all() -> anyhow::Result<()> {
    run(cargo().args(["build", "--quiet", "--release", "--package", "stance"]))?;
    run(cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "stance-evaluate",
        "--example",
        "verdict_rate",
    ]))?;
    println!("| what | figure |\n|---|---|");
    let size = std::fs::metadata(crate::process::root().join(STANCE))?.len();
    println!("| binary | {} kB |", size / 1024);
    for (what, arguments) in [
        ("`stance --version`", &["--version"][..]),
        ("`stance rules list`", &["rules", "list"]),
        ("`stance rules list --format json`", &["rules", "list", "--format", "json"]),
    ] {
        let taken = fastest(20, || command(STANCE).args(arguments).stdout(Stdio::null()).status().map(drop))?;
        println!("| {what}, fastest of 20 | {:.1} ms |", taken.as_secs_f64() * 1000.0);
    }
    scan()?;
    verdicts()
}

fn fastest(times: u32, mut work: impl FnMut() -> std::io::Result<()>) -> anyhow::Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..times {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// A scan of the tests' estate, as `time` sees it.
fn scan() -> anyhow::Result<()> {
    let estate = Aws::start_with_estate()?;
    let figures = timed(
        &[STANCE, "scan", "aws", "--region", "eu-central-1", "--format", "json"],
        &[
            ("AWS_ENDPOINT_URL", &estate.url()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ],
    )?;
    println!("| scan of the tests' estate, one region, all rules | {figures} |");
    Ok(())
}

/// Judges a million resources of two hundred accounts, and prints a row for each form of the report.
pub fn million() -> anyhow::Result<()> {
    const ACCOUNTS: &str = "200";
    const RESOURCES_OF_EACH: &str = "5000";
    run(cargo().args(["build", "--quiet", "--release", "--package", "stance"]))?;
    run(cargo()
        .args(["build", "--quiet", "--release", "--package", "stance-scan"])
        .args(["--example", MAKER]))?;
    let folder = tempfile::tempdir()?;
    let estate = folder.path().join("estate").display().to_string();
    run(command(format!("target/release/examples/{MAKER}")).args([&estate, ACCOUNTS, RESOURCES_OF_EACH]))?;
    println!("| report | figure | size |\n|---|---|---|");
    for format in ["jsonl", "html", "terminal"] {
        let file = folder.path().join("report");
        let output = file.display().to_string();
        let figures = timed(&[STANCE, "evaluate", &estate, "--format", format, "--output", &output], &[])?;
        println!("| {format} | {figures} | {} MB |", std::fs::metadata(&file)?.len() / 1_000_000);
        std::fs::remove_file(file)?;
    }
    Ok(())
}

/// What a command took.
struct Figures {
    cpu_seconds: f64,
    wall_seconds: f64,
    peak_megabytes: f64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cpu_seconds, wall_seconds, peak_megabytes } = self;
        write!(f, "{cpu_seconds:.2} CPU s, {wall_seconds:.1} s wall, {peak_megabytes:.0} MB peak")
    }
}

/// A command's figures, as `time` sees them.
fn timed(words: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Figures> {
    let mut timed = command("/usr/bin/time");
    timed.args(["-f", "%U %S %M %e"]).args(words).envs(environment.iter().copied()).stdout(Stdio::null());
    let told = errors_of(&mut timed)?;
    let figures = told.lines().last().unwrap_or_default().split(' ').map(str::parse::<f64>);
    let figures: Vec<f64> =
        figures.collect::<Result<_, _>>().with_context(|| format!("time told `{told}`"))?;
    let [user, system, kilobytes, wall] = figures.as_slice() else { bail!("time told `{told}`") };
    Ok(Figures { cpu_seconds: user + system, wall_seconds: *wall, peak_megabytes: kilobytes / 1024.0 })
}

fn errors_of(command: &mut Command) -> anyhow::Result<String> {
    let ended = command.stderr(Stdio::piped()).spawn()?.wait_with_output()?;
    Ok(String::from_utf8_lossy(&ended.stderr).into_owned())
}

/// Verdicts a second, on one core and on all.
fn verdicts() -> anyhow::Result<()> {
    for (what, pinned) in [("one core", &["taskset", "-c", "0"][..]), ("all cores", &[])] {
        let words = [pinned, &["target/release/examples/verdict_rate", "20000"]].concat();
        let [program, arguments @ ..] = words.as_slice() else { continue };
        let ended =
            command(program).args(arguments).output().with_context(|| format!("cannot run `{program}`"))?;
        println!("| verdicts with findings, {what} | {} |", String::from_utf8_lossy(&ended.stdout).trim());
    }
    Ok(())
}
