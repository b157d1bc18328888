//! Reading files of bounded length.

use crate::ConfigError;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where the configuration is in a container.
pub const CONTAINER_FILE: &str = "/cxa/config/local.yaml";

/// A file's bytes.
pub(crate) enum Bytes {
    All(Vec<u8>),
    /// There are more than were allowed; a device may have no end.
    TooMany,
}

pub(crate) fn read_bytes(path: &Path, most: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > most { Bytes::TooMany } else { Bytes::All(bytes) })
}

/// Lists and configurations of more bytes than this are refused.
const LONGEST_TEXT: u64 = 4 * 1024 * 1024;

/// The text of a file that people write.
pub(crate) fn read_text(path: &Path) -> Result<String, ConfigError> {
    let failed = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    match read_bytes(path, LONGEST_TEXT).map_err(failed)? {
        Bytes::All(bytes) => String::from_utf8(bytes)
            .map_err(|_| failed(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))),
        Bytes::TooMany => {
            let message = format!("it is longer than {LONGEST_TEXT} bytes");
            Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, message)))
        }
    }
}

/// The configuration file to load: the one named on the command line; else the one that `STANCE_CONFIG`
/// names; else [`CONTAINER_FILE`] where it exists. Whether a named file exists is seen when it is loaded.
pub fn find_file(named: Option<&Path>, from_environment: Option<&OsStr>) -> Option<PathBuf> {
    find(named, from_environment, Path::new(CONTAINER_FILE))
}

fn find(named: Option<&Path>, from_environment: Option<&OsStr>, otherwise: &Path) -> Option<PathBuf> {
    named
        .map(Path::to_owned)
        .or_else(|| from_environment.filter(|name| !name.is_empty()).map(PathBuf::from))
        .or_else(|| otherwise.is_file().then(|| otherwise.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_before_the_environment_and_that_before_the_container() {
        let container = tempfile::NamedTempFile::new().unwrap();
        let find = |named: Option<&str>, variable: Option<&str>| {
            find(named.map(Path::new), variable.map(OsStr::new), container.path())
        };
        assert_eq!(find(Some("a.yaml"), Some("b.yaml")), Some("a.yaml".into()));
        assert_eq!(find(None, Some("b.yaml")), Some("b.yaml".into()));
        assert_eq!(find(None, Some("")), Some(container.path().to_owned()));
        assert_eq!(super::find(None, None, Path::new("/nonexistent/local.yaml")), None);
    }
}
