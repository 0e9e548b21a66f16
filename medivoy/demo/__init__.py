"""The demo world: made from `data/` by the apps' services, the same on every machine, with times relative to today.

`loading` runs the rooms in order; each (`specialties`, `hospitals`, `staff`, `doctors`, `patients`, `appointments`)
fills one part of the world in one transaction. `casting` invents people, `sources` reads the files, `clock` lets a
service act in the past.
"""
