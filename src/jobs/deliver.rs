//! Sending: up to 128 requests at once, two per host, one per inbox, results written many at a time.
//!
//! A slow host holds its two slots and nothing else: while enough of its deliveries wait in
//! memory, no more of them are leased.

use super::{backoff, recover};
use crate::app::App;
use crate::domain::{DeliveryId, Timestamp, attempts};
use crate::failpoint;
use crate::federation::deliver::{Verdict, deliver};
use crate::federation::policy;
use crate::services;
use crate::services::queue::{self, DeliveryRow, HostNews, Outcome};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc;

/// Longer than an attempt and the wait for a slot take together.
const LEASE_SECONDS: i64 = 120;
const IN_FLIGHT: usize = 128;
const PER_HOST: usize = 2;
/// Deliveries waiting in memory.
const WAITING: usize = 1_000;
/// Deliveries of one host waiting in memory, before it counts as busy.
const WAITING_PER_HOST: usize = 16;
/// Hosts that can be left out of a lease in one statement.
const MAX_BUSY: usize = 500;
/// Failing hosts that are remembered; whoever makes up names must not fill the memory.
const MAX_FAILING: usize = 10_000;

type Done = (DeliveryRow, Verdict);

/// What is known of one host while something is to be sent there.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<DeliveryRow>,
    /// The inboxes to which something is under way: never two to one inbox, so that it gets what
    /// happened in the order in which it happened.
    busy: Vec<String>,
}

impl Lane {
    /// The next delivery that may be sent now.
    fn next(&mut self) -> Option<DeliveryRow> {
        if self.busy.len() >= PER_HOST {
            return None;
        }
        let at = self.waiting.iter().position(|row| !self.busy.contains(&row.inbox))?;
        self.waiting.remove(at)
    }
}

struct Sender {
    app: App,
    lanes: HashMap<String, Lane>,
    in_flight: usize,
    waiting: usize,
    /// Failures in a row, for hosts that have any.
    failures: HashMap<String, i64>,
    done: mpsc::Sender<Done>,
}

pub(super) async fn run(app: App) {
    let (done, mut results) = mpsc::channel(IN_FLIGHT);
    let failures = queue::failing_hosts(&app).await.unwrap_or_default().into_iter().collect();
    let mut sender = Sender {
        app: app.clone(),
        lanes: HashMap::new(),
        in_flight: 0,
        waiting: 0,
        failures,
        done,
    };
    let mut look = true;
    loop {
        if look && !app.shutdown.has_begun() {
            if let Err(error) = sender.fill().await {
                recover(&app, "deliver", &error).await;
            }
            look = false;
        }
        sender.dispatch();
        if app.shutdown.has_begun() && sender.in_flight == 0 {
            return;
        }
        let mut finished = Vec::new();
        tokio::select! {
            n = results.recv_many(&mut finished, IN_FLIGHT) => {
                // A moment later there may be more, for the price of one transaction.
                if n < IN_FLIGHT / 4 && sender.in_flight > n {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    while let Ok(more) = results.try_recv() {
                        finished.push(more);
                    }
                }
                look = sender.waiting < WAITING / 2;
            }
            () = app.wake.deliveries.notified(), if !app.shutdown.has_begun() => look = true,
            () = tokio::time::sleep(super::PATROL) => look = true,
            () = app.shutdown.begun(), if !app.shutdown.has_begun() => {}
        }
        sender.settle(finished).await;
    }
}

impl Sender {
    /// Leases more, unless enough is waiting.
    async fn fill(&mut self) -> services::Result<()> {
        if self.waiting >= WAITING {
            return Ok(());
        }
        let busy: Vec<String> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.waiting.len() >= WAITING_PER_HOST)
            .map(|(host, _)| host.clone())
            .take(MAX_BUSY)
            .collect();
        let limit = i64::try_from(WAITING - self.waiting).unwrap_or(0);
        let rows = queue::claim_deliveries(&self.app, LEASE_SECONDS, limit, &busy).await?;
        self.waiting += rows.len();
        for row in rows {
            self.lanes.entry(row.host.clone()).or_default().waiting.push_back(row);
        }
        Ok(())
    }

    /// Starts whatever has a slot.
    fn dispatch(&mut self) {
        if self.app.shutdown.has_begun() {
            return;
        }
        let fresh_until = self.app.now().plus_seconds(30);
        for lane in self.lanes.values_mut() {
            while self.in_flight < IN_FLIGHT {
                let Some(row) = lane.next() else { break };
                self.waiting -= 1;
                if row.lease_until < fresh_until {
                    // The lease may run out while it is sent: it will be leased anew.
                    continue;
                }
                lane.busy.push(row.inbox.clone());
                self.in_flight += 1;
                let (app, done) = (self.app.clone(), self.done.clone());
                self.app.shutdown.spawn(async move {
                    let verdict = attempt(&app, &row).await;
                    failpoint::hit("delivery_after_send", &row.inbox);
                    let _ = done.send((row, verdict)).await;
                });
            }
        }
        self.lanes.retain(|_, lane| !lane.busy.is_empty() || !lane.waiting.is_empty());
    }

    /// Writes down what became of attempts.
    async fn settle(&mut self, finished: Vec<Done>) {
        if finished.is_empty() {
            return;
        }
        let now = self.app.now();
        let mut delivered = Vec::new();
        let mut failed = Vec::new();
        let mut hosts = Vec::new();
        for (row, verdict) in finished {
            self.in_flight -= 1;
            if let Some(lane) = self.lanes.get_mut(&row.host) {
                lane.busy.retain(|inbox| *inbox != row.inbox);
            }
            metrics::counter!("federation_deliveries_total", "result" => label(&verdict))
                .increment(1);
            let why = label(&verdict);
            if matches!(why, "policy" | "refused" | "gone") {
                metrics::counter!("federation_dead_total", "reason" => why).increment(1);
            }
            match verdict {
                Verdict::Delivered => {
                    delivered.push(row.id);
                    if self.failures.remove(&row.host).is_some() {
                        hosts.push(HostNews::Well(row.host));
                    } else if self.app.caches.seen_hosts.insert_new(&row.host) {
                        hosts.push(HostNews::Seen(row.host));
                    }
                }
                Verdict::HostDown { status, reason, after_seconds } => {
                    if self.failures.len() >= MAX_FAILING {
                        // Forgetting makes the next waits shorter, and nothing else.
                        self.failures.clear();
                    }
                    let failures = self.failures.entry(row.host.clone()).or_insert(0);
                    *failures += 1;
                    let retry_at = after_seconds
                        .map_or_else(|| backoff::next(now, *failures), |s| now.plus_seconds(s));
                    self.drop_lane(&row.host);
                    let host = row.host.clone();
                    let give_up_before = now.plus_seconds(-backoff::GIVE_UP_SECONDS);
                    let error = reason.clone();
                    hosts.push(HostNews::Down { host, retry_at, give_up_before, error });
                    failed.push(put_back(&row, now, status, reason, Some(retry_at)));
                }
                Verdict::Retry { status, reason, after_seconds } => {
                    let at = after_seconds.map(|s| now.plus_seconds(s));
                    failed.push(put_back(&row, now, status, reason, at));
                }
                Verdict::Refused { status, reason } => {
                    failed.push(dead(&row, now, status, reason));
                }
                Verdict::Gone { status } => {
                    let reason = format!("it answered {status}");
                    failed.push(dead(&row, now, Some(status), reason));
                    if let Err(error) = queue::ask_whether_gone(&self.app, &row.inbox).await {
                        tracing::warn!(%error, "a missing inbox is not followed up");
                    }
                }
            }
        }
        self.record(&delivered, &failed, &hosts).await;
    }

    async fn record(&self, delivered: &[DeliveryId], failed: &[Outcome], hosts: &[HostNews]) {
        // What was sent but not written down would be sent again: harmless, but worth some tries.
        for _ in 0..30 {
            match queue::record_deliveries(&self.app, delivered, failed, hosts).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "results of deliveries wait for the database");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// What waits for a host that is down waits in the database instead.
    fn drop_lane(&mut self, host: &str) {
        if let Some(lane) = self.lanes.get_mut(host) {
            self.waiting -= lane.waiting.len();
            lane.waiting.clear();
        }
    }
}

async fn attempt(app: &App, row: &DeliveryRow) -> Verdict {
    if let Some(reason) = policy::refusal(app, &row.inbox) {
        return Verdict::Refused { status: None, reason: reason.to_owned() };
    }
    let passing = |reason: String| Verdict::Retry { status: None, reason, after_seconds: None };
    let outgoing = match queue::outgoing(app, row.activity_id).await {
        Ok(Some(outgoing)) => outgoing,
        Ok(None) => {
            let reason = "the activity does not exist".to_owned();
            return Verdict::Refused { status: None, reason };
        }
        Err(error) => return passing(error.to_string()),
    };
    let (actor, body, digest) = &*outgoing;
    match services::actors::signing_key(app, *actor).await {
        Ok(key) => deliver(app, &key, &row.inbox, body.clone(), digest).await,
        Err(error) => passing(error.to_string()),
    }
}

fn label(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Refused { status: None, reason } if reason.starts_with("policy") => "policy",
        Verdict::Refused { .. } => "refused",
        Verdict::Gone { .. } => "gone",
        Verdict::Retry { .. } => "retry",
        Verdict::HostDown { .. } => "host_down",
    }
}

fn put_back(
    row: &DeliveryRow,
    now: Timestamp,
    status: Option<u16>,
    reason: String,
    at: Option<Timestamp>,
) -> Outcome {
    let made = row.attempts + 1;
    if made >= backoff::MAX_ATTEMPTS {
        metrics::counter!("federation_dead_total", "reason" => "week").increment(1);
        return dead(row, now, status, format!("given up after a week: {reason}"));
    }
    let next_at = at.unwrap_or_else(|| backoff::next(now, made));
    Outcome {
        id: row.id,
        lease_until: row.lease_until,
        state: "pending",
        attempts: made,
        next_at,
        status: status.map(i64::from),
        history: Some(attempts::add(row.history.as_deref(), now, status, &reason)),
        error: Some(reason),
    }
}

fn dead(row: &DeliveryRow, now: Timestamp, status: Option<u16>, reason: String) -> Outcome {
    Outcome {
        id: row.id,
        lease_until: row.lease_until,
        state: "dead",
        attempts: row.attempts + 1,
        next_at: now,
        status: status.map(i64::from),
        history: Some(attempts::add(row.history.as_deref(), now, status, &reason)),
        error: Some(reason),
    }
}

/// Makes one attempt at everything that is due; how many it made.
pub(super) async fn step(app: &App) -> anyhow::Result<usize> {
    let (done, mut results) = mpsc::channel(WAITING);
    let failures = queue::failing_hosts(app).await?.into_iter().collect();
    let mut sender = Sender {
        app: app.clone(),
        lanes: HashMap::new(),
        in_flight: 0,
        waiting: 0,
        failures,
        done,
    };
    sender.fill().await?;
    let count = sender.waiting;
    loop {
        sender.dispatch();
        if sender.in_flight == 0 {
            return Ok(count);
        }
        let mut finished = Vec::new();
        results.recv_many(&mut finished, WAITING).await;
        sender.settle(finished).await;
    }
}
