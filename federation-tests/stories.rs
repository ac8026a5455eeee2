//! Veche servers among themselves, told as stories.

mod faults;
mod mirror;
mod order;
mod third;
