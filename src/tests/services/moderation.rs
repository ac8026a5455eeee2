//! Moderating an assembly.

use crate::both_engines;
use crate::domain::moderation::{ModAct, Order};
use crate::domain::{State, Viewer};
use crate::services::comments::{self, Received};
use crate::services::{Error, initiatives, moderation};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, form, in_unit, number, reply, stranger, texts};
use crate::tests::services::refused;

struct Place {
    assembly: crate::domain::actor::Actor,
    ana: Viewer,
    chief: Viewer,
    made: crate::domain::initiative::Initiative,
}

async fn place(app: &TestApp) -> Place {
    let assembly = app.assembly("transport").await;
    let (ana, chief) = (app.account("ana").await, app.admin("chief").await);
    let made = app.initiative(&ana, "transport", "Night buses").await;
    Place { assembly, ana, chief, made }
}

impl Place {
    fn text(&self, act: ModAct) -> Order {
        Order::about_text(act, self.assembly.id, self.made.id, "spam")
    }

    fn person(&self, act: ModAct, who: &Viewer) -> Order {
        let person = Order::about_person(act, self.assembly.id, who.id);
        Order { reason: "insult".to_owned(), ..person }
    }
}

both_engines! {
    async fn only_moderators_moderate(app: TestApp) {
        let p = place(&app).await;
        let vera = app.account("vera").await;
        for act in [ModAct::Pin, ModAct::Lock, ModAct::Remove] {
            let done = moderation::act(&app, &vera, &p.text(act)).await;
            assert!(matches!(done, Err(Error::Forbidden(_))), "{act:?} {done:?}");
        }
        moderation::act(&app, &p.chief, &p.person(ModAct::Appoint, &vera)).await.unwrap();
        assert!(moderation::is_moderator(&app, &vera, p.assembly.id).await.unwrap());
        moderation::act(&app, &vera, &p.text(ModAct::Pin)).await.unwrap();
        // Of this assembly and of no other; and moderators do not make moderators.
        let other = app.assembly("parks").await;
        let park = app.initiative(&p.ana, "parks", "Trees").await;
        let order = Order::about_text(ModAct::Pin, other.id, park.id, "");
        assert!(matches!(moderation::act(&app, &vera, &order).await, Err(Error::Forbidden(_))));
        let crossed = Order::about_text(ModAct::Pin, p.assembly.id, park.id, "");
        assert!(matches!(moderation::act(&app, &vera, &crossed).await, Err(Error::NotFound(_))));
        let named = moderation::act(&app, &vera, &p.person(ModAct::Appoint, &p.ana)).await;
        assert!(matches!(named, Err(Error::Forbidden(_))));
        // Who leaves, may.
        moderation::act(&app, &vera, &p.person(ModAct::Dismiss, &vera)).await.unwrap();
        let done = moderation::act(&app, &vera, &p.text(ModAct::Lock)).await;
        assert!(matches!(done, Err(Error::Forbidden(_))));
        assert_eq!(number(&app, "SELECT COUNT(*) FROM moderation").await, 3);
    }

    async fn the_role_moderates_everything(app: TestApp) {
        let p = place(&app).await;
        let keeper = Viewer { roles: vec![crate::domain::Role::Moderator], ..app.account("keeper").await };
        moderation::act(&app, &keeper, &p.text(ModAct::Lock)).await.unwrap();
        assert!(initiatives::get(&app, None, p.made.id).await.unwrap().locked_at.is_some());
    }

    async fn a_pinned_initiative_stands_in_the_collection(app: TestApp) {
        let p = place(&app).await;
        for _ in 0..2 {
            moderation::act(&app, &p.chief, &p.text(ModAct::Pin)).await.unwrap();
        }
        let document = app.document("/g/transport/featured").await.json();
        assert_eq!(document["orderedItems"], serde_json::json!([p.made.uri]));
        assert_eq!(number(&app, "SELECT COUNT(*) FROM moderation").await, 1);
        moderation::act(&app, &p.chief, &p.text(ModAct::Unpin)).await.unwrap();
        let document = app.document("/g/transport/featured").await.json();
        assert_eq!(document["totalItems"], 0);
        let kinds = events(&app).await;
        assert_eq!(kinds.iter().filter(|k| *k == "moderated").count(), 2, "{kinds:?}");
    }

    async fn moderators_are_listed(app: TestApp) {
        let p = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        moderation::act(&app, &p.chief, &p.person(ModAct::Appoint, &p.ana)).await.unwrap();
        let order = Order::about_person(ModAct::Appoint, p.assembly.id, zoe.id);
        moderation::act(&app, &p.chief, &order).await.unwrap();
        let document = app.document("/g/transport/moderators").await.json();
        assert_eq!(document["attributedTo"], p.assembly.uri);
        let ana = app.urls.actor(crate::domain::ActorKind::Person, "ana");
        assert_eq!(document["orderedItems"], serde_json::json!([ana, zoe.uri]));
        // A group or a body moderates nothing.
        let body = app.body("office").await;
        let order = Order::about_person(ModAct::Appoint, p.assembly.id, body.id);
        let done = moderation::act(&app, &p.chief, &order).await;
        assert_eq!(refused(done), [("actor", "not-found")]);
        // From the shell it is the assembly that says it.
        moderation::appoint(&app, "transport", "ana", false).await.unwrap();
        let left = moderation::moderators(&app, p.assembly.id).await.unwrap();
        assert_eq!(left.iter().map(|m| m.id).collect::<Vec<_>>(), [zoe.id]);
    }

    async fn a_closed_thread_takes_no_replies(app: TestApp) {
        let p = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        let said = comments::post(&app, &p.ana, p.made.id, None, "Who pays?", "en").await.unwrap();
        moderation::act(&app, &p.chief, &p.text(ModAct::Lock)).await.unwrap();
        for parent in [None, Some(said.id)] {
            let late = comments::post(&app, &p.ana, p.made.id, parent, "I do", "en").await;
            assert_eq!(refused(late), [("text", "locked")]);
        }
        let late = reply("late", zoe.id, &p.made.uri, "<p>I do</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &late)).unwrap();
        assert_eq!(outcome, Received::Ignored);
        // It is kept, once, with the verdict, and counts nowhere.
        in_unit!(app, unit => comments::receive_in(unit, &late)).unwrap();
        assert_eq!(texts(&app, "SELECT verdict FROM kept_aside").await, ["locked"]);
        assert_eq!(moderation::count_aside(&app, p.made.id).await.unwrap(), 1);
        let shown = initiatives::get(&app, None, p.made.id).await.unwrap();
        assert_eq!((shown.replies, shown.locked_at), (1, Some(app.now())));
        // What stands can still be taken back; open again, it is as before.
        moderation::act(&app, &p.chief, &p.text(ModAct::Unlock)).await.unwrap();
        comments::post(&app, &p.ana, p.made.id, None, "Again", "en").await.unwrap();
    }

    async fn a_removed_comment_leaves_its_place_and_the_reason(app: TestApp) {
        let p = place(&app).await;
        let said = comments::post(&app, &p.ana, p.made.id, None, "Buy pills", "en").await.unwrap();
        let order = Order::about_text(ModAct::Remove, p.assembly.id, said.id, "because");
        assert_eq!(refused(moderation::act(&app, &p.chief, &order).await), [("reason", "required")]);
        let order = Order { reason: "spam".to_owned(), ..order };
        moderation::act(&app, &p.chief, &order).await.unwrap();
        let gone = comments::get(&app, said.id).await.unwrap();
        assert_eq!((gone.html.as_str(), gone.removal.as_deref()), ("", Some("spam")));
        let document = app.document(&format!("/n/{}", said.id)).await;
        assert_eq!((document.status(), &document.json()["summary"]), (410, &"spam".into()));
        assert_eq!(initiatives::get(&app, None, p.made.id).await.unwrap().replies, 0);
        let page = app.get(&format!("/p/{}", p.made.id)).await;
        assert!(page.text().contains("Removed by the moderators. Reason: Spam"), "{}", page.text());
    }

    async fn a_removed_initiative_is_hidden(app: TestApp) {
        let p = place(&app).await;
        moderation::act(&app, &p.chief, &p.text(ModAct::Remove)).await.unwrap();
        let gone = initiatives::get(&app, None, p.made.id).await.unwrap();
        assert_eq!((gone.state, gone.html.as_str()), (State::Hidden, ""));
        let revised = initiatives::revise(&app, &p.ana, p.made.id, &form("transport", "Again")).await;
        assert!(matches!(revised, Err(Error::Conflict(_))));
        let page = app.get(&format!("/p/{}", p.made.id)).await;
        assert_eq!(page.status(), 410);
        assert!(page.text().contains("Spam"), "{}", page.text());
        assert!(!page.text().contains("every hour of the night"));
        // Its followers elsewhere are told by its author's server, the assembly's by the moderator.
        crate::jobs::drain(&app).await.unwrap();
        let deletes = number(&app, "SELECT COUNT(*) FROM activities WHERE kind = 'Delete'").await;
        assert_eq!(deletes, 2);
    }

    async fn who_is_excluded_says_nothing_more(app: TestApp) {
        let p = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        let before = reply("before", zoe.id, &p.made.uri, "<p>Before</p>");
        in_unit!(app, unit => comments::receive_in(unit, &before)).unwrap();
        let own = comments::post(&app, &p.ana, p.made.id, None, "Mine", "en").await.unwrap();
        for actor in [zoe.id, p.ana.id] {
            let person = Order::about_person(ModAct::Ban, p.assembly.id, actor);
            let until = Some(app.now().plus_seconds(60));
            let order = Order { reason: "insult".to_owned(), until, ..person };
            moderation::act(&app, &p.chief, &order).await.unwrap();
        }
        let late = comments::post(&app, &p.ana, p.made.id, None, "More", "en").await;
        assert_eq!(refused(late), [("text", "banned")]);
        assert_eq!(refused(comments::edit(&app, &p.ana, own.id, "Other").await), [("text", "banned")]);
        let draft = initiatives::draft(&app, &p.ana, &form("transport", "Next")).await.unwrap();
        let out = initiatives::publish(&app, &p.ana, draft.id).await;
        assert_eq!(refused(out), [("assembly", "banned")]);
        let after = reply("after", zoe.id, &p.made.uri, "<p>After</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &after)).unwrap();
        assert_eq!(outcome, Received::Ignored);
        assert_eq!(texts(&app, "SELECT verdict FROM kept_aside").await, ["banned"]);
        let changed = reply("before", zoe.id, &p.made.uri, "<p>Changed</p>");
        let edit = in_unit!(app, unit => comments::receive_edit_in(unit, &changed)).unwrap();
        assert_eq!(edit, None);
        assert_eq!(initiatives::get(&app, None, p.made.id).await.unwrap().replies, 2);
        // Until its time is over; what was kept aside stays aside.
        app.clock.advance_seconds(61);
        comments::post(&app, &p.ana, p.made.id, None, "More", "en").await.unwrap();
        let again = reply("again", zoe.id, &p.made.uri, "<p>Again</p>");
        let outcome = in_unit!(app, unit => comments::receive_in(unit, &again)).unwrap();
        assert!(matches!(outcome, Received::Stored { .. }), "{outcome:?}");
        assert!(moderation::bans(&app, p.assembly.id).await.unwrap().is_empty());
    }

    async fn what_was_done_can_be_read(app: TestApp) {
        let p = place(&app).await;
        moderation::act(&app, &p.chief, &p.text(ModAct::Lock)).await.unwrap();
        app.clock.advance_seconds(1);
        moderation::act(&app, &p.chief, &p.person(ModAct::Ban, &p.ana)).await.unwrap();
        let told = moderation::record(&app, p.assembly.id, 10).await.unwrap();
        let acts: Vec<_> = told.iter().map(|t| (t.act.act, t.name.as_str())).collect();
        assert_eq!(acts, [(ModAct::Ban, "ana@veche.test"), (ModAct::Lock, p.made.uri.as_str())]);
        let page = app.get("/g/transport/moderation").await;
        assert_eq!(page.status(), 200);
        for words in ["excluded", "Insult", "@chief@veche.test", "discussion closed"] {
            assert!(page.text().contains(words), "{words}: {}", page.text());
        }
        // A stranger sees the record and no form.
        assert!(!page.text().contains("<button class=\"danger\""));
    }

    async fn a_repeated_or_undone_activity_does_nothing(app: TestApp) {
        let p = place(&app).await;
        let zoe = stranger(&app, "zoe").await;
        let lock = p.text(ModAct::Lock);
        let unlock = p.text(ModAct::Unlock);
        let (one, two) = ("https://remote.example/a/1", "https://remote.example/a/2");
        in_unit!(app, unit => moderation::receive_in(unit, zoe.id, &lock, one, None, None)).unwrap();
        in_unit!(app, unit => moderation::receive_in(unit, zoe.id, &unlock, two, Some(one), None)).unwrap();
        in_unit!(app, unit => moderation::receive_in(unit, zoe.id, &lock, one, None, None)).unwrap();
        assert!(initiatives::get(&app, None, p.made.id).await.unwrap().locked_at.is_none());
        // The end before the beginning.
        let (three, four) = ("https://remote.example/a/3", "https://remote.example/a/4");
        in_unit!(app, unit => moderation::receive_in(unit, zoe.id, &unlock, four, Some(three), None)).unwrap();
        in_unit!(app, unit => moderation::receive_in(unit, zoe.id, &lock, three, None, None)).unwrap();
        assert!(initiatives::get(&app, None, p.made.id).await.unwrap().locked_at.is_none());
    }

    async fn moderators_use_the_pages(app: TestApp) {
        let p = place(&app).await;
        let mut browser = app.browser_of("chief").await;
        let path = format!("/p/{}/moderate", p.made.id);
        assert_eq!(browser.get(&path).await.status(), 200);
        let sent = browser.post_form(&path, &[("act", "lock")]).await;
        assert_eq!(sent.status(), 303, "{}", sent.text());
        assert!(initiatives::get(&app, None, p.made.id).await.unwrap().locked_at.is_some());
        let moderation_page = "/g/transport/moderation";
        let sent = browser.post_form(moderation_page, &[("act", "ban"), ("actor", "nobody"), ("reason", "spam"), ("days", "")]).await;
        assert_eq!(sent.status(), 422);
        let sent = browser.post_form(moderation_page, &[("act", "ban"), ("actor", "ana"), ("reason", "spam"), ("days", "3")]).await;
        assert_eq!(sent.status(), 303, "{}", sent.text());
        assert_eq!(moderation::bans(&app, p.assembly.id).await.unwrap().len(), 1);
        let mut other = app.browser_of("ana").await;
        assert_eq!(other.get(&path).await.status(), 403);
        let sent = other.post_form(moderation_page, &[("act", "unban"), ("actor", "ana")]).await;
        assert_eq!(sent.status(), 403);
        assert_eq!(moderation::bans(&app, p.assembly.id).await.unwrap().len(), 1);
    }
}
