"""Figures of hospitals: the periods that can be asked for."""

#: The longest period of a hospital's figures, in days, and the one that is shown without asking.
MAX_FIGURES_DAYS, FIGURES_DAYS = 366, 30
