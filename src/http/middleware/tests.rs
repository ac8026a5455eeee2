//! The frame through the router.
