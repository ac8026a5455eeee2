//! Reading the federation log.
