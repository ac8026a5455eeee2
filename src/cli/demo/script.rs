//! The debate of the demonstration: who says what, and what must be seen where.

use super::Failure;
use super::site::Site;
use crate::app::App;
use crate::domain::{Address, ObjectId, PageRequest, Reaction, Role, Viewer};
use crate::federation::{Budget, resolve};
use crate::services::initiatives::{self, Filter, Form};
use crate::services::{actors, assemblies, comments, follows, reactions};
use std::time::Duration;

/// What there is to look at.
pub(super) struct Story {
    pub(super) initiative: ObjectId,
    pub(super) mirrored: ObjectId,
    pub(super) assembly: String,
    pub(super) comments: i64,
    pub(super) likes: i64,
    pub(super) boosts: i64,
}

/// Texts of an initiative: title, problem, proposal, language.
type Text = (&'static str, &'static str, &'static str, &'static str);

const NIGHT_BUS: Text = (
    "Ночной автобус по маршруту № 7",
    "После **22:40** из Заречья нельзя вернуться домой без машины: последний автобус уходит, \
     когда вторая смена больницы ещё не закончилась. Такси стоит четверть дневного заработка.",
    "Пустить по маршруту № 7 два ночных рейса, в 23:30 и в 00:40, с остановками:\n\n\
     * областная больница,\n* вокзал,\n* Заречная улица.\n\n\
     Начать с полугода и опубликовать число пассажиров.",
    "ru",
);
const RIVER_PATH: Text = (
    "Keep the river path open to walkers",
    "Since spring the path between the old bridge and the ferry is fenced off \"for repairs\", \
     and nobody has been seen repairing it.",
    "1. Publish the contract and the date by which the path reopens.\n\
     2. Until then, open the upper path, which needs only two handrails.",
    "en",
);
const OPEN_BUDGET: Text = (
    "Publish the road repair plan before money is spent",
    "We learn which roads are repaired when the machines arrive. By then the money is committed.",
    "Publish the draft list by 1 March each year, with the estimate for each road, and answer \
     questions for four weeks before it is adopted.",
    "en",
);

pub(super) async fn play(region: &Site, ngo: &Site) -> Result<Story, Failure> {
    let ana = region.account("ana", "Анна Морозова", "ru", &[]).await?;
    let boris = region.account("boris", "Boris Lund", "en", &[]).await?;
    region.account("marina", "Марина Круглова", "ru", &[Role::Official, Role::Admin]).await?;
    let vera = ngo.account("vera", "Vera Ortiz", "en", &[]).await?;
    let pavel = ngo.account("pavel", "Павел Зимин", "ru", &[]).await?;
    ngo.account("desk", "Open Assembly", "en", &[Role::Admin]).await?;

    actors::create_body(&region.app, "roads", "Департамент транспорта · Department of Roads")
        .await?;
    let board = "Транспорт и дороги · Transport and roads";
    assemblies::create(&region.app, "transport", board, Some("roads")).await?;
    let address = format!("transport@{}", region.app.urls.authority());

    // One debate is older than the mirror: it is read after the fact.
    let old = publish(&region.app, &boris, OPEN_BUDGET).await?;
    say(
        &region.app,
        &ana,
        old,
        None,
        "Поддерживаю. И пусть смета будет таблицей, а не сканом.",
        "ru",
    )
    .await?;

    follow(&ngo.app, &vera, &address).await?;
    mirrored(&ngo.app, &region.app, old).await?;

    let bus = publish(&region.app, &ana, NIGHT_BUS).await?;
    let path = publish(&region.app, &boris, RIVER_PATH).await?;
    let bus_there = mirrored(&ngo.app, &region.app, bus).await?;
    let path_there = mirrored(&ngo.app, &region.app, path).await?;
    debate(region, ngo, (&ana, &boris), (&vera, &pavel), (bus, bus_there)).await?;
    say(
        &ngo.app,
        &vera,
        path_there,
        None,
        "We asked for the contract under the information act; we will post it here.",
        "en",
    )
    .await?;

    let seen = wait_until("the region to count what came from the NGO", || async {
        let found = initiatives::get(&region.app, None, bus).await?;
        Ok((found.replies >= 5 && found.likes >= 2 && found.boosts >= 1).then_some(found))
    })
    .await?;
    wait_until("the NGO to show the whole debate", || async {
        let there = initiatives::get(&ngo.app, None, bus_there).await?;
        Ok((there.replies >= seen.replies && there.revision >= 2).then_some(()))
    })
    .await?;
    Ok(Story {
        initiative: bus,
        mirrored: bus_there,
        assembly: format!("@{address}"),
        comments: 2,
        likes: seen.likes,
        boosts: seen.boosts,
    })
}

/// The debate about the night bus, on both instances.
async fn debate(
    region: &Site,
    ngo: &Site,
    (ana, boris): (&Viewer, &Viewer),
    (vera, pavel): (&Viewer, &Viewer),
    (bus, bus_there): (ObjectId, ObjectId),
) -> Result<(), Failure> {
    let here = &region.app;
    let there = &ngo.app;
    let asked = say(
        here,
        boris,
        bus,
        None,
        "Who pays for the drivers at night? The fare will not cover it.",
        "en",
    )
    .await?;
    say(
        here,
        ana,
        bus,
        Some(asked),
        "Больница готова оплатить один рейс: сейчас она возит смену на такси.",
        "ru",
    )
    .await?;
    say(there, vera, bus_there, None, "In our city the night line paid for itself after eight months. The figures are public, we can bring them to the hearing.", "en").await?;
    let doubt = say(
        there,
        pavel,
        bus_there,
        None,
        "А зимой? В 00:40 на Заречной нет даже навеса. Нужна остановка с укрытием.",
        "ru",
    )
    .await?;
    for who in [vera, pavel] {
        reactions::react(there, who, bus_there, Reaction::Like).await?;
    }
    reactions::react(there, vera, bus_there, Reaction::Boost).await?;

    // The doubt travels home and makes the text better.
    let doubt_uri = there.urls.comment(doubt);
    let doubt_here = wait_until("a reply from the NGO to reach the region", || async {
        Ok(comments::object_by_uri(here, &doubt_uri).await?.map(|o| o.id))
    })
    .await?;
    say(here, ana, bus, Some(doubt_here), "Верно. Добавляю навес в текст.", "ru").await?;
    let (title, problem, proposal, language) = NIGHT_BUS;
    let better = format!("{proposal}\n\nНа Заречной улице поставить навес до первого рейса.");
    let form = form(title, problem, &better, language);
    initiatives::revise(here, ana, bus, &form).await?;
    Ok(())
}

fn form(title: &str, problem: &str, proposal: &str, language: &str) -> Form {
    Form {
        title: title.to_owned(),
        problem: problem.to_owned(),
        proposal: proposal.to_owned(),
        language: language.to_owned(),
        assembly: "transport".to_owned(),
        body: None,
    }
}

async fn publish(app: &App, who: &Viewer, text: Text) -> Result<ObjectId, Failure> {
    let (title, problem, proposal, language) = text;
    let draft = initiatives::draft(app, who, &form(title, problem, proposal, language)).await?;
    Ok(initiatives::publish(app, who, draft.id).await?.id)
}

async fn say(
    app: &App,
    who: &Viewer,
    initiative: ObjectId,
    answering: Option<ObjectId>,
    text: &str,
    language: &str,
) -> Result<ObjectId, Failure> {
    Ok(comments::post(app, who, initiative, answering, text, language).await?.id)
}

async fn follow(app: &App, who: &Viewer, address: &str) -> Result<(), Failure> {
    let unusable = || Failure::general(format!("{address} is not an address"));
    let address = Address::parse(address).ok_or_else(unusable)?;
    let target = resolve::actor_by_address(app, &Budget::person(), &address)
        .await
        .map_err(|e| Failure::general(format!("the assembly was not found: {e}")))?;
    follows::follow(app, who, target.id).await?;
    wait_until("the region to accept the NGO", || async {
        let state = follows::state(app, who, target.id).await?;
        Ok((state.as_deref() == Some("accepted")).then_some(()))
    })
    .await
}

/// The mirror's own id of an initiative, as soon as it has it.
async fn mirrored(mirror: &App, home: &App, id: ObjectId) -> Result<ObjectId, Failure> {
    let uri = home.urls.initiative(id);
    wait_until("the NGO to mirror an initiative", || async {
        let page = PageRequest::new(None, Some(100));
        let known = initiatives::list(mirror, None, Filter::default(), page).await?;
        Ok(known.items.into_iter().find(|i| i.uri == uri).map(|i| i.id))
    })
    .await
}

/// Asks again and again until there is an answer, for half a minute.
async fn wait_until<T, F>(what: &str, mut look: impl FnMut() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<Option<T>, crate::services::Error>>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if tokio::time::Instant::now() > deadline {
            return Err(Failure::general(format!("waited in vain for {what}")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
