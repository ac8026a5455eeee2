# The home page, assemblies, and how to take part from elsewhere.
home-title = Open initiatives
home-heading = What should change?
home-lead = Bring a matter, say what should change, and discuss it with everyone it concerns.
home-write = Write an initiative
home-follow = Take part from your own server
home-newest = Open now
home-assemblies = Assemblies here
home-mirrored = Mirrored from elsewhere
home-how-title = No account needed
home-how-text = If you use Mastodon, Lemmy or another server of the fediverse, follow an assembly from there. Your replies, likes and boosts arrive here.
home-how-more = How it works
assemblies-title = Assemblies
assemblies-lead = An assembly is a board for a place or a topic. Initiatives are brought to it, and it is what people follow.
assemblies-local = At home here
assemblies-none = There is no assembly yet.
assemblies-mirrored = Mirrored from elsewhere
assemblies-mirrored-hint = Somebody here follows these, so that their debates can be read here too. Their home alone counts support.
assemblies-mirrored-none = No assembly elsewhere is followed from here. Somebody with an account can look one up by its address in the search.
assembly-description = An assembly: initiatives, and the discussion about them.
assembly-handle = Address to follow:
assembly-body = Answers for it
assembly-followers = Followers
assembly-followers-count = { $n ->
    [one] { $n } follower
   *[other] { $n } followers
}
assembly-followers-here = { $n ->
    [one] { $n } follower on this server
   *[other] { $n } followers on this server
}
assembly-write = Write an initiative here
assembly-initiatives = Initiatives
assembly-mirrored = This assembly is at home on { $host }. What you see here is a mirror.
assembly-original = See the original
assembly-follow = Follow
assembly-unfollow = Stop following
assembly-follow-sign-in = Sign in to follow it from here
assembly-how-title = Follow from Mastodon or another server
assembly-how-copy = Copy this address:
assembly-how-search = Paste it into the search of your own server.
assembly-how-follow = Choose Follow. New initiatives then appear in your timeline, and you can answer them from there.
assembly-how-lemmy = On Lemmy, Mbin and PieFed search for:
follow-state-pending = You asked to follow it. Its home has not answered yet.
follow-state-accepted = You follow this assembly.
follow-state-rejected = Its home refused your request.
follow-title = Take part from your own server
follow-lead = This server speaks ActivityPub. Whoever has an account on Mastodon, Lemmy, Pixelfed or another server of the fediverse takes part from there, without an account here.
follow-assembly-title = Follow an assembly
follow-assembly-1 = Open the page of an assembly and copy its address. It looks like @name@server.
follow-assembly-2 = Paste it into the search of your own server and choose Follow.
follow-assembly-3 = New initiatives appear in your timeline.
follow-answer-title = Answer, endorse, boost
follow-answer-1 = If an initiative is not in your timeline, copy the address of its page into the search of your own server.
follow-answer-2 = Reply to it to comment, like it to endorse it, boost it to pass it on. All of this appears here.
follow-count-title = What counts
follow-count-text = Endorsements from the fediverse show interest. They are counted apart and are never signatures.
follow-to-assemblies = See the assemblies
follow-initiative-title = Follow one initiative
follow-initiative-text = Each initiative has an address of its own, which stands on its page. Whoever follows it sees its text, official notes and votes, and not the rest of the assembly.
