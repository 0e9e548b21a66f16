"""How fast the main requests are, beside a floor: the same SQL served by a bare WSGI function. Run by `make bench`."""
