//! What stands again after it was deleted elsewhere, warnings, and addresses at another host.

use crate::both_engines;
use crate::domain::State;
use crate::services::comments::{
    self, is_undone_in, receive_delete_in, receive_in, restore_in, undo_delete_in,
};
use crate::services::initiatives::{self, put_remote_in, restore_remote_in};
use crate::services::{actors, removal};
use crate::testing::TestApp;
use crate::tests::fixtures::{
    foreign, in_unit, number, place_of_zoe, remote_actor, reply, stranger,
};

both_engines! {
    async fn a_comment_stands_again_with_new_words(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let max = stranger(&app, "max").await;
        let text = foreign("1", zoe.id, garden.id, "Plant trees");
        let root = in_unit!(app, unit => put_remote_in(unit, &text)).unwrap().unwrap();
        let mut said = reply("1", max.id, &text.uri, "<p>Oaks.</p>");
        said.warning = Some("Trees".to_owned());
        in_unit!(app, unit => receive_in(unit, &said)).unwrap();
        let replies = async || initiatives::get(&app, None, root).await.unwrap().replies;
        let shown = async || comments::of_initiative(&app, root, None, 10).await.unwrap().remove(0);
        assert_eq!((replies().await, shown().await.warning.as_deref()), (1, Some("Trees")));
        in_unit!(app, unit => receive_delete_in(unit, max.id, &said.uri)).unwrap();
        assert_eq!((replies().await, shown().await.warning), (0, None));
        // Neither for somebody else, nor for what stands.
        let undone = in_unit!(app, unit => undo_delete_in(unit, zoe.id, "", &said.uri)).unwrap();
        assert_eq!(undone, None);
        let deletion = "https://remote.example/d/1";
        let undone = in_unit!(app, unit => undo_delete_in(unit, max.id, deletion, &said.uri));
        assert_eq!(undone.unwrap(), Some((garden.id, false)));
        assert!(in_unit!(app, unit => is_undone_in(unit, max.id, deletion)).unwrap());
        assert!(!in_unit!(app, unit => is_undone_in(unit, zoe.id, deletion)).unwrap());
        said.html = "<p>Limes.</p>".to_owned();
        for _ in 0..2 {
            in_unit!(app, unit => restore_in(unit, &said)).unwrap();
            let now = shown().await;
            assert_eq!((replies().await, now.html.as_str(), now.deleted_at), (1, "<p>Limes.</p>", None));
        }
        let undone = in_unit!(app, unit => undo_delete_in(unit, max.id, deletion, &said.uri));
        assert_eq!(undone.unwrap(), None);
    }

    async fn an_initiative_stands_again_under_the_same_number(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let text = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &text)).unwrap().unwrap();
        let before = initiatives::get(&app, None, id).await.unwrap();
        in_unit!(app, unit => receive_delete_in(unit, zoe.id, &text.uri)).unwrap();
        in_unit!(app, unit => restore_remote_in(unit, &text)).unwrap();
        let now = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!((now.state, now.deleted_at), (State::Discussion, None));
        assert_eq!((&now.html, now.revision, &now.digest), (&before.html, before.revision, &before.digest));
        // Other words are another revision.
        in_unit!(app, unit => receive_delete_in(unit, zoe.id, &text.uri)).unwrap();
        let other = foreign("1", zoe.id, garden.id, "Plant bushes");
        in_unit!(app, unit => restore_remote_in(unit, &other)).unwrap();
        let now = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!((now.title.as_str(), now.revision), ("Plant bushes", before.revision + 1));
        // What stands is not touched, nor is what somebody else claims.
        in_unit!(app, unit => restore_remote_in(unit, &text)).unwrap();
        assert_eq!(initiatives::get(&app, None, id).await.unwrap().title, "Plant bushes");
    }

    async fn what_was_deleted_before_it_came_may_come_again(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let text = foreign("1", zoe.id, garden.id, "Plant trees");
        in_unit!(app, unit => receive_delete_in(unit, zoe.id, &text.uri)).unwrap();
        assert_eq!(in_unit!(app, unit => put_remote_in(unit, &text)).unwrap(), None);
        in_unit!(app, unit => undo_delete_in(unit, zoe.id, "", &text.uri)).unwrap();
        assert!(in_unit!(app, unit => put_remote_in(unit, &text)).unwrap().is_some());
    }

    async fn an_address_at_another_host_belongs_to_one(app: TestApp) {
        let host = "people.example";
        let found = async |host: &str| {
            let found = actors::by_address(&app, "Zoe", host).await.unwrap();
            found.map(|actor| (actor.uri, actor.host))
        };
        let mut first = remote_actor("zoe", crate::domain::ActorKind::Person);
        first.acct_host = Some(host.to_owned());
        let zoe = actors::put_remote(&app, &first).await.unwrap();
        assert_eq!(zoe.address(), format!("zoe@{host}"));
        assert_eq!(found(host).await, Some((zoe.uri.clone(), host.to_owned())));
        assert_eq!(found("remote.example").await, None);
        // Rules about servers go by where it lives.
        assert_eq!(number(&app, "SELECT COUNT(*) FROM actors WHERE host = 'remote.example'").await, 1);
        let mut second = remote_actor("zoe", crate::domain::ActorKind::Person);
        second.uri = "https://remote.example/u/other".to_owned();
        second.key_id = format!("{}#main-key", second.uri);
        let other = actors::put_remote(&app, &second).await.unwrap();
        assert_eq!(found("remote.example").await.map(|f| f.0), Some(other.uri.clone()));
        actors::set_acct_host(&app, &other, host).await.unwrap();
        assert_eq!(found(host).await.map(|f| f.0), Some(other.uri.clone()));
        assert_eq!(found("remote.example").await.map(|f| f.0), Some(zoe.uri.clone()));
        // It gives the address up.
        let again = actors::put_remote(&app, &second).await.unwrap();
        assert_eq!(again.host, "remote.example");
        assert_eq!(found(host).await, None);
        in_unit!(app, unit => removal::remove_remote_in(unit, zoe.id)).unwrap();
        assert_eq!(found("remote.example").await.map(|f| f.0), Some(other.uri));
    }
}
