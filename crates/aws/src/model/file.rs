//! `api.json` as it is written by `tools/api_models.py`. Texts are borrowed from the leaked bytes.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

type Text = &'static str;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct ApiFile {
    pub meta: Meta,
    pub ops: HashMap<Text, OperationSpec>,
    pub shapes: HashMap<Text, ShapeSpec>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct Meta {
    pub id: Text,
    pub proto: Text,
    pub version: Text,
    pub prefix: Text,
    pub sign: Text,
    #[serde(rename = "jv")]
    pub json_version: Option<Text>,
    pub target: Option<Text>,
    #[serde(rename = "ns")]
    pub xml_namespace: Option<Text>,
    #[serde(rename = "qc", default)]
    pub query_compatible: bool,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct OperationSpec {
    pub method: Text,
    pub uri: Text,
    #[serde(rename = "in")]
    pub input: Option<Text>,
    #[serde(rename = "inn")]
    pub input_name: Option<Text>,
    #[serde(rename = "inns")]
    pub input_namespace: Option<Text>,
    #[serde(rename = "out")]
    pub output: Option<Text>,
    /// The body is the value of the only member, with no element around it.
    #[serde(default)]
    pub unwrapped: bool,
    pub host: Option<Text>,
    pub page: Option<PageSpec>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct PageSpec {
    pub input_token: Texts,
    pub output_token: Texts,
    #[serde(default)]
    pub result_key: Texts,
    pub more_results: Option<Text>,
}

/// One text or a list of them.
#[derive(Deserialize, Clone)]
#[serde(untagged, bound(deserialize = "'de: 'static"))]
pub(super) enum Texts {
    One(Text),
    Many(Vec<Text>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl From<&Texts> for Vec<Text> {
    fn from(texts: &Texts) -> Self {
        match texts {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct ShapeSpec {
    #[serde(rename = "k")]
    pub kind: Text,
    #[serde(rename = "flat", default)]
    pub flattened: bool,
    /// What stands here is nothing to keep or show.
    #[serde(rename = "sens", default)]
    pub sensitive: bool,
    #[serde(rename = "ts")]
    pub time_format: Option<Text>,
    #[serde(rename = "n")]
    pub name: Option<Text>,
    #[serde(rename = "ns")]
    pub namespace: Option<Text>,
    /// In the model's order.
    #[serde(rename = "m", default, deserialize_with = "pairs")]
    pub members: Vec<(Text, MemberSpec)>,
    #[serde(rename = "req", default)]
    pub required: Vec<Text>,
    pub payload: Option<Text>,
    #[serde(rename = "e")]
    pub element: Option<MemberSpec>,
    pub key: Option<MemberSpec>,
    #[serde(rename = "v")]
    pub value: Option<MemberSpec>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct MemberSpec {
    #[serde(rename = "t")]
    pub target: Text,
    #[serde(rename = "n")]
    pub name: Option<Text>,
    #[serde(rename = "loc")]
    pub location: Option<Text>,
    #[serde(rename = "qn")]
    pub query_name: Option<Text>,
    #[serde(rename = "ts")]
    pub time_format: Option<Text>,
    #[serde(rename = "flat", default)]
    pub flattened: bool,
    #[serde(rename = "attr", default)]
    pub attribute: bool,
    #[serde(rename = "ns")]
    pub namespace: Option<Text>,
    #[serde(rename = "nsp")]
    pub namespace_prefix: Option<Text>,
}

/// A JSON object in the order it was written.
fn pairs<'de, D, T>(deserializer: D) -> Result<Vec<(Text, T)>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
    'de: 'static,
{
    struct Pairs<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T>
    where
        'de: 'static,
    {
        type Value = Vec<(Text, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of members")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(entry) = map.next_entry()? {
                all.push(entry);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_map(Pairs(PhantomData))
}
