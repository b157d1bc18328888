//! Where addresses and secrets of channels are kept: variables and files that whoever runs the server has named.

use stance_model::printable;
use stance_store::SecretPlace;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What a variable's name begins with, so that no other part of the environment can be chosen.
pub(crate) const BEGINNING: &str = "STANCE_ALERT_";
/// The variable that names the folder; it holds no address.
pub(crate) const FOLDER: &str = "STANCE_ALERT_FOLDER";
/// Bytes of a file.
const LARGEST: u64 = 8 * 1024;
/// Files that are offered.
const OFFERED: usize = 100;

/// Variables and files that may be chosen.
#[derive(Clone, Default)]
pub(crate) struct Places {
    variables: BTreeMap<String, String>,
    folder: Option<PathBuf>,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.variables.keys().collect();
        f.debug_struct("Places").field("variables", &names).field("folder", &self.folder).finish()
    }
}

impl Places {
    /// Of an environment only what is meant for alerts is kept.
    pub(super) fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables: BTreeMap<String, String> = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with(BEGINNING) && !value.is_empty())
            .collect();
        let folder = variables.remove(FOLDER).map(PathBuf::from);
        Self { variables, folder }
    }

    /// What may be chosen, by name.
    pub(crate) fn offered(&self) -> Vec<SecretPlace> {
        let mut offered: Vec<SecretPlace> = self.variables.keys().cloned().map(SecretPlace::Env).collect();
        let entries = self.folder.as_ref().and_then(|folder| folder.read_dir().ok());
        let names = entries.into_iter().flatten().filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            (is_plain(&name) && entry.path().is_file()).then_some(name)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        offered.extend(names.into_iter().take(OFFERED).map(SecretPlace::File));
        offered
    }

    /// What is kept in a place.
    pub(super) fn read(&self, place: &SecretPlace) -> Result<String, String> {
        match place {
            SecretPlace::Env(name) => self.variables.get(name).cloned().ok_or_else(|| {
                format!("the server has no variable `{}`; set it, and start the server anew", printable(name))
            }),
            SecretPlace::File(name) => {
                let told = |why: &dyn fmt::Display| format!("the file `{}` {why}", printable(name));
                let folder = self.folder.as_ref().ok_or_else(|| {
                    format!("the server has no folder for files; name one in `{FOLDER}`, and start it anew")
                })?;
                if !is_plain(name) {
                    return Err(told(&"is not one of the folder's; choose one of the list"));
                }
                let path = folder.join(name);
                let length =
                    path.metadata().map_err(|error| told(&format!("cannot be read: {error}")))?.len();
                if length > LARGEST {
                    return Err(told(&format!("has more than {LARGEST} bytes")));
                }
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|error| told(&format!("cannot be read: {error}")))?;
                Ok(text.trim().to_owned())
            }
        }
    }
}

/// As people choose a place, and as a form says it.
pub(crate) fn name(place: &SecretPlace) -> String {
    match place {
        SecretPlace::Env(name) => format!("variable {name}"),
        SecretPlace::File(name) => format!("file {name}"),
    }
}

/// A file's name without any folder; files that begin with a point are none of people's.
fn is_plain(name: &str) -> bool {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    !name.starts_with('.') && !name.is_empty() && name.len() <= 200 && name.chars().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_what_is_meant_for_alerts_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("alerts");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(folder.path().join("outside"), "secret").unwrap();
        std::fs::write(inner.join("ops"), "https://hooks.example.org/x\n").unwrap();
        std::fs::write(inner.join(".hidden"), "secret").unwrap();
        std::fs::write(inner.join("large"), "x".repeat(9_000)).unwrap();
        let variables = [
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("STANCE_ALERT_OPS", "https://hooks.example.org/y"),
            ("STANCE_ALERT_EMPTY", ""),
            (FOLDER, inner.to_str().unwrap()),
        ];
        let places = Places::of(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let env = |name: &str| SecretPlace::Env(name.to_owned());
        let file = |name: &str| SecretPlace::File(name.to_owned());
        assert_eq!(places.offered(), [env("STANCE_ALERT_OPS"), file("large"), file("ops")]);
        assert_eq!(places.read(&env("STANCE_ALERT_OPS")).unwrap(), "https://hooks.example.org/y");
        assert_eq!(places.read(&file("ops")).unwrap(), "https://hooks.example.org/x");
        for place in [
            env("AWS_SECRET_ACCESS_KEY"),
            env(FOLDER),
            env("PATH"),
            file("../outside"),
            file(".hidden"),
            file("/etc/passwd"),
            file("..\\outside"),
            file(""),
            file("none"),
            file("large"),
        ] {
            let told = places.read(&place).unwrap_err();
            assert!(!told.contains("secret"), "{told}");
        }
        assert!(!format!("{places:?}").contains("hooks.example.org"));
    }
}
