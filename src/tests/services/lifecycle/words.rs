//! Hashtags and names in texts.

use crate::both_engines;
use crate::domain::{Address, Event, PageRequest};
use crate::services::{comments, initiatives, mentions, tags};
use crate::testing::TestApp;
use crate::tests::fixtures::{
    events, foreign, foreign_assembly, in_unit, number, reply, stranger, texts,
};

both_engines! {
    async fn what_carries_a_hashtag_is_found(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let i = app.initiative(&ana, "transport", "Night buses").await;
        let said = comments::post(&app, &ana, i.id, None, "See #Bus and #bus", "en").await.unwrap();
        assert_eq!(said.html.matches("/tags/bus\" class=\"mention hashtag\" rel=\"tag\"").count(), 2, "{}", said.html);
        let zoe = stranger(&app, "zoe").await;
        let mut answer = reply("1", zoe.id, &i.uri, "<p>x</p>");
        answer.tags = vec!["bus".to_owned()];
        in_unit!(app, unit => comments::receive_in(unit, &answer)).unwrap();
        let garden = foreign_assembly(&app, "garden").await;
        let mut mirrored = foreign("p", zoe.id, garden.id, "Trees");
        mirrored.tags = vec!["bus".to_owned(), "trees".to_owned()];
        in_unit!(app, unit => initiatives::put_remote_in(unit, &mirrored)).unwrap();
        let first = PageRequest::first();
        let found = tags::comments(&app, "bus", first).await.unwrap().items;
        assert_eq!(found.len(), 2);
        let found = tags::initiatives(&app, "bus", first).await.unwrap().items;
        assert_eq!(found.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["Trees"]);
        // An edit changes them, an end takes them away.
        comments::edit(&app, &ana, said.id, "See #tram").await.unwrap();
        assert_eq!(tags::comments(&app, "bus", first).await.unwrap().items.len(), 1);
        assert_eq!(tags::comments(&app, "tram", first).await.unwrap().items.len(), 1);
        comments::delete(&app, &ana, said.id).await.unwrap();
        assert!(tags::comments(&app, "tram", first).await.unwrap().items.is_empty());
    }

    async fn hashtags_of_a_draft_are_nobodys_business(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let mut form = crate::tests::fixtures::form("transport", "Night buses");
        form.proposal = "Run one. #night".to_owned();
        let draft = initiatives::draft(&app, &ana, &form).await.unwrap();
        let first = PageRequest::first();
        assert!(tags::initiatives(&app, "night", first).await.unwrap().items.is_empty());
        initiatives::publish(&app, &ana, draft.id).await.unwrap();
        assert_eq!(tags::initiatives(&app, "night", first).await.unwrap().items.len(), 1);
        initiatives::withdraw(&app, &ana, draft.id).await.unwrap();
        assert!(tags::initiatives(&app, "night", first).await.unwrap().items.is_empty());
    }

    async fn who_is_known_is_linked_at_once(app: TestApp) {
        let ana = app.account("ana").await;
        app.account("boris").await;
        app.assembly("transport").await;
        let i = app.initiative(&ana, "transport", "Night buses").await;
        let zoe = stranger(&app, "zoe").await;
        let words = "Ask @zoe@remote.example, @boris@veche.test and @nobody@veche.test";
        let said = comments::post(&app, &ana, i.id, None, words, "en").await.unwrap();
        assert_eq!(said.html.matches("u-url mention").count(), 2, "{}", said.html);
        assert!(said.html.contains(&zoe.url));
        assert_eq!(events(&app).await.last().unwrap(), "comment_posted");
    }

    async fn others_are_told_after_strangers_were_looked_for(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let i = app.initiative(&ana, "transport", "Night buses").await;
        let words = "Ask @zoe@remote.example or @eve@other.example";
        let said = comments::post(&app, &ana, i.id, None, words, "en").await.unwrap();
        assert!(!said.html.contains("u-url"), "{}", said.html);
        let count = "SELECT COUNT(*) FROM events WHERE kind = 'comment_posted'";
        assert_eq!(number(&app, count).await, 0);
        let waiting = mentions::pending(&app, said.id).await.unwrap();
        assert_eq!(waiting.len(), 2);
        let zoe = stranger(&app, "zoe").await;
        let found = [(Address::parse("zoe@remote.example").unwrap(), Some(zoe.id))];
        let event = Event::CommentPosted { comment: said.id };
        for _ in 0..2 {
            mentions::settle(&app, said.id, &found, &event).await.unwrap();
        }
        assert_eq!(number(&app, count).await, 1);
        let shown = comments::get(&app, said.id).await.unwrap();
        assert!(shown.html.contains(&zoe.url) && shown.html.contains("@eve@other.example"), "{}", shown.html);
        let states = texts(&app, "SELECT state FROM mentions ORDER BY address").await;
        assert_eq!(states, ["unknown", "known"]);
        assert_eq!(mentions::of(&app, said.id).await.unwrap(), [zoe]);
    }
}
