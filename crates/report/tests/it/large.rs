//! A hundred thousand findings.

use crate::formats::text;
use crate::sample;
use stance_report::{Format, TerminalOptions, write_file};

#[test]
fn the_page_grows_with_the_findings_and_not_with_their_markup() {
    let small = text(&sample::large(1_000), Format::Html, &TerminalOptions::default());
    let large = text(&sample::large(2_000), Format::Html, &TerminalOptions::default());
    assert!((large.len() - small.len()) / 1_000 < 400, "{}", (large.len() - small.len()) / 1_000);
    assert_eq!(small.matches("<tr").count(), large.matches("<tr").count());
}

/// Writes files to look at and measures: `STANCE_SAMPLES=/tmp/samples`, with `--run-ignored all`.
#[test]
#[ignore = "writes files to look at"]
fn samples_to_look_at() {
    let Ok(folder) = std::env::var("STANCE_SAMPLES") else { return };
    let folder = std::path::Path::new(&folder);
    let options = TerminalOptions { colour: true, ..TerminalOptions::default() };
    for (name, report) in
        [("small", sample::report(&sample::Names::default())), ("large", sample::large(100_000))]
    {
        for format in Format::ALL {
            let start = std::time::Instant::now();
            let path = folder.join(format!("{name}-{}", format.file_name()));
            write_file(&report, format, &options, &path).unwrap();
            let size = path.metadata().unwrap().len();
            eprintln!("{name} {format}: {:?}, {size} bytes", start.elapsed());
        }
    }
}
