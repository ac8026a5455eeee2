# The page of an initiative, its revisions and its comments.
state-draft = Draft
state-discussion = In discussion
state-withdrawn = Withdrawn
initiative-by = By
initiative-edited = changed on
initiative-from = from { $host }
initiative-mirrored = This initiative is at home on { $host }, which alone counts its support.
initiative-original = See the original
initiative-draft-notice = This is a draft. Only you can see it.
initiative-withdrawn-notice = Its author withdrew this initiative. The text is gone; the discussion stays.
initiative-publish = Publish
initiative-edit = Change the text
initiative-withdraw = Withdraw
initiative-delete-draft = Delete the draft
initiative-body = Must answer
initiative-revision = Revision
initiative-revisions = all revisions
initiative-digest = Digest (SHA-256)
reported-by = as reported by { $host }
endorsements-unreported = { $host } has not reported endorsements yet
boosts-unreported = { $host } has not reported boosts yet
tally-endorsements = { $n ->
    [one] { $n } endorsement
   *[other] { $n } endorsements
}
tally-boosts = { $n ->
    [one] { $n } boost
   *[other] { $n } boosts
}
tally-comments = { $n ->
    [one] { $n } comment
   *[other] { $n } comments
}
tally-comments-here = { $n ->
    [one] { $n } comment known here
   *[other] { $n } comments known here
}
support-title = Support
support-endorse = Endorse
support-unendorse = Take back the endorsement
support-boost = Boost
support-unboost = Take back the boost
support-hint = An endorsement shows interest under your name. It is not a signature.
support-from-elsewhere = To answer or endorse from your own server, search there for this address:
support-sign-in = Sign in here
revisions-title = Revisions
revisions-lead = Every published text stays as it was. The digest changes with every word, so that anyone can check it.
revision-number = Revision { $n }
revision-old = This is an earlier text.
revision-present = Read the present one
revision-digest-hint = The digest is SHA-256 over the JSON object of language, problem, proposal and title, with sorted keys and without spaces.
comments-title = Comments
comments-times = Times are in UTC.
comments-none = Nobody has answered yet.
comments-first = Earlier comments
comments-more = Later comments
comment-title = Comment by { $name }
comment-edited = (edited)
comment-deleted = This comment was deleted by its author.
comment-reply = Answer
comment-edit = Change
comment-delete = Delete
comment-answers = in answer to
comment-earlier = an earlier comment
comment-in-thread = See it in the discussion
comment-edit-title = Change your comment
comment-edit-label = Your comment
comment-delete-title = Delete your comment?
comment-delete-text = Its text will be gone here and on every server that has it. Its place in the discussion stays.
comment-delete-confirm = Delete the comment
answer-title = Your answer
answer-label = What do you want to say about this initiative?
answer-label-comment = What do you want to say about this comment?
answer-hint = Say what would make it better. Everybody will see it with your name, on other servers too.
answer-send = Answer
answer-to-initiative = Answer the initiative instead

# Following one initiative.
group-title = Follow this initiative
group-follow = Follow
group-unfollow = Stop following
group-hint = Its text, official notes and votes come as news. From another server, search there for:
comment-official = official
