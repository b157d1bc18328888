//! How a host becomes an agent, and what it keeps of that.

use super::Channel;
use crate::v1::agent_service_client::AgentServiceClient;
use crate::v1::{AgentDescription, EnrollRequest};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;
use thiserror::Error;
use tonic::Code;
use tonic::codegen::http::Uri;

/// What an agent proves by that it is the one, and where.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The server's address.
    pub server: String,
    /// The agent's number there.
    pub agent: i64,
    /// What the console calls it.
    pub name: String,
    secret: String,
}

/// A log must not tell the secret.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential({} at {})", self.name, self.server)
    }
}

impl Credential {
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Reads one; nothing where the file is not there.
    ///
    /// # Errors
    /// If the file is there, and cannot be read or is none.
    pub fn read(file: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(file) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it where only its owner can read it, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // files of this kind are for their owner alone
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(&serde_json::to_vec_pretty(self)?)?;
        aside.as_file().sync_all()?;
        aside.persist(file)?;
        Ok(())
    }
}

/// A host did not become an agent.
#[derive(Debug, Error)]
pub enum EnrollError {
    /// The token cannot be used.
    #[error(
        "the server does not take the enrolment token: it was used, has ended, or never was; make a new one in the console under Agents"
    )]
    Token,
    /// The server does not have agents.
    #[error("`{server}` does not enrol agents: {reason}; check the address and its version")]
    Server {
        /// Which.
        server: String,
        /// What it answers.
        reason: String,
    },
    /// The server cannot be reached now.
    #[error("`{server}` cannot be reached: {reason}")]
    Away {
        /// Which.
        server: String,
        /// Why not.
        reason: String,
    },
}

/// Makes this host an agent of the server at `origin`.
///
/// # Errors
/// If the server does not take the token or cannot be reached.
pub async fn enroll(
    channel: impl Channel,
    origin: Uri,
    token: &str,
    description: AgentDescription,
) -> Result<Credential, EnrollError> {
    let server = origin.to_string();
    let mut client = AgentServiceClient::with_origin(channel, origin);
    let asked = EnrollRequest { token: token.trim().to_owned(), agent: Some(description) };
    let enrolled = client.enroll(asked).await.map_err(|status| {
        let reason = super::attend::told(&status);
        let server = server.clone();
        match status.code() {
            Code::Unauthenticated => EnrollError::Token,
            Code::Unavailable | Code::Unknown | Code::Internal | Code::DeadlineExceeded => {
                EnrollError::Away { server, reason }
            }
            _ => EnrollError::Server { server, reason },
        }
    })?;
    let enrolled = enrolled.into_inner();
    Ok(Credential { server, agent: enrolled.agent, name: enrolled.name, secret: enrolled.credential })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_kept_for_its_owner_alone_and_told_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/credential.json");
        assert_eq!(Credential::read(&file).unwrap(), None);
        let credential = Credential {
            server: "https://stance.example.com/".into(),
            agent: 3,
            name: "node-3".into(),
            secret: "never shown".into(),
        };
        credential.write(&file).unwrap();
        assert_eq!(Credential::read(&file).unwrap(), Some(credential.clone()));
        assert!(!format!("{credential:?}").contains("never"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&file, "{\"server\": ").unwrap();
        assert!(Credential::read(&file).is_err());
    }
}
