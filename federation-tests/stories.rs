//! Veche servers among themselves, told as stories.

mod ballots;
mod faults;
mod life;
mod mirror;
mod order;
mod third;
