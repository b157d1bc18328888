//! What values may be: each type reads one form of text, and says what is wrong with another.

mod arn;
mod names;
mod number;
mod path;
mod period;
mod secret;
mod text;
mod time_of_day;
mod url;

pub use arn::{Role, RoleArn};
pub use names::{
    AccountId, BucketName, Endpoint, JiraProject, MfaSerial, Namespace, OrganizationalUnit, RegionName,
    Repository, RoleName, SessionName, SinkName,
};
pub use number::{Count, Rate, UnsuitableNumber};
pub use path::InputPath;
pub(crate) use path::NAME as INPUT_PATH;
pub use period::Period;
pub(crate) use secret::{HIDDEN, NAME as SECRET, TEXT as SECRET_TEXT};
pub use secret::{Secret, SecretSource};
pub use text::UnsuitableText;
pub use time_of_day::TimeOfDay;
pub use url::{UnsuitableUrl, Url};
