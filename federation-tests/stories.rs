//! Veche servers among themselves, told as stories.

mod faults;
mod groups;
mod mirror;
mod order;
mod third;
