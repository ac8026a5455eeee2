//! Whether every object of a JSON text has each name once.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Whether no name comes twice in one object, at any depth.
pub fn is_unambiguous(text: &str) -> bool {
    serde_json::from_str::<Unambiguous>(text).is_ok()
}

struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

macro_rules! anything {
    ($($name:ident: $kind:ty),+) => {$(
        fn $name<E: Error>(self, _: $kind) -> Result<Unambiguous, E> {
            Ok(Unambiguous)
        }
    )+};
}

impl<'de> Visitor<'de> for Walk {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with each name once")
    }

    anything!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unambiguous, A::Error> {
        while list.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unambiguous, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                map.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom("a name comes twice"));
            }
            map.next_value::<Unambiguous>()?;
            seen.insert(name);
        }
        Ok(Unambiguous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_twice_is_found_at_any_depth() {
        for good in ["{}", "[1,2.5,null,true,\"x\"]", "{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}"] {
            assert!(is_unambiguous(good), "{good}");
        }
        for bad in [
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"b\":[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]}",
            "{",
            "{\"a\":1} 2",
        ] {
            assert!(!is_unambiguous(bad), "{bad}");
        }
    }
}
