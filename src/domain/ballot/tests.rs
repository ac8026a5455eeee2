//! The rules of a ballot.

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_788_343_200_500);

fn draft(options: &[&str], seconds: i64) -> Draft {
    Draft {
        question: " Night \n buses? ".to_owned(),
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        ends_at: NOW.plus_seconds(seconds),
        language: "en".to_owned(),
        ..Draft::default()
    }
}

fn codes(draft: &Draft) -> Vec<(&'static str, &'static str)> {
    Question::parse(draft, NOW).unwrap_err().iter().map(|e| (e.field, e.code)).collect()
}

#[test]
fn a_question_is_checked_field_by_field() {
    let good = Question::parse(&draft(&["Yes", "", " No "], 3_600), NOW).unwrap();
    assert_eq!(
        (good.question.as_str(), good.options),
        ("Night buses?", vec!["Yes".into(), "No".into()])
    );
    assert_eq!(good.ends_at.millis() % 1_000, 0);
    assert_eq!(codes(&draft(&["Yes"], 3_600)), [("options", "too-few")]);
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(codes(&draft(&many, 3_600)), [("options", "too-many")]);
    assert_eq!(codes(&draft(&["Yes", &"x".repeat(51)], 3_600)), [("options", "too-long")]);
    // The same name, once composed and once not.
    assert_eq!(codes(&draft(&["Й", "И\u{306}"], 3_600)), [("options", "twice")]);
    assert_eq!(codes(&draft(&["Yes", "No"], 3_598)), [("ends_at", "too-soon")]);
    assert_eq!(codes(&draft(&["Yes", "No"], 91 * 86_400)), [("ends_at", "too-late")]);
    let empty = Draft { language: "!".to_owned(), ..Draft::default() };
    let expected = [
        ("question", "required"),
        ("options", "too-few"),
        ("language", "language"),
        ("ends_at", "too-soon"),
    ];
    assert_eq!(codes(&empty), expected);
}

fn option(id: i64, name: &str) -> BallotOption {
    BallotOption {
        id: id.into(),
        ballot_id: 7.into(),
        position: id,
        name: name.to_owned(),
        fediverse: 0,
        registered: 0,
        reported: None,
    }
}

#[test]
fn options_are_named_exactly() {
    let options = [option(1, "Й"), option(2, "Yes")];
    let named = |name| option_named(&options, name).map(|o| o.id.get());
    assert_eq!(named("И\u{306}"), Some(1));
    assert_eq!(named("Yes"), Some(2));
    for other in ["yes", " Yes", "Yes ", "", "No"] {
        assert_eq!(named(other), None, "{other:?}");
    }
}

pub(crate) fn ballot(multiple: bool) -> Ballot {
    let end = NOW.plus_seconds(3_600);
    Ballot {
        id: 7.into(),
        uri: "https://veche.example/q/7".to_owned(),
        url: "https://veche.example/q/7".to_owned(),
        local: true,
        initiative_id: 42.into(),
        initiative_uri: "https://veche.example/p/42".to_owned(),
        question: "Night buses?".to_owned(),
        html: "<p>Night buses?</p>".to_owned(),
        language: "en".to_owned(),
        multiple,
        hide_tallies: false,
        opened_at: NOW,
        ends_at: end,
        closes_at: end,
        closed_at: None,
        deleted_at: None,
        fediverse: 0,
        registered: 0,
        second: 0,
        late: 0,
        refused: 0,
        replies: 0,
        reported_voters: None,
        reported_at: None,
        author_id: 3.into(),
        author_uri: "https://veche.example/u/office".to_owned(),
        author_name: "Office".to_owned(),
        author_handle: "office".to_owned(),
        author_host: "veche.example".to_owned(),
        author_url: "https://veche.example/u/office".to_owned(),
    }
}

#[test]
fn each_vote_gets_its_verdict() {
    let (one, many) = (ballot(false), ballot(true));
    let known = Some(OptionId::from(1));
    let (before, at) = (one.closes_at.plus_millis(-1), one.closes_at);
    assert_eq!(judge(&one, known, before, false), Verdict::Counted);
    assert_eq!(judge(&one, known, at, false), Verdict::Late);
    assert_eq!(judge(&one, None, before, false), Verdict::Refused);
    // Late is late, whatever it says.
    assert_eq!(judge(&one, None, at, false), Verdict::Late);
    assert_eq!(judge(&one, known, before, true), Verdict::Second);
    assert_eq!(judge(&many, known, before, true), Verdict::Counted);
    // A result that is final stays so.
    let closed = Ballot { closed_at: Some(at), ..one.clone() };
    assert_eq!(judge(&closed, known, before, false), Verdict::Late);
    assert_eq!(judge(&Ballot { deleted_at: Some(at), ..one }, known, before, false), Verdict::Late);
}

#[test]
fn hidden_tallies_are_seen_at_the_end() {
    let hidden = Ballot { hide_tallies: true, ..ballot(false) };
    assert!(!hidden.shows_tallies());
    assert!(Ballot { closed_at: Some(NOW), ..hidden }.shows_tallies());
    assert!(ballot(false).shows_tallies());
}
