use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;

fn from(ranges: &[&str], ranges6: &[&str]) -> Value {
    let v4: Vec<Value> = ranges.iter().map(|r| json!({"CidrIp": r})).collect();
    let v6: Vec<Value> = ranges6.iter().map(|r| json!({"CidrIpv6": r})).collect();
    json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": v4, "Ipv6Ranges": v6})
}

#[test]
fn ranges_that_are_effectively_everyone_are_the_internet() {
    for (v4, v6) in [
        (vec!["0.0.0.0/0"], vec![]),
        (vec![], vec!["::/0"]),
        (vec![], vec!["2000::/3"]),
        (vec!["0.0.0.0/1", "128.0.0.0/1"], vec![]),
        (vec!["64.0.0.0/2"], vec![]),
        (vec!["52.0.0.0/7"], vec![]),
        (vec!["10.0.0.0/8", "0.0.0.0/0"], vec![]),
        (vec!["nonsense"], vec![]),
    ] {
        assert!(from_internet(&from(&v4, &v6)), "{v4:?} {v6:?}");
    }
}

#[test]
fn known_networks_are_not_the_internet() {
    for (v4, v6) in [
        (vec![], vec![]),
        (vec!["8.8.8.8/32"], vec![]),
        (vec!["54.0.0.0/8"], vec![]),
        (vec!["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], vec![]),
        (vec!["224.0.0.0/3"], vec![]),
        (vec!["10.0.0.0/7"], vec![]),
        (vec![], vec!["fc00::/7", "2001:db8::/32", "fe80::/10"]),
    ] {
        assert!(!from_internet(&from(&v4, &v6)), "{v4:?} {v6:?}");
    }
    assert!(!from_internet(
        &json!({"UserIdGroupPairs": [{"GroupId": "sg-1"}], "PrefixListIds": [{"PrefixListId": "pl-1"}]})
    ));
    assert!(!from_internet(&json!(null)));
}

#[test]
fn many_networks_that_together_are_everyone_are_the_internet() {
    let eighths: Vec<String> = (1..224).step_by(2).map(|n| format!("{n}.0.0.0/8")).collect();
    let all: Vec<&str> = eighths.iter().map(String::as_str).collect();
    assert!(from_internet(&from(&all, &[])));
    assert!(!from_internet(&from(&all[..20], &[])));
}

#[test]
fn the_flat_form_of_a_rule_is_understood() {
    assert!(from_internet(&json!({"CidrIpv4": "0.0.0.0/0", "IpProtocol": "-1"})));
}

#[test]
fn wide_ranges_are_those_of_that_length_or_wider() {
    assert!(from_anywhere_wide(&from(&["54.32.0.0/16"], &[]), 16));
    assert!(from_anywhere_wide(&from(&["54.32.0.0/17", "54.32.128.0/17"], &[]), 16));
    assert!(from_anywhere_wide(&from(&[], &["::/0"]), 16));
    assert!(!from_anywhere_wide(&from(&["54.32.0.0/17"], &[]), 16));
    assert!(!from_anywhere_wide(&from(&["10.0.0.0/8"], &[]), 16));
}

#[test]
fn ports_are_matched_by_protocol_and_range() {
    let tcp = json!({"IpProtocol": "tcp", "FromPort": 20, "ToPort": 30});
    assert!(allows_port(&tcp, "tcp", 22));
    assert!(allows_port(&tcp, "6", 30));
    assert!(!allows_port(&tcp, "tcp", 31));
    assert!(!allows_port(&tcp, "udp", 22));
    assert!(allows_port(&json!({"IpProtocol": "17", "FromPort": 53, "ToPort": 53}), "UDP", 53));
    assert!(allows_port(&json!({"IpProtocol": "-1"}), "tcp", 22));
    assert!(allows_port(&json!({"IpProtocol": -1, "FromPort": 80, "ToPort": 80}), "tcp", 22));
    assert!(allows_port(&json!({"IpProtocol": "tcp", "FromPort": -1, "ToPort": -1}), "tcp", 22));
}

#[test]
fn icmp_has_no_ports() {
    let ping = json!({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1});
    assert!(!allows_port(&ping, "tcp", 22));
    assert!(!allows_port(&ping, "icmp", 8));
    assert!(!allows_port(&json!({"IpProtocol": "-1"}), "icmp", 8));
    assert!(!allows_all_ports(&json!({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1})));
    assert!(!allows_all_ports(&json!({"IpProtocol": "58"})));
}

#[test]
fn all_ports_and_all_protocols_are_not_the_same() {
    let all_tcp = json!({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535});
    assert!(allows_all_ports(&all_tcp) && !allows_all_protocols(&all_tcp));
    let anything = json!({"IpProtocol": "-1"});
    assert!(allows_all_ports(&anything) && allows_all_protocols(&anything));
    assert!(!allows_all_ports(&json!({"IpProtocol": "tcp", "FromPort": 1024, "ToPort": 65535})));
}

#[test]
fn ranges_that_are_none_are_errors() {
    for bad in ["", "internet", "10.0.0.0/33", "1.2.3", "::/129"] {
        assert!(is_internet(bad).is_err() && is_private_address(bad).is_err(), "{bad}");
        assert!(cidr_contains("0.0.0.0/0", bad).is_err(), "{bad}");
    }
    assert_eq!(
        is_internet("x").unwrap_err().to_string(),
        "`x` is neither an IP address nor a range of addresses"
    );
}

#[test]
fn private_is_all_of_it_private() {
    for private in [
        "10.1.2.3",
        "10.0.0.0/8",
        "172.31.0.0/16",
        "192.168.1.1/24",
        "100.64.0.1",
        "127.0.0.1",
        "fd00::/8",
        "fe80::1",
        "::1",
    ] {
        assert_eq!(is_private_address(private), Ok(true), "{private}");
    }
    for public in ["8.8.8.8", "10.0.0.0/7", "172.32.0.0/16", "0.0.0.0/0", "2001:4860::/32"] {
        assert_eq!(is_private_address(public), Ok(false), "{public}");
    }
}

#[test]
fn containing_is_within_one_family() {
    assert_eq!(cidr_contains("10.0.0.0/8", "10.1.0.0/16"), Ok(true));
    assert_eq!(cidr_contains("10.1.0.0/16", "10.0.0.0/8"), Ok(false));
    assert_eq!(cidr_contains("10.0.0.1/8", "10.9.9.9"), Ok(true));
    assert_eq!(cidr_contains("::/0", "10.0.0.0/8"), Ok(false));
}

fn rule(number: i64, action: &str, protocol: &str, ports: Option<(i64, i64)>, range: &str) -> Value {
    let field = if range.contains(':') { "Ipv6CidrBlock" } else { "CidrBlock" };
    let mut rule = json!({"RuleNumber": number, "RuleAction": action, "Protocol": protocol, "Egress": false, field: range});
    if let Some((first, last)) = ports {
        rule["PortRange"] = json!({"From": first, "To": last});
    }
    rule
}

#[test]
fn acl_rules_decide_in_the_order_of_their_numbers() {
    let allow = |number| rule(number, "allow", "-1", None, "0.0.0.0/0");
    let deny = |number, range: &str| rule(number, "deny", "6", Some((22, 22)), range);
    let ssh = |entries: Value| acl_admits_internet(&entries, "tcp", 22);
    assert!(ssh(json!([allow(100)])));
    assert!(!ssh(json!([allow(100), deny(90, "0.0.0.0/0")])));
    assert!(ssh(json!([deny(110, "0.0.0.0/0"), allow(100)])));
    assert!(ssh(json!([deny(90, "1.2.3.0/24"), allow(100)])));
    assert!(!ssh(json!([deny(80, "0.0.0.0/1"), deny(90, "128.0.0.0/1"), allow(100)])));
    assert!(ssh(json!([deny(90, "::/0"), allow(100)])));
    assert!(ssh(json!([deny(90, "0.0.0.0/0"), rule(100, "allow", "6", Some((0, 1024)), "::/0")])));
    assert!(!ssh(json!([rule(100, "allow", "6", Some((443, 443)), "0.0.0.0/0")])));
    assert!(!ssh(json!([rule(100, "allow", "17", Some((22, 22)), "0.0.0.0/0")])));
    assert!(!ssh(json!([rule(100, "allow", "1", None, "0.0.0.0/0")])));
    assert!(!ssh(json!([rule(100, "allow", "6", None, "10.0.0.0/8")])));
    let mut outbound = allow(100);
    outbound["Egress"] = json!(true);
    assert!(!ssh(json!([outbound])));
    assert!(!ssh(json!(null)));
}

#[test]
fn acl_halves_of_the_internet_add_up() {
    let entries =
        json!([rule(100, "allow", "6", None, "0.0.0.0/1"), rule(110, "allow", "6", None, "128.0.0.0/1"),]);
    assert!(acl_admits_internet(&entries, "tcp", 22));
    assert!(acl_admits_internet_on_all_ports(&entries));
}

#[test]
fn acl_all_ports_end_with_a_deny_of_any() {
    let allow = rule(100, "allow", "6", Some((0, 65535)), "0.0.0.0/0");
    assert!(acl_admits_internet_on_all_ports(&json!([allow])));
    let deny = rule(90, "deny", "6", Some((22, 22)), "0.0.0.0/0");
    assert!(!acl_admits_internet_on_all_ports(&json!([deny, allow])));
    assert!(!acl_admits_internet_on_all_ports(&json!([rule(
        1,
        "allow",
        "6",
        Some((1024, 65535)),
        "0.0.0.0/0"
    )])));
}

/// Public addresses behind a first octet, in shares of a `/16`.
fn public_share(octet: u32) -> f64 {
    match octet {
        0 | 10 | 127 | 224..=255 => 0.0,
        100 => 192.0,
        169 => 255.0,
        172 => 240.0,
        192 => 255.0 - 2.0 / 256.0,
        198 => 254.0 - 1.0 / 256.0,
        203 => 256.0 - 1.0 / 256.0,
        _ => 256.0,
    }
}

/// The definition of everyone, octet by octet.
fn everyone(octets: &[bool]) -> bool {
    let mut stretch = 0.0;
    let mut total = 0.0;
    let mut all = 0.0;
    for (octet, there) in (0..256).zip(octets) {
        let share = public_share(octet);
        all += share;
        stretch = if *there { stretch + share } else { 0.0 };
        total += if *there { share } else { 0.0 };
        if stretch > 256.0 {
            return true;
        }
    }
    total >= all / 2.0
}

fn wide_range() -> impl Strategy<Value = (u32, u8)> {
    (0u32..256, 0u8..=8).prop_map(|(octet, length)| (octet & !((1 << (8 - length)) - 1), length))
}

fn has((first, length): (u32, u8), octet: u32) -> bool {
    octet >> (8 - length) == first >> (8 - length)
}

proptest! {
    #[test]
    fn internet_is_what_counting_octets_says(ranges in prop::collection::vec(wide_range(), 0..6)) {
        let octets: Vec<bool> = (0..256).map(|o| ranges.iter().any(|r| has(*r, o))).collect();
        let texts: Vec<String> = ranges.iter().map(|(o, l)| format!("{o}.0.0.0/{l}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        prop_assert_eq!(from_internet(&from(&texts, &[])), everyone(&octets));
    }

    #[test]
    fn acls_admit_what_the_first_matching_rule_admits(
        rules in prop::collection::vec(
            (1i64..100, any::<bool>(), select(vec!["-1", "6", "17"]), 0i64..5, 0i64..5, wide_range()), 0..6),
        port in 0u16..5,
    ) {
        let mut rules = rules;
        rules.sort_by_key(|r| r.0);
        rules.dedup_by_key(|r| r.0);
        let octets: Vec<bool> = (0..256).map(|octet| {
            rules.iter()
                .find(|(_, _, protocol, from, width, range)| {
                    let ports = *protocol == "-1" || (*from..=from + width).contains(&i64::from(port));
                    *protocol != "17" && ports && has(*range, octet)
                })
                .is_some_and(|rule| rule.1)
        }).collect();
        let entries: Vec<Value> = rules.iter().rev().map(|(number, allow, protocol, from, width, (octet, length))| {
            rule(*number, if *allow { "allow" } else { "deny" }, protocol, Some((*from, from + width)), &format!("{octet}.0.0.0/{length}"))
        }).collect();
        prop_assert_eq!(acl_admits_internet(&json!(entries), "tcp", port), everyone(&octets));
    }

    #[test]
    fn ports_are_those_between(from in 0u16..20, width in 0u16..10, port in 0u16..30) {
        let permission = json!({"IpProtocol": "udp", "FromPort": from, "ToPort": from + width});
        prop_assert_eq!(allows_port(&permission, "udp", port), (from..=from + width).contains(&port));
    }

    #[test]
    fn containing_is_what_bits_say(outer in any::<u32>(), long in 0u8..=32, inner in any::<u32>(), longer in 0u8..=32) {
        let address = std::net::Ipv4Addr::from_bits;
        let same = (0..long).all(|bit| (outer ^ inner) >> (31 - bit) & 1 == 0);
        let answer = cidr_contains(&format!("{}/{long}", address(outer)), &format!("{}/{longer}", address(inner)));
        prop_assert_eq!(answer, Ok(longer >= long && same));
    }

    #[test]
    fn no_text_makes_address_functions_panic(text in any::<String>()) {
        let _ = (is_internet(&text), is_private_address(&text), cidr_contains(&text, "::/0"));
    }
}
