//! What somebody here shows of themselves beyond name and words: fields, consent to be found; and
//! telling others of a change, once for many changes in a row.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::profile::Field;
use crate::domain::{ActorId, ActorKind, Event, Invalid, Profile, Role, Viewer};
use crate::storage;

/// Changes within this time are told to others as one.
const DEBOUNCE_SECONDS: i64 = 5;

/// The profile of an actor.
pub async fn of(app: &App, actor: ActorId) -> Result<Profile> {
    let found = storage::profiles::by_id(&mut app.db.read().await?.conn(), actor).await?;
    Ok(found.unwrap_or_default())
}

/// What somebody fills in.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Pairs of label and value; empty ones are left out.
    pub fields: Vec<(String, String)>,
    pub discoverable: bool,
    pub indexable: bool,
}

impl Form {
    fn fields(&self) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        for (name, value) in &self.fields {
            fields.extend(Field::parse(name, value)?);
        }
        if fields.len() > Profile::MAX_FIELDS {
            return Err(Invalid::limit("fields", "too-many", Profile::MAX_FIELDS).into());
        }
        Ok(fields)
    }
}

/// Changes one's fields and one's consent to be found.
pub async fn set_own(app: &App, who: &Viewer, form: &Form) -> Result<()> {
    let fields = form.fields()?;
    let mut unit = Unit::begin(app).await?;
    let stored = storage::profiles::by_id(&mut unit.conn(), who.id).await?.unwrap_or_default();
    let (discoverable, indexable) = (form.discoverable, form.indexable);
    let profile = Profile { fields, discoverable, indexable, ..stored.clone() };
    if profile != stored {
        let now = unit.now;
        storage::profiles::put(&mut unit.conn(), who.id, &profile, now).await?;
        announce_later_in(&mut unit, who.id).await?;
    }
    unit.commit().await?;
    app.caches.forget_actor(&who.handle);
    Ok(())
}

/// Sets the fields of a body or an assembly, and the hosts that may name it as the author of their
/// pages. On behalf of an admin, or of the shell.
pub async fn set_of_board(
    app: &App,
    by: Option<&Viewer>,
    handle: &str,
    fields: &[(String, String)],
    domains: &[String],
) -> Result<()> {
    if by.is_some_and(|who| !who.is(Role::Admin)) {
        return Err(Error::Forbidden("only administrators may do this"));
    }
    let fields = Form { fields: fields.to_vec(), ..Form::default() }.fields()?;
    let domains = parse_domains(domains)?;
    let mut unit = Unit::begin(app).await?;
    let actor = storage::actors::local_by_handle(&mut unit.conn(), handle).await?;
    let boards = [ActorKind::Body, ActorKind::Assembly];
    let actor = actor.filter(|a| boards.contains(&a.kind)).ok_or(Error::NotFound("body"))?;
    let stored = storage::profiles::by_id(&mut unit.conn(), actor.id).await?.unwrap_or_default();
    let profile = Profile { fields, domains, ..stored };
    let now = unit.now;
    storage::profiles::put(&mut unit.conn(), actor.id, &profile, now).await?;
    announce_later_in(&mut unit, actor.id).await?;
    unit.commit().await?;
    app.caches.forget_actor(handle);
    Ok(())
}

fn parse_domains(domains: &[String]) -> Result<Vec<String>> {
    let mut hosts: Vec<String> =
        domains.iter().map(|d| d.trim().to_lowercase()).filter(|d| !d.is_empty()).collect();
    hosts.sort();
    hosts.dedup();
    if hosts.len() > Profile::MAX_DOMAINS {
        return Err(Invalid::limit("domains", "too-many", Profile::MAX_DOMAINS).into());
    }
    let is_host = |host: &String| {
        host.len() <= 253
            && host.contains('.')
            && host.chars().all(|c| c.is_alphanumeric() || ".-:".contains(c))
    };
    if hosts.iter().all(is_host) { Ok(hosts) } else { Err(Invalid::new("domains", "host").into()) }
}

/// Tells others of a changed profile, soon.
pub(super) async fn announce_later_in(unit: &mut Unit<'_>, actor: ActorId) -> Result<()> {
    let at = unit.now.plus_seconds(DEBOUNCE_SECONDS);
    let dedupe = format!("announce_profile {actor}");
    unit.enqueue("announce_profile", &actor.to_string(), Some(&dedupe), at).await
}

/// Records that a profile changed.
pub async fn announce(app: &App, actor: ActorId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let found = storage::actors::by_id(&mut unit.conn(), actor).await?;
    if found.is_some_and(|a| a.local && a.deleted_at.is_none()) {
        unit.record(&Event::ActorChanged { actor }).await?;
    }
    unit.commit().await
}
