//! Runs that hostile or careless senders make.

use super::{BundleError, BundleReader};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

fn packed(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

fn error(text: &str) -> String {
    let read = |text: &str| -> Result<(), BundleError> {
        let sent = packed(text);
        let mut reader = BundleReader::open(sent.as_slice())?;
        while reader.next_scope()?.is_some() {}
        reader.end().map(drop)
    };
    read(text).unwrap_err().to_string()
}

const HEAD: &str = r#"{"bundle":{"format":"stance-bundle","version":1,"rules":["known"]}}"#;

#[test]
fn what_is_no_run_is_refused_with_the_reason() {
    assert_eq!(error(""), "it does not begin as a run does");
    assert_eq!(error("{}\n"), "it does not begin as a run does");
    assert_eq!(error("hello\n"), "it does not begin as a run does");
    assert!(BundleReader::open(&b"not compressed"[..]).is_err());
    let newer = HEAD.replace('1', "7");
    assert!(error(&format!("{newer}\n")).contains("form `7`"));
    assert_eq!(error(&format!("{HEAD}\n")), "it was cut short; send it again");
    assert_eq!(error(HEAD), "it was cut short; send it again");
    assert!(error(&format!("{HEAD}\n{{\"resource\":1}}\n")).starts_with("line 2: "));
    assert!(error(&format!("{HEAD}\n{HEAD}\n")).starts_with("line 2: "));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        prop_assert!(BundleReader::open(bytes.as_slice()).is_err());
        let sent = packed(&format!("{HEAD}\n{text}\n"));
        if let Ok(mut reader) = BundleReader::open(sent.as_slice()) {
            while reader.next_scope().is_ok_and(|scope| scope.is_some()) {}
            prop_assert!(reader.end().is_err());
        }
    }
}
