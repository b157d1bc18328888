//! The configuration of Stance: one YAML file, the environment and flags, each over the one before.
//!
//! A file is read into a tree that knows the line of every key (`yaml`, `node`); the types in `sections`
//! say what may stand there, and their schema (`schema`, `shape`) drives the search for misplaced keys,
//! the merging of layers, the sample and the reference. Values are read by serde from that tree (`read`),
//! so that each error has its line, and all of them are told at once.

/// More problems than this are not told.
const MOST_PROBLEMS: usize = 100;

mod accounts_file;
mod check;
mod environment;
mod files;
mod hint;
mod keys;
mod layers;
mod load;
mod node;
mod notices;
mod origin;
mod problem;
mod read;
mod reference;
mod sample;
mod schema;
mod sections;
mod shape;
mod show;
mod types;
mod write_yaml;
mod yaml;

pub use files::{CONTAINER_FILE, find_file};
pub use layers::{FileLayer, FlagValue, Layers};
pub use load::{Loaded, load};
pub use origin::{Origin, Origins};
pub use problem::{ConfigError, Notice, Problem};
pub use reference::reference;
pub use sample::sample;
pub use schema::json_schema;
pub use sections::{
    AccountStatus, Aws, AwsAccount, Config, Coralogix, CoralogixSink, Delivery, DocumentForm, Elasticsearch,
    Email, EmailSecurity, Exceptions, FileSink, Gcp, GcpFolder, GcpOrganization, GcpProject, GitHub,
    GitHubIssues, Http, Jira, ObjectEncryption, Organization, Otlp, Output, Regions, S3, Scan, Schedule,
    SecurityHub, SignIn, Sink, SinkFilter, SinkKind, Slack, StdoutSink, Syslog, SyslogTransport, Teams,
    WebIdentity, Webhook, What,
};
pub use show::show;
pub use types::{
    AccountId, BucketName, Count, Endpoint, InputPath, JiraProject, MfaSerial, Namespace, OrganizationalUnit,
    Period, Rate, RegionName, Repository, Role, RoleArn, RoleName, Secret, SecretSource, SessionName,
    SinkName, TimeOfDay, UnsuitableNumber, UnsuitableText, UnsuitableUrl, Url,
};
