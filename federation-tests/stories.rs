//! Veche servers among themselves, told as stories.

mod ballots;
mod faults;
mod mirror;
mod order;
mod third;
