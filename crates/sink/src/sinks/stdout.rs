//! Standard output, a line for each document.

use super::{Receive, file};
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::{Describe, Plain};
use crate::document::Document;
use futures_util::future::{BoxFuture, ready};
use stance_config::{DocumentForm, StdoutSink};
use std::io::{self, BufWriter, Write};

/// Standard output.
pub(super) struct Stdout {
    form: DocumentForm,
}

impl Stdout {
    pub fn new(settings: &StdoutSink) -> Self {
        Self { form: settings.form }
    }
}

fn write(batch: &[Document]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    file::write_lines(batch, &mut out)?;
    out.flush()
}

impl Receive for Stdout {
    fn limits(&self) -> Limits {
        file::LIMITS
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Plain(self.form))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(ready(match write(batch) {
            Ok(()) => Answer::Taken,
            Err(error) => Answer::later(format!("standard output cannot be written: {error}")),
        }))
    }

    fn is_direct(&self) -> bool {
        true
    }
}
