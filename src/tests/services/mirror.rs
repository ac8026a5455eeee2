//! Initiatives whose home is elsewhere.

use crate::both_engines;
use crate::domain::State;
use crate::services::comments::{Deleted, receive_delete_in};
use crate::services::initiatives::{self, put_remote_in, update_remote_in};
use crate::services::{Error, audit, reports};
use crate::testing::TestApp;
use crate::tests::fixtures::{foreign, in_unit, number, place_of_zoe, reading, stranger, texts};

const URI: &str = "https://remote.example/p/1";

both_engines! {
    async fn a_mirrored_initiative_is_stored_once(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap().unwrap();
        assert_eq!(in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap(), None);
        let shown = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!((shown.local, shown.state), (false, State::Discussion));
        assert_eq!((shown.title.as_str(), shown.assembly_id), ("Plant trees", garden.id));
        assert_eq!((shown.likes, shown.reported_likes), (0, Some(7)));
    }

    async fn nobody_here_changes_it(app: TestApp) {
        let ana = app.account("ana").await;
        let (zoe, garden) = place_of_zoe(&app).await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap().unwrap();
        let form = crate::tests::fixtures::form("garden", "Mine");
        let revise = initiatives::revise(&app, &ana, id, &form).await;
        assert!(matches!(revise, Err(Error::Forbidden(_))), "{revise:?}");
        let withdraw = initiatives::withdraw(&app, &ana, id).await;
        assert!(matches!(withdraw, Err(Error::Forbidden(_))), "{withdraw:?}");
    }

    async fn its_author_revises_it(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let max = stranger(&app, "max").await;
        let first = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &first)).unwrap().unwrap();
        let mut second = foreign("1", zoe.id, garden.id, "Plant bushes");
        second.number = Some(5);
        assert!(in_unit!(app, unit => update_remote_in(unit, &second)).unwrap());
        assert!(!in_unit!(app, unit => update_remote_in(unit, &second)).unwrap());
        let forged = foreign("1", max.id, garden.id, "Fell trees");
        assert!(!in_unit!(app, unit => update_remote_in(unit, &forged)).unwrap());
        let unknown = foreign("2", zoe.id, garden.id, "Plant more");
        assert!(!in_unit!(app, unit => update_remote_in(unit, &unknown)).unwrap());
        let all = initiatives::revisions(&app, None, id).await.unwrap();
        let shown: Vec<_> = all.iter().map(|r| (r.number, r.title.as_str())).collect();
        assert_eq!(shown, [(1, "Plant trees"), (5, "Plant bushes")]);
    }

    async fn its_author_withdraws_it(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let max = stranger(&app, "max").await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap().unwrap();
        let forged = in_unit!(app, unit => receive_delete_in(unit, max.id, URI)).unwrap();
        assert_eq!(forged, Deleted::NotOwner);
        let gone = in_unit!(app, unit => receive_delete_in(unit, zoe.id, URI)).unwrap();
        assert_eq!(gone, Deleted::Buried { assembly: garden.id, assembly_local: false });
        let shown = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!((shown.state, shown.html.as_str()), (State::Withdrawn, ""));
        assert!(!in_unit!(app, unit => update_remote_in(unit, &remote)).unwrap());
        assert_eq!(in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap(), None);
    }

    async fn what_was_withdrawn_before_it_came_stays_away(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        in_unit!(app, unit => receive_delete_in(unit, zoe.id, URI)).unwrap();
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        assert_eq!(in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap(), None);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM initiatives").await, 0);
    }

    async fn its_home_is_asked_for_its_tallies_once_a_minute(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap().unwrap();
        let jobs = || number(&app, "SELECT COUNT(*) FROM jobs WHERE kind = 'refresh_tallies'");
        let fresh = initiatives::get(&app, None, id).await.unwrap();
        initiatives::refresh_reported(&app, &fresh).await.unwrap();
        assert_eq!(jobs().await, 0);
        app.clock.advance_seconds(61);
        for _ in 0..2 {
            initiatives::refresh_reported(&app, &fresh).await.unwrap();
        }
        assert_eq!(jobs().await, 1);
        initiatives::set_reported(&app, id, Some(9), Some(2)).await.unwrap();
        let shown = initiatives::get(&app, None, id).await.unwrap();
        let reported = (shown.reported_likes, shown.reported_boosts, shown.reported_at);
        assert_eq!(reported, (Some(9), Some(2), Some(app.now())));
        assert_eq!((shown.likes, shown.boosts), (0, 0));
    }

    async fn reports_and_refusals_are_kept(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        let objects = ["http://veche.test/u/ana".to_owned()];
        let flag = "https://remote.example/flag/1";
        for words in ["Rude", "Once more"] {
            in_unit!(app, unit => reports::receive_in(unit, zoe.id, flag, &objects, words)).unwrap();
        }
        let kept = reports::list(&app, None, None, None, 10).await.unwrap().items;
        let kept: Vec<_> = kept.iter().map(|case| &case.report).collect();
        let [report] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!((report.reporter_id, report.content.as_str()), (zoe.id, "Rude"));
        assert_eq!(report.objects(), objects);
        audit::refused(&app, "like", &zoe.uri, flag, "not its author").await.unwrap();
        app.clock.advance_seconds(1);
        audit::refused(&app, "follow", &zoe.uri, flag, "not local").await.unwrap();
        let kept = reading!(app, conn => crate::storage::audit::list(conn, 10));
        let kinds: Vec<_> = kept.iter().map(|row| (row.0.as_str(), row.2.as_str())).collect();
        assert_eq!(kinds, [("follow", "not local"), ("like", "not its author")]);
        assert_eq!(texts(&app, "SELECT actor_uri FROM audit").await, [&zoe.uri[..], &zoe.uri]);
    }
}
