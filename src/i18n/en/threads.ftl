# Threads that are at home elsewhere, quotes, and taking part from one's own server.
thread-read = Read the discussion at { $host } again
thread-begun = The discussion is being read at its home. What is new appears here in a moment.
thread-lately = The discussion was read less than a minute ago.
