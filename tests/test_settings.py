"""Settings from the environment."""

import pytest

from her2lit.errors import SettingsError
from her2lit.settings import NCBI_EUTILS_URL, EutilsSettings, checked_base_url, eutils_settings


def test_an_email_is_all_that_live_use_needs():
    settings = eutils_settings({"HER2LIT_EMAIL": "reader@example.org"})

    assert settings == EutilsSettings(
        email="reader@example.org", api_key=None, base_url=NCBI_EUTILS_URL, tool="her2lit"
    )
    assert settings.requests_per_second == 3


def test_a_key_raises_the_pace_to_ten():
    settings = eutils_settings({"HER2LIT_EMAIL": "reader@example.org", "HER2LIT_API_KEY": " k1 "})

    assert (settings.api_key, settings.requests_per_second) == ("k1", 10)


@pytest.mark.parametrize("email", ["", "   ", "nobody", "root@host.example", "a b@example.org"])
def test_live_use_without_a_usable_email_is_refused_with_the_way_out(email):
    with pytest.raises(SettingsError, match="HER2LIT_EMAIL"):
        eutils_settings({"HER2LIT_EMAIL": email})


def test_neither_address_nor_key_prints():
    settings = EutilsSettings(email="reader@example.org", api_key="topsecret")

    assert "reader@example.org" not in repr(settings)
    assert "topsecret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        (NCBI_EUTILS_URL, NCBI_EUTILS_URL),
        ("https://eutils.ncbi.nlm.nih.gov/entrez/eutils", NCBI_EUTILS_URL),
        ("http://127.0.0.1:8123/entrez/eutils/", "http://127.0.0.1:8123/entrez/eutils/"),
        ("http://localhost:8123/entrez/eutils", "http://localhost:8123/entrez/eutils/"),
        ("http://[::1]:8123/entrez/eutils/", "http://[::1]:8123/entrez/eutils/"),
    ],
)
def test_the_base_url_is_ncbi_or_this_machine(url, checked):
    assert checked_base_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/entrez/eutils/",
        "http://eutils.ncbi.nlm.nih.gov/entrez/eutils/",  # the key would travel in the clear
        "https://eutils.ncbi.nlm.nih.gov.example.org/entrez/eutils/",
        "http://127.0.0.1.example.org/",
        "http://user:pw@127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://10.0.0.1/",
        "nonsense",
    ],
)
def test_any_other_base_url_is_refused(url):
    """
    A key or an address must never go elsewhere.
    """
    with pytest.raises(SettingsError, match="was refused"):
        checked_base_url(url)
