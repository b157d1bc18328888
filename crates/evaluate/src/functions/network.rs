//! Functions on network permissions, addresses and log filters.

use super::{Function, function, json_of, text_of, truth};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::{Json, Value};
use stance_policy::{AddressError, metric_filter, network};
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[
    function("fromInternet", 1, from_internet),
    function("fromAnywhereWide", 2, from_anywhere_wide),
    function("allowsPort", 3, allows_port),
    function("allowsAllPorts", 1, allows_all_ports),
    function("allowsAllProtocols", 1, allows_all_protocols),
    function("aclAdmitsInternet", 3, acl_admits_internet),
    function("aclAdmitsInternetOnAllPorts", 1, acl_admits_internet_on_all_ports),
    function("isInternet", 1, is_internet),
    function("isPrivateAddress", 1, is_private_address),
    function("cidrContains", 2, cidr_contains),
    function("filterCatches", 2, filter_catches),
];

fn integer<T: TryFrom<i64>>(value: &Value<'_>, function: &str) -> Result<T, Failure<'static>> {
    let in_range = match value {
        Value::Int(number) => T::try_from(*number).ok(),
        _ => None,
    };
    in_range.ok_or_else(|| Failure::of(function, "a number in range is needed"))
}

fn wrong<'v>(function: &str) -> impl Fn(AddressError) -> Failure<'v> + '_ {
    move |error| Failure::of(function, error)
}

fn from_internet<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [permission] = arguments else { return Err(Failure::Mismatch) };
    truth(match json_of(run, permission)? {
        Cow::Borrowed(document) => run.memory.admits_internet(document),
        Cow::Owned(made) => network::from_internet(&made),
    })
}

fn from_anywhere_wide<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [permission, length] = arguments else { return Err(Failure::Mismatch) };
    let json = json_of(run, permission)?;
    truth(network::from_anywhere_wide(&json, integer(length, "fromAnywhereWide")?))
}

fn allows_port<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [permission, protocol, port] = arguments else { return Err(Failure::Mismatch) };
    let (protocol, port) = (text_of(protocol, "allowsPort")?, integer(port, "allowsPort")?);
    truth(network::allows_port(&*json_of(run, permission)?, protocol, port))
}

fn allows_all_ports<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [permission] = arguments else { return Err(Failure::Mismatch) };
    truth(network::allows_all_ports(&*json_of(run, permission)?))
}

fn allows_all_protocols<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [permission] = arguments else { return Err(Failure::Mismatch) };
    truth(network::allows_all_protocols(&*json_of(run, permission)?))
}

fn acl_admits_internet<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [entries, protocol, port] = arguments else { return Err(Failure::Mismatch) };
    let (protocol, port) = (text_of(protocol, "aclAdmitsInternet")?, integer(port, "aclAdmitsInternet")?);
    truth(network::acl_admits_internet(&*json_of(run, entries)?, protocol, port))
}

fn acl_admits_internet_on_all_ports<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [entries] = arguments else { return Err(Failure::Mismatch) };
    truth(network::acl_admits_internet_on_all_ports(&*json_of(run, entries)?))
}

fn is_internet<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [cidr] = arguments else { return Err(Failure::Mismatch) };
    truth(network::is_internet(text_of(cidr, "isInternet")?).map_err(wrong("isInternet"))?)
}

fn is_private_address<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [address] = arguments else { return Err(Failure::Mismatch) };
    let address = text_of(address, "isPrivateAddress")?;
    truth(network::is_private_address(address).map_err(wrong("isPrivateAddress"))?)
}

fn cidr_contains<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [outer, inner] = arguments else { return Err(Failure::Mismatch) };
    let (outer, inner) = (text_of(outer, "cidrContains")?, text_of(inner, "cidrContains")?);
    truth(network::cidr_contains(outer, inner).map_err(wrong("cidrContains"))?)
}

fn filter_catches<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [pattern, events] = arguments else { return Err(Failure::Mismatch) };
    let pattern = text_of(pattern, "filterCatches")?;
    match &*json_of(run, events)? {
        Json::Array(events) => truth(metric_filter::catches(pattern, events)),
        _ => Err(Failure::of("filterCatches", "the sample events must be a list")),
    }
}
