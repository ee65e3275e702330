"""Mixed content: plain text that neither loses nor glues words, and the markup where it differs."""

from __future__ import annotations

import re

from lxml import etree

_BLANKS = re.compile(r"[ \t\r\n]+")
_WHITE = " \t\r\n"
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
#: Scripts whose base and script would melt into one number: 10<sup>6</sup> is not 106.
_SCRIPT_MARKS = {"sup": "^", "sub": "_"}
#: MathML layout: what stands between the parts of an element, in order.
_MATH_JOINTS = {"msup": "^", "msub": "_", "mfrac": "/", "munder": "_", "mover": "^"}
_MATH_TWO_SCRIPTS = frozenset({"msubsup", "munderover"})


def clean(text: str) -> str:
    """
    Return *text* with outer white space gone and each inner run of XML white space as one blank.

    Other blanks (U+00A0, U+2009 ...) are the author's and stay.
    """
    text = text.strip(_WHITE)
    if "\n" in text or "  " in text or "\t" in text or "\r" in text:
        return _BLANKS.sub(" ", text)
    return text


def read_leaf(element: etree._Element) -> str | None:
    """Return the text of an element that should hold only text; None when it is empty."""
    if len(element):
        return read_plain(element)
    text = element.text
    if text is None:
        return None
    return clean(text) or None


def read_plain(element: etree._Element) -> str | None:
    """Return mixed content as plain text, None when there is none."""
    parts: list[str] = []
    _flatten(element, parts)
    return clean("".join(parts)) or None


def read_mixed(element: etree._Element) -> tuple[str | None, str | None]:
    """Return (plain text, inner XML where inline elements stand in it, else None)."""
    if len(element) == 0:
        text = element.text
        return (clean(text) or None if text is not None else None), None
    return read_plain(element), _inner_xml(element) or None


def _inner_xml(element: etree._Element) -> str:
    """Return the content of *element* as XML, blanks normalised like the plain text."""
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return clean(text[text.index(">") + 1 : text.rindex("</")])


def _flatten(element: etree._Element, parts: list[str]) -> None:
    """Append the texts of *element* to *parts*, marking scripts where digits would melt together."""
    if element.text:
        parts.append(element.text)
    for child in element:
        tag = child.tag
        if tag.startswith(_MATHML):
            _append_apart(parts, _math_text(child))
        elif tag == "DispFormula":
            inner: list[str] = []
            _flatten(child, inner)
            _append_apart(parts, clean("".join(inner)))
        else:
            inner = []
            _flatten(child, inner)
            _append_script(parts, "".join(inner), _SCRIPT_MARKS.get(tag))
        tail = child.tail
        if tail:
            is_apart = tag.startswith(_MATHML) or tag == "DispFormula"
            _append_apart(parts, tail) if is_apart else parts.append(tail)


def _append_apart(parts: list[str], text: str) -> None:
    """Append *text*, with a blank before it where a letter or digit would touch another."""
    last = next((part for part in reversed(parts) if part), "")
    if text and last and last[-1].isalnum() and text[0].isalnum():
        parts.append(" ")
    parts.append(text)


def _append_script(parts: list[str], text: str, mark: str | None) -> None:
    """Append an inline element's *text*; a script of digits after a digit gets ^ or _ before it."""
    if mark and text.lstrip("+-−–")[:1].isdigit():
        last = next((part for part in reversed(parts) if part), "")
        if last[-1:].isdigit():
            parts.append(mark)
    parts.append(text)


def _math_text(element: etree._Element) -> str:
    """Return MathML as a line of text: "R^2 = 0.74", parts in reading order, none lost."""
    name = element.tag.removeprefix(_MATHML)
    parts = [clean(element.text)] if element.text and clean(element.text) else []
    children = [_math_text(child) for child in element]
    if name in _MATH_JOINTS and len(children) == 2:
        parts.append(_MATH_JOINTS[name].join(children))
    elif name in _MATH_TWO_SCRIPTS and len(children) == 3:
        parts.append(f"{children[0]}_{children[1]}^{children[2]}")
    elif name == "msqrt":
        parts.append(f"√({' '.join(children)})")
    else:
        parts.extend(child for child in children if child)
    return " ".join(parts)
