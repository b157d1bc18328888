//! Harm: parts of what was read are taken away, made unreadable, or of another kind.

use crate::failure;
use serde_json::{Value, json};
use stance_model::{Attribute, AttributeState, ListingState, Resource, Snapshot};

/// Numbers that look random, the same for the same seed.
pub struct Harm(u64);

impl Harm {
    /// Harm of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// Harms here and there.
    pub fn snapshot(&mut self, snapshot: &mut Snapshot) {
        for resource in &mut snapshot.resources {
            self.resource(resource);
        }
        let listings = &mut snapshot.run.listings;
        for listing in listings.iter_mut() {
            if self.below(5) == 0 {
                listing.state = ListingState::Unreadable { failure: Box::new(failure("test:List")) };
            }
        }
        if self.below(8) == 0 {
            listings.pop();
        }
    }

    fn resource(&mut self, resource: &mut Resource) {
        let names: Vec<String> = resource.attributes.keys().cloned().collect();
        for name in names {
            match self.below(10) {
                0 => drop(resource.attributes.remove(&name)),
                1 => self.state(resource, &name, AttributeState::Absent),
                2 => self.state(resource, &name, AttributeState::Unreadable { failure: failure("test:Get") }),
                3 => self.state(resource, &name, AttributeState::Known { value: Value::Null }),
                4..=6 => {
                    let attribute = resource.attributes.get_mut(&name).unwrap();
                    if let AttributeState::Known { value } = &mut attribute.state {
                        self.value(value);
                    }
                }
                _ => {}
            }
        }
        let names: Vec<String> = resource.fields.keys().cloned().collect();
        for name in names {
            match self.below(8) {
                0 => drop(resource.fields.shift_remove(&name)),
                1..=3 => self.value(resource.fields.get_mut(&name).unwrap()),
                _ => {}
            }
        }
    }

    fn state(&mut self, resource: &mut Resource, name: &str, state: AttributeState) {
        let attribute: &mut Attribute = resource.attributes.get_mut(name).unwrap();
        attribute.state = state;
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) if !items.is_empty() && self.below(4) > 0 => {
                let at = usize::try_from(self.below(items.len() as u64)).unwrap();
                if self.below(4) == 0 { drop(items.remove(at)) } else { self.value(&mut items[at]) }
            }
            Value::Object(members) if !members.is_empty() && self.below(4) > 0 => {
                let at = usize::try_from(self.below(members.len() as u64)).unwrap();
                let name = members.keys().nth(at).unwrap().clone();
                if self.below(4) == 0 {
                    members.shift_remove(&name);
                } else {
                    self.value(members.get_mut(&name).unwrap());
                }
            }
            _ => {
                *value = match self.below(8) {
                    0 => Value::Null,
                    1 => json!(true),
                    2 => json!(0),
                    3 => json!("other"),
                    4 => json!([]),
                    5 => json!({}),
                    6 => json!(1.5),
                    _ => return,
                }
            }
        }
    }
}
