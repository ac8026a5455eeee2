//! Activities made here, and what is said of the queues.

use crate::both_engines;
use crate::domain::{ActivityId, ActorId, Event, EventId};
use crate::services::outbox::{self, Made, Outgoing};
use crate::services::{instance, queue};
use crate::testing::TestApp;
use crate::tests::fixtures::{number, texts};

fn outgoing(app: &TestApp, actor: ActorId, listed: bool, inboxes: &[&str]) -> Outgoing {
    let id: ActivityId = app.id();
    Outgoing {
        id,
        uri: app.urls.activity(id),
        actor,
        kind: "Create",
        listed,
        body: b"{\"type\":\"Create\"}".to_vec(),
        inboxes: inboxes.iter().map(|i| (*i).to_owned()).collect(),
    }
}

async fn event(app: &TestApp, actor: ActorId) -> EventId {
    let mut unit = crate::services::Unit::begin(app).await.unwrap();
    unit.record(&Event::ActorChanged { actor }).await.unwrap();
    unit.commit().await.unwrap();
    let newest = number(app, "SELECT MAX(id) FROM events").await;
    EventId::from(newest)
}

async fn store(app: &TestApp, event: EventId, activity: Outgoing) {
    outbox::store(app, &[Made { event, activities: vec![activity] }]).await.unwrap();
}

both_engines! {
    async fn an_event_becomes_activities_once(app: TestApp) {
        let ana = app.account("ana").await;
        let event = event(&app, ana.id).await;
        let mut stored = outbox::events(&app, &[EventId::from(1), event]).await.unwrap();
        let act = stored.remove(&event).unwrap().unwrap();
        assert_eq!(act, Event::ActorChanged { actor: ana.id });
        assert!(stored.is_empty(), "{stored:?}");
        let made = outgoing(
            &app,
            ana.id,
            true,
            &["https://a.example/inbox", "https://b.example:8443/inbox", "http://veche.test/inbox"],
        );
        store(&app, event, made.clone()).await;
        // The worker died after the commit and does it again, with new ids.
        store(&app, event, outgoing(&app, ana.id, true, &[])).await;
        assert_eq!(outbox::count(&app, ana.id).await.unwrap(), 1);
        let hosts = texts(&app, "SELECT host FROM deliveries ORDER BY host").await;
        assert_eq!(hosts, ["a.example", "b.example:8443"]);
        let row = outbox::by_id(&app, made.id).await.unwrap().unwrap();
        assert_eq!((row.uri, row.body), (made.uri, made.body.clone()));
        let sent = queue::outgoing(&app, made.id).await.unwrap().unwrap();
        assert_eq!(sent.2, crate::crypto::sha256_base64(&made.body));
        assert!(queue::outgoing(&app, ActivityId::from(1)).await.unwrap().is_none());
    }

    async fn the_outbox_shows_what_was_public_newest_first(app: TestApp) {
        let (ana, boris) = (app.account("ana").await, app.account("boris").await);
        let mut listed = Vec::new();
        for n in 0..5 {
            let event = event(&app, ana.id).await;
            let made = outgoing(&app, ana.id, n != 2, &[]);
            store(&app, event, made.clone()).await;
            if n != 2 {
                listed.push(made.id);
            }
        }
        listed.reverse();
        let first = outbox::page(&app, ana.id, i64::MAX, 3).await.unwrap();
        let rest = outbox::page(&app, ana.id, first.next.unwrap(), 3).await.unwrap();
        let seen: Vec<_> = first.items.iter().chain(&rest.items).map(|row| row.id).collect();
        assert_eq!((seen, rest.next), (listed, None));
        assert_eq!(outbox::count(&app, ana.id).await.unwrap(), 4);
        assert_eq!(outbox::count(&app, boris.id).await.unwrap(), 0);
    }

    async fn the_queues_are_counted(app: TestApp) {
        let ana = app.account("ana").await;
        let event = event(&app, ana.id).await;
        let made = outgoing(&app, ana.id, true, &["https://a.example/inbox"]);
        store(&app, event, made).await;
        app.clock.advance_seconds(3);
        let queues = instance::queues(&app).await.unwrap();
        assert_eq!((queues.jobs_pending, queues.jobs_dead), (1, 0));
        assert_eq!((queues.deliveries_pending, queues.deliveries_dead), (1, 0));
        assert_eq!((queues.inbox_pending, queues.inbox_dead), (0, 0));
        assert_eq!(queues.oldest_due_millis, 3_000);
        assert!(instance::schema_is_current(&app).await.unwrap());
    }
}
