//! Aliases, identity, moving, blocks, reports.

use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::{ActorKind, Profile, Reaction, Viewer};
use crate::services::{
    Error, actors, blocks, follows, identity, initiatives, moves, reactions, reports,
};
use crate::testing::{PASSWORD, TestApp};
use crate::tests::fixtures::{events, in_unit, number, reacted_in, remote_actor, stranger, texts};
use crate::tests::services::refused;

const MONTH: i64 = 30 * 24 * 60 * 60;
const LIKE: Reaction = Reaction::Like;

/// Somebody elsewhere who names others as themselves.
async fn naming(app: &TestApp, name: &str, aliases: &[&str]) -> Actor {
    let mut document = remote_actor(name, ActorKind::Person);
    let aliases = aliases.iter().map(|a| (*a).to_owned()).collect();
    document.profile = Profile { aliases, ..Profile::default() };
    actors::put_remote(app, &document).await.unwrap()
}

fn uri(name: &str) -> String {
    format!("https://remote.example/u/{name}")
}

async fn place(app: &TestApp) -> (Viewer, Initiative) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    (ana, initiative)
}

async fn likes(app: &TestApp, of: &Initiative) -> i64 {
    initiatives::get(app, None, of.id).await.unwrap().likes
}

async fn like(app: &TestApp, who: &Actor, of: &Initiative) {
    let activity = format!("{}/like", who.uri);
    in_unit!(app, unit => reacted_in(unit, who.id, &of.uri, LIKE, &activity)).unwrap();
}

async fn unlike(app: &TestApp, who: &Actor) {
    let activity = format!("{}/like", who.uri);
    in_unit!(app, unit => reactions::receive_undo_in(unit, who.id, &activity, None)).unwrap();
}

both_engines! {
    async fn two_that_name_each_other_count_once(app: TestApp) {
        let (_, i) = place(&app).await;
        let one = naming(&app, "one", &[&uri("two")]).await;
        let two = naming(&app, "two", &[&uri("one")]).await;
        like(&app, &one, &i).await;
        like(&app, &two, &i).await;
        assert_eq!(likes(&app, &i).await, 1);
        let person = in_unit!(app, unit => identity::person_in(unit, two.id)).unwrap();
        assert_eq!(person, in_unit!(app, unit => identity::person_in(unit, one.id)).unwrap());
        // Whichever is taken back, the other one stands; without both there is none.
        unlike(&app, &one).await;
        assert_eq!(likes(&app, &i).await, 1);
        like(&app, &one, &i).await;
        assert_eq!(likes(&app, &i).await, 1, "it was taken back by its id");
        unlike(&app, &two).await;
        assert_eq!(likes(&app, &i).await, 0);
    }

    async fn what_one_side_claims_has_no_effect(app: TestApp) {
        let (_, i) = place(&app).await;
        let honest = naming(&app, "honest", &[]).await;
        like(&app, &honest, &i).await;
        let eve = naming(&app, "eve", &[&uri("honest")]).await;
        like(&app, &eve, &i).await;
        assert_eq!(likes(&app, &i).await, 2);
        let alone = in_unit!(app, unit => identity::actors_in(unit, honest.id)).unwrap();
        assert_eq!(alone, [honest.id]);
    }

    async fn a_bond_that_shows_later_and_parting_never_double(app: TestApp) {
        let (_, i) = place(&app).await;
        let one = naming(&app, "one", &[]).await;
        let two = naming(&app, "two", &[&uri("one")]).await;
        let three = naming(&app, "three", &[&uri("two")]).await;
        for who in [&one, &two, &three] {
            like(&app, who, &i).await;
        }
        assert_eq!(likes(&app, &i).await, 3);
        naming(&app, "one", &[&uri("two")]).await;
        assert_eq!(likes(&app, &i).await, 2);
        naming(&app, "two", &[&uri("one"), &uri("three")]).await;
        assert_eq!(likes(&app, &i).await, 1);
        // They part: nothing is doubled by that.
        naming(&app, "one", &[]).await;
        unlike(&app, &one).await;
        assert_eq!(likes(&app, &i).await, 1);
        unlike(&app, &two).await;
        unlike(&app, &three).await;
        assert_eq!(likes(&app, &i).await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM reactions").await, 0);
    }

    async fn a_move_takes_followers_along_and_is_one_person(app: TestApp) {
        let (ana, i) = place(&app).await;
        let old = naming(&app, "old", &[]).await;
        follows::follow(&app, &ana, old.id).await.unwrap();
        like(&app, &old, &i).await;
        let new = naming(&app, "new", &[&uri("old")]).await;
        let effect = in_unit!(app, unit => moves::receive_in(unit, old.id, new.id)).unwrap();
        assert_eq!(effect, None);
        while moves::carry(&app, old.id, new.id).await.unwrap() > 0 {}
        let kept = texts(&app, "SELECT state FROM follows").await;
        assert_eq!(kept, ["pending"]);
        assert!(follows::state(&app, &ana, new.id).await.unwrap().is_some());
        assert!(events(&app).await.ends_with(&["follow_requested".into(), "unfollowed".into()]));
        like(&app, &new, &i).await;
        assert_eq!(likes(&app, &i).await, 1);
        // And back again within the month, by the other one.
        naming(&app, "old", &[&uri("new")]).await;
        let back = in_unit!(app, unit => moves::receive_in(unit, new.id, old.id)).unwrap();
        assert_eq!(back, None);
        unlike(&app, &old).await;
        assert_eq!(likes(&app, &i).await, 1);
    }

    async fn sig_35_moves_without_effect(app: TestApp) {
        place(&app).await;
        let old = naming(&app, "old", &[]).await;
        let stranger = naming(&app, "stranger", &[]).await;
        let new = naming(&app, "new", &[&uri("old")]).await;
        let other = naming(&app, "other", &[&uri("old")]).await;
        let mut moved_on = remote_actor("moved_on", ActorKind::Person);
        moved_on.profile.aliases = vec![uri("old")];
        moved_on.profile.moved_to = Some(uri("new"));
        let moved_on = actors::put_remote(&app, &moved_on).await.unwrap();
        let mut board = remote_actor("board", ActorKind::Assembly);
        board.profile.aliases = vec![uri("old")];
        let board = actors::put_remote(&app, &board).await.unwrap();
        for target in [&stranger, &moved_on, &board, &old] {
            let effect = in_unit!(app, unit => moves::receive_in(unit, old.id, target.id)).unwrap();
            assert!(effect.is_some(), "{}", target.handle);
        }
        let effect = in_unit!(app, unit => moves::receive_in(unit, old.id, new.id)).unwrap();
        assert_eq!(effect, None);
        app.clock.advance_seconds(u64::try_from(MONTH - 1).unwrap());
        let again = in_unit!(app, unit => moves::receive_in(unit, old.id, other.id)).unwrap();
        assert!(again.is_some(), "twice in a month");
        app.clock.advance_seconds(1);
        let later = in_unit!(app, unit => moves::receive_in(unit, old.id, other.id)).unwrap();
        assert_eq!(later, None);
    }

    async fn somebody_here_moves_away_and_comes_back(app: TestApp) {
        let (ana, i) = place(&app).await;
        let boris = app.account("boris").await;
        follows::follow(&app, &boris, ana.id).await.unwrap();
        let here = app.urls.actor(ActorKind::Person, "ana");
        let there = naming(&app, "ana", &[]).await;
        let refusal = moves::move_away(&app, &ana, PASSWORD, there.id).await;
        assert_eq!(refused(refusal), [("target", "no-alias")]);
        let there = naming(&app, "ana", &[&here]).await;
        let refusal = moves::move_away(&app, &ana, "wrong password", there.id).await;
        assert_eq!(refused(refusal), [("password", "wrong")]);
        moves::move_away(&app, &ana, PASSWORD, there.id).await.unwrap();
        while moves::carry(&app, ana.id, there.id).await.unwrap() > 0 {}
        assert!(follows::state(&app, &boris, there.id).await.unwrap().is_some());
        assert!(follows::state(&app, &boris, ana.id).await.unwrap().is_none());
        // What was said can be read; nothing more is said.
        assert_eq!(initiatives::get(&app, None, i.id).await.unwrap().title, "Night buses");
        let silent = [
            reactions::react(&app, &ana, i.id, LIKE).await.err(),
            follows::follow(&app, &ana, boris.id).await.err(),
            crate::services::comments::post(&app, &ana, i.id, None, "More", "en").await.err(),
        ];
        for error in silent {
            assert!(matches!(error, Some(Error::Conflict(_))), "{error:?}");
        }
        moves::come_back(&app, &ana, PASSWORD).await.unwrap();
        reactions::react(&app, &ana, i.id, LIKE).await.unwrap();
        let again = moves::move_away(&app, &ana, PASSWORD, there.id).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }

    async fn aliases_are_few_and_somebody_else(app: TestApp) {
        let (ana, _) = place(&app).await;
        let many: Vec<String> = (0..21).map(|n| uri(&format!("p{n}"))).collect();
        assert_eq!(refused(moves::set_aliases(&app, &ana, &many).await), [("aliases", "too-many")]);
        let own = [app.urls.actor(ActorKind::Person, "ana")];
        assert_eq!(refused(moves::set_aliases(&app, &ana, &own).await), [("aliases", "self")]);
        moves::set_aliases(&app, &ana, &many[..2]).await.unwrap();
        let kept = crate::services::profiles::of(&app, ana.id).await.unwrap().aliases;
        assert_eq!(kept, many[..2]);
    }

    async fn a_block_ends_following_and_is_told(app: TestApp) {
        let (ana, _) = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        let here = app.urls.actor(ActorKind::Person, "ana");
        follows::follow(&app, &ana, zoe.id).await.unwrap();
        let f1 = "https://remote.example/f/1";
        in_unit!(app, unit => follows::receive_in(unit, zoe.id, &here, f1)).unwrap();
        for _ in 0..2 {
            blocks::block(&app, &ana, zoe.id).await.unwrap();
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM follows").await, 0);
        let told = events(&app).await;
        assert_eq!(told.iter().filter(|e| *e == "blocked").count(), 1);
        assert!(told.contains(&"unfollowed".to_owned()));
        let f2 = "https://remote.example/f/2";
        let taken = in_unit!(app, unit => follows::receive_in(unit, zoe.id, &here, f2)).unwrap();
        assert!(!taken);
        assert_eq!(events(&app).await.last().unwrap(), "follow_rejected");
        let refusal = follows::follow(&app, &ana, zoe.id).await;
        assert!(matches!(refusal, Err(Error::Forbidden(_))), "{refusal:?}");
        assert_eq!(blocks::list(&app, &ana).await.unwrap(), std::slice::from_ref(&zoe));
        blocks::unblock(&app, &ana, zoe.id).await.unwrap();
        assert_eq!(events(&app).await.last().unwrap(), "unblocked");
        follows::follow(&app, &ana, zoe.id).await.unwrap();
        let own = blocks::block(&app, &ana, ana.id).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
    }

    async fn a_block_from_elsewhere_in_either_order(app: TestApp) {
        let (ana, _) = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        let here = app.urls.actor(ActorKind::Person, "ana");
        let b1 = "https://remote.example/b/1";
        in_unit!(app, unit => blocks::receive_in(unit, zoe.id, &here, b1)).unwrap();
        let refusal = follows::follow(&app, &ana, zoe.id).await;
        assert!(matches!(refusal, Err(Error::Forbidden(_))), "{refusal:?}");
        in_unit!(app, unit => blocks::receive_undo_in(unit, zoe.id, b1, None)).unwrap();
        follows::follow(&app, &ana, zoe.id).await.unwrap();
        // Taken back before it came.
        let b2 = "https://remote.example/b/2";
        in_unit!(app, unit => blocks::receive_undo_in(unit, zoe.id, b2, None)).unwrap();
        in_unit!(app, unit => blocks::receive_in(unit, zoe.id, &here, b2)).unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM blocks").await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM follows").await, 1);
    }

    async fn answers_of_the_blocked_are_not_passed_on(app: TestApp) {
        let (ana, i) = place(&app).await;
        let (zoe, max) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        blocks::block(&app, &ana, zoe.id).await.unwrap();
        let answers = vec![
            (i.assembly_id, zoe.id, i.uri.as_str(), "zoe to ana".to_owned()),
            (i.assembly_id, max.id, i.uri.as_str(), "max to ana".to_owned()),
            (i.assembly_id, zoe.id, "https://remote.example/n/9", "zoe to max".to_owned()),
        ];
        let welcome = in_unit!(app, unit => blocks::welcome_in(unit, answers)).unwrap();
        let said: Vec<_> = welcome.iter().map(|(_, raw)| raw.as_str()).collect();
        assert_eq!(said, ["max to ana", "zoe to max"]);
    }

    async fn a_report_goes_its_way(app: TestApp) {
        let (ana, i) = place(&app).await;
        let olga = app.admin("olga").await;
        let zoe = stranger(&app, "zoe").await;
        let about = [zoe.uri.clone()];
        assert_eq!(refused(reports::file(&app, &ana, &about, " ").await), [("reason", "required")]);
        let nothing = ["https://remote.example/nothing".to_owned()];
        assert_eq!(refused(reports::file(&app, &ana, &nothing, "x").await), [("objects", "not-found")]);
        for _ in 0..2 {
            reports::file(&app, &ana, &about, "Advertising").await.unwrap();
        }
        reports::file(&app, &ana, std::slice::from_ref(&i.uri), "Mine").await.unwrap();
        let refusal = reports::list(&app, Some(&ana), None, None, 10).await;
        assert!(matches!(refusal, Err(Error::Forbidden(_))), "nobody else reads them");
        let open = reports::list(&app, Some(&olga), Some("open"), None, 10).await.unwrap().items;
        let [local, remote] = open.as_slice() else { panic!("{open:?}") };
        assert!(local.remote().is_none());
        assert_eq!(remote.remote().unwrap().id, zoe.id);
        let refusal = reports::forward(&app, &olga, local.report.id).await;
        assert!(matches!(refusal, Err(Error::Conflict(_))), "{refusal:?}");
        for _ in 0..2 {
            reports::forward(&app, &olga, remote.report.id).await.unwrap();
        }
        let sent = events(&app).await;
        assert_eq!(sent.iter().filter(|e| *e == "report_forwarded").count(), 1);
        let closed = reports::resolve(&app, &olga, remote.report.id, "Told them").await.unwrap();
        assert_eq!((closed.report.state.as_str(), closed.report.note.as_str()), ("resolved", "Told them"));
        let again = reports::resolve(&app, &olga, remote.report.id, "Other").await.unwrap();
        assert_eq!(again.report.note, "Told them");
        // Once it is closed the same may be reported again.
        reports::file(&app, &ana, &about, "Advertising").await.unwrap();
        let open = reports::list(&app, None, Some("open"), None, 10).await.unwrap().items;
        assert_eq!(open.len(), 2);
    }
}
