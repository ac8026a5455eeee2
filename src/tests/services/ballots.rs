//! Ballots: who opens them, what becomes of each vote, how they end.

mod shuffled;

use super::refused;
use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::ballot::{Draft, Poll, Verdict};
use crate::domain::initiative::Initiative;
use crate::domain::{ObjectId, OptionId, Timestamp, Viewer};
use crate::jobs;
use crate::services::ballots::{self, ArrivedVote};
use crate::services::initiatives::{self, Form};
use crate::services::{Error, comments};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, form, in_unit, number, stranger, texts};

const HOUR: i64 = 3_600;

fn draft(app: &TestApp, options: &[&str]) -> Draft {
    Draft {
        question: "Night buses?".to_owned(),
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        ends_at: app.now().plus_seconds(2 * HOUR),
        language: "en".to_owned(),
        ..Draft::default()
    }
}

/// An initiative addressed to a body, an admin, and a ballot.
struct Scene {
    app: TestApp,
    clerk: Viewer,
    ana: Viewer,
    about: Initiative,
    poll: Poll,
}

impl Scene {
    async fn on(app: TestApp, change: impl Fn(&mut Draft)) -> Self {
        let (clerk, ana) = (app.admin("olga").await, app.account("ana").await);
        app.assembly("transport").await;
        app.body("office").await;
        let form = Form { body: Some("office".to_owned()), ..form("transport", "Night buses") };
        let written = initiatives::draft(&app, &ana, &form).await.unwrap();
        let about = initiatives::publish(&app, &ana, written.id).await.unwrap();
        let mut draft = draft(&app, &["Yes", "No", "Abstain"]);
        change(&mut draft);
        let poll = ballots::open(&app, Some(&clerk), about.id, &draft).await.unwrap();
        Self { app, clerk, ana, about, poll }
    }

    fn id(&self) -> ObjectId {
        self.poll.ballot.id
    }

    fn option(&self, position: usize) -> OptionId {
        self.poll.options[position].id
    }

    fn vote(&self, who: &Actor, name: &str, received_at: Timestamp) -> ArrivedVote {
        ArrivedVote {
            ballot: self.id(),
            actor: who.id,
            name: name.to_owned(),
            activity_uri: format!("{}#votes/{name}/activity", who.uri),
            received_at,
        }
    }

    async fn receive(&self, vote: &ArrivedVote) -> Option<Verdict> {
        in_unit!(self.app, unit => ballots::receive_in(unit, vote)).unwrap()
    }

    async fn comes(&self, who: &Actor, name: &str) -> Option<Verdict> {
        self.receive(&self.vote(who, name, self.app.now())).await
    }

    async fn now(&self) -> Poll {
        ballots::get(&self.app, self.id()).await.unwrap()
    }

    /// Counted by option, voters, then late, second, refused.
    async fn tallies(&self) -> (Vec<(i64, i64)>, (i64, i64), (i64, i64, i64)) {
        let Poll { ballot: b, options } = self.now().await;
        let by_option = options.iter().map(|o| (o.fediverse, o.registered)).collect();
        (by_option, (b.fediverse, b.registered), (b.late, b.second, b.refused))
    }

    async fn jobs(&self, kind: &str) -> usize {
        let all = texts(&self.app, "SELECT kind FROM jobs WHERE state = 'pending'").await;
        all.iter().filter(|k| *k == kind).count()
    }
}

both_engines! {
    async fn officials_open_ballots_where_a_body_is_addressed(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let (app, ana, clerk) = (&scene.app, &scene.ana, &scene.clerk);
        let ballot = &scene.poll.ballot;
        assert_eq!((ballot.author_handle.as_str(), ballot.state_at(app.now())), ("office", "open"));
        let titled = ballot.html.contains("Vote: Night buses?");
        assert!(titled && ballot.html.contains(&scene.about.url), "{}", ballot.html);
        assert_eq!(events(app).await.last().unwrap(), "ballot_opened");
        let good = draft(app, &["Yes", "No"]);
        let outcome = ballots::open(app, Some(ana), scene.about.id, &good).await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        let bad = Draft { options: vec!["Yes".to_owned()], ..good.clone() };
        let outcome = ballots::open(app, Some(clerk), scene.about.id, &bad).await;
        assert_eq!(refused(outcome), [("options", "too-few")]);
        let without = app.initiative(ana, "transport", "Quiet streets").await;
        let outcome = ballots::open(app, Some(clerk), without.id, &good).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        let nowhere = ballots::open(app, Some(clerk), 1.into(), &good).await;
        assert!(matches!(nowhere, Err(Error::NotFound(_))), "{nowhere:?}");
        initiatives::withdraw(app, ana, without.id).await.unwrap();
        assert_eq!(number(app, "SELECT COUNT(*) FROM ballots").await, 1);
    }

    async fn every_vote_is_kept_with_its_verdict(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let (bob, eve) = (stranger(&scene.app, "bob").await, stranger(&scene.app, "eve").await);
        assert_eq!(scene.comes(&bob, "Yes").await, Some(Verdict::Counted));
        // The same a thousand times, or under other names of the activity, is one vote.
        assert_eq!(scene.comes(&bob, "Yes").await, None);
        let renamed = ArrivedVote { activity_uri: "https://remote.example/x".to_owned(),
            ..scene.vote(&bob, "Yes", scene.app.now()) };
        assert_eq!(scene.receive(&renamed).await, None);
        assert_eq!(scene.comes(&bob, "No").await, Some(Verdict::Second));
        assert_eq!(scene.comes(&bob, "No").await, None);
        assert_eq!(scene.comes(&eve, "yes").await, Some(Verdict::Refused));
        assert_eq!(scene.comes(&eve, "Maybe").await, None);
        assert_eq!(scene.comes(&eve, "No").await, Some(Verdict::Counted));
        let expected = (vec![(1, 0), (1, 0), (0, 0)], (2, 0), (0, 1, 1));
        assert_eq!(scene.tallies().await, expected);
        let kept = texts(&scene.app, "SELECT verdict FROM ballot_votes ORDER BY verdict").await;
        assert_eq!(kept, ["counted", "counted", "refused", "second"]);
        // Only what nobody can mend is answered.
        let answers = events(&scene.app).await.into_iter().filter(|e| e == "vote_rejected").count();
        assert_eq!(answers, 1);
    }

    async fn several_choices_count_once_each(app: TestApp) {
        let scene = Scene::on(app, |d| d.multiple = true).await;
        let bob = stranger(&scene.app, "bob").await;
        for name in ["Yes", "No", "Yes", "No"] {
            scene.comes(&bob, name).await;
        }
        let expected = (vec![(1, 0), (1, 0), (0, 0)], (1, 0), (0, 0, 0));
        assert_eq!(scene.tallies().await, expected);
    }

    async fn our_clock_decides_what_is_late(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let end = scene.poll.ballot.ends_at;
        let (bob, eve) = (stranger(&scene.app, "bob").await, stranger(&scene.app, "eve").await);
        scene.app.clock.set(end.plus_millis(5));
        // It came a millisecond before the end, and is applied after it.
        let in_time = scene.vote(&bob, "Yes", end.plus_millis(-1));
        assert_eq!(scene.receive(&in_time).await, Some(Verdict::Counted));
        assert_eq!(scene.receive(&scene.vote(&eve, "Yes", end)).await, Some(Verdict::Late));
        assert_eq!(scene.tallies().await, (vec![(1, 0), (0, 0), (0, 0)], (1, 0), (1, 0, 0)));
        let reasons = texts(&scene.app, "SELECT reason FROM audit").await;
        assert_eq!(reasons, ["rejected: closed"]);
        // After the result is final nothing counts any more.
        assert!(ballots::close_due(&scene.app, scene.id()).await.unwrap());
        let zoe = stranger(&scene.app, "zoe").await;
        let slow = scene.vote(&zoe, "Yes", end.plus_millis(-1));
        assert_eq!(scene.receive(&slow).await, Some(Verdict::Late));
        assert_eq!(scene.tallies().await.1, (1, 0));
    }

    async fn accounts_here_are_counted_apart(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let bob = stranger(&scene.app, "bob").await;
        scene.comes(&bob, "Yes").await;
        let vote = async |chosen: &[OptionId]| {
            ballots::vote(&scene.app, &scene.ana, scene.id(), chosen).await
        };
        assert_eq!(refused(vote(&[]).await), [("options", "required")]);
        assert_eq!(refused(vote(&[7.into()]).await), [("options", "unknown-option")]);
        let two = [scene.option(0), scene.option(1)];
        assert_eq!(refused(vote(&two).await), [("options", "too-many")]);
        vote(&[scene.option(0)]).await.unwrap();
        vote(&[scene.option(0)]).await.unwrap();
        let changed = vote(&[scene.option(1)]).await;
        assert!(matches!(changed, Err(Error::Conflict(_))), "{changed:?}");
        assert_eq!(scene.tallies().await, (vec![(1, 1), (0, 0), (0, 0)], (1, 1), (0, 0, 0)));
        let mine = ballots::choices_of(&scene.app, &scene.ana, scene.id()).await.unwrap();
        assert_eq!(mine, [scene.option(0)]);
        scene.app.clock.set(scene.poll.ballot.ends_at);
        let late = vote(&[scene.option(0)]).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    }

    async fn many_votes_are_one_push(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        assert_eq!(scene.jobs("push_tallies").await, 0);
        for n in 0..5 {
            let who = stranger(&scene.app, &format!("bob{n}")).await;
            scene.comes(&who, "Yes").await;
        }
        assert_eq!(scene.jobs("push_tallies").await, 1);
        jobs::drain(&scene.app).await.unwrap();
        let pushed = async || events(&scene.app).await.iter().filter(|e| *e == "ballot_tallied").count();
        assert_eq!((pushed().await, scene.jobs("push_tallies").await), (0, 1));
        scene.app.clock.advance(std::time::Duration::from_secs(179));
        jobs::drain(&scene.app).await.unwrap();
        assert_eq!(pushed().await, 0);
        scene.app.clock.advance(std::time::Duration::from_secs(1));
        jobs::drain(&scene.app).await.unwrap();
        assert_eq!((pushed().await, scene.jobs("push_tallies").await), (1, 0));
        // The next vote asks for the next push, even while one is at work.
        let eve = stranger(&scene.app, "eve").await;
        scene.comes(&eve, "No").await;
        assert_eq!(scene.jobs("push_tallies").await, 1);
        let updates = texts(&scene.app, "SELECT kind FROM activities WHERE kind = 'Update'").await;
        assert_eq!(updates.len(), 1);
    }

    async fn hidden_tallies_are_not_pushed(app: TestApp) {
        let scene = Scene::on(app, |d| d.hide_tallies = true).await;
        let bob = stranger(&scene.app, "bob").await;
        scene.comes(&bob, "Yes").await;
        assert_eq!(scene.jobs("push_tallies").await, 0);
        let path = format!("/q/{}", scene.id());
        let shown = scene.app.document(&path).await.json();
        assert_eq!((&shown["votersCount"], &shown["civic:tally"]), (&0.into(), &serde_json::Value::Null));
        scene.app.clock.set(scene.poll.ballot.ends_at);
        jobs::drain(&scene.app).await.unwrap();
        let shown = scene.app.document(&path).await.json();
        assert_eq!((&shown["votersCount"], &shown["oneOf"][0]["replies"]["totalItems"]), (&1.into(), &1.into()));
    }

    async fn the_end_comes_by_itself_with_a_result(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let bob = stranger(&scene.app, "bob").await;
        scene.comes(&bob, "Yes").await;
        ballots::vote(&scene.app, &scene.ana, scene.id(), &[scene.option(1)]).await.unwrap();
        scene.app.clock.set(scene.poll.ballot.ends_at.plus_millis(-1));
        jobs::drain(&scene.app).await.unwrap();
        assert_eq!(scene.now().await.ballot.closed_at, None);
        scene.app.clock.set(scene.poll.ballot.ends_at);
        jobs::drain(&scene.app).await.unwrap();
        let closed = scene.now().await.ballot;
        assert_eq!(closed.closed_at, Some(closed.ends_at));
        let said = comments::of_initiative(&scene.app, scene.about.id, None, 10).await.unwrap();
        assert_eq!(said.len(), 1);
        let result = &said[0];
        assert_eq!((result.author_handle.as_str(), result.parent_id), ("office", Some(scene.about.id)));
        assert!(result.html.contains("Yes: 1 from the fediverse, 0 from accounts here"), "{}", result.html);
        assert!(result.html.contains("No: 0 from the fediverse, 1 from accounts here"), "{}", result.html);
        let document = scene.app.document(&format!("/q/{}", scene.id())).await.json();
        assert_eq!((&document["closed"], &document["votersCount"]), (&document["endTime"], &2.into()));
        // Once more changes nothing.
        assert!(ballots::close_due(&scene.app, scene.id()).await.unwrap());
        assert_eq!(number(&scene.app, "SELECT COUNT(*) FROM comments").await, 1);
        let again = ballots::close(&scene.app, Some(&scene.clerk), scene.id()).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }

    async fn an_end_before_its_time_leaves_the_announced_one(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let by_ana = ballots::close(&scene.app, Some(&scene.ana), scene.id()).await;
        assert!(matches!(by_ana, Err(Error::Forbidden(_))), "{by_ana:?}");
        scene.app.clock.advance(std::time::Duration::from_mins(1));
        let now = scene.app.now();
        let ended = ballots::close(&scene.app, Some(&scene.clerk), scene.id()).await.unwrap();
        assert_eq!((ended.ballot.closes_at, ended.ballot.state_at(now)), (now, "counting"));
        jobs::drain(&scene.app).await.unwrap();
        let closed = scene.now().await.ballot;
        assert_eq!((closed.closed_at, closed.ends_at), (Some(now), scene.poll.ballot.ends_at));
        // Nobody voted: totals of nothing are not sent, the result says it.
        let updates = texts(&scene.app, "SELECT kind FROM activities WHERE kind = 'Update'").await;
        assert!(updates.is_empty());
        let said = comments::of_initiative(&scene.app, scene.about.id, None, 10).await.unwrap();
        assert!(said[0].html.contains("Nobody voted"), "{}", said[0].html);
    }

    async fn a_result_waits_for_what_came_in_time(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let bob = stranger(&scene.app, "bob").await;
        let end = scene.poll.ballot.ends_at;
        scene.app.clock.set(end.plus_millis(-1));
        let body = serde_json::json!({ "id": format!("{}#votes/1/activity", bob.uri), "type": "Create",
            "actor": bob.uri, "object": { "type": "Note", "name": "Yes", "attributedTo": bob.uri,
            "inReplyTo": scene.poll.ballot.uri } });
        let (id, raw) = (format!("{}#votes/1/activity", bob.uri), body.to_string());
        scene.app.state().intake.store(bob.id, id, raw.into()).await.unwrap();
        scene.app.clock.set(end.plus_millis(1));
        assert!(!ballots::close_due(&scene.app, scene.id()).await.unwrap());
        assert_eq!(scene.now().await.ballot.state_at(scene.app.now()), "counting");
        jobs::drain(&scene.app).await.unwrap();
        scene.app.clock.advance(std::time::Duration::from_mins(2));
        jobs::drain(&scene.app).await.unwrap();
        let (counted, _, _) = scene.tallies().await;
        assert_eq!((counted[0], scene.now().await.ballot.closed_at), ((1, 0), Some(end)));
    }

    async fn a_removed_ballot_leaves_a_tombstone(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let bob = stranger(&scene.app, "bob").await;
        scene.comes(&bob, "Yes").await;
        let path = format!("/q/{}", scene.id());
        assert_eq!(scene.app.document(&path).await.status(), 200);
        ballots::remove(&scene.app, Some(&scene.clerk), scene.id()).await.unwrap();
        let gone = scene.app.document(&path).await;
        assert_eq!((gone.status(), gone.json()["formerType"].clone()), (410, "Question".into()));
        assert_eq!(scene.app.get(&path).await.status(), 410);
        assert!(ballots::of_initiative(&scene.app, scene.about.id).await.unwrap().is_empty());
        let eve = stranger(&scene.app, "eve").await;
        assert_eq!(scene.comes(&eve, "Yes").await, Some(Verdict::Late));
        assert_eq!(number(&scene.app, "SELECT COUNT(*) FROM ballot_votes").await, 2);
        let again = ballots::remove(&scene.app, Some(&scene.clerk), scene.id()).await;
        assert!(matches!(again, Err(Error::Gone(_))), "{again:?}");
    }

    async fn a_withdrawn_initiative_ends_its_ballots(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        initiatives::withdraw(&scene.app, &scene.ana, scene.about.id).await.unwrap();
        jobs::drain(&scene.app).await.unwrap();
        assert_eq!(scene.now().await.ballot.closed_at, Some(scene.app.now()));
        // There is nothing left to answer.
        let said = texts(&scene.app, "SELECT html FROM comments").await;
        assert!(said.iter().all(|html| !html.contains("Result")), "{said:?}");
    }

    async fn votes_at_the_same_moment_count_once(app: TestApp) {
        let scene = Scene::on(app, |_| {}).await;
        let bob = stranger(&scene.app, "bob").await;
        let names = ["Yes", "No", "Abstain"];
        let all = (0..30).map(|n| {
            let vote = scene.vote(&bob, names[n % 3], scene.app.now());
            let app = &scene.app;
            async move {
                let mut unit = crate::services::Unit::begin(app).await.unwrap();
                ballots::receive_in(&mut unit, &vote).await.unwrap();
                unit.commit().await.unwrap();
            }
        });
        futures_util::future::join_all(all).await;
        let (options, voters, (late, second, refused)) = scene.tallies().await;
        assert_eq!(options.iter().map(|o| o.0).sum::<i64>(), 1, "{options:?}");
        assert_eq!((voters, late, second, refused), ((1, 0), 0, 2, 0));
    }
}
