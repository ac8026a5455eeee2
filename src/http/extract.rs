//! What handlers take from a request.
