//! What is kept in memory because it is expensive to make and cheap to throw away.

use crate::crypto::{ProofKey, PublicKey, SigningKey};
use crate::domain::{ActivityId, ActorId, SignatureScheme, Timestamp};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use moka::sync::Cache;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};

/// A public key with its owner, ready to verify with.
#[derive(Debug)]
pub struct KnownKey {
    pub actor: ActorId,
    /// The owner's id on the wire: the only actor for whom this key may sign.
    pub actor_uri: String,
    pub key: PublicKey,
    pub fetched_at: Timestamp,
}

/// The caches.
#[derive(Debug)]
pub struct Caches {
    /// Private keys of local actors.
    pub signing: Cache<ActorId, Arc<SigningKey>>,
    /// The keys with which local actors make proofs.
    pub proof_signing: Cache<ActorId, Arc<ProofKey>>,
    /// Public keys, by key id.
    pub known_keys: Cache<String, Arc<KnownKey>>,
    /// Addresses that recently failed to give a document: when, and how.
    pub unreachable: Cache<String, (Timestamp, Failed)>,
    /// Documents that were asked for a key that fits, and when: so that a forger cannot make us
    /// ask for ever.
    pub refetched: Cache<String, Asked>,
    /// Keys that are being asked for: whoever needs one meanwhile waits for the same answer.
    pub fetching: Cache<String, Arc<Mutex<()>>>,
    /// Turns of walks at each host.
    pub turns: Cache<String, Arc<Semaphore>>,
    /// Ids on the wire of objects that are stored here. What was public once stays, if only as
    /// a tombstone; what is not in here may be stored all the same. Only a hint whether to ask
    /// another server: whether something takes effect is decided by the database.
    pub known_objects: Cache<String, ()>,
    /// Hosts of which it was written down a short while ago that they are well.
    pub seen_hosts: Recently,
    /// Servers of which an actor is known.
    pub known_hosts: Recently,
    /// Servers that were met for the first time a short while ago.
    pub new_hosts: Recently,
    /// Networks from which too many keys were named that cannot be had.
    pub key_forgers: Recently,
    /// Domains and networks about which an alarm was written down.
    pub alarms: Recently,
    /// Bodies and signers of activities under delivery.
    pub outgoing: Cache<ActivityId, Arc<(ActorId, Bytes, String)>>,
    /// Which signatures the hosts understand that we send to.
    pub schemes: Cache<String, SignatureScheme>,
    /// Rendered documents and pages for readers who are not signed in, by address and form.
    pub rendered: Cache<String, Rendered>,
}

/// A rendered document.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub content_type: &'static str,
    pub etag: Arc<str>,
    pub body: Bytes,
    /// Made when the first reader asks for it.
    gzipped: Arc<OnceLock<Bytes>>,
}

impl Rendered {
    /// A document with its `ETag`, quotes included.
    pub fn new(content_type: &'static str, etag: &str, body: Bytes) -> Self {
        Self { content_type, etag: etag.into(), body, gzipped: Arc::default() }
    }

    /// The body as a gzip file. Only for what everybody may read: the length of a compressed secret
    /// tells something about it.
    pub fn gzipped(&self) -> Bytes {
        let made = self.gzipped.get_or_init(|| {
            let mut out = GzEncoder::new(Vec::new(), Compression::new(4));
            // Writing into memory cannot fail.
            let done = out.write_all(&self.body).and_then(|()| out.finish());
            done.map_or_else(|_| Bytes::new(), Bytes::from)
        });
        made.clone()
    }
}

/// Names that were met lately, so that something is done once in a while for each.
#[derive(Debug)]
pub struct Recently(Cache<String, ()>);

impl Recently {
    fn new(period: Duration) -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(period).build())
    }

    /// Whether a name is remembered.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Remembers a name; whether it was not remembered yet.
    pub fn insert_new(&self, name: &str) -> bool {
        let new = !self.0.contains_key(name);
        if new {
            self.0.insert(name.to_owned(), ());
        }
        new
    }
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            signing: Cache::new(2_000),
            proof_signing: Cache::new(10_000),
            // What another process of this instance learned is known here soon.
            known_keys: Cache::builder()
                .max_capacity(50_000)
                .time_to_live(Duration::from_mins(10))
                .build(),
            schemes: Cache::new(10_000),
            unreachable: Cache::new(10_000),
            fetching: Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_mins(1))
                .build(),
            refetched: Cache::new(10_000),
            turns: Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_mins(10))
                .build(),
            known_objects: Cache::new(20_000),
            seen_hosts: Recently::new(Duration::from_mins(10)),
            known_hosts: Recently::new(Duration::from_hours(1)),
            new_hosts: Recently::new(Duration::from_mins(10)),
            key_forgers: Recently::new(Duration::from_mins(1)),
            alarms: Recently::new(Duration::from_hours(1)),
            outgoing: Cache::builder()
                .max_capacity(500)
                .time_to_live(Duration::from_mins(10))
                .build(),
            rendered: Cache::builder()
                .max_capacity(32 * 1024 * 1024)
                .weigher(|key: &String, value: &Rendered| {
                    u32::try_from(key.len() + value.body.len() + 100).unwrap_or(u32::MAX)
                })
                .time_to_live(Duration::from_secs(2))
                .build(),
        }
    }
}

/// How an address failed to give a document.
#[derive(Clone, Debug)]
pub enum Failed {
    /// There is none.
    Missing,
    /// What it gives is not to be used, or it may not be asked.
    Unusable(Arc<str>),
    /// It does not answer now.
    Away(Arc<str>),
}

/// That another server was asked for something.
#[derive(Clone, Debug)]
pub struct Asked {
    pub at: Timestamp,
    /// Why it does not have it, where asking again would give the same.
    pub refusal: Option<Arc<str>>,
}

impl Caches {
    /// The key under which a form of an object's document or page is kept.
    pub fn rendered_key(id: crate::domain::ObjectId, form: &str) -> String {
        format!("{id}/{form}")
    }

    /// The key under which the document of a local actor is kept; `place` is the beginning of its
    /// path, such as `/u/`.
    pub fn actor_key(place: &str, handle: &str) -> String {
        format!("actor{place}{handle}")
    }

    /// Drops the document of an actor that changed.
    pub fn forget_actor(&self, handle: &str) {
        for place in ["/u/", "/g/"] {
            self.rendered.invalidate(&Self::actor_key(place, handle));
        }
    }

    /// The forms in which objects are kept; see [`Caches::rendered_key`].
    const FORMS: [&str; 3] = ["json", "html-en", "html-ru"];

    /// Drops every form of an object that changed.
    pub fn forget_rendered(&self, id: crate::domain::ObjectId) {
        for form in Self::FORMS {
            self.rendered.invalidate(&Self::rendered_key(id, form));
        }
    }
}
