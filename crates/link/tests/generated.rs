//! The Rust of the messages is made from the protocol's description, and kept so that no build needs a compiler for it.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

#[test]
fn the_messages_are_those_of_the_description() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let proto = crate_folder.join("proto");
    let described = protox::compile([proto.join("stance/agent/v1/agent.proto")], [&proto]).unwrap();
    let made = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .build_transport(false)
        .out_dir(made.path())
        .compile_fds(described)
        .unwrap();
    let made = std::fs::read_to_string(made.path().join("stance.agent.v1.rs")).unwrap();
    let kept = crate_folder.join("src/v1.rs");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&kept, &made).unwrap();
    }
    assert!(
        std::fs::read_to_string(&kept).unwrap_or_default() == made,
        "`{}` is not what `agent.proto` says; run this test with UPDATE_GENERATED=1",
        kept.display()
    );
}
