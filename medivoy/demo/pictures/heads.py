"""Eye, ear, teeth and the face in profile, about (0, 0), some 380 high."""

from .canvas import Canvas, Colour, Point, arc, down, oval, rounded, smooth, symmetrical
from .organs import glance, solid, tube
from .palette import SUN, WHITE, darker, lighter, mix, see_through

SKIN: Colour = (242, 198, 168)
ENAMEL: Colour = (252, 252, 250)
GUM: Colour = (240, 146, 150)
METAL: Colour = (178, 192, 208)


def eye(c: Canvas, accent: Colour, *, iris: Colour | None = None) -> None:
    iris = iris or accent
    upper = smooth([(-240, 20), (-150, -90), (0, -134), (150, -90), (240, 20)])
    lower = smooth([(240, 20), (140, 104), (0, 136), (-140, 104), (-240, 20)])
    c.polygon([(x * 1.09, y * 1.14 - 6) for x, y in [*upper, *lower]], SKIN)
    c.polygon([*upper, *lower], (252, 252, 252))
    with c.within([*upper, *lower]):
        c.circle(0, 2, 122, darker(iris, 0.36))
        c.circle(0, 2, 112, iris)
        for number in range(28):
            with c.at(0, 2, angle=number * 360 / 28):
                c.line([(0, -60), (0, -104)], see_through(lighter(iris, 0.5), 120), 5)
        c.circle(0, 2, 58, (26, 32, 46))
        c.circle(38, -36, 25, WHITE)
        c.circle(-32, 40, 11, (255, 255, 255, 150))
        c.polygon([*upper, *reversed([(x, y + 34) for x, y in upper])], (40, 50, 80, 50))
    c.line(upper, (58, 46, 54), 15)
    for x, y, dx, dy in (
        (-196, -44, -34, -36),
        (-128, -102, -26, -44),
        (-44, -130, -10, -48),
        (44, -130, 10, -48),
        (128, -102, 26, -44),
        (196, -44, 34, -36),
    ):
        c.line(smooth([(x, y), (x + dx * 0.4, y + dy * 0.7), (x + dx, y + dy)]), (58, 46, 54), 9)
    c.line(smooth([(-170, -128), (0, -190), (170, -128)]), darker(SKIN, 0.22), 6)


def laser(c: Canvas, accent: Colour) -> None:
    eye(c, accent)
    c.soft([(-8, -260), (8, -260), (56, 0), (-56, 0)], (120, 240, 220, 200), 10)
    c.polygon([(-5, -270), (5, -270), (24, 2), (-24, 2)], (210, 255, 246, 190))
    c.ring(0, 2, 76, (226, 255, 250), 6)


def cataract(c: Canvas, accent: Colour) -> None:
    eye(c, accent)
    c.soft(oval(170, 130, 110, 100), (30, 40, 70, 90), 14)
    c.circle(164, 116, 96, (232, 246, 250))
    solid(c, oval(164, 116, 52, 52), (176, 220, 238), depth=10)
    for angle in (-30, 150):
        c.line(arc(164, 116, 76, 70, angle, angle + 95, 16), accent, 8)
    c.line(arc(164, 116, 36, 36, 190, 260, 10), WHITE, 8)


def retina(c: Canvas, accent: Colour) -> None:
    """The ball of the eye, cut open."""
    solid(c, oval(0, 0, 190, 190), (252, 250, 246), depth=16)
    c.circle(0, 0, 164, (240, 150, 110))
    c.circle(0, 0, 150, (250, 206, 170))
    for points in (
        ((150, 20), (60, 0), (0, -70), (-60, -96)),
        ((150, 20), (70, 40), (10, 96), (-50, 110)),
        ((60, 4), (20, 6), (-20, -20)),
        ((76, 38), (40, 50), (20, 40)),
    ):
        c.line(smooth(points), (220, 92, 84), 8)
    c.circle(128, 18, 26, (255, 232, 190))
    c.circle(-10, 14, 19, (224, 120, 90))
    solid(
        c,
        smooth(
            [(-190, -96), (-150, -60), (-138, 0), (-150, 60), (-190, 96), (-220, 40), (-226, 0), (-220, -40)],
            closed=True,
        ),
        (190, 224, 240),
        depth=8,
    )
    c.line(arc(0, 0, 172, 172, 130, 230, 24), accent, 15)
    tube(c, [(176, 22), (216, 34), (262, 60)], SUN, 42)


def glaucoma(c: Canvas, accent: Colour) -> None:
    eye(c, accent)
    for x, y, size in ((170, 90, 1.0), (206, 10, 0.6)):
        with c.at(x, y, scale=size):
            outline = symmetrical(smooth([(0, -100), (30, -40), (54, 20), (34, 68), (0, 76)]))
            c.line([*outline, outline[0]], WHITE, 14)
            solid(c, outline, (104, 186, 226), depth=12)
            c.line(smooth([(-28, 10), (-26, 36), (-8, 52)]), (255, 255, 255, 190), 9)


# --- teeth ------------------------------------------------------------------------------------------------------------


def tooth_outline() -> list[Point]:
    half = smooth(
        [
            (0, -146),
            (44, -170),
            (106, -158),
            (132, -92),
            (118, -14),
            (100, 60),
            (86, 150),
            (58, 186),
            (38, 130),
            (24, 58),
            (0, 40),
        ]
    )
    return symmetrical(half)


def tooth(c: Canvas, accent: Colour) -> None:
    solid(c, tooth_outline(), ENAMEL, depth=20)
    with c.within(tooth_outline()):
        c.blob([(-70, -120), (-20, -134), (-50, -60), (-92, 0), (-100, -70)], (255, 255, 255, 255))
        c.line(smooth([(-40, -140), (0, -112), (40, -140)]), (206, 220, 232), 8)


def sparkle(c: Canvas, x: float, y: float, size: float, fill: Colour) -> None:
    points: list[Point] = []
    for number in range(4):
        points += (
            arc(x, y, size, size, 90 * number, 90 * number, 1)[:1]
            + arc(x, y, size * 0.26, size * 0.26, 90 * number + 45, 90 * number + 45, 1)[:1]
        )
    c.polygon(points, fill)


def veneer(c: Canvas, accent: Colour) -> None:
    with c.at(50, 0):
        tooth(c, accent)
    with c.at(-120, 0, angle=-10):
        shell = symmetrical(smooth([(0, -150), (46, -160), (96, -140), (116, -80), (104, 10), (60, 52), (0, 60)]))
        solid(c, shell, mix(accent, WHITE, 0.7), depth=14)
        c.line(smooth([(-70, -100), (-84, -40), (-70, 10)]), WHITE, 14)
    for x, y, size in ((150, -150, 52), (206, -80, 28), (-200, -160, 34)):
        sparkle(c, x, y, size, SUN)


def implant(c: Canvas, accent: Colour) -> None:
    c.polygon(
        [*smooth([(-260, 24), (-150, -10), (-60, 14), (60, 14), (150, -10), (260, 24)]), (260, 210), (-260, 210)], GUM
    )
    c.polygon([*smooth([(-260, 66), (-100, 44), (100, 44), (260, 66)]), (260, 210), (-260, 210)], (246, 222, 190))
    for side in (-1, 1):
        with c.at(side * 190, 0, scale=0.78):
            solid(c, tooth_outline(), ENAMEL, depth=16)
    screw = [(-32, 30), (32, 30), (26, 160), (0, 196), (-26, 160)]
    c.polygon(screw, down(lighter(METAL, 0.4), METAL))
    for row in range(6):
        c.line([(-35 + row * 2, 50 + row * 22), (35 - row * 2, 42 + row * 22)], darker(METAL, 0.3), 8)
    c.rect(-15, -14, 15, 34, darker(METAL, 0.1), round=4)
    crown = symmetrical(smooth([(0, -146), (42, -170), (94, -156), (110, -96), (96, -40), (54, -12), (0, -10)]))
    with c.at(0, -34):
        solid(c, crown, mix(ENAMEL, accent, 0.08), depth=14)
        c.line(smooth([(-62, -120), (-72, -80), (-62, -50)]), WHITE, 12)


def arch(c: Canvas, accent: Colour) -> None:
    """A whole row of teeth in a smile."""
    lips = [
        *smooth([(-250, -40), (-120, -120), (0, -90), (120, -120), (250, -40)]),
        *smooth([(250, -40), (140, 130), (0, 166), (-140, 130), (-250, -40)]),
    ]
    c.polygon(lips, (222, 108, 116))
    mouth = [
        *smooth([(-214, -34), (0, -54), (214, -34)]),
        *smooth([(214, -34), (120, 90), (0, 118), (-120, 90), (-214, -34)]),
    ]
    c.polygon(mouth, (120, 42, 56))
    with c.within(mouth):
        c.polygon(arc(0, 150, 120, 70, 180, 360), (232, 120, 128))
        for number in range(10):
            x = -190 + number * 42
            tall = 78 - abs(number - 4.5) * 7
            c.polygon(rounded(x, -74, x + 40, -34 + tall, 15), down(WHITE, (232, 240, 246)))
        c.rect(-230, -80, 230, -44, GUM)
    for x, y, size in ((236, -150, 40), (-240, -140, 28)):
        sparkle(c, x, y, size, SUN)


# --- the face ---------------------------------------------------------------------------------------------------------


def profile(c: Canvas, accent: Colour, *, skin: Colour = SKIN, hair: Colour = (92, 62, 52)) -> None:
    """A woman's head from the side, looking to the left."""
    c.polygon(
        smooth(
            [(20, -206), (120, -190), (186, -110), (190, 10), (150, 110), (170, 240), (60, 240), (40, 60)], closed=True
        ),
        hair,
    )
    head = smooth([(-40, -180), (-96, -140), (-116, -84), (-112, -50), (-124, -24), (-152, 26), (-146, 42), (-118,
           48), (-124, 70), (-132, 84), (-116, 96),
                   (-122, 110), (-118, 124), (-104, 132), (-104, 162), (-74, 182), (-10, 168), (26, 140)])  # fmt: skip
    c.polygon([*head, (40, 250), (150, 250), (130, 60), (120, -100), (60, -180)], skin)
    c.polygon([(40, 166), (26, 250), (150, 250), (130, 60), (70, 130)], see_through(darker(skin, 0.4), 50))
    c.polygon(
        smooth(
            [
                (-70, -190),
                (20, -216),
                (120, -190),
                (180, -100),
                (176, 20),
                (120, 60),
                (84, 20),
                (60, -50),
                (0, -110),
                (-80, -136),
            ],
            closed=True,
        ),
        hair,
    )
    c.line(smooth([(-40, -176), (40, -180), (110, -130), (140, -50)]), see_through(lighter(hair, 0.4), 120), 9)
    c.ellipse(74, 26, 20, 30, darker(skin, 0.1))
    c.line(smooth([(-102, -62), (-84, -74), (-56, -68)]), darker(hair, 0.2), 9)
    c.line(smooth([(-96, -24), (-76, -34), (-54, -24)]), (60, 44, 48), 8)
    c.line([(-96, -26), (-110, -32)], (60, 44, 48), 5)
    c.line(smooth([(-128, 98), (-104, 98), (-88, 92)]), (206, 92, 100), 7)
    c.soft(oval(-60, 46, 34, 24), (238, 120, 110, 110), 14)


def nose(c: Canvas, accent: Colour) -> None:
    profile(c, accent)
    for share in (0, 1):
        points = smooth(
            [(-128 - share * 26, -40), (-146 - share * 24, -2), (-172 - share * 22, 30), (-158 - share * 20, 54)],
            steps=6,
        )
        for first, second in zip(points[::3], points[1::3], strict=False):
            c.line([first, second], accent, 6)
    c.ring(-136, 14, 72, see_through(accent, 190), 6)


def eyelid(c: Canvas, accent: Colour) -> None:
    with c.at(0, 20):
        eye(c, accent, iris=(126, 92, 62))
    for first in range(-5, 5):
        x = first * 40.0 + 8
        y = -160 + abs(first + 0.5) ** 2 * 3.4
        c.line([(x, y + 14), (x + 22, y + 14 + (first + 0.5) * 1.5)], accent, 8)


def lift(c: Canvas, accent: Colour) -> None:
    profile(c, accent, hair=(150, 120, 104))
    for x, y, dx, dy in ((-70, 120, 70, -66), (-84, 60, 74, -60), (-78, -110, 60, -50)):
        c.line(smooth([(x, y), (x + dx * 0.6, y + dy * 0.35), (x + dx, y + dy)]), WHITE, 14)
        c.line(smooth([(x, y), (x + dx * 0.6, y + dy * 0.35), (x + dx, y + dy)]), accent, 8)
        c.polygon([(x + dx + 14, y + dy - 18), (x + dx - 16, y + dy - 8), (x + dx + 8, y + dy + 16)], accent)


def airways(c: Canvas, accent: Colour) -> None:
    """Breath through the nose and its hollows."""
    profile(c, accent)
    for x, y, rx, ry in ((-70, -100, 30, 18), (-62, -2, 28, 22), (-30, -48, 22, 15)):
        c.ellipse(x, y, rx, ry, see_through(lighter(accent, 0.3), 200))
    for dy in (0, 20):
        c.line(
            smooth(
                [
                    (-250, 20 + dy),
                    (-190, 34 + dy),
                    (-138, 34 + dy * 0.4),
                    (-80, 24 + dy * 0.5),
                    (-10, 40 + dy * 0.4),
                    (20, 110),
                    (28, 190),
                ]
            ),
            see_through(accent, 210),
            8,
        )


def follicles(c: Canvas, accent: Colour) -> None:
    """Hair growing in skin, as under a lens."""
    c.circle(0, 0, 214, (252, 240, 230))
    with c.within(oval(0, 0, 214, 214)):
        c.rect(-230, 20, 230, 80, (250, 214, 190))
        c.rect(-230, 78, 230, 130, (244, 190, 166))
        c.rect(-230, 130, 230, 230, (250, 222, 160))
        for number, x in enumerate((-160, -106, -52, 4, 60, 116, 170)):
            new = number in (3, 4)
            tall = 96 if new else 190
            hair = mix((74, 52, 44), accent, 0.5 if new else 0)
            c.polygon(smooth([(x - 13, 26), (x - 17, 100), (x, 130), (x + 17, 100), (x + 13, 26)]), (234, 160, 140))
            c.line(smooth([(x, 116), (x + 2, 20), (x + 16, 20 - tall * 0.6), (x + 40, 20 - tall)]), hair, 9)
            c.circle(x, 116, 12, hair)
    c.ring(0, 0, 214, WHITE, 16)
    c.ring(0, 0, 222, accent, 6)


def ear(c: Canvas, accent: Colour) -> None:
    outline = smooth(
        [
            (-60, -150),
            (10, -194),
            (92, -170),
            (130, -90),
            (108, 0),
            (66, 60),
            (48, 130),
            (0, 176),
            (-56, 150),
            (-60, 90),
            (-40, 40),
            (-70, -20),
            (-84, -90),
        ],
        closed=True,
    )
    solid(c, outline, SKIN, depth=16)
    c.line(
        smooth([(-50, -90), (0, -150), (70, -130), (92, -74), (66, -10), (24, 40), (20, 90)]), darker(SKIN, 0.24), 15
    )
    c.line(smooth([(-20, -60), (16, -92), (46, -64), (30, -20), (-10, 10)]), darker(SKIN, 0.3), 13)
    glance(c, [(30, -176), (86, -146), (108, -90)])
    for radius in (70, 110, 150):
        c.line(arc(-90, -10, radius, radius, 140, 220, 16), accent, 11)
