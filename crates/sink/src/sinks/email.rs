//! A digest by mail.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::Describe;
use crate::digest::{Digest, Digesting};
use crate::document::Document;
use futures_util::future::{BoxFuture, ready};
use lettre::message::{Mailbox as Address, MessageBuilder, header::ContentType};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use stance_config::{Email, EmailSecurity};
use stance_model::printable;
use std::fmt::Write;

/// A mailbox behind a mail server.
pub(crate) struct Mailbox {
    transport: SmtpTransport,
    server: String,
    from: Address,
    to: Vec<Address>,
    worst: u32,
}

impl Mailbox {
    pub fn new(settings: &Email) -> Result<Self, String> {
        let server = settings.server.clone();
        let told = |text: &str| format!("`{}` is not a mail address", printable(text));
        let from = settings.from.parse().map_err(|_| told(&settings.from))?;
        let to: Vec<Address> = settings
            .to
            .iter()
            .map(|text| text.parse().map_err(|_| told(text)))
            .collect::<Result<_, String>>()?;
        if to.is_empty() {
            return Err("it has nobody to write to; add addresses under `to`".to_owned());
        }
        let local = matches!(server.as_str(), "localhost" | "127.0.0.1" | "::1");
        let tls = match settings.security {
            EmailSecurity::Starttls => Tls::Required(tls(settings)?),
            EmailSecurity::Tls => Tls::Wrapper(tls(settings)?),
            EmailSecurity::None if local => Tls::None,
            EmailSecurity::None => {
                return Err("only a server on this machine is reached without TLS; set `security`".to_owned());
            }
        };
        let usual = if settings.security == EmailSecurity::Tls { 465 } else { 587 };
        let mut builder = SmtpTransport::builder_dangerous(&server)
            .port(settings.port.unwrap_or(usual))
            .timeout(Some(settings.timeout.get()))
            .tls(tls);
        if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(Self { transport: builder.build(), server, from, to, worst: settings.worst.get() })
    }

    fn post(&self, batch: &[Document]) -> Answer {
        for document in batch {
            let Ok(digest) = serde_json::from_str::<Digest>(document.text()) else {
                return Answer::Unfit { reason: "this is a digest of another version of Stance".to_owned() };
            };
            match self.send(&document.id, digest.headline(), text(&digest)) {
                Answer::Taken => {}
                answer => return answer,
            }
        }
        Answer::Taken
    }

    /// Sends a text, once. Blocks.
    pub fn send(&self, id: &str, subject: String, text: String) -> Answer {
        let message = match self.message(id, subject, text) {
            Ok(message) => message,
            Err(error) => return Answer::Unfit { reason: error.to_string() },
        };
        match self.transport.send(&message) {
            Ok(_) => Answer::Taken,
            Err(error) => self.judge(&error),
        }
    }

    /// A message bears the id of its document, by which mail servers know a double.
    fn message(&self, id: &str, subject: String, text: String) -> Result<Message, lettre::error::Error> {
        let message: MessageBuilder =
            self.to.iter().fold(Message::builder(), |message, to| message.to(to.clone()));
        message
            .from(self.from.clone())
            .message_id(Some(format!("<{id}@stance>")))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
    }

    fn judge(&self, error: &Error) -> Answer {
        let reason = format!("the mail server `{}` could not be used: {}", self.server, words(error));
        // what it refuses for good is our account or our addresses, hardly the text
        if error.is_permanent() || error.is_tls() {
            Answer::TurnedAway { reason }
        } else {
            Answer::later(reason)
        }
    }
}

/// The error with its cause; a server's answer never repeats a password.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            // writing to a string cannot fail
            let _ = write!(words, ": {text}");
        }
        cause = inner.source();
    }
    printable(&words).into_owned()
}

fn tls(settings: &Email) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.server.clone());
    if let Some(path) = &settings.ca_file {
        let path = path.as_path();
        let told = |error: &dyn std::fmt::Display| {
            format!("the certificates in `{}` cannot be read: {error}", path.display())
        };
        let pem = std::fs::read(path).map_err(|error| told(&error))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| told(&error))?);
    }
    builder.build_rustls().map_err(|error| format!("TLS cannot be used: {error}"))
}

fn text(digest: &Digest) -> String {
    let mut text =
        format!("{}\n{}\n\n{}\n{}\n", digest.headline(), digest.at, digest.counts(), digest.others());
    for line in &digest.worst {
        // writing to a string cannot fail
        let _ = write!(
            text,
            "\n{}: {}\n  {}\n  account {}, {}\n",
            line.severity, line.title, line.resource, line.account, line.region
        );
    }
    if digest.unlisted() > 0 {
        let _ = write!(text, "\nand {} more\n", digest.unlisted());
    }
    text
}

impl Receive for Mailbox {
    fn limits(&self) -> Limits {
        Limits { documents: 1, bytes: 1_000_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Digesting::new(self.worst))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        // a digest is one message, and nothing else runs beside it
        Box::pin(ready(self.post(batch)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::tests::digest;

    fn settings(to: &[&str], security: EmailSecurity) -> Email {
        Email {
            server: "mail.example.org".into(),
            port: None,
            security,
            username: None,
            password: None,
            from: "Stance <stance@example.org>".into(),
            to: to.iter().map(|text| (*text).to_owned()).collect(),
            worst: 3.try_into().unwrap(),
            ca_file: None,
            timeout: "5s".parse().unwrap(),
        }
    }

    #[test]
    fn a_message_shows_counts_and_the_worst() {
        insta::assert_snapshot!(text(&digest(12, 2).unwrap()));
    }

    #[test]
    fn the_same_digest_is_the_same_message() {
        let mailbox = Mailbox::new(&settings(&["a@example.org"], EmailSecurity::Starttls)).unwrap();
        let digest = digest(12, 2).unwrap();
        let message = mailbox.message("digest-1f", digest.headline(), text(&digest)).unwrap();
        let shown = String::from_utf8(message.formatted()).unwrap();
        assert!(shown.contains("Message-ID: <digest-1f@stance>"), "{shown}");
    }

    #[test]
    fn mail_without_tls_stays_on_this_machine() {
        assert!(Mailbox::new(&settings(&["a@example.org"], EmailSecurity::None)).is_err());
        assert!(Mailbox::new(&settings(&[], EmailSecurity::Tls)).is_err());
        assert!(Mailbox::new(&settings(&["nobody"], EmailSecurity::Tls)).is_err());
    }
}
