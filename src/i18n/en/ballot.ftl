# Ballots: straw polls on the fediverse.
ballot-wire-title = Vote: { $question }
ballot-wire-notice = Straw poll, not binding. About the initiative:
ballot-wire-ends = Open until { $moment }.
ballot-notice = Straw poll, not binding.
ballot-result-title = Result of the straw poll “{ $question }”
ballot-result-nobody = Nobody voted.
ballot-result-option = { $option }: { $fediverse } from the fediverse, { $registered } from accounts here
ballot-result-voters = Voters: { $fediverse } from the fediverse, { $registered } with accounts here. The two are counted apart.
ballot-late = { $n ->
    [one] One vote came late.
   *[other] { $n } votes came late.
}
ballot-second = { $n ->
    [one] One further choice where only one was allowed.
   *[other] { $n } further choices where only one was allowed.
}
ballot-refused = { $n ->
    [one] One vote was for something that is not there.
   *[other] { $n } votes were for something that is not there.
}
ballots-title = Ballots
ballot-by = Opened by
ballot-open = Open
ballot-closed = Closed
ballot-until = Until
ballot-since = Closed on
ballot-counting = The votes are being counted.
ballot-one = One choice
ballot-several = Several choices
ballot-fediverse = From the fediverse
ballot-registered = Accounts here
ballot-voters = { $n ->
    [one] one voter
   *[other] { $n } voters
}
ballot-votes = { $n ->
    [one] one vote
   *[other] { $n } votes
}
ballot-hidden = The tallies are shown when the ballot is closed.
ballot-reported = Reported by { $host }
ballot-unreported = { $host } has not told any tallies yet.
ballot-verdicts = Votes that do not count
ballot-whole = Details and voting
ballot-vote = Vote
ballot-vote-title = Your vote
ballot-vote-hint = A vote cannot be taken back or changed. Who voted for what is shown to nobody.
ballot-vote-elsewhere = Your vote is sent, with your name, to { $host }, which counts it.
ballot-voted = You have voted:
ballot-sign-in = Sign in to vote here, or vote from the server that you use.
ballot-new = Open a ballot
ballot-question = Question
ballot-question-hint = One line, at most 150 characters.
ballot-options = Options
ballot-options-hint = One on each line, 2 to 20, at most 50 characters each.
ballot-choices = Choices
ballot-length = Open for
ballot-length-hours = { $n ->
    [one] one hour
   *[other] { $n } hours
}
ballot-length-days = { $n ->
    [one] one day
   *[other] { $n } days
}
ballot-tallies = Tallies
ballot-tallies-shown = shown while it is open
ballot-tallies-hidden = hidden until the end
ballot-new-lead = A ballot is announced to everybody at once. Nothing of it can be changed afterwards.
ballot-close = Close now
ballot-remove = Remove
ballot-remove-lead = The ballot is removed for everybody. A trace stays, and so do the votes with their verdicts, which nobody is shown.
