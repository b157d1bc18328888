//! The recording: which answer belongs to which request.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use thiserror::Error;

const BUILT_IN: &str = include_str!("../../../tests/estate/recording.jsonl");

/// Answers by request.
#[derive(Debug)]
pub struct Recording {
    /// When it was made: the moment that rules take for now.
    pub recorded_at: String,
    /// The regions that it has.
    pub regions: Vec<String>,
    answers: HashMap<String, Answer>,
}

/// A recorded answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// What the request was, see [`key`].
    key: String,
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    recorded_at: String,
    regions: Vec<String>,
}

/// The recording is damaged.
#[derive(Debug, Error)]
#[error(
    "line {line} of the demo's recording cannot be read: {source}; make it anew with `cargo xtask record-demo`"
)]
pub struct RecordingError {
    line: usize,
    source: serde_json::Error,
}

impl Recording {
    /// The recording that is kept in the repository.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn built_in() -> Result<Self, RecordingError> {
        Self::parse(BUILT_IN)
    }

    fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let (line, head) = lines.next().unwrap_or((1, ""));
        let head: Head = serde_json::from_str(head).map_err(|source| RecordingError { line, source })?;
        let answers = lines
            .map(|(line, text)| {
                let answer: Answer =
                    serde_json::from_str(text).map_err(|source| RecordingError { line, source })?;
                Ok((answer.key.clone(), answer))
            })
            .collect::<Result<_, RecordingError>>()?;
        Ok(Self { recorded_at: head.recorded_at, regions: head.regions, answers })
    }

    pub(crate) fn answer(&self, key: &str) -> Option<&Answer> {
        self.answers.get(key)
    }
}

/// What tells requests apart: region and service from the signature's scope, method, path with query,
/// the operation's header, and a digest of the body. `tools/record_demo.py` writes the same.
pub(crate) fn key(authorization: &str, method: &str, path: &str, target: &str, body: &[u8]) -> String {
    let scope = authorization
        .split_once("Credential=")
        .and_then(|(_, rest)| rest.split(',').next())
        .map(|credential| credential.split('/').skip(2).take(2).collect::<Vec<_>>().join("/"))
        .unwrap_or_default();
    let mut digest = String::new();
    for byte in Sha256::digest(body).iter().take(12) {
        // writing to a text cannot fail
        let _ = write!(digest, "{byte:02x}");
    }
    format!("{scope} {method} {path} {target} {digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_differ_in_region_or_body_have_keys_of_their_own() {
        let of = |region: &str, body: &[u8]| {
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=AK/20260101/{region}/ec2/aws4_request, SignedHeaders=host, Signature=x"
            );
            key(&authorization, "POST", "/", "", body)
        };
        assert!(of("eu-central-1", b"a").starts_with("eu-central-1/ec2 POST / "));
        assert_ne!(of("eu-central-1", b"a"), of("us-east-1", b"a"));
        assert_ne!(of("eu-central-1", b"a"), of("eu-central-1", b"b"));
    }

    #[test]
    fn the_built_in_recording_is_whole() {
        let recording = Recording::built_in().unwrap();
        assert!(recording.answers.len() > 50);
        assert!(!recording.regions.is_empty());
    }

    #[test]
    fn a_damaged_line_is_named() {
        let text = "{\"recorded_at\":\"2026-01-01T00:00:00Z\",\"regions\":[]}\n{\"key\":";
        assert_eq!(Recording::parse(text).unwrap_err().line, 2);
    }
}
