//! The life of actors: who is one person, moving, leaving, blocking, reporting, hashtags.

mod people;
mod removal;
mod words;
