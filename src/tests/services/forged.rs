//! Orders about an assembly from those who may not give them, at the door and passed on.

use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::moderation::{ModAct, Order};
use crate::federation::ownership::{self, Refused};
use crate::federation::vocab::Node;
use crate::federation::{Budget, receive};
use crate::services::initiatives::put_remote_in;
use crate::services::{Unit, comments, follows, initiatives, moderation};
use crate::testing::TestApp;
use crate::tests::fixtures::{foreign, foreign_assembly, in_unit, place_of_zoe, reply, stranger};
use serde_json::{Value, json};

const SCENE: &str = "https://remote.example";

fn order(kind: &str, actor: &str, object: &Value, target: Option<&str>) -> Value {
    let mut it = json!({ "id": format!("{actor}/acts/{kind}"), "type": kind, "actor": actor,
        "object": object, "summary": "spam" });
    if let Some(target) = target {
        it["target"] = target.into();
    }
    it
}

async fn door(app: &TestApp, activity: &Value) -> Result<(), Refused> {
    let node = Node(activity);
    ownership::check(app, node.uri("actor").unwrap(), node).await
}

async fn passed_on(app: &TestApp, group: &Actor, inner: &Value) {
    let announce = json!({ "id": format!("{}/acts/announce", group.uri), "type": "Announce",
        "actor": group.uri, "object": inner });
    let body = announce.to_string();
    let act = receive::prepare(app, group.id, body.as_bytes(), app.now(), &Budget::nothing())
        .await
        .unwrap();
    let mut unit = Unit::begin(app).await.unwrap();
    act.apply(&mut unit).await.unwrap();
    unit.commit().await.unwrap();
}

async fn direct(app: &TestApp, actor: &Actor, activity: &Value) {
    let body = activity.to_string();
    let act = receive::prepare(app, actor.id, body.as_bytes(), app.now(), &Budget::nothing())
        .await
        .unwrap();
    let mut unit = Unit::begin(app).await.unwrap();
    act.apply(&mut unit).await.unwrap();
    unit.commit().await.unwrap();
}

both_engines! {
    async fn at_home_only_the_listed_give_orders(app: TestApp) {
        let assembly = app.assembly("transport").await;
        let (ana, chief) = (app.account("ana").await, app.admin("chief").await);
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let (zoe, max) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        let appoint = Order::about_person(ModAct::Appoint, assembly.id, zoe.id);
        moderation::act(&app, &chief, &appoint).await.unwrap();
        let said = reply("1", max.id, &made.uri, "<p>Pills</p>");
        in_unit!(app, unit => comments::receive_in(unit, &said)).unwrap();
        let (text, note) = (json!(made.uri), json!(said.uri));
        let featured = format!("{}/featured", assembly.uri);
        let moderators = format!("{}/moderators", assembly.uri);
        let of = |actor: &Actor| vec![
            order("Lock", &actor.uri, &text, None),
            order("Add", &actor.uri, &text, Some(&featured)),
            order("Block", &actor.uri, &json!(ana_uri(&app)), Some(&assembly.uri)),
        ];
        let garden = foreign_assembly(&app, "garden").await;
        // Not a moderator; the assembly of another server; a moderator for what is not theirs alone.
        for forger in [&max, &garden] {
            let mut forged = of(forger);
            forged.push(order("Add", &forger.uri, &json!(forger.uri), Some(&moderators)));
            for activity in &forged {
                let refused = door(&app, activity).await;
                assert!(matches!(refused, Err(Refused::NotAllowed(_))), "{activity}");
                // Even if it had come in, or another group passed it on, nothing changes.
                direct(&app, forger, activity).await;
                passed_on(&app, &garden, activity).await;
            }
        }
        let shown = initiatives::get(&app, None, made.id).await.unwrap();
        assert!(shown.locked_at.is_none());
        assert!(moderation::pins(&app, assembly.id).await.unwrap().is_empty());
        assert!(moderation::bans(&app, assembly.id).await.unwrap().is_empty());
        assert_eq!(moderation::moderators(&app, assembly.id).await.unwrap().len(), 1);
        // The moderator may, and may remove what others wrote.
        let mut right = of(&zoe);
        right.push(order("Delete", &zoe.uri, &note, None));
        for activity in &right {
            assert!(door(&app, activity).await.is_ok(), "{activity}");
            direct(&app, &zoe, activity).await;
        }
        let shown = initiatives::get(&app, None, made.id).await.unwrap();
        assert!(shown.locked_at.is_some());
        assert_eq!(moderation::pins(&app, assembly.id).await.unwrap().len(), 1);
        assert_eq!(moderation::bans(&app, assembly.id).await.unwrap().len(), 1);
        let thread = comments::of_initiative(&app, made.id, None, 10).await.unwrap();
        assert_eq!(thread[0].removal.as_deref(), Some("spam"));
        // What is taken back directly.
        let lock = order("Lock", &zoe.uri, &text, None);
        let undo = json!({ "id": format!("{}/acts/undo", zoe.uri), "type": "Undo",
            "actor": zoe.uri, "object": lock });
        assert!(door(&app, &undo).await.is_ok());
        direct(&app, &zoe, &undo).await;
        assert!(initiatives::get(&app, None, made.id).await.unwrap().locked_at.is_none());
    }

    async fn of_an_assembly_elsewhere_its_own_server_gives_orders(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let ana = app.account("ana").await;
        follows::follow(&app, &ana, garden.id).await.unwrap();
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => put_remote_in(unit, &remote)).unwrap().unwrap();
        let other = foreign_assembly(&app, "parks").await;
        let lock = order("Lock", &zoe.uri, &json!(remote.uri), None);
        let locked = async || initiatives::get(&app, None, id).await.unwrap().locked_at.is_some();
        // Directly from somebody who is not listed: no. Through another assembly: no.
        assert!(matches!(door(&app, &lock).await, Err(Refused::NotAllowed(_))));
        passed_on(&app, &other, &lock).await;
        assert!(!locked().await);
        // Somebody of a third server, through the assembly: no.
        let third = order("Lock", "https://third.example/u/eve", &json!(remote.uri), None);
        passed_on(&app, &garden, &third).await;
        assert!(!locked().await);
        // Through the assembly itself, by somebody of its server.
        passed_on(&app, &garden, &lock).await;
        assert!(locked().await);
        // By the assembly itself, a pin; in nobody else's collection.
        let featured = format!("{}/featured", garden.uri);
        let pin = order("Add", &garden.uri, &json!(remote.uri), Some(&featured));
        assert!(door(&app, &pin).await.is_ok());
        direct(&app, &garden, &pin).await;
        assert_eq!(moderation::pins(&app, garden.id).await.unwrap().len(), 1);
        let foreign_target = format!("{SCENE}.evil/featured");
        let forged = order("Add", &zoe.uri, &json!(remote.uri), Some(&foreign_target));
        assert!(matches!(door(&app, &forged).await, Err(Refused::NotAllowed(_))));
        let own = order("Add", &zoe.uri, &json!(remote.uri), Some(&format!("{}/featured", zoe.uri)));
        assert!(door(&app, &own).await.is_ok(), "everybody pins their own");
    }
}

fn ana_uri(app: &TestApp) -> String {
    app.urls.actor(crate::domain::ActorKind::Person, "ana")
}
