//! Expressions made up over values made up.

use crate::{ACCOUNT, Both, Words, failure, snapshot};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use stance_catalog::{Catalog, Rule, Source};
use stance_model::{
    Attribute, AttributeState, Listing, ListingState, Provider, Resource, ResourceReference, Source as ReadBy,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const THING: &str = "Test::Thing";
const OTHER: &str = "Test::Other";

/// Rules that share one catalog: building one takes longer than running it.
const TOGETHER: usize = 60;

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 0, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn a_made_up_expression_means_what_the_interpreter_says(
        conditions in prop::collection::vec(truth(2), TOGETHER),
        things in prop::collection::vec(thing(THING), 3),
        others in prop::collection::vec(thing(OTHER), 0..3),
        partial in any::<bool>(),
    ) {
        let catalog = catalog(&conditions);
        let rules: Vec<&Rule> = catalog.rules().collect();
        let (good, bad): (Vec<&Rule>, Vec<&Rule>) = rules.into_iter().partition(|rule| rule.compiled().is_ok());
        // what cannot be written needs no meaning
        prop_assert!(bad.len() * 4 < good.len(), "{:?}", bad[0].compiled());
        let listing = |name: &str, state| Listing { resource_type: name.into(), region: "us-east-1".into(), state };
        let unreadable = ListingState::Unreadable { failure: Box::new(failure("test:List")) };
        let of_others = if partial { unreadable } else { ListingState::Read { count: others.len() } };
        let listings = vec![listing(THING, ListingState::Read { count: things.len() }), listing(OTHER, of_others)];
        let mut resources = things;
        resources.extend(others);
        for (index, resource) in resources.iter_mut().enumerate() {
            let reference = Arc::make_mut(&mut resource.reference);
            reference.id = format!("arn:aws:test:us-east-1:{ACCOUNT}:thing/{index}").into();
        }
        let snapshot = snapshot(resources, listings);
        let agreed = Both::of(&catalog, good, Words::Any).agree_on(&snapshot);
        if let Err(difference) = agreed {
            let named = |text: String, (index, condition): (usize, &String)| {
                text.replace(&format!("rule-{index:03} "), &format!("{condition}\n    "))
            };
            prop_assert!(false, "{}", conditions.iter().enumerate().fold(difference, named));
        }
    }
}

/// A catalog of two types, and a rule for each condition that shows it as its title.
fn catalog(conditions: &[String]) -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("aws/test");
    std::fs::create_dir_all(at.join("rules")).unwrap();
    let of_type = |name: &str| {
        json!({
            "type": name, "title": name, "read": "regional", "list": { "call": "ListThings", "items": "Things" },
            "id": "{Id}", "name": "{Id}",
            "attributes": { "Told": { "call": "GetTold" }, "Hidden": { "call": "GetHidden" } },
        })
    };
    let resources =
        json!({ "service": "test", "title": "Test", "resources": [of_type(THING), of_type(OTHER)] });
    std::fs::write(at.join("resources.yaml"), resources.to_string()).unwrap();
    let variants: Vec<Value> = conditions
        .iter()
        .enumerate()
        .map(|(index, condition)| json!({ "id": format!("rule-{index:03}"), "title": condition, "pass": condition }))
        .collect();
    let rules = json!({
        "resource": THING, "severity": "low", "rationale": "made up", "remediation": { "text": "none" },
        "fail_message": "no: {Number} {Told.x}", "variants": variants,
        "parameters": { "most": { "title": "most", "type": "integer", "default": 2 } },
    });
    std::fs::write(at.join("rules/made-up.yaml"), rules.to_string()).unwrap();
    Catalog::load([Source::folder(folder.path()).unwrap()]).unwrap()
}

/// A value of a document.
fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![0, 1, 2, -1, 7, i64::MAX, i64::MIN]).prop_map(Value::from),
        Just(json!(u64::MAX)),
        select(vec![0.0, 1.0, 1.5, -2.0]).prop_map(Value::from),
        select(vec!["", "a", "b", "A-b", "1", "äß", "2026-01-01T00:00:00Z", "a,b"]).prop_map(Value::from),
    ];
    plain.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(select(vec!["x", "y", "z"]).prop_map(str::to_owned), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn texts() -> impl Strategy<Value = Value> {
    prop::collection::vec(select(vec!["a", "b", "A-b", ""]), 0..4).prop_map(|texts| json!(texts))
}

fn state() -> impl Strategy<Value = Option<AttributeState>> {
    prop_oneof![
        4 => value().prop_map(|value| Some(AttributeState::Known { value })),
        1 => Just(Some(AttributeState::Absent)),
        2 => Just(Some(AttributeState::Unreadable { failure: failure("test:Get") })),
        1 => Just(None),
    ]
}

fn thing(of_type: &'static str) -> impl Strategy<Value = Resource> {
    let fields = (value(), value(), texts(), select(vec![0, 1, 3]), select(vec!["a", "b", "A-b"]));
    (fields, state(), state()).prop_map(move |((any, list, texts, number, text), told, hidden)| {
        let source = ReadBy { operation: "test:List".into(), read_at: "2026-01-01T00:00:00Z".parse().unwrap() };
        let attributes: BTreeMap<String, Attribute> = [("Told", told), ("Hidden", hidden)]
            .into_iter()
            .filter_map(|(name, state)| Some((name.to_owned(), Attribute { source: source.clone(), state: state? })))
            .collect();
        let fields = json!({ "Any": any, "List": [list, text, number], "Texts": texts, "Number": number, "Text": text });
        Resource {
            reference: ResourceReference {
                id: "set later".into(),
                resource_type: of_type.into(),
                name: "a thing".into(),
                region: "us-east-1".into(),
                scope: ACCOUNT.into(),
                provider: Provider::Aws,
            }.into(),
            tags: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
            fields: fields.as_object().cloned().unwrap(),
            listed_by: source,
            attributes,
        }
    })
}

/// Any value: a path, a constant, or what is made of others.
fn operand(depth: u32) -> BoxedStrategy<String> {
    let leaf = select(vec![
        "resource.Any",
        "resource.Any.x",
        "resource.?Any.?x",
        "resource.Any.?x.?y",
        "resource.List",
        "resource.List[0]",
        "resource.List[1]",
        "resource.List[?2]",
        "resource.List[5]",
        "resource.Texts",
        "resource.Texts[?0]",
        "resource.Number",
        "resource.Text",
        "resource.Told",
        "resource.Told.x",
        "resource.?Told.?x",
        "resource.Hidden",
        "resource.?Hidden",
        "resource.?Missing",
        "resource.Missing",
        "resource.tags.team",
        "resource.name",
        "resources('Test::Other')",
        "here('Test::Other')",
        "related('Test::Other', 'Text', resource.Text)",
        "params.most",
        "now",
        "account",
        "1",
        "2u",
        "1.5",
        "-1",
        "9223372036854775807",
        "'a'",
        "'A-b'",
        "''",
        "null",
        "true",
        "'2026-01-01T00:00:00Z'",
        "int",
        "[resource.Any, 'a']",
    ])
    .prop_map(str::to_owned);
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = move || operand(depth - 1);
    prop_oneof![
        4 => leaf,
        1 => (inner(), select(vec!["+", "-", "*", "/", "%"]), inner()).prop_map(|(left, how, right)| format!("({left} {how} {right})")),
        1 => (holder(), select(vec!["x", "y", "Any"])).prop_map(|(of, name)| format!("{of}.{name}")),
        1 => (holder(), select(vec!["x", "Any"])).prop_map(|(of, name)| format!("{of}.?{name}")),
        1 => (inner(), inner()).prop_map(|(of, key)| format!("{of}[{key}]")),
        2 => (inner(), inner()).prop_map(|(of, other)| format!("{of}.orValue({other})")),
        2 => (inner(), select(vec!["[]", "['a', 'b']", "[1, 2.0]", "[1u]"]))
            .prop_map(|(of, written)| format!("({of}.orValue({written}) + resource.Texts)")),
        1 => (truth(depth - 1), inner(), inner()).prop_map(|(if_so, yes, no)| format!("({if_so} ? {yes} : {no})")),
        1 => (inner(), select(vec!["size", "string", "int", "double", "bool", "uint", "timestamp", "duration", "asList", "daysSince", "parseJson"])).prop_map(|(of, name)| format!("{name}({of})")),
        1 => (inner(), select(vec!["size", "lowerAscii", "upperAscii", "trim", "reverse", "sort", "distinct", "flatten", "join", "value", "hasValue", "getHours"])).prop_map(|(of, name)| format!("{of}.{name}()")),
        1 => (inner(), inner(), select(vec!["split", "indexOf", "substring", "join", "or", "flatten"])).prop_map(|(of, with, name)| format!("{of}.{name}({with})")),
        1 => (inner(), inner(), inner(), select(vec!["replace", "split", "substring", "indexOf"])).prop_map(|(of, first, second, name)| format!("{of}.{name}({first}, {second})")),
        1 => (inner(), truth(depth - 1)).prop_map(|(range, condition)| format!("{range}.filter(v, {condition})")),
        1 => (inner(), of_variable()).prop_map(|(range, condition)| format!("{range}.filter(v, {condition})")),
        1 => (inner(), inner()).prop_map(|(range, of)| format!("{range}.map(v, {of})")),
        1 => inner().prop_map(|range| format!("{range}.map(v, v.Number > 0, v.Text)")),
        1 => (plain(), plain()).prop_map(|(first, second)| format!("[{first}, resource.Text, {second}]")),
        1 => (plain(), plain()).prop_map(|(first, second)| format!("{{'x': {first}, 'y': {second}, 'z': resource.Text}}")),
        1 => inner().prop_map(|number| format!("(-({number}))")),
    ]
    .boxed()
}

/// What is known wholly or not at all. The interpreter compares a list that is known in part, and stands
/// in a list of its own making, as if that were all of it.
fn plain() -> impl Strategy<Value = String> {
    select(vec![
        "resource.Any",
        "resource.?Any",
        "resource.Any.x",
        "resource.Told",
        "resource.?Hidden",
        "resource.Text",
        "resource.Number",
        "resource.Texts",
        "resource.List[0]",
        "1",
        "2u",
        "'a'",
        "null",
    ])
    .prop_map(str::to_owned)
}

/// What may hold fields, or items. A list that an expression made has no fields, and a map that it made
/// no items of odd types, as one that was read; to the interpreter that is a mistake.
fn holder() -> impl Strategy<Value = String> {
    select(vec![
        "resource.Any",
        "resource.?Any",
        "resource.Any.x",
        "resource.?Any.?y",
        "resource.Told",
        "resource.?Told",
        "resource.Hidden",
        "resource.?Hidden",
        "resource.Text",
        "resource.Number",
        "resource.Texts",
        "resource.List[0]",
        "resource.List[?0]",
        "resource.List",
        "resources('Test::Other')",
        "null",
        "account",
        "resources('Test::Other')[0]",
        "related('Test::Other', 'Text', resource.Text)[?0]",
        "now",
        "'a'",
        "(resource.Number > 0 ? resource.?Any : resource.?Told)",
        "resource",
        "(resource.Number > 0 ? resource.Any : resource.?Told.?x)",
        "parseJson(resource.Any)",
        "params",
    ])
    .prop_map(str::to_owned)
}

/// A condition on the variable of a loop.
fn of_variable() -> impl Strategy<Value = String> {
    select(vec![
        "v == 'a'",
        "'a' == v",
        "v != 1",
        "v > 0",
        "v in ['a', 'b']",
        "has(v.Number)",
        "v.Number == 1",
        "v.Text == 'a'",
        "v.?Number.orValue(0) == 0",
        "v.startsWith('a')",
        "v.?Told.?x.orValue(false)",
        "has(v.Told)",
        "true",
        "v",
        "v.Texts.exists(w, w == 'a')",
        "v in resource.Texts",
        "size(v) > 0",
        "v.Number == resource.Number",
        "!(v == resource.Text)",
        "v.matches('^[a-b]')",
    ])
    .prop_map(str::to_owned)
}

/// Something that is likely true or false.
fn truth(depth: u32) -> BoxedStrategy<String> {
    let leaf = select(vec![
        "true",
        "false",
        "has(resource.Told)",
        "has(resource.Any.x)",
        "resource.Number > 0",
        "resource.Text == 'a'",
        "resource.Hidden",
        "resource.?Told.?x.orValue(false)",
        "resource.Any == resource.Told",
    ])
    .prop_map(str::to_owned);
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = move || truth(depth - 1);
    let value = move || operand(depth - 1);
    prop_oneof![
        1 => leaf,
        2 => (inner(), select(vec!["&&", "||"]), inner()).prop_map(|(left, how, right)| format!("({left} {how} {right})")),
        1 => inner().prop_map(|operand| format!("!({operand})")),
        3 => (value(), select(vec!["==", "!=", "<", "<=", ">", ">="]), value()).prop_map(|(left, how, right)| format!("({left} {how} {right})")),
        1 => (value(), holder()).prop_map(|(item, list)| format!("({item} in {list})")),
        1 => (value(), plain(), plain()).prop_map(|(item, first, second)| format!("({item} in [{first}, resource.Text, {second}])")),
        1 => (value(), select(vec!["['a', 'b']", "[1, 2.0]", "['a', 1]", "[]"]))
            .prop_map(|(item, written)| format!("({item} in {written})")),
        1 => (value(), select(vec!["['a', 'b']", "[]", "{'x': 1}", "{}"]), any::<bool>()).prop_map(
            |(item, written, left)| if left { format!("({written} == {item})") } else { format!("({item} != {written})") },
        ),
        1 => (holder(), select(vec!["x", "Any", "Told"])).prop_map(|(of, name)| format!("has({of}.{name})")),
        2 => (value(), select(vec!["exists", "all", "exists_one"]), of_variable()).prop_map(|(range, how, condition)| format!("{range}.{how}(v, {condition})")),
        1 => (value(), select(vec!["exists", "all"]), inner()).prop_map(|(range, how, condition)| format!("{range}.{how}(v, {condition})")),
        1 => (value(), value(), select(vec!["startsWith", "endsWith", "contains", "matches"])).prop_map(|(of, with, name)| format!("{of}.{name}({with})")),
        1 => (inner(), inner(), inner()).prop_map(|(if_so, yes, no)| format!("({if_so} ? {yes} : {no})")),
        1 => (value(), select(vec!["string", "list", "map", "bool"])).prop_map(|(of, name)| format!("type({of}) == {name}")),
        1 => value(),
    ]
    .boxed()
}
