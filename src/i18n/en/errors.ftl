# What is wrong with a field, and pages that could not be shown.
error-required = This must not be empty
error-too-long = { $n ->
    [one] This may have at most { $n } character
   *[other] This may have at most { $n } characters
}
error-too-short = { $n ->
    [one] This must have at least { $n } character
   *[other] This must have at least { $n } characters
}
error-handle = A handle has 2 to 30 letters a–z, digits and _, and begins with a letter
error-reserved = This handle is reserved; choose another
error-taken = This is taken already; choose another
error-email = Enter an e-mail address like name@example.org
error-language = Choose a language
error-not-found = This was not found here; choose another
error-weak = This password is too easy to guess
error-sign-in = The handle or address and the password do not fit together
error-own = This is the name of this instance itself
error-domain = This is not the name of a server
error-page-home = To the home page
error-page-sign-in-hint = Some pages are seen only after signing in.
error-page-400-title = This request makes no sense
error-page-400-help = Go back, check what you entered, and try again.
error-page-403-title = You may not do this
error-page-403-help = Only certain people may open this page or do this. If you should be one of them, ask those who run this server.
error-page-form-title = The form could not be accepted
error-page-form-help = It was open for too long, or it came from another site. Go back, reload the page, and send it again.
error-page-404-title = There is no such page
error-page-404-help = Check the address for typing errors, or look for what you need in the search.
error-page-405-title = This page cannot be used that way
error-page-405-help = Open it from a link or with the button on the page before.
error-page-409-title = This is not possible now
error-page-409-help = Things have changed in the meantime. Go back, reload the page, and see how it stands.
error-page-410-title = This was removed
error-page-410-help = It was here, and its author or its home took it away. It will not come back.
error-page-413-title = This is too large
error-page-413-help = Go back, shorten the text, and send it again.
error-page-422-title = Something is not filled in correctly
error-page-422-help = Go back, check the form, and send it again.
error-page-429-title = Too many requests
error-page-429-help = Wait a few minutes, then try again.
error-page-500-title = Something went wrong here
error-page-500-help = It is our fault, and it was noted. What you sent may not have been saved. Try again later.
error-page-503-title = Out of reach for a moment
error-page-503-help = Wait half a minute, then try again. What you sent may not have been saved.
error-too-few = { $n ->
    [one] At least one is needed.
   *[other] At least { $n } are needed.
}
error-too-many = { $n ->
    [one] Only one is possible.
   *[other] At most { $n } are possible.
}
error-twice = The same is there twice.
error-too-soon = The end must be at least an hour ahead.
error-too-late = The end must be at most 90 days ahead.
error-unknown-option = The ballot has no such option.
