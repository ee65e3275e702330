"""Everything written can be read: contrast of 4.5:1, light and dark (WCAG 2.2, 1.4.3)."""

import pytest

from her2lit.report.charts import MAX_SHADE
from her2lit.report.colours import DARK, LIGHT, TEXT_PAIRS, contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(colours, text, ground):
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_a_number_stands_out_from_the_darkest_square_of_the_chart(colours):
    bar, ground = (
        [int(colours[name][position : position + 2], 16) for position in (1, 3, 5)] for name in ("bar", "ground")
    )
    blend = "#" + "".join(f"{round(MAX_SHADE * b + (1 - MAX_SHADE) * g):02x}" for b, g in zip(bar, ground, strict=True))

    assert contrast(colours["text"], blend) >= 4.5


def test_contrast_is_that_of_the_standard():
    assert round(contrast("#000000", "#ffffff"), 6) == 21
    assert contrast("#777777", "#777777") == 1


def test_light_and_dark_name_the_same_colours():
    assert set(LIGHT) == set(DARK)
