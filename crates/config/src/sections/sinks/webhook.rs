//! Receivers of somebody's own.

use super::{DocumentForm, Http};
use crate::{Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A receiver of signed HTTP requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Webhook {
    /// Where it answers.
    #[schemars(extend("examples" = ["https://hooks.example.org/stance"]))]
    pub url: Url,
    /// The secret with which requests are signed, so that the receiver knows whose they are.
    #[schemars(extend("examples" = [{ "env": "STANCE_WEBHOOK_SECRET" }]))]
    pub secret: Secret,
    /// The form of the documents.
    #[serde(default)]
    pub form: DocumentForm,
    /// More headers, by name; their values are kept secret.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "x-api-key": { "env": "STANCE_WEBHOOK_KEY" } }]))]
    pub headers: BTreeMap<String, Secret>,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}
