//! Veche servers among themselves, told as stories.

mod ballots;
mod faults;
mod groups;
mod life;
mod mirror;
mod order;
mod third;
