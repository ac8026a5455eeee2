//! Quotes on the wire.

use super::{LATER, bob, comment, pretty, reply, urls};
use crate::federation::build::{
    Note, QuoteRequested, Quoted, note, quote_answer, quote_authorization, quote_request,
    quote_revocation, quote_tombstone,
};

const OBJECT: &str = "https://m.example/notes/9";
const ANA: &str = "https://veche.example/u/ana";

macro_rules! shown {
    ($name:literal, $value:expr) => {
        insta::with_settings!({ snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!($name, pretty(&$value));
        })
    };
}

#[test]
fn a_note_that_quotes() {
    let (comment, bob) = (comment(), bob());
    let mut quoted = Quoted {
        uri: OBJECT.to_owned(),
        url: "https://m.example/@eve/9".to_owned(),
        authorization: None,
    };
    let made = note(&urls(), &Note { quote: Some(&quoted), ..reply(&comment, &bob) }, None);
    shown!("note_quoting", made);
    let request = quote_request(
        "https://veche.example/a/20",
        ANA,
        OBJECT,
        made,
        "https://m.example/users/eve",
    );
    assert!(request["instrument"].get("@context").is_none());
    assert_eq!(request["instrument"]["quote"], OBJECT);
    shown!("quote_request", request);
    quoted.authorization = Some("https://m.example/quotes/1".to_owned());
    let made = note(&urls(), &Note { quote: Some(&quoted), ..reply(&comment, &bob) }, None);
    assert_eq!(made["quoteAuthorization"], "https://m.example/quotes/1");
}

#[test]
fn leave_to_quote() {
    let (id, object) = ("https://veche.example/quotes/5", "https://veche.example/p/42");
    let instrument = "https://m.example/notes/10";
    let request = QuoteRequested {
        id: "https://m.example/users/bob/quote_requests/3",
        actor: "https://m.example/users/bob",
        object,
        instrument,
    };
    shown!("quote_accept", quote_answer("https://veche.example/a/21", ANA, &request, Some(id)));
    shown!("quote_reject", quote_answer("https://veche.example/a/22", ANA, &request, None));
    shown!("quote_authorization", quote_authorization(id, ANA, object, instrument));
    shown!(
        "quote_revocation",
        quote_revocation("https://veche.example/a/23", ANA, id, request.actor)
    );
    shown!("quote_tombstone", quote_tombstone(id, LATER));
}
