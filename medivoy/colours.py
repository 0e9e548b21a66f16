"""The colours of the admin, in shades as unfold wants them."""

#: Teal, a step darker than usual: white letters on 600 have a contrast of 5.4 to 1.
COLOURS = {
    "primary": {
        "50": "oklch(98.4% .014 180.72)",
        "100": "oklch(95.3% .051 180.8)",
        "200": "oklch(91% .096 180.43)",
        "300": "oklch(85.5% .138 181.07)",
        "400": "oklch(77.7% .152 181.91)",
        "500": "oklch(60% .118 184.7)",
        "600": "oklch(51.1% .096 186.39)",
        "700": "oklch(43.7% .078 188.22)",
        "800": "oklch(38.6% .063 188.42)",
        "900": "oklch(32% .053 190)",
        "950": "oklch(27.7% .046 192.52)",
    }
}
