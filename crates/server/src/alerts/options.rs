//! What whoever runs the server sets up for alerts.

use super::places::Places;
use crate::ServeError;
use stance_config::{Count, Email, EmailSecurity, Http, Secret};
use stance_sink::Messenger;
use stance_store::Channel;
use std::collections::HashMap;
use std::time::Duration;

/// What whoever runs the server sets up for alerts. Without any of it alerts can be made and tell nobody.
#[derive(Clone, Debug, Default)]
pub struct AlertOptions {
    places: Places,
    mail: Option<Email>,
    http: Http,
    public_url: Option<String>,
}

impl AlertOptions {
    /// Reads what the environment of this process says.
    ///
    /// # Errors
    /// If a variable of the mail server cannot be understood.
    pub fn of_process() -> Result<Self, ServeError> {
        // what is not UTF-8 is none of ours
        let variables = std::env::vars_os();
        Self::of_environment(
            variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Reads what the environment says: `STANCE_ALERT_…` for addresses and secrets, `STANCE_ALERT_FOLDER` for a folder
    /// of files with more of them, `STANCE_MAIL_…` for the mail server, `STANCE_PUBLIC_URL` for what links begin with.
    ///
    /// # Errors
    /// If a variable of the mail server cannot be understood.
    pub fn of_environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ServeError> {
        let variables: Vec<(String, String)> = variables.into_iter().collect();
        let ours: HashMap<&str, &str> = variables
            .iter()
            .filter(|(name, value)| name.starts_with("STANCE_") && !value.is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mail = mail(|name| ours.get(name).map(|value| (*value).to_owned()))?;
        let public_url = ours.get("STANCE_PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self { mail, public_url, places: Places::of(variables), ..Self::default() })
    }

    /// With this mail server, as a sink of the configuration has it; its recipients are those of each alert.
    #[must_use]
    pub fn with_mail(self, mail: Email) -> Self {
        Self { mail: Some(mail), ..self }
    }

    /// With receivers reached like this.
    #[must_use]
    pub fn with_http(self, http: Http) -> Self {
        Self { http, ..self }
    }

    /// With this address at the beginning of links, without a slash at its end.
    #[must_use]
    pub fn with_public_url(self, url: impl Into<String>) -> Self {
        Self { public_url: Some(url.into()), ..self }
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    pub(crate) fn has_mail(&self) -> bool {
        self.mail.is_some()
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The way to a channel. Reads files, and so is not for threads that answer.
    pub(crate) fn messenger(&self, channel: &Channel) -> Result<Messenger, String> {
        match channel {
            Channel::Webhook { address, secret } => {
                let (address, secret) = (self.places.read(address)?, self.places.read(secret)?);
                Messenger::webhook(&address, &secret, &self.http)
            }
            Channel::Slack { address } => Messenger::slack(&self.places.read(address)?, &self.http),
            Channel::Mail { recipients } => {
                let mail = self.mail.as_ref().ok_or(
                    "the server has no mail server; set `STANCE_MAIL_SERVER` and `STANCE_MAIL_FROM`, and start it anew",
                )?;
                Messenger::mail(&Email { to: recipients.clone(), ..mail.clone() })
            }
        }
    }
}

/// The mail server that variables tell of.
fn mail(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Email>, ServeError> {
    let wrong = |name: &str, message: &str| ServeError::Variable {
        name: name.to_owned(),
        message: message.to_owned(),
    };
    let Some(server) = variable("STANCE_MAIL_SERVER") else { return Ok(None) };
    let from = variable("STANCE_MAIL_FROM")
        .ok_or_else(|| wrong("STANCE_MAIL_FROM", "is missing; say from which address mail is sent"))?;
    let security = match variable("STANCE_MAIL_SECURITY").as_deref() {
        None | Some("starttls") => EmailSecurity::Starttls,
        Some("tls") => EmailSecurity::Tls,
        Some("none") => EmailSecurity::None,
        Some(_) => return Err(wrong("STANCE_MAIL_SECURITY", "is neither `starttls`, `tls` nor `none`")),
    };
    let port = variable("STANCE_MAIL_PORT").map(|port| port.parse());
    let port = port.transpose().map_err(|_| wrong("STANCE_MAIL_PORT", "is not the number of a port"))?;
    let password = match (variable("STANCE_MAIL_PASSWORD"), variable("STANCE_MAIL_PASSWORD_FILE")) {
        (Some(password), _) => Some(password),
        (None, Some(path)) => {
            let read = std::fs::read_to_string(&path);
            let read = read.map_err(|error| {
                wrong("STANCE_MAIL_PASSWORD_FILE", &format!("names `{path}`, which cannot be read: {error}"))
            })?;
            Some(read.trim().to_owned())
        }
        (None, None) => None,
    };
    let secret = |text: String| -> Option<Secret> { serde_json::from_value(text.into()).ok() };
    let ca_file = variable("STANCE_MAIL_CA_FILE").map(|path| serde_json::from_value(path.into()));
    let email = Email {
        server,
        port,
        security,
        username: variable("STANCE_MAIL_USER"),
        password: password.and_then(secret),
        from,
        to: Vec::new(),
        worst: Count::new(10),
        ca_file: ca_file
            .transpose()
            .map_err(|_| wrong("STANCE_MAIL_CA_FILE", "is not the path of a file"))?,
        timeout: stance_config::Period::from_secs(Duration::from_secs(30).as_secs()),
    };
    // who sends must be an address; recipients come with each alert
    let tried = Email { to: vec![email.from.clone()], ..email.clone() };
    Messenger::mail(&tried)
        .map_err(|message| ServeError::Variable { name: "STANCE_MAIL_…".to_owned(), message })?;
    Ok(Some(email))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<AlertOptions, ServeError> {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        AlertOptions::of_environment(owned)
    }

    #[test]
    fn the_mail_server_is_understood_or_refused_with_the_variable() {
        let server = ("STANCE_MAIL_SERVER", "mail.example.org");
        let from = ("STANCE_MAIL_FROM", "Stance <stance@example.org>");
        assert!(!read(&[]).unwrap().has_mail());
        let password = ("STANCE_MAIL_PASSWORD", "never-shown");
        let options = read(&[server, from, ("STANCE_MAIL_USER", "stance"), password]).unwrap();
        assert!(options.has_mail() && !format!("{options:?}").contains("never-shown"));
        for (variables, told) in [
            (&[server][..], "STANCE_MAIL_FROM"),
            (&[server, from, ("STANCE_MAIL_PORT", "x")], "STANCE_MAIL_PORT"),
            (&[server, from, ("STANCE_MAIL_SECURITY", "ssl")], "STANCE_MAIL_SECURITY"),
            (&[server, from, ("STANCE_MAIL_SECURITY", "none")], "without TLS"),
            (&[server, ("STANCE_MAIL_FROM", "nobody")], "is not a mail address"),
            (&[server, from, ("STANCE_MAIL_PASSWORD_FILE", "/none")], "STANCE_MAIL_PASSWORD_FILE"),
        ] {
            let error = read(variables).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
