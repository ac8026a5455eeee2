//! What moderators do.

use super::*;

const ASSEMBLY: &str = "https://veche.example/g/transport";
const MODERATOR: &str = "https://veche.example/u/vera";
const TEXT: &str = "https://veche.example/p/42";
const PERSON: &str = "https://m.example/users/bob";

fn by(id: &str) -> By<'_> {
    By { id, moderator: MODERATOR, assembly: ASSEMBLY, at: LATER }
}

#[test]
fn pins_and_moderators() {
    let id = "https://veche.example/a/30";
    let pinned = listed(by(id), true, TEXT, &format!("{ASSEMBLY}/featured"));
    insta::assert_snapshot!("add_featured", pretty(&pinned));
    let dismissed = listed(by(id), false, PERSON, &format!("{ASSEMBLY}/moderators"));
    insta::assert_snapshot!("remove_moderator", pretty(&dismissed));
    let moderators =
        listing(&format!("{ASSEMBLY}/moderators"), &[MODERATOR.to_owned()], Some(ASSEMBLY));
    insta::assert_snapshot!("moderators", pretty(&moderators));
    let featured = listing(&format!("{ASSEMBLY}/featured"), &[TEXT.to_owned()], None);
    insta::assert_snapshot!("featured", pretty(&featured));
}

#[test]
fn a_closed_thread() {
    let closed = lock(by("https://veche.example/a/31"), TEXT);
    insta::assert_snapshot!("lock", pretty(&closed));
    let opened = undo("https://veche.example/a/32", MODERATOR, &closed, LATER);
    insta::assert_snapshot!("undo_lock", pretty(&opened));
    let text = Initiative { locked_at: Some(LATER), ..initiative() };
    let text = article(&urls(), &text, None, None);
    let policy = &text["interactionPolicy"]["canReply"]["automaticApproval"];
    assert_eq!(policy, &json!(["https://veche.example/u/ana"]));
    // That alone is no edit of the text.
    assert!(text.get("updated").is_none());
}

#[test]
fn a_removal_and_a_ban_have_their_reason() {
    let gone =
        removal(by("https://veche.example/a/33"), "https://m.example/notes/1", "Note", "Spam");
    insta::assert_snapshot!("moderator_delete", pretty(&gone));
    let excluded = ban(by("https://veche.example/a/34"), PERSON, "Insult", Some(LATER));
    insta::assert_snapshot!("block", pretty(&excluded));
    let back = undo("https://veche.example/a/35", MODERATOR, &excluded, LATER);
    insta::assert_snapshot!("undo_block", pretty(&back));
    let hidden = Comment { removal: Some("spam".to_owned()), deleted_at: Some(LATER), ..comment() };
    assert_eq!(note_tombstone(&hidden)["summary"], "spam");
}
