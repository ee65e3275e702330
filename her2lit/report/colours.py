"""The colours of mail and page, light and dark, and the contrast that makes them readable."""

from __future__ import annotations

#: Each pair (text, ground) keeps 4.5:1 (WCAG 2.2, 1.4.3); tests compute it.
LIGHT = {
    "ground": "#ffffff",
    "panel": "#f3f5f7",
    "text": "#1b2430",
    "muted": "#4d5866",
    "link": "#0b4f9e",
    "rule": "#cfd6de",
    "bar": "#2f6fb3",
    "red_text": "#7d1016",
    "red_ground": "#fdecec",
    "red_rule": "#b3261e",
    "yellow_text": "#594100",
    "yellow_ground": "#fff6d6",
    "yellow_rule": "#b58900",
    "badge_text": "#27394d",
    "badge_ground": "#e8eef5",
}
DARK = {
    "ground": "#11161c",
    "panel": "#1b222b",
    "text": "#e8edf3",
    "muted": "#b0bcc9",
    "link": "#8ec2ff",
    "rule": "#3a4654",
    "bar": "#6aa9ea",
    "red_text": "#ffd5d2",
    "red_ground": "#451518",
    "red_rule": "#ff7b72",
    "yellow_text": "#ffe9a8",
    "yellow_ground": "#3d3103",
    "yellow_rule": "#e3b341",
    "badge_text": "#dbe7f4",
    "badge_ground": "#2a3644",
}
#: Every text colour with each ground it stands on.
TEXT_PAIRS = (
    ("text", "ground"),
    ("text", "panel"),
    ("muted", "ground"),
    ("muted", "panel"),
    ("link", "ground"),
    ("link", "panel"),
    ("link", "red_ground"),
    ("link", "yellow_ground"),
    ("red_text", "red_ground"),
    ("yellow_text", "yellow_ground"),
    ("text", "red_ground"),
    ("text", "yellow_ground"),
    ("badge_text", "badge_ground"),
)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours "#rrggbb", 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
