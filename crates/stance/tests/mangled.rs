//! Real inputs, mangled: nothing that comes from a cloud or a file makes anything panic.
//!
//! The fuzzer does the same with more patience, see docs/adding.md.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../fuzz/bodies.rs"]
mod bodies;

use proptest::prelude::*;
use std::path::Path;

/// Pieces that mean something to one reader or another.
const PIECES: [&str; 24] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    " ",
    "*",
    "?",
    "/",
    "\\",
    "$",
    "%",
    "&&",
    "|",
    "- ",
    "!!str ",
    "0",
    "-1",
    "1e999",
    "\u{0}",
    "é\u{202e}",
];

/// A change at some place, told in parts of a thousandth of the length.
#[derive(Clone, Debug)]
enum Change {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize, usize),
    Move(usize, usize, usize),
    Byte(usize, u8),
    Cut(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0..1000_usize;
    let few = || 1..40_usize;
    prop_oneof![
        (at(), proptest::sample::select(&PIECES[..])).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (at(), few()).prop_map(|(at, count)| Change::Remove(at, count)),
        (at(), few()).prop_map(|(at, count)| Change::Repeat(at, count)),
        (at(), few(), at()).prop_map(|(at, count, to)| Change::Move(at, count, to)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        at().prop_map(Change::Cut),
    ]
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    let place = |at: usize| at * bytes.len() / 1000;
    let range = |at: usize, count: usize| place(at)..(place(at) + count).min(bytes.len());
    match *change {
        Change::Insert(at, piece) => {
            let at = place(at);
            bytes.splice(at..at, piece.bytes());
        }
        Change::Remove(at, count) => {
            bytes.drain(range(at, count));
        }
        Change::Repeat(at, count) => {
            let range = range(at, count);
            let piece = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, piece);
        }
        Change::Move(at, count, to) => {
            let piece: Vec<u8> = bytes[range(at, count)].to_vec();
            let to = place(to);
            bytes.splice(to..to, piece);
        }
        Change::Byte(at, byte) => {
            let at = place(at);
            if let Some(old) = bytes.get_mut(at) {
                *old = byte;
            }
        }
        Change::Cut(at) => bytes.truncate(place(at)),
    }
}

/// The seeds of a target, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn mangled(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    (proptest::sample::select(seeds(target)), proptest::collection::vec(change(), 0..6)).prop_map(
        |(mut bytes, changes)| {
            for change in &changes {
                apply(change, &mut bytes);
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn policies(bytes in mangled("policy")) {
        bodies::policy(&bytes);
    }

    #[test]
    fn metric_filters(bytes in mangled("metric_filter")) {
        bodies::metric_filter(&bytes);
    }

    #[test]
    fn network_permissions(bytes in mangled("network")) {
        bodies::network(&bytes);
    }

    #[test]
    fn snapshots(bytes in mangled("snapshot")) {
        bodies::snapshot(&bytes);
    }

    #[test]
    fn exceptions(bytes in mangled("exceptions")) {
        bodies::exceptions(&bytes);
    }

    #[test]
    fn mutelists(bytes in mangled("mutelist")) {
        bodies::mutelist(&bytes);
    }
}

#[test]
fn nesting_without_end_does_not_exhaust_the_stack() {
    for depth in [200, 200_000] {
        for (start, again) in [
            ("", "["),
            ("", "{\"a\":"),
            ("", "{a: "),
            ("", "- "),
            ("exceptions: ", "["),
            ("Mutelist: {Accounts: ", "{a: "),
            ("", "("),
            ("{ ", "("),
            ("{ $.a = 1 ", "&& ($.a = 1 "),
            ("{ $", ".a[0]"),
            ("- resource: /", "("),
            ("{\"Statement\":", "["),
            ("{\"format\":\"stance-snapshot\",\"version\":1}\n{\"resource\":{\"fields\":", "{\"a\":"),
        ] {
            let text = format!("{start}{}", again.repeat(depth));
            for body in [
                bodies::policy,
                bodies::metric_filter,
                bodies::network,
                bodies::snapshot,
                bodies::exceptions,
                bodies::mutelist,
            ] {
                body(text.as_bytes());
            }
        }
    }
}

#[test]
fn the_seeds_themselves_are_understood() {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for seed in seeds("exceptions") {
        stance_exceptions::read_exceptions(&text(&seed)).unwrap();
    }
    for seed in seeds("mutelist") {
        let fill_in = stance_exceptions::FillIn::default();
        stance_exceptions::import_mutelist(&text(&seed), &stance_exceptions::RuleNames::default(), fill_in)
            .unwrap();
    }
    for seed in seeds("snapshot") {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut compressed = flate2::write::GzEncoder::new(&file, flate2::Compression::fast());
        std::io::Write::write_all(&mut compressed, &seed).unwrap();
        compressed.finish().unwrap();
        stance_collect::read_snapshot(file.path()).unwrap();
    }
    for seed in seeds("metric_filter") {
        stance_policy::metric_filter::parse(text(&seed).lines().next().unwrap()).unwrap();
    }
    for seed in seeds("policy") {
        let document = serde_json::from_slice(&seed).unwrap_or_else(|_| text(&seed).trim().into());
        stance_policy::Policy::parse(&document).unwrap();
    }
}
