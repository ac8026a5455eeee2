# Signing in, registering, one's page and settings.
sign-in-title = Sign in
sign-in-login = Handle or e-mail address
sign-in-password = Password
sign-in-send = Sign in
sign-in-no-account = No account yet?
sign-in-fediverse = You can also take part without an account here.
register-title = Register
register-lead = With an account here you can write initiatives, answer and endorse.
register-handle = Handle
register-handle-hint = 2 to 30 letters a–z, digits and _. Others will know you as @handle@{ $host }. It cannot be changed later.
register-name = Name to show
register-name-hint = Without one, your handle is shown.
register-email = E-mail address
register-email-hint = You can sign in with it. Nobody sees it.
register-password = Password
register-password-hint = { $n ->
    [one] At least { $n } character.
   *[other] At least { $n } characters. Several words are easy to remember and hard to guess.
}
register-privacy = What you write here is public and goes to other servers under your name.
register-send = Register
register-closed-title = Registration is closed
register-closed-text = This server takes no new accounts at present. You can still take part from another server of the fediverse.
setup-title = Set up this server
setup-lead = This makes the first account that administers the server. The link works once.
setup-send = Make the account
profile-body = Body
profile-since = Here since
profile-edit = Change my page
profile-initiatives = Initiatives
profile-initiatives-body = Initiatives it must answer
settings-title = Settings
settings-name = Name to show
settings-name-hint = Shown with everything you write.
settings-about = About me
settings-about-hint = Shown on your page. At most 500 characters.
settings-language = Language of the pages
settings-saved = Saved.
