//! What handlers take from a request.

pub(super) mod session;
