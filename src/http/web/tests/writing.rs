//! Initiatives and comments, from the form to the page.

use super::*;
use crate::services::initiatives;

const FIELDS: [(&str, &str); 6] = [
    ("assembly", "transport"),
    ("body", ""),
    ("title", "Night <b>buses</b>"),
    ("problem", "No bus after *ten*\r\nat night"),
    ("proposal", "Run one"),
    ("language", "en"),
];

fn with<'a>(action: &'a str, change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = FIELDS.to_vec();
    for (name, value) in change {
        fields.retain(|(n, _)| n != name);
        fields.push((name, value));
    }
    fields.push(("action", action));
    fields
}

both_engines! {
    async fn from_preview_to_a_second_revision(app: TestApp) {
        app.account("ana").await;
        app.assembly("transport").await;
        let mut ana = app.browser_of("ana").await;
        let shown = ana.post_form("/write", &with("preview", &[])).await;
        assert_eq!(shown.status(), 200);
        check_page("/write", &shown);
        assert!(shown.text().contains("<em>ten</em>"), "{}", shown.text());
        assert!(shown.text().contains("No bus after *ten*\nat night</textarea>"));
        assert!(shown.text().contains("Night &#60;b&#62;buses"), "{}", shown.text());

        let made = ana.post_form("/write", &with("draft", &[])).await;
        assert_eq!(made.status(), 303);
        let path = made.location().to_owned();
        assert_eq!(app.get(&path).await.status(), 404, "a draft is seen by its author only");
        assert!(ana.get("/drafts").await.text().contains(&path));
        let page = ana.get(&path).await;
        check_page(&path, &page);
        let published = ana.post_form(&format!("{path}/publish"), &[]).await;
        assert_eq!(published.status(), 303);
        let page = app.get(&path).await;
        assert_eq!(page.status(), 200);
        assert!(!page.text().contains("<b>buses"), "{}", page.text());
        for tag in ["og:title", "og:description", "og:url", "og:site_name", "og:type"] {
            assert!(page.text().contains(&format!("property=\"{tag}\"")), "{tag}");
        }
        assert!(page.text().contains("name=\"fediverse:creator\" content=\"@ana@"));
        assert!(page.text().contains("type=\"application/activity+json\""));

        let edit = format!("{path}/edit");
        ana.get(&edit).await;
        let saved = ana.post_form(&edit, &with("save", &[("proposal", "Run two")])).await;
        assert_eq!(saved.status(), 303);
        let revisions = app.get(&format!("{path}/revisions")).await;
        assert!(revisions.text().contains("Revision 2") && revisions.text().contains("Revision 1"));
        let old = app.get(&format!("{path}/revisions/1")).await;
        assert!(old.text().contains("Run one") && !old.text().contains("Run two"));
        assert_eq!(app.get(&format!("{path}/revisions/3")).await.status(), 404);
    }

    async fn what_is_wrong_is_said_and_what_was_typed_is_kept(app: TestApp) {
        app.account("ana").await;
        app.assembly("transport").await;
        let mut ana = app.browser_of("ana").await;
        let long = "x".repeat(151);
        for action in ["preview", "draft", "publish"] {
            let fields = with(action, &[("title", &long), ("proposal", " "), ("assembly", "none")]);
            let page = ana.post_form("/write", &fields).await;
            assert_eq!(page.status(), 422, "{action}");
            check_page("/write", &page);
            let html = page.text();
            assert!(html.contains("<title>Error: Write an initiative"), "{action}");
            assert!(html.contains("href=\"#f-title\"") && html.contains("href=\"#f-proposal\""));
            assert!(html.contains(&long) && html.contains("No bus after *ten*"), "{action}");
            assert!(html.contains("at most 150 characters"));
        }
        let page = ana.get("/").await;
        assert!(!page.text().contains("xxxx"));
    }

    async fn comments_are_answered_changed_and_deleted(app: TestApp) {
        let (_, i) = with_initiative(&app).await;
        app.account("bob").await;
        let (mut ana, mut bob) = (app.browser_of("ana").await, app.browser_of("bob").await);
        let path = format!("/p/{}/comments", i.id);
        let posted = bob.post_form(&path, &[("text", "Why *not*?"), ("language", "en")]).await;
        assert_eq!(posted.status(), 303, "{}", posted.text());
        let id = posted.location().rsplit_once("#c").unwrap().1.to_owned();
        let reply = [("text", "Так"), ("language", "ru"), ("reply", id.as_str())];
        let posted = ana.post_form(&path, &reply).await;
        let below = posted.location().rsplit_once("#c").unwrap().1.to_owned();
        let page = app.get(&format!("/p/{}", i.id)).await;
        let html = page.text();
        assert!(html.contains("<em>not</em>") && html.contains(" lang=\"ru\" dir=auto><p>Так"));
        assert!(html.find(&format!("id=c{id}>")) < html.find(&format!("id=c{below}>")));
        check_page("thread", &page);

        let empty = bob.post_form(&path, &[("text", " "), ("language", "en")]).await;
        assert_eq!(empty.status(), 422);
        assert!(empty.text().contains("<title>Error: "));
        check_page("answer", &empty);

        let edit = format!("/n/{id}/edit");
        assert_eq!(ana.get(&edit).await.status(), 403);
        assert_eq!(ana.post_form(&edit, &[("text", "Hijacked")]).await.status(), 403);
        assert_eq!(bob.post_form(&edit, &[("text", "Why not now?")]).await.status(), 303);
        assert!(app.get(&format!("/n/{id}")).await.text().contains("Why not now?"));
        assert_eq!(bob.post_form(&format!("/n/{id}/delete"), &[]).await.status(), 303);
        let page = app.get(&format!("/p/{}", i.id)).await;
        assert!(!page.text().contains("Why not now?") && page.text().contains("Так"));
        assert!(page.text().contains("deleted by its author"));
        assert_eq!(app.get(&format!("/n/{id}")).await.status(), 410);
    }

    async fn an_endorsement_is_given_once_and_taken_back(app: TestApp) {
        let (_, i) = with_initiative(&app).await;
        let mut ana = app.browser_of("ana").await;
        let path = format!("/p/{}/endorse", i.id);
        for (on, count) in [("1", 1), ("1", 1), ("0", 0), ("0", 0)] {
            ana.get("/").await;
            assert_eq!(ana.post_form(&path, &[("on", on)]).await.status(), 303);
            let now = initiatives::get(&app, None, i.id).await.unwrap();
            assert_eq!(now.likes, count, "{on}");
        }
        ana.post_form(&format!("/p/{}/boost", i.id), &[("on", "1")]).await;
        assert_eq!(initiatives::get(&app, None, i.id).await.unwrap().boosts, 1);
    }
}
