# Search.
search-title = Search
search-label = What are you looking for?
search-hint = Words in initiatives, or the address of a person, an assembly or an initiative on another server, such as @name@server.
search-hint-signed-out = Words in initiatives.
search-send = Search
search-found = Initiatives found
search-address-unknown = Nothing was found at this address. Check it for typing errors; the other server may also be out of reach.
search-address-sign-in = To look up addresses on other servers, sign in.
