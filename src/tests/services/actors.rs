//! Actors, assemblies and bodies; what others say of themselves.

use super::refused;
use crate::both_engines;
use crate::domain::ActorKind;
use crate::services::comments::Received;
use crate::services::{Error, actors, assemblies, comments, follows, initiatives};
use crate::testing::TestApp;
use crate::tests::fixtures::{
    foreign_assembly, in_unit, number, reacted_in, remote_actor, reply, stranger, texts,
};

both_engines! {
    async fn the_instance_has_one_actor(app: TestApp) {
        let (one, two) =
            tokio::join!(actors::ensure_instance(&app), actors::ensure_instance(&app));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.id, two.id);
        assert_eq!((one.kind, one.uri.as_str()), (ActorKind::Instance, "http://veche.test/actor"));
    }

    async fn a_board_is_found_by_its_names(app: TestApp) {
        let transport = app.assembly("transport").await;
        app.assembly("budget").await;
        let office = app.body("office").await;
        assert_eq!(transport.uri, "http://veche.test/g/transport");
        assert_eq!(office.uri, "http://veche.test/u/office");
        let found = actors::local_by_handle(&app, "transport").await.unwrap().unwrap();
        assert_eq!(found, transport);
        assert_eq!(actors::by_uri(&app, &office.uri).await.unwrap(), Some(office.clone()));
        let found = actors::by_address(&app, "Transport", "veche.test").await.unwrap();
        assert_eq!(found, Some(transport.clone()));
        assert!(actors::by_address(&app, "transport", "other.test").await.unwrap().is_none());
        let names: Vec<_> = assemblies::list_local(&app).await.unwrap();
        let names: Vec<_> = names.iter().map(|a| a.handle.as_str()).collect();
        assert_eq!(names, ["budget", "transport"]);
        let bodies = actors::list_local(&app, ActorKind::Body).await.unwrap();
        assert_eq!(bodies, [office]);
    }

    async fn a_board_is_checked(app: TestApp) {
        let ana = app.account("ana").await;
        assert_eq!(refused(assemblies::create(&app, "x", " ", None).await),
            [("handle", "handle"), ("name", "required")]);
        assert_eq!(refused(assemblies::create(&app, "ana", "Ana", None).await),
            [("handle", "taken")]);
        // A person cannot be made to answer.
        let outcome = assemblies::create(&app, "transport", "T", Some(&ana.handle)).await;
        assert_eq!(refused(outcome), [("body", "not-found")]);
        assert_eq!(refused(actors::create_body(&app, "ana", "A").await), [("handle", "taken")]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM assemblies").await, 0);
    }

    async fn the_body_of_an_assembly_answers(app: TestApp) {
        let office = app.body("office").await;
        let with = assemblies::create(&app, "transport", "T", Some("office")).await.unwrap();
        let without = app.assembly("budget").await;
        assert_eq!(assemblies::body_of(&app, with.id).await.unwrap(), Some(office.clone()));
        assert_eq!(assemblies::body_of(&app, without.id).await.unwrap(), None);
        assert_eq!(assemblies::body_of(&app, office.id).await.unwrap(), None);
    }

    async fn a_remote_actor_is_stored_once_and_refreshed(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        assert_eq!((zoe.host.as_str(), zoe.local), ("remote.example", false));
        app.clock.advance_seconds(60);
        let mut changed = remote_actor("zoe", ActorKind::Person);
        changed.name = "Zoë".to_owned();
        let again = actors::put_remote(&app, &changed).await.unwrap();
        assert_eq!((again.id, again.created_at), (zoe.id, zoe.created_at));
        let stored = actors::by_uri(&app, &zoe.uri).await.unwrap().unwrap();
        assert_eq!((stored.name.as_str(), stored.fetched_at), ("Zoë", app.now()));
        let by_inbox = crate::services::queue::actors_of_inbox(&app, &zoe.inbox).await.unwrap();
        assert_eq!(by_inbox, [stored]);
    }

    async fn a_new_key_replaces_the_old_one(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        let mut changed = remote_actor("zoe", ActorKind::Person);
        changed.key_id = format!("{}#second", zoe.uri);
        changed.public_pem = "second".to_owned();
        actors::put_remote(&app, &changed).await.unwrap();
        let old = actors::key_by_id(&app, &format!("{}#main-key", zoe.uri)).await.unwrap();
        assert!(old.is_none(), "{old:?}");
        let new = actors::key_by_id(&app, &changed.key_id).await.unwrap().unwrap();
        assert_eq!((new.actor_id, new.public_key.as_str()), (zoe.id, "second"));
        changed.public_pem = "third".to_owned();
        actors::put_remote(&app, &changed).await.unwrap();
        let (_, pem) = actors::public_key(&app, zoe.id).await.unwrap().unwrap();
        assert_eq!(pem, "third");
    }

    async fn nobody_takes_another_ones_key_or_address(app: TestApp) {
        let ana = app.account("ana").await;
        let zoe = stranger(&app, "zoe").await;
        let mut thief = remote_actor("max", ActorKind::Person);
        thief.key_id = format!("{}#main-key", zoe.uri);
        thief.public_pem = "stolen".to_owned();
        actors::put_remote(&app, &thief).await.unwrap();
        let key = actors::key_by_id(&app, &thief.key_id).await.unwrap().unwrap();
        assert_eq!((key.actor_id, key.public_key.as_str()), (zoe.id, "PEM of zoe"));
        thief.key_id = "http://veche.test/u/ana#main-key".to_owned();
        actors::put_remote(&app, &thief).await.unwrap();
        let key = actors::key_by_id(&app, &thief.key_id).await.unwrap().unwrap();
        assert_eq!(key.actor_id, ana.id);
        assert!(key.public_key.starts_with("-----BEGIN"), "{}", key.public_key);
        thief.uri = "http://veche.test/u/ana".to_owned();
        let outcome = actors::put_remote(&app, &thief).await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        let person = actors::by_id(&app, ana.id).await.unwrap().unwrap();
        assert_eq!((person.local, person.name.as_str()), (true, "ana"));
    }

    async fn a_remote_actor_that_leaves_takes_its_acts_along(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let initiative = app.initiative(&ana, "transport", "Night buses").await;
        let zoe = stranger(&app, "zoe").await;
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        let stored = in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        assert!(matches!(stored, Received::Stored { .. }), "{stored:?}");
        let like = "https://remote.example/like/1";
        in_unit!(app, unit => reacted_in(
            unit, zoe.id, &initiative.uri, crate::domain::Reaction::Like, like,
        )).unwrap();
        let follow = "https://remote.example/follow/1";
        in_unit!(app, unit => follows::receive_in(
            unit, zoe.id, "http://veche.test/g/transport", follow,
        )).unwrap();
        in_unit!(app, unit => actors::remove_remote_in(unit, zoe.id)).unwrap();
        let after = initiatives::get(&app, None, initiative.id).await.unwrap();
        assert_eq!((after.likes, after.replies), (0, 0));
        assert_eq!(number(&app, "SELECT COUNT(*) FROM follows").await, 0);
        assert_eq!(texts(&app, "SELECT html FROM comments").await, [""]);
        let gone = actors::by_id(&app, zoe.id).await.unwrap().unwrap();
        assert_eq!((gone.name.as_str(), gone.deleted_at), ("zoe", Some(app.now())));
        // Being seen again does not bring it back; leaving twice changes nothing.
        assert_eq!(stranger(&app, "zoe").await.deleted_at, gone.deleted_at);
        in_unit!(app, unit => actors::remove_remote_in(unit, zoe.id)).unwrap();
        in_unit!(app, unit => actors::remove_remote_in(unit, ana.id)).unwrap();
        assert!(actors::by_id(&app, ana.id).await.unwrap().unwrap().deleted_at.is_none());
    }

    async fn followed_assemblies_elsewhere_are_listed(app: TestApp) {
        let ana = app.account("ana").await;
        let garden = foreign_assembly(&app, "garden").await;
        foreign_assembly(&app, "unfollowed").await;
        assert!(assemblies::list_mirrored(&app).await.unwrap().is_empty());
        assert!(!follows::is_followed_from_here(&app, garden.id).await.unwrap());
        follows::follow(&app, &ana, garden.id).await.unwrap();
        assert!(follows::is_followed_from_here(&app, garden.id).await.unwrap());
        assert_eq!(assemblies::list_mirrored(&app).await.unwrap(), [garden]);
    }
}
