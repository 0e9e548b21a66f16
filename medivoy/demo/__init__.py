"""The demo world: made from `data/` by the apps' services, the same on every machine, with times relative to today.

`loading` runs the rooms in order, each a part of the world in one transaction. `decoration` hangs the pictures and the
papers while the site is up already. `casting` invents people, `sources` reads the files, `clock` lets a service act in
the past, `planning` and `histories` say who sees whom and what becomes of it, `specimens` and `pictures` draw.
"""
