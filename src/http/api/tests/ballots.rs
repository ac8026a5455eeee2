//! Ballots through the API.

use super::{instance, published};
use crate::both_engines;
use crate::domain::{Role, Timestamp};
use crate::http::fixture::Fixture;
use crate::services::accounts;
use serde_json::{Value, json};

both_engines! {
    async fn a_ballot_from_opening_to_removal(fixture: Fixture) {
        let ana = instance(&fixture).await;
        let (_, clerk) = fixture.account("olga").await;
        accounts::set_roles(&fixture.app, "olga", &[Role::Official]).await.unwrap();
        let id = published(&fixture, &ana, "Night buses").await;
        let path = format!("/initiatives/{id}/ballots");
        let end = |hours: i64| {
            let now: Timestamp = fixture.app.now();
            now.plus_seconds(hours * 3_600 + 1).to_rfc3339()
        };
        let form = json!({ "question": "Buses?", "options": ["Yes", "No"], "ends_at": end(2) });
        assert_eq!(fixture.call("POST", &path, "", form.clone()).await.status, 401);
        assert_eq!(fixture.call("POST", &path, &ana, form.clone()).await.status, 403);
        let bad = json!({ "question": " ", "options": ["Yes"], "ends_at": end(0) });
        let refused = fixture.call("POST", &path, &clerk, bad).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["errors"].as_array().map(Vec::len), Some(3), "{}", refused.text);
        let never = json!({ "question": "Buses?", "options": ["Yes", "No"], "ends_at": "soon" });
        assert_eq!(fixture.call("POST", &path, &clerk, never).await.status, 422);
        let made = fixture.call("POST", &path, &clerk, form).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let ballot = made.json();
        assert_eq!((&ballot["state"], &ballot["body"]["handle"]), (&json!("open"), &json!("cityhall")));
        let here = format!("/ballots/{}", ballot["id"].as_str().unwrap());
        assert_eq!(made.header("location"), format!("/api/civic/v1{here}"));
        // Nothing of it can be changed: there is no way to ask for it.
        assert_eq!(fixture.call("PUT", &here, &clerk, json!({})).await.status, 405);

        let votes = format!("{here}/votes");
        let chosen = json!({ "options": [ballot["options"][0]["id"]] });
        for (wrong, status) in [
            (json!({ "options": [] }), 422),
            (json!({ "options": ["7"] }), 422),
            (json!({ "options": ["x"] }), 422),
            (json!({ "options": [ballot["options"][0]["id"], ballot["options"][1]["id"]] }), 422),
            (json!({ "option": "7" }), 422),
        ] {
            let answer = fixture.call("POST", &votes, &ana, wrong.clone()).await;
            assert_eq!(answer.status, status, "{wrong}: {}", answer.text);
        }
        assert_eq!(fixture.call("POST", &votes, "", chosen.clone()).await.status, 401);
        for _ in 0..2 {
            let answer = fixture.call("POST", &votes, &ana, chosen.clone()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let expected = json!({ "fediverse": 0, "registered": 1 });
            assert_eq!(answer.json()["options"][0]["votes"], expected);
        }
        let other = json!({ "options": [ballot["options"][1]["id"]] });
        let changed = fixture.call("POST", &votes, &ana, other).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["state"]), (409, &json!("open")));

        assert_eq!(fixture.call("POST", &format!("{here}/close"), &ana, Value::Null).await.status, 403);
        let closed = fixture.call("POST", &format!("{here}/close"), &clerk, Value::Null).await;
        assert_eq!((closed.status.as_u16(), &closed.json()["state"]), (200, &json!("counting")));
        let late = fixture.call("POST", &votes, &clerk, chosen).await;
        assert_eq!((late.status.as_u16(), &late.json()["state"]), (409, &json!("counting")));
        crate::jobs::drain(&fixture.app).await.unwrap();
        let closed = fixture.get(&here).await.json();
        assert_eq!((&closed["state"], &closed["verdicts"]["late"]), (&json!("closed"), &json!(0)));
        assert_eq!(fixture.get(&path).await.json()["items"].as_array().map(Vec::len), Some(1));
        assert!(!fixture.get(&here).await.text.contains("\"ana\""), "who voted is shown");
        assert_eq!(fixture.call("DELETE", &here, &ana, Value::Null).await.status, 403);
        assert_eq!(fixture.call("DELETE", &here, &clerk, Value::Null).await.status, 204);
        assert_eq!(fixture.call("DELETE", &here, &clerk, Value::Null).await.status, 410);
        assert_eq!(fixture.get(&here).await.json()["state"], "removed");
        assert_eq!(fixture.get(&path).await.json()["items"].as_array().map(Vec::len), Some(0));
    }
}
