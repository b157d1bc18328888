//! Network ACLs: numbered rules, of which the first that matches decides.

use serde_json::Value;

use super::{Protocol, number, protocol_of};
use crate::address::{self, AddressSet, Family};

/// What of a protocol's ports is asked about.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Port(u16),
    AllPorts,
}

/// Whether the inbound rules let that port in from effectively everyone on the
/// internet, by IPv4 or by IPv6. Rules are taken in the order of their numbers;
/// what an earlier one denies, no later one admits.
pub fn acl_admits_internet(entries: &Value, protocol: &str, port: u16) -> bool {
    let protocols: &[Protocol] = match Protocol::named(protocol) {
        Protocol::All => &[Protocol::Tcp, Protocol::Udp],
        Protocol::Tcp => &[Protocol::Tcp],
        Protocol::Udp => &[Protocol::Udp],
        Protocol::Other => &[],
    };
    admits(entries, Asked::Port(port), protocols)
}

/// Whether the inbound rules let in every port of TCP or UDP, or every protocol,
/// from effectively everyone on the internet. An earlier deny of all ports takes
/// addresses out of a later allow; an earlier deny of only some ports means that
/// it is not every port any more.
pub fn acl_admits_internet_on_all_ports(entries: &Value) -> bool {
    admits(entries, Asked::AllPorts, &[Protocol::Tcp, Protocol::Udp])
}

fn admits(entries: &Value, asked: Asked, protocols: &[Protocol]) -> bool {
    let mut inbound: Vec<&Value> = entries
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("Egress").and_then(Value::as_bool) != Some(true))
        .collect();
    inbound.sort_by_key(|entry| rule_number(entry));
    protocols.iter().any(|protocol| admits_as(&inbound, asked, *protocol))
}

/// The default rule has the number 32767, and shows as `*` in places; a rule
/// whose number cannot be read goes there too.
fn rule_number(entry: &Value) -> i64 {
    entry.get("RuleNumber").and_then(number).unwrap_or(32_767)
}

fn admits_as(inbound: &[&Value], asked: Asked, protocol: Protocol) -> bool {
    [Family::V4, Family::V6].into_iter().any(|family| {
        let mut denied = AddressSet::empty(family);
        let mut admitted = AddressSet::empty(family);
        for entry in inbound {
            let allow = match entry.get("RuleAction").and_then(Value::as_str) {
                Some(action) if action.eq_ignore_ascii_case("allow") => true,
                Some(action) if action.eq_ignore_ascii_case("deny") => false,
                _ => continue,
            };
            if !is_about(entry, asked, protocol, allow) {
                continue;
            }
            let mut range = AddressSet::empty(family);
            for field in ["CidrBlock", "Ipv6CidrBlock"] {
                if let Some(text) = entry.get(field).and_then(Value::as_str) {
                    match address::parse(text) {
                        Ok(net) => range.add(&net),
                        // a doubt must show: an unreadable allow is everyone,
                        // an unreadable deny nobody
                        Err(_) if allow => return true,
                        Err(_) => {}
                    }
                }
            }
            if allow {
                admitted.join(&range.without(&denied));
            } else {
                // an address that was admitted before stays so
                denied.join(&range.without(&admitted));
            }
        }
        admitted.is_everyone()
    })
}

/// Whether the rule matches what is asked about. For all ports, an allow must
/// cover them all, while a deny of any of them breaks them.
fn is_about(entry: &Value, asked: Asked, protocol: Protocol, allow: bool) -> bool {
    let found = protocol_of(entry, "Protocol");
    found == Protocol::All || found == protocol && covers_ports(entry, asked, allow)
}

fn covers_ports(entry: &Value, asked: Asked, allow: bool) -> bool {
    let bound = |name: &str| {
        entry.get("PortRange").and_then(|range| range.get(name)).and_then(number).filter(|port| *port != -1)
    };
    let first = bound("From").unwrap_or(0);
    let last = bound("To").unwrap_or(65_535);
    match asked {
        Asked::Port(port) => (first..=last).contains(&i64::from(port)),
        Asked::AllPorts if allow => first <= 1 && last >= 65_535,
        Asked::AllPorts => first <= 65_535 && last >= 0,
    }
}
