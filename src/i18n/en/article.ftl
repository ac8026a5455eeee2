# What an initiative looks like on other servers, in its own language.
article-problem = Problem
article-proposal = Proposed change
group-summary = News of this initiative: its text, official notes and votes.
note-revised = Revision { $number } was published: “{ $title }”
note-withdrawn = Its author withdrew the initiative “{ $title }”.
