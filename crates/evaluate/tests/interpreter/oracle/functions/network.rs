//! Functions on network permissions, addresses and log filters.

use super::{Answer, Entry, function, json_of, take, text_of, truth};
use crate::oracle::value::Map;
use cel::ExecutionError;
use cel::common::types::CelInt;
use cel::common::value::CowVal;
use serde_json::Value;
use stance_policy::{metric_filter, network};

pub(super) const ENTRIES: &[Entry] = &[
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

fn integer<T: TryFrom<i64>>(value: &CowVal<'_, '_>, function: &str) -> Result<T, ExecutionError> {
    value
        .downcast_ref::<CelInt>()
        .and_then(|number| T::try_from(*number.inner()).ok())
        .ok_or_else(|| ExecutionError::function_error(function, "a number in range is needed"))
}

fn wrong(function: &str) -> impl Fn(stance_policy::AddressError) -> ExecutionError + '_ {
    move |error| ExecutionError::function_error(function, error)
}

fn from_internet<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [permission] = take(args)?;
    match permission.downcast_ref::<Map>() {
        Some(map) => truth(map.is_from_internet()?),
        None => truth(network::from_internet(&*json_of(&permission)?)),
    }
}

fn from_anywhere_wide<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [permission, length] = take(args)?;
    truth(network::from_anywhere_wide(&*json_of(&permission)?, integer(&length, "fromAnywhereWide")?))
}

fn allows_port<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [permission, protocol, port] = take(args)?;
    let (protocol, port) = (text_of(&protocol, "allowsPort")?, integer(&port, "allowsPort")?);
    truth(network::allows_port(&*json_of(&permission)?, &protocol, port))
}

fn allows_all_ports<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [permission] = take(args)?;
    truth(network::allows_all_ports(&*json_of(&permission)?))
}

fn allows_all_protocols<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [permission] = take(args)?;
    truth(network::allows_all_protocols(&*json_of(&permission)?))
}

fn acl_admits_internet<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [entries, protocol, port] = take(args)?;
    let (protocol, port) = (text_of(&protocol, "aclAdmitsInternet")?, integer(&port, "aclAdmitsInternet")?);
    truth(network::acl_admits_internet(&*json_of(&entries)?, &protocol, port))
}

fn acl_admits_internet_on_all_ports<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [entries] = take(args)?;
    truth(network::acl_admits_internet_on_all_ports(&*json_of(&entries)?))
}

fn is_internet<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [cidr] = take(args)?;
    truth(network::is_internet(&text_of(&cidr, "isInternet")?).map_err(wrong("isInternet"))?)
}

fn is_private_address<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [address] = take(args)?;
    let address = text_of(&address, "isPrivateAddress")?;
    truth(network::is_private_address(&address).map_err(wrong("isPrivateAddress"))?)
}

fn cidr_contains<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [outer, inner] = take(args)?;
    let (outer, inner) = (text_of(&outer, "cidrContains")?, text_of(&inner, "cidrContains")?);
    truth(network::cidr_contains(&outer, &inner).map_err(wrong("cidrContains"))?)
}

fn filter_catches<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [pattern, events] = take(args)?;
    let pattern = text_of(&pattern, "filterCatches")?;
    match &*json_of(&events)? {
        Value::Array(events) => truth(metric_filter::catches(&pattern, events)),
        _ => Err(ExecutionError::function_error("filterCatches", "the sample events must be a list")),
    }
}
