//! The functions that expressions may call beyond those of the language: names and arities.
//!
//! Their meaning lives in the evaluator; a test there holds the two lists together.

/// A function of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Whether it is called on a value: `x.f()`.
    pub method: bool,
    /// How many arguments it takes, the value it is called on left out.
    pub arity: &'static [usize],
}

const fn function(name: &'static str, arity: &'static [usize]) -> Function {
    Function { name, method: false, arity }
}

const fn method(name: &'static str, arity: &'static [usize]) -> Function {
    Function { name, method: true, arity }
}

/// Functions that Stance adds to the language.
pub const FUNCTIONS: &[Function] = &[
    function("asList", &[1]),
    function("parseJson", &[1]),
    function("daysSince", &[1]),
    function("daysUntil", &[1]),
    function("glob", &[2]),
    function("versionAtLeast", &[2]),
    function("secrets", &[1]),
    function("supportEnds", &[2]),
    function("resources", &[1]),
    function("here", &[1]),
    function("related", &[3]),
    function("policy", &[1]),
    function("policies", &[1]),
    method("isPublic", &[0]),
    method("isPublicFor", &[1]),
    method("publicActions", &[0]),
    method("deniesInsecureTransport", &[0]),
    method("allowsAdministrator", &[0]),
    method("allows", &[1, 2]),
    method("allowsOnAnyResource", &[1]),
    method("allowsAllActionsOf", &[1]),
    method("externalAccounts", &[1]),
    method("escalations", &[0]),
    method("trustsServiceWithoutSource", &[0]),
    method("statements", &[0]),
    function("fromInternet", &[1]),
    function("fromAnywhereWide", &[2]),
    function("allowsPort", &[3]),
    function("allowsAllPorts", &[1]),
    function("allowsAllProtocols", &[1]),
    function("aclAdmitsInternet", &[3]),
    function("aclAdmitsInternetOnAllPorts", &[1]),
    function("isInternet", &[1]),
    function("isPrivateAddress", &[1]),
    function("cidrContains", &[2]),
    function("filterCatches", &[2]),
];

/// Functions of the language itself that expressions may call.
pub const LANGUAGE: &[Function] = &[
    function("size", &[1]),
    function("int", &[1]),
    function("uint", &[1]),
    function("double", &[1]),
    function("string", &[1]),
    function("bool", &[1]),
    function("type", &[1]),
    function("timestamp", &[1]),
    function("duration", &[1]),
    method("size", &[0]),
    method("startsWith", &[1]),
    method("endsWith", &[1]),
    method("contains", &[1]),
    method("matches", &[1]),
    method("lowerAscii", &[0]),
    method("upperAscii", &[0]),
    method("trim", &[0]),
    method("split", &[1, 2]),
    method("replace", &[2, 3]),
    method("substring", &[1, 2]),
    method("indexOf", &[1, 2]),
    method("join", &[0, 1]),
    method("distinct", &[0]),
    method("flatten", &[0, 1]),
    method("sort", &[0]),
    method("reverse", &[0]),
    method("hasValue", &[0]),
    method("value", &[0]),
    method("orValue", &[1]),
    method("or", &[1]),
    method("getHours", &[0]),
    method("getMinutes", &[0]),
    method("getSeconds", &[0]),
];

/// Every function that may be called under that name and in that way.
pub(crate) fn find(name: &str, is_method: bool) -> Option<&'static Function> {
    FUNCTIONS.iter().chain(LANGUAGE).find(|function| function.name == name && function.method == is_method)
}
