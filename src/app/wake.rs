//! Waking the workers when something was committed for them. Without it they look by themselves
//! from time to time, which is how work of other processes is found.

use tokio::sync::Notify;

/// One bell per queue.
#[derive(Debug, Default)]
pub struct Wake {
    /// There are jobs.
    pub jobs: Notify,
    /// There are acts to turn into activities.
    pub acts: Notify,
    /// There are arrivals to apply.
    pub inbox: Notify,
    /// There are deliveries to make.
    pub deliveries: Notify,
}
