//! The sections of the configuration, as types. Their doc comments are the texts of the sample, the
//! reference and the schema.

mod account;
mod aws;
mod coralogix;
mod exceptions;
mod gcp;
mod github;
mod organization;
mod output;
mod root;
mod scan;
mod schedule;
mod sign_in;
mod sinks;

pub use account::AwsAccount;
pub use aws::{Aws, Regions};
pub use coralogix::Coralogix;
pub use exceptions::Exceptions;
pub use gcp::{Gcp, GcpFolder, GcpOrganization, GcpProject};
pub use github::GitHub;
pub use organization::{AccountStatus, Organization};
pub use output::Output;
pub use root::Config;
pub use scan::Scan;
pub use schedule::Schedule;
pub use sign_in::{SignIn, WebIdentity};
pub use sinks::{
    CoralogixSink, Delivery, DocumentForm, Elasticsearch, Email, EmailSecurity, FileSink, GitHubIssues, Http,
    Jira, ObjectEncryption, Otlp, S3, SecurityHub, Sink, SinkFilter, SinkKind, Slack, StdoutSink, Syslog,
    SyslogTransport, Teams, Webhook, What,
};
pub(crate) use sinks::{NAME as SINK, TYPE};
