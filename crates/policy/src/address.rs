//! IP addresses and ranges.

use std::net::IpAddr;

use ipnet::IpNet;

/// A text that is neither an IP address nor a range of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither an IP address nor a range of addresses")]
pub struct AddressError {
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// Not reachable over the internet, or not handed out to anyone on it.
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// All that is handed out so far; the rest is private, special or unassigned.
const PUBLIC_V6: &str = "2000::/3";

/// Inside a network of one's own, one's provider's, or one's machine.
const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// An address, or a range in CIDR form (host bits are let pass).
pub(crate) fn parse(text: &str) -> Result<IpNet, AddressError> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map(|net| net.trunc())
        .map_err(|_| AddressError { text: text.chars().take(60).collect() })
}

/// Whether a range is effectively everyone on the internet: it holds more public
/// addresses than one IPv4 `/8`, or one IPv6 `/32`.
pub(crate) fn is_internet(cidr: &str) -> Result<bool, AddressError> {
    let net = parse(cidr)?;
    let mut set = AddressSet::empty(family(&net));
    set.add(&net);
    Ok(set.is_everyone())
}

/// Whether all of it lies in private, shared, loopback or link-local space.
pub(crate) fn is_private(text: &str) -> Result<bool, AddressError> {
    let net = parse(text)?;
    Ok(constants(PRIVATE).any(|private| private.contains(&net)))
}

/// Whether some of it may belong to somebody on the internet.
pub(crate) fn is_partly_public(net: &IpNet) -> bool {
    let mut set = AddressSet::empty(family(net));
    set.add(net);
    set.public_size() > 0
}

pub(crate) fn contains(outer: &str, inner: &str) -> Result<bool, AddressError> {
    let (outer, inner) = (parse(outer)?, parse(inner)?);
    Ok(outer.contains(&inner))
}

pub(crate) fn family(net: &IpNet) -> Family {
    match net {
        IpNet::V4(_) => Family::V4,
        IpNet::V6(_) => Family::V6,
    }
}

fn constants(texts: &'static [&'static str]) -> impl Iterator<Item = IpNet> {
    texts.iter().filter_map(|text| text.parse().ok())
}

/// Addresses of one family, as ranges in order that neither meet nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressSet {
    family: Family,
    ranges: Vec<(u128, u128)>,
}

impl AddressSet {
    pub(crate) fn empty(family: Family) -> AddressSet {
        AddressSet { family, ranges: Vec::new() }
    }

    /// The IPv4 and the IPv6 addresses of these ranges.
    pub(crate) fn pair<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<(AddressSet, AddressSet), AddressError> {
        let mut v4 = AddressSet::empty(Family::V4);
        let mut v6 = AddressSet::empty(Family::V6);
        for text in texts {
            let net = parse(text)?;
            v4.add(&net);
            v6.add(&net);
        }
        Ok((v4, v6))
    }

    /// Adds a range; one of the other family adds nothing.
    pub(crate) fn add(&mut self, net: &IpNet) {
        if family(net) == self.family {
            self.add_range(bounds(net));
        }
    }

    fn add_range(&mut self, (mut first, mut last): (u128, u128)) {
        self.ranges.retain(|&(start, end)| {
            let apart = end < first && first - end > 1 || last < start && start - last > 1;
            if !apart {
                first = first.min(start);
                last = last.max(end);
            }
            apart
        });
        let place = self.ranges.partition_point(|&(start, _)| start < first);
        self.ranges.insert(place, (first, last));
    }

    pub(crate) fn join(&mut self, other: &AddressSet) {
        for range in &other.ranges {
            self.add_range(*range);
        }
    }

    /// This set without what is in the other.
    pub(crate) fn without(&self, other: &AddressSet) -> AddressSet {
        let mut left = Vec::new();
        for &(first, last) in &self.ranges {
            let mut from = Some(first);
            for &(start, end) in &other.ranges {
                let Some(current) = from else { break };
                if end < current || start > last {
                    continue;
                }
                if start > current {
                    left.push((current, start - 1));
                }
                from = if end < last { Some(end + 1) } else { None };
            }
            if let Some(current) = from {
                left.push((current, last));
            }
        }
        AddressSet { family: self.family, ranges: left }
    }

    /// Whether these addresses are effectively everyone on the internet: one
    /// unbroken stretch holds more public addresses than an IPv4 `/8` or an IPv6
    /// `/32`, or all stretches together hold half of the public addresses. Wider
    /// than these no single network is, and AWS draws its line there too.
    pub(crate) fn is_everyone(&self) -> bool {
        let one_network: u128 = match self.family {
            Family::V4 => 1 << 24,
            Family::V6 => 1 << 96,
        };
        let wide = self.ranges.iter().any(|range| {
            let stretch = AddressSet { family: self.family, ranges: vec![*range] };
            stretch.public_size() > one_network
        });
        wide || self.public_size() >= AddressSet::public(self.family).size() / 2
    }

    fn public_size(&self) -> u128 {
        let hidden = AddressSet::whole(self.family).without(&AddressSet::public(self.family));
        self.without(&hidden).size()
    }

    fn whole(family: Family) -> AddressSet {
        let last = match family {
            Family::V4 => u128::from(u32::MAX),
            Family::V6 => u128::MAX,
        };
        AddressSet { family, ranges: vec![(0, last)] }
    }

    fn public(family: Family) -> AddressSet {
        match family {
            Family::V4 => {
                let mut hidden = AddressSet::empty(family);
                for net in constants(NOT_PUBLIC_V4) {
                    hidden.add(&net);
                }
                AddressSet::whole(family).without(&hidden)
            }
            Family::V6 => {
                let mut public = AddressSet::empty(family);
                for net in constants(&[PUBLIC_V6]) {
                    public.add(&net);
                }
                public
            }
        }
    }

    /// How many addresses; all of IPv6 is one more than fits, and counts as one less.
    fn size(&self) -> u128 {
        self.ranges
            .iter()
            .fold(0, |sum: u128, (first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }
}

fn bounds(net: &IpNet) -> (u128, u128) {
    match net {
        IpNet::V4(net) => (u128::from(u32::from(net.network())), u128::from(u32::from(net.broadcast()))),
        IpNet::V6(net) => (u128::from(net.network()), u128::from(net.broadcast())),
    }
}

#[cfg(test)]
mod tests;
