//! Lists and searches.

use crate::both_engines;
use crate::domain::initiative::Initiative;
use crate::domain::{PageRequest, State};
use crate::services::initiatives::{self, Filter};
use crate::services::{assemblies, instance};
use crate::testing::TestApp;
use crate::tests::fixtures::{foreign, foreign_assembly, form, in_unit, stranger};

async fn titles(app: &TestApp, filter: Filter) -> Vec<String> {
    let page = initiatives::list(app, None, filter, PageRequest::first()).await.unwrap();
    page.items.into_iter().map(|i: Initiative| i.title).collect()
}

fn text(text: &str) -> Filter {
    Filter { text: Some(text.to_owned()), ..Filter::default() }
}

both_engines! {
    async fn pages_have_no_gaps_and_no_repeats(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let mut made = Vec::new();
        for n in 0..45 {
            made.push(app.initiative(&ana, "transport", &format!("Number {n}")).await.id);
        }
        made.reverse();
        for limit in [1, 10, 20, 45, 100] {
            let mut seen = Vec::new();
            let mut before = None;
            loop {
                let request = PageRequest::new(before, Some(limit));
                let page = initiatives::list(&app, None, Filter::default(), request).await.unwrap();
                assert!(page.items.len() <= usize::try_from(limit).unwrap());
                assert!(page.items.iter().all(|i| i.html.is_empty() && i.problem.is_empty()));
                seen.extend(page.items.iter().map(|i| i.id));
                before = page.next;
                if before.is_none() {
                    break;
                }
                // What comes while somebody turns the pages does not shift them.
                if limit == 10 && seen.len() == 10 {
                    initiatives::draft(&app, &ana, &form("transport", "Later")).await.unwrap();
                }
            }
            assert_eq!(seen, made, "in pages of {limit}");
        }
    }

    async fn each_filter_restricts_and_they_add_up(app: TestApp) {
        let (ana, boris) = (app.account("ana").await, app.account("boris").await);
        let office = app.body("office").await;
        let transport =
            assemblies::create(&app, "transport", "T", Some("office")).await.unwrap();
        let budget = app.assembly("budget").await;
        app.initiative(&ana, "transport", "A in transport").await;
        let gone = app.initiative(&boris, "transport", "B in transport").await;
        app.initiative(&ana, "budget", "A in budget").await;
        initiatives::withdraw(&app, &boris, gone.id).await.unwrap();
        let garden = foreign_assembly(&app, "garden").await;
        let zoe = stranger(&app, "zoe").await;
        let remote = foreign("1", zoe.id, garden.id, "Z in garden");
        in_unit!(app, unit => initiatives::put_remote_in(unit, &remote)).unwrap();
        let all = Filter::default();
        assert_eq!(
            titles(&app, all.clone()).await,
            ["Z in garden", "A in budget", "B in transport", "A in transport"]
        );
        let by = |f: Filter| titles(&app, f);
        let assembly = Some(transport.id);
        assert_eq!(by(Filter { assembly, ..all.clone() }).await, ["B in transport", "A in transport"]);
        let author = Some(ana.id);
        assert_eq!(by(Filter { author, ..all.clone() }).await, ["A in budget", "A in transport"]);
        let body = Some(office.id);
        assert_eq!(by(Filter { body, ..all.clone() }).await, ["B in transport", "A in transport"]);
        let state = Some(State::Withdrawn);
        assert_eq!(by(Filter { state, ..all.clone() }).await, ["B in transport"]);
        assert_eq!(by(Filter { local: Some(false), ..all.clone() }).await, ["Z in garden"]);
        assert_eq!(by(Filter { local: Some(true), ..all.clone() }).await.len(), 3);
        let both = Filter { author, assembly: Some(budget.id), ..all.clone() };
        assert_eq!(by(both).await, ["A in budget"]);
        let figures = instance::figures(&app).await.unwrap();
        assert_eq!((figures.people, figures.initiatives, figures.comments), (2, 2, 0));
    }

    async fn the_search_knows_no_case_in_any_alphabet(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        app.initiative(&ana, "transport", "Ночной АВТОБУС до Ёлкино").await;
        app.initiative(&ana, "transport", "Straße und ÄRGER").await;
        for found in ["автобус", "АВТОБУС", "Елкино", "ёлкино", "hour of the night", "22:00"] {
            assert!(!titles(&app, text(found)).await.is_empty(), "{found}");
        }
        assert_eq!(titles(&app, text("ärger")).await, ["Straße und ÄRGER"]);
        assert!(titles(&app, text("трамвай")).await.is_empty());
    }

    async fn wildcards_in_a_search_are_letters(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        app.initiative(&ana, "transport", "Save 100% of it").await;
        app.initiative(&ana, "transport", "Name_with a stroke").await;
        app.initiative(&ana, "transport", "Now! Or \\never").await;
        assert_eq!(titles(&app, text("100%")).await, ["Save 100% of it"]);
        assert_eq!(titles(&app, text("e_w")).await, ["Name_with a stroke"]);
        assert_eq!(titles(&app, text("now!")).await, ["Now! Or \\never"]);
        assert_eq!(titles(&app, text("\\n")).await, ["Now! Or \\never"]);
        for nothing in ["s%e", "n_w", "'; DROP TABLE objects; --"] {
            assert!(titles(&app, text(nothing)).await.is_empty(), "{nothing}");
        }
    }
}
