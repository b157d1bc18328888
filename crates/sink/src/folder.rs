//! Where a sink keeps what it could not deliver.

use crate::SinkError;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};

/// The folder for what is remembered from one run to the next: that of systemd's state, or `stance` in the user's.
/// `variable` looks variables of the environment up.
pub fn state_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    let user = || set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")));
    set("STATE_DIRECTORY").or_else(|| Some(user()?.join("stance")))
}

/// The folder of a sink that has none of its own.
pub(crate) fn usual(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    Some(state_folder(variable)?.join("sinks").join(name))
}

/// Makes the folder, for nobody else to read: findings tell where a cloud is weak.
pub(crate) fn make(path: &Path) -> Result<(), SinkError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| SinkError::Folder { path: path.to_owned(), source })
}

/// How a file in the folder is opened: for nobody else to read.
pub(crate) fn options() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes sure that the names in a folder are on the disk.
pub(crate) fn sync(folder: &Path) -> std::io::Result<()> {
    // elsewhere a folder cannot be opened as a file
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    fs::metadata(folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_of_the_service_wins_over_that_of_the_user() {
        let folder = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, it)| (*it).into());
            usual("hook", find).map(|path| path.to_string_lossy().into_owned())
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(folder(&[]), None);
        assert_eq!(folder(&[home]).as_deref(), Some("/home/ada/.local/state/stance/sinks/hook"));
        assert_eq!(folder(&[home, ("XDG_STATE_HOME", "/s")]).as_deref(), Some("/s/stance/sinks/hook"));
        assert_eq!(
            folder(&[home, ("STATE_DIRECTORY", "/var/lib/stance")]).as_deref(),
            Some("/var/lib/stance/sinks/hook")
        );
    }
}
