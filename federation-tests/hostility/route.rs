//! The ways by which an activity can come in.

use super::scene::Scene;
use crate::support::{activity, settled};
use serde_json::{Value, json};
use veche::federation::{Budget, resolve};
use veche::services::{Unit, actors, follows, walks};
use veche::testing::RemoteActor;

/// One way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST /inbox`.
    Shared,
    /// The inbox of the instance's own actor.
    Instance,
    /// The inbox of somebody here.
    Person,
    /// The inbox of a body.
    Body,
    /// The inbox of an assembly.
    Group,
    /// Somebody here looks an address up, and a foreign server answers with the object.
    FetchedByLookup,
    /// An assembly that is followed from here passes the whole activity on.
    AnnouncedWhole,
    /// It passes on an address at which a foreign server gives the object.
    AnnouncedById,
    /// Both stand in the outbox that is read when somebody begins to follow.
    Backfilled,
    /// Both stand among the answers to an initiative of that assembly, whose thread is read.
    Walked,
}

impl Route {
    /// Inboxes: they give a status.
    pub(crate) const DOORS: [Self; 5] =
        [Self::Shared, Self::Instance, Self::Person, Self::Body, Self::Group];
    /// Ways that have no sender whom a status could tell something.
    pub(crate) const INSIDE: [Self; 5] = [
        Self::FetchedByLookup,
        Self::AnnouncedWhole,
        Self::AnnouncedById,
        Self::Backfilled,
        Self::Walked,
    ];

    /// The path of a door.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Instance => "/actor/inbox",
            Self::Person => "/u/ana/inbox",
            Self::Body => "/u/roads/inbox",
            Self::Group => "/g/transport/inbox",
            _ => "/inbox",
        }
    }
}

impl Scene {
    /// Offers an activity of `who` in this way; the status where there is one. All work that it
    /// causes may still be waiting afterwards.
    pub(crate) async fn offer(&self, route: Route, who: &RemoteActor, given: &Value) -> u16 {
        let object = if given["object"].is_object() { &given["object"] } else { given };
        match route {
            Route::FetchedByLookup => {
                let address = self.foreign(object);
                // How it is refused is the affair of whoever looks; see the state.
                let _ = resolve::lookup(&self.server.app, &Budget::person(), &address).await;
                202
            }
            Route::AnnouncedWhole => self.announce(given.clone()).await,
            Route::AnnouncedById => {
                let address = self.foreign(object);
                self.announce(address.into()).await
            }
            Route::Backfilled => {
                let address = self.foreign(object);
                self.backfill(&[given.clone(), address.into()]).await;
                202
            }
            Route::Walked => {
                let address = self.foreign(object);
                self.carols_initiative(&[object.clone(), address.into()]);
                let copy = self.copy.expect("it was looked up");
                let mut unit = Unit::begin(&self.server.app).await.expect("a transaction");
                walks::ask_in(&mut unit, copy).await.expect("a job");
                unit.commit().await.expect("committed");
                settled(&self.server).await;
                202
            }
            door => {
                let inbox = format!("{}{}", self.server.base(), door.path());
                who.send(&inbox, given).await
            }
        }
    }

    /// The followed assembly passes something on.
    pub(crate) async fn announce(&self, object: Value) -> u16 {
        let id = format!("{}/announces/{}", self.board.id, self.number());
        let announce = activity(&id, "Announce", &self.board.id, object);
        self.board.send(&format!("{}/inbox", self.server.base()), &announce).await
    }

    /// The followed assembly has these in its outbox, which is read.
    pub(crate) async fn backfill(&self, entries: &[Value]) {
        let outbox = format!("{}/outbox", self.board.id);
        let path = format!("{}/outbox", self.board.path());
        self.home_of_board.serve(
            &path,
            json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": outbox,
                "type": "OrderedCollection", "totalItems": entries.len(), "orderedItems": entries }),
        );
        self.read_outbox().await;
    }

    /// Reads the outbox of the followed assembly, whatever is there.
    pub(crate) async fn read_outbox(&self) {
        let app = &self.server.app;
        let board = actors::by_uri(app, &self.board.id).await.expect("a database").expect("known");
        let mut unit = Unit::begin(app).await.expect("a transaction");
        follows::ask_for_backfill_in(&mut unit, board.id).await.expect("a job");
        unit.commit().await.expect("committed");
        settled(&self.server).await;
    }
}
