//! Runs, resources and findings with their history, in SQLite or PostgreSQL.
//!
//! The store keeps intervals, not copies: a verdict that holds from one run to the next costs nothing. Runs come in
//! as a [bundle](BundleWriter), whole or not at all.

mod agents;
mod alerts;
mod as_of;
mod assets;
mod bundle;
mod census;
mod database;
mod each;
mod error;
mod evidence;
mod exceptions;
mod handling;
mod hex;
mod import;
mod integrations;
mod listing;
mod lookup;
mod people;
mod push;
mod retention;
mod rules;
mod runs;
mod schema;
mod search;
mod shares;
mod store;
mod trend;
mod walk;
mod words;

pub use agents::{
    Agent, AgentDescription, AgentHealth, AgentId, AgentPolicy, AgentPolicyId, AgentStatus, Delivered,
    Enrolled, EnrollmentInfo, Handed, Instruction, NewEnrollment,
};
pub use alerts::{
    Alert, AlertChange, AlertId, AlertMessage, Cause, Channel, DueMessage, MessageId, MessageState, Opened,
    SecretPlace, Watches,
};
pub use as_of::PastFinding;
pub use assets::{Asset, AssetPage, ConfigurationVersion};
pub use bundle::{
    BundleError, BundleReader, BundleWriter, BundledFinding, Configuration, End, KeptAttribute, ScopeBundle,
};
pub use census::{Cell, Census, Inventory, Scope, Tally, TrendPoint};
pub use database::Address;
pub use each::FullFinding;
pub use error::{Result, StoreError};
pub use evidence::{KeptEvidence, Said};
pub use exceptions::{Author, ExceptionChange, ExceptionState, KeptException};
pub use handling::{Assigned, Handling, Note};
pub use import::Imported;
pub use integrations::{Claim, Integration, IntegrationId, IntegrationName, LEASE, NewIntegration, Schedule};
pub use listing::{Constraints, FindingDetail, FindingRow, Page, Period, Position};
pub use lookup::Outline;
pub use people::{
    Accounts, Act, Actor, AuditEntry, Level, LinkFor, NewToken, PasswordHash, Person, PersonChange, PersonId,
    PersonName, Secret, SessionId, SessionInfo, SignedIn, TokenBearer, TokenId, TokenInfo, password_matches,
};
pub use push::TakenIn;
pub use retention::{Forgotten, Retention};
pub use rules::{NamedRule, Off, RuleSettings, SetParameter};
pub use runs::{RunId, RunProgress, RunReport, RunState, RunSummary};
pub use store::Store;

pub(crate) use store::{compressed, digest, uncompressed};
