"""Text as PubMed compares it: lower case, without accents, punctuation read as blanks."""

from __future__ import annotations

import re
import unicodedata

#: Letters and digits of any script; everything else (hyphen, slash, plus, brackets) separates words.
_WORD = re.compile(r"[^\W_]+")
#: Signs that NFKD would turn into letters glued to the word before them.
_SIGNS = str.maketrans(dict.fromkeys("™®©℠", " "))


def fold(text: str) -> str:
    """Return *text* in lower case, compatibility forms resolved and accents removed."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).lower()


def words(text: str) -> list[str]:
    """Return the searchable words of *text*, in order: "HER-2/neu" gives her, 2, neu."""
    return _WORD.findall(fold(text))


def key_text(text: str) -> str:
    """Return a name (heading, substance, journal) so that case, accents and punctuation no longer matter."""
    return " ".join(words(text))
