//! Rules about other servers: who may take part, whose texts are not listed, with whom nothing
//! is exchanged.
//!
//! Every change is one transaction: the rule, an audit row with who and why, and what follows
//! from it (follows freeze or thaw, what waits to be sent is given up). The rules in force are
//! kept in memory; other processes find a change within [`FRESH`].

mod import;

pub use import::{Change, Plan};

use super::{Error, Result, Unit, audit};
use crate::app::{App, Policies};
use crate::domain::policy::{DomainPolicy, PolicyTable, Severity, Standing};
use crate::domain::{Invalid, Timestamp, host, invalid};
use crate::storage;
use std::time::Duration;

/// How soon a change made by another process is in force here.
pub const FRESH: Duration = Duration::from_secs(2);
/// Where the mode is kept that the follows were last arranged for.
const MODE: &str = "policies_mode";

/// Who changes something, and why: for the audit.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// The id of an admin's actor, or `shell`.
    pub who: &'a str,
    pub why: &'a str,
}

/// A rule as somebody states it.
#[derive(Clone, Debug)]
pub struct Form {
    pub severity: Severity,
    pub reject_media: bool,
    pub reject_reports: bool,
    pub obfuscate: bool,
    pub public_comment: String,
    pub private_comment: String,
}

/// What holds for the host of an address.
pub fn of_uri(app: &App, uri: &str) -> Standing {
    app.policies.table().of_uri(uri)
}

/// What holds for a host.
pub fn of_host(app: &App, host: &str) -> Standing {
    app.policies.table().of_host(host)
}

/// All rules, by domain.
pub async fn list(app: &App) -> Result<Vec<DomainPolicy>> {
    Ok(storage::policies::all(&mut app.db.read().await?.conn()).await?)
}

/// The rule for exactly this domain.
pub async fn get(app: &App, domain: &str) -> Result<Option<DomainPolicy>> {
    let domain = canonical(app, domain)?;
    Ok(storage::policies::by_domain(&mut app.db.read().await?.conn(), &domain).await?)
}

/// States a rule; another one for the same domain is replaced.
pub async fn set(app: &App, by: By<'_>, domain: &str, form: &Form) -> Result<DomainPolicy> {
    let domain = canonical(app, domain)?;
    let public_comment = comment("public_comment", &form.public_comment)?;
    let private_comment = comment("private_comment", &form.private_comment)?;
    let mut unit = Unit::begin(app).await?;
    let before = storage::policies::by_domain(&mut unit.conn(), &domain).await?;
    let rule = DomainPolicy {
        severity: form.severity,
        reject_media: form.reject_media,
        reject_reports: form.reject_reports,
        obfuscate: form.obfuscate,
        public_comment,
        private_comment,
        created_at: before.as_ref().map_or(unit.now, |b| b.created_at),
        updated_at: unit.now,
        domain,
    };
    put_in(&mut unit, by, before.as_ref(), &rule).await?;
    finish(unit).await?;
    Ok(rule)
}

/// Takes a rule back.
pub async fn unset(app: &App, by: By<'_>, domain: &str) -> Result<()> {
    let domain = canonical(app, domain)?;
    let mut unit = Unit::begin(app).await?;
    let Some(before) = storage::policies::by_domain(&mut unit.conn(), &domain).await? else {
        return Err(Error::NotFound("policy"));
    };
    delete_in(&mut unit, by, &before).await?;
    finish(unit).await
}

async fn put_in(
    unit: &mut Unit<'_>,
    by: By<'_>,
    before: Option<&DomainPolicy>,
    rule: &DomainPolicy,
) -> Result<()> {
    storage::policies::put(&mut unit.conn(), rule).await?;
    let was = before.map_or("none", |b| b.severity.as_str());
    let what = format!("{was} → {}: {}", rule.severity.as_str(), by.why);
    audit::refused_in(unit, "policy_set", by.who, &rule.domain, &what).await
}

async fn delete_in(unit: &mut Unit<'_>, by: By<'_>, before: &DomainPolicy) -> Result<()> {
    storage::policies::delete(&mut unit.conn(), &before.domain).await?;
    let what = format!("{} → none: {}", before.severity.as_str(), by.why);
    audit::refused_in(unit, "policy_unset", by.who, &before.domain, &what).await
}

/// Arranges everything for the rules as they are now, commits, and puts them in force.
async fn finish(mut unit: Unit<'_>) -> Result<()> {
    let app = unit.app;
    let rules = storage::policies::all(&mut unit.conn()).await?;
    let table = PolicyTable::new(app.config.federation.mode, &rules);
    arrange(&mut unit, &table).await?;
    let version = app.id::<crate::domain::EventId>().to_string();
    storage::policies::set_instance_value(&mut unit.conn(), Policies::VERSION, &version).await?;
    let mode = app.config.federation.mode.as_str();
    storage::policies::set_instance_value(&mut unit.conn(), MODE, mode).await?;
    unit.commit().await?;
    app.policies.replace(table, version);
    Ok(())
}

/// Freezes and thaws follows, silences and unsilences actors, and gives up what waits for hosts
/// that are rejected now.
async fn arrange(unit: &mut Unit<'_>, table: &PolicyTable) -> Result<()> {
    let now = unit.now;
    let silenced = storage::policies::silenced_hosts(&mut unit.conn()).await?;
    for host in storage::policies::frozen_hosts(&mut unit.conn()).await? {
        if !table.of_host(&host).is_rejected() {
            storage::policies::thaw_follows(&mut unit.conn(), &host).await?;
        }
    }
    for host in storage::policies::known_hosts(&mut unit.conn()).await? {
        let standing = table.of_host(&host);
        if standing.is_rejected() {
            storage::policies::freeze_follows(&mut unit.conn(), &host).await?;
        }
        if standing.is_silenced() != silenced.contains(&host) {
            let silent = standing.is_silenced();
            storage::policies::set_silenced(&mut unit.conn(), &host, silent).await?;
        }
    }
    for host in storage::policies::hosts_waited_for(&mut unit.conn()).await? {
        let standing = table.of_host(&host);
        if standing.is_rejected() {
            let reason = standing.reason();
            storage::policies::give_up_deliveries(&mut unit.conn(), &host, reason, now).await?;
        }
    }
    Ok(())
}

/// Reads the rules again if another process changed them.
pub async fn refresh(app: &App) -> Result<()> {
    Ok(app.policies.refresh(&app.db, app.config.federation.mode).await?)
}

/// Keeps the rules fresh until the program stops, and arranges the follows anew when the mode of
/// the configuration is another one than before.
pub fn watch(app: &App) {
    let app = app.clone();
    app.shutdown.clone().spawn(async move {
        if let Err(error) = adopt_mode(&app).await {
            tracing::warn!(%error, "the mode of federation could not be compared");
        }
        while !app.shutdown.has_begun() {
            tokio::select! {
                () = tokio::time::sleep(FRESH) => {}
                () = app.shutdown.begun() => return,
            }
            if let Err(error) = refresh(&app).await {
                tracing::debug!(%error, "the rules about servers could not be read");
            }
        }
    });
}

/// Arranges everything for the mode of the configuration, if it was another one before.
pub async fn adopt_mode(app: &App) -> Result<()> {
    let mode = app.config.federation.mode;
    let stored = {
        let mut reader = app.db.read().await?;
        storage::policies::instance_value(&mut reader.conn(), MODE).await?
    };
    let stored = stored.unwrap_or_else(|| "open".to_owned());
    if stored == mode.as_str() {
        return Ok(());
    }
    let mut unit = Unit::begin(app).await?;
    let what = format!("{stored} → {}", mode.as_str());
    audit::refused_in(&mut unit, "policy_mode", "configuration", "", &what).await?;
    finish(unit).await
}

/// How many follows between here and a host are frozen.
pub async fn frozen_follows(app: &App, host: &str) -> Result<i64> {
    Ok(storage::policies::count_frozen(&mut app.db.read().await?.conn(), host).await?)
}

/// The name of a domain in its one form; this instance is nobody's peer.
fn canonical(app: &App, domain: &str) -> Result<String> {
    let own = app.urls.authority();
    match host::canonical(domain) {
        Some(name) if name == own || host::and_above(own).any(|above| above == name) => {
            Err(Invalid::new("domain", "own").into())
        }
        Some(name) => Ok(name),
        None => Err(Invalid::new("domain", "domain").into()),
    }
}

fn comment(field: &'static str, text: &str) -> Result<String> {
    let max = crate::domain::policy::csv::MAX_COMMENT;
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    Ok(invalid::bounded(field, text, max)?)
}

/// A rule with the time at which it is stated.
fn stated(
    row: &crate::domain::policy::csv::Row,
    before: Option<&DomainPolicy>,
    now: Timestamp,
) -> DomainPolicy {
    DomainPolicy {
        domain: row.domain.clone(),
        severity: row.severity,
        reject_media: row.reject_media,
        reject_reports: row.reject_reports,
        obfuscate: row.obfuscate,
        public_comment: row.public_comment.clone(),
        private_comment: before.map_or_else(String::new, |b| b.private_comment.clone()),
        created_at: before.map_or(now, |b| b.created_at),
        updated_at: now,
    }
}
