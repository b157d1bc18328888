//! Network permissions of security groups, network ACLs and IP ranges.
//!
//! A permission is a map as in `IpPermissions` of EC2's `DescribeSecurityGroups`;
//! the flat form of `DescribeSecurityGroupRules` is understood too. A range in a
//! permission that cannot be parsed counts as everyone: a doubt must show. The
//! functions on single ranges return the error instead.

mod acl;

use ipnet::IpNet;
use serde_json::Value;

use crate::address::{self, AddressError, AddressSet};

pub use acl::{acl_admits_internet, acl_admits_internet_on_all_ports};

/// Whether the permission's ranges, taken together, are effectively everyone on
/// the internet, by IPv4 or by IPv6. Other security groups and prefix lists are
/// not the internet.
pub fn from_internet(permission: &Value) -> bool {
    AddressSet::pair(ranges(permission)).map_or(true, |(v4, v6)| v4.is_everyone() || v6.is_everyone())
}

/// Whether a range of the permission has a prefix of that length or a shorter
/// one, and is not wholly private. Neighbouring ranges are joined first, so two
/// halves are as wide as the whole.
pub fn from_anywhere_wide(permission: &Value, prefix_length: u8) -> bool {
    let parsed: Result<Vec<IpNet>, _> = ranges(permission).map(address::parse).collect();
    parsed.map_or(true, |nets| {
        nets.iter()
            .copied()
            .chain(IpNet::aggregate(&nets))
            .any(|net| net.prefix_len() <= prefix_length && address::is_partly_public(&net))
    })
}

/// Whether the permission lets through that port of `tcp` or `udp` (names or
/// numbers). Permissions for all protocols do, whatever ports they show. For
/// ICMP the fields are a type and a code, never ports.
pub fn allows_port(permission: &Value, protocol: &str, port: u16) -> bool {
    let wanted = Protocol::named(protocol);
    match protocol_of(permission, "IpProtocol") {
        Protocol::All => wanted != Protocol::Other,
        found if found.has_ports() && (found == wanted || wanted == Protocol::All) => {
            ports(permission).is_some_and(|(first, last)| (first..=last).contains(&i64::from(port)))
        }
        _ => false,
    }
}

/// Whether the permission lets through every port of TCP or UDP. Port 0 is
/// reserved, so `1-65535` is every port too.
pub fn allows_all_ports(permission: &Value) -> bool {
    match protocol_of(permission, "IpProtocol") {
        Protocol::All => true,
        found if found.has_ports() => {
            ports(permission).is_some_and(|(first, last)| first <= 1 && last >= 65_535)
        }
        _ => false,
    }
}

/// Whether the permission is for every protocol.
pub fn allows_all_protocols(permission: &Value) -> bool {
    protocol_of(permission, "IpProtocol") == Protocol::All
}

/// Whether a range (or single address) is effectively everyone on the internet:
/// it holds more public addresses than one IPv4 `/8` or one IPv6 `/32`.
pub fn is_internet(cidr: &str) -> Result<bool, AddressError> {
    address::is_internet(cidr)
}

/// Whether an address or a whole range is private, shared (`100.64.0.0/10`),
/// loopback or link-local.
pub fn is_private_address(cidr_or_ip: &str) -> Result<bool, AddressError> {
    address::is_private(cidr_or_ip)
}

/// Whether all of `inner` lies in `outer`; never across IPv4 and IPv6. Both may
/// be single addresses.
pub fn cidr_contains(outer: &str, inner: &str) -> Result<bool, AddressError> {
    address::contains(outer, inner)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    All,
    Tcp,
    Udp,
    Other,
}

impl Protocol {
    fn named(name: &str) -> Protocol {
        let name = name.trim();
        let is = |names: [&str; 2]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if is(["-1", "all"]) {
            Protocol::All
        } else if is(["tcp", "6"]) {
            Protocol::Tcp
        } else if is(["udp", "17"]) {
            Protocol::Udp
        } else {
            Protocol::Other
        }
    }

    fn has_ports(self) -> bool {
        matches!(self, Protocol::Tcp | Protocol::Udp)
    }
}

fn protocol_of(map: &Value, field: &str) -> Protocol {
    match map.get(field) {
        Some(Value::String(name)) => Protocol::named(name),
        Some(Value::Number(number)) => Protocol::named(&number.to_string()),
        _ => Protocol::Other,
    }
}

/// First and last port; all where none are given, as `-1` says too. None where
/// they are no numbers.
fn ports(permission: &Value) -> Option<(i64, i64)> {
    let field = |name: &str| match permission.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => number(value).map(|port| (port != -1).then_some(port)),
    };
    let (first, last) = (field("FromPort")?, field("ToPort")?);
    Some((first.unwrap_or(0), last.unwrap_or(65_535)))
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn ranges(permission: &Value) -> impl Iterator<Item = &str> {
    let listed =
        [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")].into_iter().flat_map(move |(list, field)| {
            let items = permission.get(list).and_then(Value::as_array);
            items.into_iter().flatten().filter_map(move |item| match item {
                Value::String(text) => Some(text.as_str()),
                map => map.get(field).and_then(Value::as_str),
            })
        });
    let flat = ["CidrIp", "CidrIpv4", "CidrIpv6"]
        .into_iter()
        .filter_map(move |field| permission.get(field).and_then(Value::as_str));
    listed.chain(flat)
}

#[cfg(test)]
mod tests;
