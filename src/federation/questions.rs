//! Reading polls of other servers, and telling votes from answers.

use super::Error;
use super::objects::{html, language, own_id, page};
use super::vocab::Node;
use crate::domain::ballot::Question;
use crate::domain::invalid::without_controls;
use crate::domain::{ActorId, Timestamp};
use crate::services::ballots::{RemoteBallot, Reported};
use crate::text;
use serde_json::Value;

/// Most options that are read; longer polls are texts like any other.
const MAX_OPTIONS: usize = 100;
/// Longest option that is kept, in characters: a vote must repeat it to the letter.
const MAX_OPTION: usize = 500;
/// How long a poll without an end stays open: as long as one of ours may.
const WITHOUT_END: i64 = Question::LONGEST;

/// Whether a text is a poll as a whole: a type, and options.
pub fn is_poll(object: Node<'_>) -> bool {
    object.kind() == "Question" && options_of(object).is_some()
}

fn options_of(object: Node<'_>) -> Option<(bool, &Vec<Value>)> {
    let list = |key: &str| object.get(key).and_then(Value::as_array).filter(|l| l.len() > 1);
    let (multiple, options) =
        list("oneOf").map(|l| (false, l)).or_else(|| list("anyOf").map(|l| (true, l)))?;
    (options.len() <= MAX_OPTIONS).then_some((multiple, options))
}

/// Whether an object is a vote: no text, but a name, in answer to something. `Answer` is how
/// Pleroma's kin store votes, and some send them so.
pub fn is_vote(object: Node<'_>) -> bool {
    let wordless = match object.get("content") {
        None => true,
        Some(content) => content.as_str() == Some(""),
    };
    matches!(object.kind(), "Note" | "Answer")
        && wordless
        && object.get("name").is_some_and(Value::is_string)
        && object.uri("inReplyTo").is_some()
}

/// Reads a poll by `author`. A `closed` that lies ahead is the end that was meant.
pub fn ballot(
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
    now: Timestamp,
) -> Result<RemoteBallot, Error> {
    let id = own_id(object, author_uri)?;
    let (multiple, list) =
        options_of(object).ok_or_else(|| Error::invalid(format!("{id} is no poll")))?;
    let mut options = Vec::with_capacity(list.len());
    let mut totals = Vec::with_capacity(list.len());
    for option in list.iter().map(Node) {
        let name = option.text("name").unwrap_or_default();
        let long = name.chars().count() > MAX_OPTION;
        if name.is_empty() || long || without_controls(name) != name {
            return Err(Error::invalid(format!("{id} has an option that cannot be kept")));
        }
        if options.iter().any(|known| known == name) {
            return Err(Error::invalid(format!("{id} has an option twice")));
        }
        options.push(name.to_owned());
        totals.push(option.total_of("replies"));
    }
    let html = html(object);
    let title = object.text("name").map(text::plain).filter(|t| !t.is_empty());
    let title = title.unwrap_or_else(|| text::excerpt(&text::plain(&html), 150));
    let opened_at = object.time("published").unwrap_or(now);
    let closed = object.time("closed").or_else(|| {
        // Only that it is closed, not since when.
        (object.get("closed") == Some(&Value::Bool(true))).then_some(now)
    });
    let ends_at = object.time("endTime").or(closed);
    let voters = object.get("votersCount").and_then(Value::as_i64);
    Ok(RemoteBallot {
        uri: id.to_owned(),
        url: page(object, id),
        author,
        question: text::excerpt(&title, 500),
        html,
        language: language(object),
        multiple,
        options,
        opened_at,
        ends_at: ends_at.unwrap_or_else(|| opened_at.plus_seconds(WITHOUT_END)),
        reported: Reported {
            voters: voters.filter(|n| (0..=1_000_000_000).contains(n)),
            options: totals,
            closed_at: closed.filter(|at| *at <= now),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_788_343_200_000);
    const OFFICE: &str = "https://m.example/users/office";

    fn poll() -> Value {
        let option = |name: &str, n: i64| json!({ "type": "Note", "name": name, "replies": { "type": "Collection", "totalItems": n } });
        json!({
            "id": "https://m.example/polls/1", "type": "Question", "attributedTo": OFFICE,
            "content": "<p>Shall we?</p>", "published": "2026-09-01T10:00:00Z",
            "endTime": "2026-09-08T10:00:00Z", "votersCount": 5,
            "oneOf": [option("Yes", 3), option("No", 2)]
        })
    }

    fn read(value: &Value) -> Result<RemoteBallot, Error> {
        ballot(Node(value), 1.into(), OFFICE, NOW)
    }

    #[test]
    fn a_poll_is_read_with_what_it_reports() {
        let read = read(&poll()).unwrap();
        assert_eq!((read.question.as_str(), read.multiple), ("Shall we?", false));
        assert_eq!(read.options, ["Yes", "No"]);
        assert_eq!(read.reported.options, [Some(3), Some(2)]);
        assert_eq!((read.reported.voters, read.reported.closed_at), (Some(5), None));
    }

    #[test]
    fn the_end_is_written_in_several_ways() {
        let with = |end: Value, closed: Value| {
            let mut poll = poll();
            poll["endTime"] = end;
            poll["closed"] = closed;
            let read = read(&poll).unwrap();
            (read.ends_at.to_rfc3339(), read.reported.closed_at.map(Timestamp::to_rfc3339))
        };
        let (past, ahead) = ("2026-09-02T09:00:00Z", "2026-09-08T10:00:00Z");
        // Pleroma says in advance when it will close.
        assert_eq!(with(Value::Null, json!(ahead)), (ahead.to_owned(), None));
        assert_eq!(with(json!(ahead), json!(ahead)), (ahead.to_owned(), None));
        assert_eq!(with(json!(ahead), json!(past)), (ahead.to_owned(), Some(past.to_owned())));
        assert_eq!(with(Value::Null, json!(past)), (past.to_owned(), Some(past.to_owned())));
        let at_once = (ahead.to_owned(), Some(NOW.to_rfc3339()));
        assert_eq!(with(json!(ahead), json!(true)), at_once);
    }

    #[test]
    fn what_cannot_be_voted_on_is_no_poll() {
        let mut one = poll();
        one["oneOf"] = json!([{ "type": "Note", "name": "Yes" }]);
        assert!(!is_poll(Node(&one)) && read(&one).is_err());
        let mut twice = poll();
        twice["oneOf"][1]["name"] = json!("Yes");
        assert!(read(&twice).is_err());
        let mut foreign = poll();
        foreign["attributedTo"] = json!("https://m.example/users/eve");
        assert!(read(&foreign).is_err());
        assert!(is_poll(Node(&poll())));
    }

    #[test]
    fn a_vote_has_a_name_and_no_words() {
        let vote = |content: Value, name: Value, kind: &str| {
            let value = json!({ "type": kind, "content": content, "name": name,
                "inReplyTo": "https://v.example/q/1" });
            is_vote(Node(&value))
        };
        for content in [Value::Null, json!("")] {
            assert!(vote(content.clone(), json!("Yes"), "Note"));
            assert!(vote(content.clone(), json!("Yes"), "Answer"));
            assert!(!vote(content.clone(), json!("Yes"), "Article"));
            assert!(!vote(content, Value::Null, "Note"));
        }
        assert!(!vote(json!("<p>Because.</p>"), json!("Yes"), "Note"));
        assert!(!vote(json!(""), json!(["Yes"]), "Note"));
        let answer = json!({ "type": "Note", "name": "Yes" });
        assert!(!is_vote(Node(&answer)));
    }
}
