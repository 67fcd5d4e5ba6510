"""pencil.py IN.jpg OUT.jpg: writes a pale pencil note and a pencilled tick on a scan, as clerks do."""
import math
import random
import sys

from PIL import Image, ImageChops, ImageDraw, ImageFilter

page = Image.open(sys.argv[1]).convert("RGB")
rng = random.Random(7)
w, h = page.size
lead = Image.new("L", page.size, 0)
draw = ImageDraw.Draw(lead)


def stroke(points, width):
    """Draws a line of uneven pressure."""
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        draw.line((x0, y0, x1, y1), fill=rng.randint(50, 95), width=width)


def loops(x, y, n, size):
    """Draws a row of joined loops, like hurried writing."""
    stroke([(x + size * 0.16 * t + size * 0.5 * math.cos(t), y + size * (0.6 + 0.25 * math.sin(t / 5)) * math.sin(t))
            for t in [i / 6 for i in range(int(n * 37))]], max(2, w // 800))


unit = w / 60
loops(unit * 36, h * 0.155, 3, unit)
loops(unit * 42, h * 0.150, 4, unit * 0.8)
stroke([(unit * 5, h * 0.60), (unit * 6, h * 0.61), (unit * 8.5, h * 0.58)], max(2, w // 700))
stroke([(unit * 6 + i * unit * 0.4, h * 0.905 + rng.uniform(-2, 2)) for i in range(60)], max(2, w // 900))

lead = lead.filter(ImageFilter.GaussianBlur(w / 2400))
grain = Image.effect_noise(page.size, 60)
lead = ImageChops.multiply(lead, ImageChops.add(grain, Image.new("L", page.size, 90)))
ImageChops.subtract(page, Image.merge("RGB", (lead, lead, lead))).save(sys.argv[2], quality=85, dpi=(300, 300))
