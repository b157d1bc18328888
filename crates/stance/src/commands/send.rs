//! `stance send`: runs that did not reach their server.

use crate::cli::Send;
use crate::exit::Outcome;
use crate::server_link::send_file;
use stance_model::printable;

/// Sends each file; one that cannot be sent does not keep the others back.
pub fn run(send: &Send) -> Outcome {
    let mut outcome = Outcome::Clean;
    for file in &send.file {
        match send_file(file, &send.server) {
            Ok(()) => println!("{}: sent", file.display()),
            Err(error) => {
                eprintln!("{}: {}", file.display(), printable(&format!("{error:#}")));
                outcome = Outcome::Undelivered;
            }
        }
    }
    outcome
}
