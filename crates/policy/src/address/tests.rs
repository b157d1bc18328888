use proptest::prelude::*;

use super::{AddressSet, Family};

fn set(addresses: &[bool]) -> AddressSet {
    let mut set = AddressSet::empty(Family::V4);
    for (at, there) in addresses.iter().enumerate() {
        if *there {
            set.add_range((at as u128, at as u128));
        }
    }
    set
}

#[test]
fn the_ends_of_the_address_space_are_no_trouble() {
    let mut all = AddressSet::empty(Family::V6);
    all.add(&"::/0".parse().unwrap());
    let mut last = AddressSet::empty(Family::V6);
    last.add(&"ffff::/16".parse().unwrap());
    assert!(all.is_everyone());
    assert!(all.without(&last).is_everyone());
    assert!(all.without(&all).ranges.is_empty());
    last.join(&all);
    assert_eq!(last, all);
}

proptest! {
    #[test]
    fn sets_are_what_single_addresses_say(
        one in prop::collection::vec(any::<bool>(), 12),
        two in prop::collection::vec(any::<bool>(), 12),
    ) {
        let without: Vec<bool> = one.iter().zip(&two).map(|(a, b)| *a && !*b).collect();
        let joined: Vec<bool> = one.iter().zip(&two).map(|(a, b)| *a || *b).collect();
        prop_assert_eq!(set(&one).without(&set(&two)), set(&without));
        let mut both = set(&one);
        both.join(&set(&two));
        prop_assert_eq!(both, set(&joined));
    }
}
