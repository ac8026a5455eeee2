//! Tests that concern the whole crate.
