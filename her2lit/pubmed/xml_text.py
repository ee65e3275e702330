"""The texts of elements: plain text that neither loses nor glues words, and the markup where it differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from lxml import etree

Element = etree._Element  # noqa: SLF001 - the type has no public name

_BLANKS = re.compile(r"[ \t\r\n]+")
_WHITE = " \t\r\n"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
#: Elements that may stand inside text and carry no meaning of their own.
INLINE = frozenset({"b", "i", "sub", "sup", "u"})
#: Scripts whose base and script would melt into one number: 10<sup>6</sup> is not 106.
_SCRIPT_MARKS = {"sup": "^", "sub": "_"}
#: MathML layout: what stands between the two parts of an element.
_MATH_JOINTS = {"msup": "^", "msub": "_", "mfrac": "/", "munder": "_", "mover": "^"}
_MATH_TWO_SCRIPTS = frozenset({"msubsup", "munderover"})
#: The same formula once more, for programs.
_MATH_TWINS = frozenset({"annotation", "annotation-xml"})


#: Texts that come again and again are shorter.
_LONGEST_REMEMBERED = 200
_Parts = ParamSpec("_Parts")
_Read = TypeVar("_Read")


def remember(n_most: int) -> Callable[[Callable[_Parts, _Read]], Callable[_Parts, _Read]]:
    """
    Return a decorator that remembers what was read of the *n_most* latest texts.

    Long texts are read anew each time: a hostile file full of them cannot fill the memory.
    """

    def decorate(read: Callable[_Parts, _Read]) -> Callable[_Parts, _Read]:
        known = lru_cache(n_most)(read)

        @wraps(known)
        def remembered(*parts: _Parts.args, **named: _Parts.kwargs) -> _Read:
            for part in parts:
                if isinstance(part, str) and len(part) > _LONGEST_REMEMBERED:
                    return read(*parts, **named)
            return known(*parts, **named)  # type: ignore[arg-type]  # ParamSpec cannot say Hashable

        return remembered

    return decorate


class Notes:
    """
    How many elements and attributes of one record were understood.

    Whoever understands an element or attribute counts it. Where the sums differ from what the
    bytes hold, something is new, and only then is the slow search for it worth its time.
    """

    __slots__ = ("n_attributes", "n_elements")

    def __init__(self) -> None:
        self.n_attributes = 0
        self.n_elements = 1

    def attributes(self, element: Element, known: frozenset[str]) -> dict[str, str]:
        """Return the attributes of *element*; those that are *known* are counted."""
        attributes = dict(element.items())
        self.n_attributes += len(known & attributes.keys())
        return attributes  # type: ignore[return-value]  # names and values are str in parsed text

    def attribute(self, element: Element, name: str) -> str | None:
        """Return one attribute of *element*, counted; None when it is absent."""
        value = element.get(name)
        if value is not None:
            self.n_attributes += 1
        return value


def clean(text: str) -> str:
    """
    Return *text* with outer white space gone and each inner run of XML white space as one blank.

    Other blanks (U+00A0, U+2009 ...) are the author's and stay.
    """
    text = text.strip(_WHITE)
    if "\n" in text or "  " in text or "\t" in text or "\r" in text:
        return _BLANKS.sub(" ", text)
    return text


def read_leaf(element: Element) -> str | None:
    """Return the text of an element that holds only text; None when it is empty."""
    text = element.text
    return clean(text) or None if text else None


def read_mixed(element: Element, notes: Notes) -> tuple[str | None, str | None]:
    """Return (plain text, inner XML where inline elements stand in it, else None)."""
    if len(element):
        parts: list[str] = []
        _flatten(element, parts, notes)
        return clean("".join(parts)) or None, _inner_xml(element) or None
    text = element.text
    return (clean(text) or None if text else None), None


def _inner_xml(element: Element) -> str:
    """Return the content of *element* as XML, blanks normalised like the plain text."""
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return clean(text[text.index(">") + 1 : text.rindex("</")])


def _flatten(element: Element, parts: list[str], notes: Notes) -> None:
    """Append the texts of *element* to *parts*, marking scripts where digits would melt together."""
    if element.text:
        parts.append(element.text)
    for child in element:
        tag = child.tag
        is_apart = tag == "DispFormula" or tag.startswith(MATHML)
        if is_apart:
            notes.n_elements += sum(1 for _ in child.iter())
            _append_apart(parts, _math_text(child))
        else:
            notes.n_elements += tag in INLINE
            begin = len(parts)
            _flatten(child, parts, notes)
            if tag in _SCRIPT_MARKS:
                _mark_script(parts, begin, _SCRIPT_MARKS[tag])
        if child.tail:
            if is_apart:
                _append_apart(parts, child.tail)
            else:
                parts.append(child.tail)


def _append_apart(parts: list[str], text: str) -> None:
    """Append *text*, with a blank before it where a letter or digit would touch another."""
    last = next((part for part in reversed(parts) if part), "")
    if text and last and last[-1].isalnum() and text[0].isalnum():
        parts.append(" ")
    parts.append(text)


def _mark_script(parts: list[str], begin: int, mark: str) -> None:
    """Put *mark* before the script that begins at *begin* where its digits would melt into those before it."""
    if "".join(parts[begin:]).lstrip("+-−–")[:1].isdigit():
        last = next((part for part in reversed(parts[:begin]) if part), "")
        if last[-1:].isdigit():
            parts.insert(begin, mark)


def _math_text(element: Element) -> str:
    """Return MathML as a line of text, "R^2 = 0.74": parts in reading order, none lost."""
    name = element.tag.removeprefix(MATHML)
    parts = [clean(element.text)] if element.text and clean(element.text) else []
    children = [_math_text(child) for child in element if child.tag.removeprefix(MATHML) not in _MATH_TWINS]
    if name in _MATH_JOINTS and len(children) == 2:
        parts.append(_MATH_JOINTS[name].join(children))
    elif name in _MATH_TWO_SCRIPTS and len(children) == 3:
        parts.append(f"{children[0]}_{children[1]}^{children[2]}")
    elif name == "msqrt":
        parts.append(f"√({' '.join(children)})")
    else:
        parts.extend(child for child in children if child)
    tails = [clean(child.tail) for child in element if child.tail and clean(child.tail)]
    return " ".join([*parts, *tails])
