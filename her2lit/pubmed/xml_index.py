"""
Every tag of many records at once, as arrays: where it stands, what it is, whose child it is.

A parser that makes an object of every element spends most of its time on those objects. Here a
block of records is one string of bytes, and each question ("which of these are Affiliations inside
an Author?") is asked once for all of them. What is not plain (a comment, CDATA, a name nobody
declared, an end tag without its start) is not guessed at: its record is left to ``xml_record``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from her2lit.pubmed.xml_schema import ATTRIBUTES
from her2lit.pubmed.xml_text import INLINE, clean

#: The stubs of these functions know fewer types than the functions do.
pc: Any = pyarrow.compute
Integers = npt.NDArray[np.signedinteger[Any]]
Booleans = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

#: Names of paths that are no elements of ours: markup inside text, and what may be passed over.
MARKUP, MATH, PASSED_OVER = "<markup>", "<math>", "<passed over>"
_STRANGE = 0
_MATHML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'
_TAG = re.compile(r'<(/?)((?:mml:)?[A-Za-z]\w*)((?: [A-Za-z:]+="[^"<\t\r\n]+")*) ?(/?)>', re.ASCII)
_INSTRUCTION = re.compile(r"<\?(?!xml)[a-z]+ ?\?>")
_ATTRIBUTE = re.compile(r' ([A-Za-z:]+)="([^"]+)"')
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]+));|&", re.ASCII)
#: Nearly all there are; "&amp;" last, so that "&amp;lt;" becomes "&lt;".
_COMMON = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


#: Formulas reach some 30. Each level costs a look at all tags, and beyond 256 libxml2 refuses the record.
_DEEPEST = 60
#: Bytes looked at in one go: what comes of them stays in the processor's cache and in memory that is used again.
_SLICE_BYTES = 1 << 17


def _find(data: Octets, test: Callable[[Octets], Booleans], *, n_more: int = 0) -> Integers:
    """Return the offsets that pass *test*, which looks at a stretch of bytes and *n_more* after it."""
    starts = range(0, len(data), _SLICE_BYTES)
    found = [np.flatnonzero(test(data[start : start + _SLICE_BYTES + n_more])) + start for start in starts]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _each(data: bytes, character: bytes) -> Iterator[int]:
    """Yield the offsets of a rare character, several times faster than by looking at each byte."""
    at = data.find(character)
    while at >= 0:
        yield at
        at = data.find(character, at + 1)


def _is_forbidden(part: Octets) -> Booleans:
    """Return which bytes are control characters that XML forbids; line breaks, by far the most, are told first."""
    is_control = part < ord(" ")
    if np.count_nonzero(is_control) == np.count_nonzero(part == ord("\n")):
        return _NONE
    is_forbidden: Booleans = is_control & ~np.isin(part, _WHITE)
    return is_forbidden


def _is_double_blank(part: Octets) -> Booleans:
    is_blank: Booleans = part == ord(" ")
    return np.logical_and(is_blank[1:], is_blank[:-1])


_NONE: Booleans = np.zeros(0, dtype=np.bool_)
_WHITE: Octets = np.frombuffer(b"\t\n\r", dtype=np.uint8)


class Malformed(Exception):
    """Some records do not nest; the others can be indexed without them."""

    def __init__(self, records: Iterable[int]) -> None:
        """Name the *records* by their number in the block."""
        super().__init__("records that do not nest")
        self.records = frozenset(records)


class Tag(NamedTuple):
    """What one tag says; an unusual one has no name."""

    name: str
    #: How it changes the depth: 1 start, -1 end, 0 an empty element or a processing instruction
    step: int
    attributes: Mapping[str, str]


_UNUSUAL = Tag("", 0, {})
#: On titles the DTD allows links to Bookshelf, but only those of book chapters have a place, and no book is plain.
_ATTRIBUTES = {**ATTRIBUTES, "ArticleTitle": frozenset[str]()}
_NOTHING: frozenset[str] = frozenset()


def decode_references(text: str) -> str | None:
    """Return *text* with character references read; None where one is undefined or names no character of XML."""
    try:
        return _REFERENCE.sub(_referred, text)
    except (KeyError, ValueError):
        return None


def _referred(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name is not None or (decimal is None and hexadecimal is None):
        return _ENTITIES[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000:
        return chr(number)
    raise ValueError(number)


def read_tag(raw: bytes) -> Tag:
    """Return what a tag says. Records are full of the same few thousand; a long one is not worth remembering."""
    return _read_known_tag(raw) if len(raw) <= _LONGEST_REMEMBERED_BYTES else _read_tag(raw)


def _read_tag(raw: bytes) -> Tag:
    text = raw.decode()
    if _INSTRUCTION.fullmatch(text):
        return Tag("?", 0, {})
    found = _TAG.fullmatch(text)
    if found is None:
        return _UNUSUAL
    end, name, written, empty = found.groups()
    pairs = [(key, decode_references(value)) for key, value in _ATTRIBUTE.findall(written)]
    attributes = {key: value for key, value in pairs if value is not None}
    if not name.startswith("mml:") and not _ATTRIBUTES.get(name, _NOTHING).issuperset(attributes):
        return _UNUSUAL._replace(step=-1 if end else 0 if empty else 1)
    is_bad_namespace = "xmlns" in written and f" {_MATHML}" not in written
    if len(attributes) < len(pairs) or is_bad_namespace or (end and (pairs or empty)):
        return _UNUSUAL
    if written.count("xmlns") > 1:
        return _UNUSUAL
    return Tag(name, -1 if end else 0 if empty else 1, attributes)


_read_known_tag = lru_cache(maxsize=1 << 15)(_read_tag)
_LONGEST_REMEMBERED_BYTES = 200


class Paths:
    """The elements that are understood, each known by its path under the record: a table to walk by name."""

    def __init__(
        self, record: str, declared: Iterable[str], repeated: Iterable[str], mixed: Mapping[str, frozenset[str]]
    ) -> None:
        """
        Number the *declared* paths ("MedlineCitation/PMID") below an element called *record*.

        Args:
            repeated: Those that may come again under the same parent.
            mixed: Path -> names of the markup that may stand in its text; "mml:math" for formulas.
        """
        self.record = record
        every = {"", *mixed, *repeated, *declared}
        for path in tuple(every):
            steps = path.split("/")
            every.update("/".join(steps[:n]) for n in range(1, len(steps)))
        ordered = ["<strange>", MARKUP, MATH, PASSED_OVER, *sorted(every)]
        self.numbers = {path: number for number, path in enumerate(ordered)}
        self._names: dict[str, int] = {"": _STRANGE, "?": 1}
        self._steps: dict[tuple[int, int], int] = {}
        parents = {path.rpartition("/")[0] for path in every if path}
        for path in every - {""}:
            self._lead(path.rpartition("/")[0], path.rpartition("/")[2], path)
        for path in parents - set(mixed):
            self._lead(path, "?", PASSED_OVER)
        for path, names in mixed.items():
            for name in names:
                self._lead(path, name, MATH if name == "mml:math" else MARKUP)
        for name in INLINE:
            self._lead(MARKUP, name, MARKUP)
        self._lead(MATH, "mml:", MATH)
        self._lead(MATH, "mml:math", MATH)
        self._number_of(record)
        self.next = np.zeros((len(self.numbers), len(self._names)), dtype=np.int16)
        for (path_number, name_number), target in self._steps.items():
            self.next[path_number, name_number] = target
        self.is_single = np.ones(len(self.numbers), dtype=np.bool_)
        self.is_single[[self.numbers[path] for path in ("", MARKUP, MATH, PASSED_OVER, *repeated)]] = False
        self.mixed = tuple(sorted(mixed))

    def _lead(self, path: str, name: str, target: str) -> None:
        self._steps[self.numbers[path], self._number_of(name)] = self.numbers[target]

    def _number_of(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def name_number(self, name: str) -> int:
        """Return the number of an element name; 0 for names that nobody declared."""
        number = self._names.get(name)
        if number is None:
            return self._names["mml:"] if name.startswith("mml:") else _STRANGE
        return number


class Index:
    """
    The tags of a block of records.

    Elements are known by the number of their start tag in the block; -1 stands for "no such
    element". ``is_doubtful`` says of each record whether anything in it is not understood.
    """

    def __init__(self, data: bytes, starts: Sequence[int] | Integers, paths: Paths) -> None:
        """
        Index records that lie in *data* one after the other and begin at *starts*.

        Raises:
            Malformed: Tags that do not nest, or bytes that are no UTF-8 text.
        """
        self.data = data
        self.paths = paths
        self._bytes = np.frombuffer(data, dtype=np.uint8)
        self._starts = np.array(starts, dtype=np.int64)
        self.n_records = len(starts)
        self.is_doubtful = np.zeros(self.n_records, dtype=np.bool_)
        self._check_characters()
        self._find_tags()
        self._read_tags()
        self._nest()
        self._scratch = np.full(self.n_tags, -1, dtype=np.int32)
        self._sort_by_path()
        self._read_texts()
        self._check_references()
        self._read_attributes()

    # -- building ------------------------------------------------------------------------------

    def _records_at(self, offsets: Integers) -> Integers:
        return np.searchsorted(self._starts, offsets, side="right") - 1

    def _check_characters(self) -> None:
        """Doubt records with characters that XML forbids; refuse those that are no UTF-8."""
        self.is_doubtful[self._records_at(_find(self._bytes, _is_forbidden))] = True
        if b"\xef" in self.data:
            # U+FFFE and U+FFFF are EF BF BE and EF BF BF in UTF-8.
            at = _find(self._bytes[:-2], lambda part: part == 0xEF)
            at = at[(self._bytes[at + 1] == 0xBF) & (self._bytes[at + 2] >= 0xBE)]
            self.is_doubtful[self._records_at(at)] = True
        whole = np.array([0, len(self.data)], dtype=np.int32)
        try:
            # Arrow looks at each byte of one long text, many times faster than bytes.decode.
            _strings_over(self.data, whole).validate(full=True)
        except pa.ArrowInvalid:
            raise Malformed(self._records_that_are_no_text()) from None

    def _records_that_are_no_text(self) -> list[int]:
        bounds = [*self._starts.tolist(), len(self.data)]
        return [n for n, (begin, end) in enumerate(pairwise(bounds)) if not _is_text(self.data[begin:end])]

    def _find_tags(self) -> None:
        """Find where each tag begins and ends: in plain XML "<" and ">" take turns."""
        at = _find(self._bytes, lambda part: (part & 0xFD) == ord("<"))
        is_begin = self._bytes[at] == ord("<")
        if len(at) % 2 or not is_begin[0::2].all() or is_begin[1::2].any():
            raise Malformed(self._records_out_of_turn(at))
        self.n_tags = len(at) // 2
        self._first_tags = np.searchsorted(at[0::2], self._starts)
        n_tags_of = np.diff(self._first_tags, append=self.n_tags)
        self._records = np.repeat(np.arange(self.n_records, dtype=np.int32), n_tags_of)
        # Tag, text after it, tag, text after it ...: one string array over the block's own bytes.
        bounds = np.append(at, len(self.data)).astype(np.int32)
        bounds[1:-1:2] += 1
        self._bounds = bounds
        self._strings = _strings_over(self.data, bounds)

    def _records_out_of_turn(self, at: Integers) -> list[int]:
        """Return the records in which "<" and ">" do not take turns."""
        pieces = np.split(at, np.searchsorted(at, self._starts[1:]))
        is_begin = [self._bytes[piece] == ord("<") for piece in pieces]
        return [n for n, b in enumerate(is_begin) if len(b) % 2 or not b[0::2].all() or b[1::2].any()]

    def _read_tags(self) -> None:
        tags = self._strings.take(arrow(np.arange(0, 2 * self.n_tags, 2, dtype=np.int32)))
        encoded = tags.cast(pa.binary()).dictionary_encode()
        distinct: list[Any] = encoded.dictionary.to_pylist()
        self._distinct = [read_tag(raw) for raw in distinct]
        self._codes = np.asarray(encoded.indices)
        names = np.array([self.paths.name_number(tag.name) for tag in self._distinct], dtype=np.int16)
        steps = np.array([tag.step for tag in self._distinct], dtype=np.int8)
        self._names, self._steps = names[self._codes], steps[self._codes]

    def _nest(self) -> None:
        """Find each element's parent, end tag and path, level by level from the record down."""
        depth = np.cumsum(self._steps, dtype=np.int32)
        self._check_nesting(depth)
        own_depth = depth + (self._steps <= 0)
        n_levels = int(own_depth.max(initial=0))
        if n_levels > _DEEPEST:
            raise Malformed(np.unique(self._records[own_depth > _DEEPEST]).tolist())
        self._parents = np.full(self.n_tags, -1, dtype=np.int32)
        self._ends = np.full(self.n_tags, -1, dtype=np.int32)
        self._path_of = np.zeros(self.n_tags, dtype=np.int16)
        outer: Integers = np.empty(0, dtype=np.int64)
        for level in range(1, n_levels + 1):
            here = np.flatnonzero(own_depth == level)
            steps = self._steps[here]
            elements, opened, closed = here[steps >= 0], here[steps > 0], here[steps < 0]
            self._ends[opened] = closed
            self.doubt(opened[self._names[opened] != self._names[closed]])
            if level == 1:
                self._path_of[elements] = self._path_of_records(elements)
            else:
                # Each of those that hold something is the parent of what comes before the next one.
                n_children = np.diff(np.searchsorted(elements, outer), append=len(elements))
                parents = np.repeat(outer, n_children)
                self._parents[elements] = parents
                self._path_of[elements] = self.paths.next[self._path_of[parents], self._names[elements]]
            self.doubt(elements[self._path_of[elements] == _STRANGE])
            outer = opened[closed > opened + 1]

    def _path_of_records(self, elements: Integers) -> int:
        is_other = self._names[elements] != self.paths.name_number(self.paths.record)
        if is_other.any():
            raise Malformed(self.record_of(elements[is_other]).tolist())
        return self.paths.numbers[""]

    def _check_nesting(self, depth: Integers) -> None:
        """Make sure that each record is one element: depth 0 is reached at its end and nowhere else."""
        last_tags = np.append(self._first_tags[1:], self.n_tags) - 1
        at_end = depth[last_tags]
        if np.any(at_end):
            raise Malformed(np.flatnonzero(np.diff(at_end, prepend=0)).tolist())
        at_ground = np.flatnonzero(depth <= 0)
        if len(at_ground) != self.n_records:
            raise Malformed(self.record_of(np.setdiff1d(at_ground, last_tags)).tolist())

    def _sort_by_path(self) -> None:
        elements = np.flatnonzero(self._steps >= 0)
        paths = self._path_of[elements]
        order = np.argsort(paths, kind="stable")
        self._by_path = elements[order]
        paths, parents = paths[order], self._parents[self._by_path]
        self._path_bounds = np.searchsorted(paths, np.arange(len(self.paths.numbers) + 1))
        comes_again = (paths[1:] == paths[:-1]) & (parents[1:] == parents[:-1]) & self.paths.is_single[paths[1:]]
        self.doubt(self._by_path[1:][comes_again])

    def _read_texts(self) -> None:
        """Take the texts of all elements at once, by path: most columns are a slice of them."""
        elements = self._by_path
        self._places = np.zeros(self.n_tags, dtype=np.int32)
        self._places[elements] = np.arange(len(elements), dtype=np.int32)
        at = 2 * elements.astype(np.int32) + 1
        is_plain = (self._ends[elements] == elements + 1) & (self._bounds[at + 1] > self._bounds[at])
        texts = self._strings.take(arrow(at, ~is_plain))
        referring, blank = _untidy_cells(texts)
        common, decoded, rare = _decode_common(texts, np.setdiff1d(referring, blank))
        others = np.concatenate([blank, rare])
        raw = texts.take(arrow(others)).to_pylist()
        tidied = [self._tidy(text, elements[cell]) for text, cell in zip(raw, others, strict=True)]
        cleaned = pa.concat_arrays([decoded, pa.array(tidied, pa.string())])
        self._texts = replace_cells(texts, np.concatenate([common, others]), cleaned)

    def _tidy(self, text: Any, element: int) -> str | None:
        """Clean one text that holds rare references or white space other than single blanks."""
        decoded = decode_references(text) if "&" in text else text
        if decoded is None:
            self.doubt(np.array([element]))
            return None
        return clean(decoded) or None

    def _check_references(self) -> None:
        """Doubt records with references in texts that nobody reads: around elements, and not inside markup."""
        at = np.fromiter(_each(self.data, b"&"), dtype=self._bounds.dtype)
        spans = np.unique(np.searchsorted(self._bounds, at, side="right") - 1)
        before = spans[spans % 2 == 1] // 2
        before = before[self._ends[before] != before + 1]
        if not len(before):
            return
        texts = np.concatenate([self.at(path) for path in self.paths.mixed])
        marked = np.sort(texts[self._ends[texts] > texts + 1])
        inside = np.searchsorted(marked, before, side="right") - 1
        self.doubt(before[(inside < 0) | (before >= self._ends[marked[inside]])] if len(marked) else before)

    def _read_attributes(self) -> None:
        """Spread the attributes of the distinct tags: name -> value by number of the tag's text."""
        values: dict[str, list[str | None]] = {}
        for number, tag in enumerate(self._distinct):
            for name, value in tag.attributes.items():
                if name not in values:
                    values[name] = [None] * len(self._distinct)
                values[name][number] = value
        self._attributes = {name: pa.array(column, pa.string()) for name, column in values.items()}

    # -- asking --------------------------------------------------------------------------------

    def doubt(self, elements: Integers) -> None:
        """Leave the records of *elements* to the careful reader."""
        if len(elements):
            self.is_doubtful[self.record_of(elements)] = True

    def record_of(self, elements: Integers) -> Integers:
        """Return the number of the record that each element stands in."""
        return self._records[elements]

    def at(self, path: str) -> Integers:
        """Return the elements at *path*, in document order."""
        number = self.paths.numbers[path]
        return self._by_path[self._path_bounds[number] : self._path_bounds[number + 1]]

    def above(self, elements: Integers, n_levels: int) -> Integers:
        """Return what stands *n_levels* above each element."""
        for _ in range(n_levels):
            elements = self._parents[elements]
        return elements

    def below(self, outer: Integers, path: str, n_levels: int) -> Integers:
        """Return for each of *outer* the one element at *path*, *n_levels* below it; -1 where there is none."""
        elements = self.at(path)
        owners = self.above(elements, n_levels)
        self._scratch[owners] = elements
        found = self._scratch[outer]
        self._scratch[owners] = -1
        return found

    def number_in(self, outer: Integers, elements: Integers, n_levels: int) -> Integers:
        """Return which of *outer* stands *n_levels* above each element."""
        self._scratch[outer] = np.arange(len(outer))
        found = self._scratch[self.above(elements, n_levels)]
        self._scratch[outer] = -1
        return found

    def has_markup(self, elements: Integers) -> Integers:
        """Return which of *elements* (by place in it) hold other elements."""
        return np.flatnonzero((elements >= 0) & (self._ends[elements] > elements + 1))

    def inner_xml(self, element: int) -> bytes:
        """Return what stands between the element's tags."""
        return self.data[self._bounds[2 * element + 1] : self._bounds[2 * self._ends[element]]]

    def texts(self, elements: Integers) -> pa.Array[Any]:
        """Return the text of each element, cleaned; null where it is absent or empty or holds elements."""
        places = self._places[elements]
        if len(places) and np.array_equal(places, np.arange(places[0], places[0] + len(places))) and elements[0] >= 0:
            return self._texts.slice(places[0], len(places))
        return self._texts.take(arrow(places, elements < 0))

    def attribute(self, elements: Integers, name: str) -> pa.Array[Any]:
        """Return an attribute of each element; null where either is absent."""
        values = self._attributes.get(name)
        if values is None:
            return pa.nulls(len(elements), pa.string())
        return values.take(arrow(self._codes[elements], elements < 0))

    def has_attribute(self, elements: Integers, name: str, value: str) -> Booleans:
        """Return of each element whether its attribute *name* is *value*; False where either is absent."""
        values = self._attributes.get(name)
        if values is None:
            return np.zeros(len(elements), dtype=np.bool_)
        is_it: Booleans = np.asarray(pc.fill_null(pc.equal(values, value), False))
        found: Booleans = is_it[self._codes[elements]] & (elements >= 0)
        return found


def arrow(values: Integers | Booleans, is_absent: Booleans | None = None) -> Any:
    """Return *values* as an Arrow array, null where *is_absent*."""
    return pa.array(values, mask=is_absent)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _strings_over(data: bytes, bounds: Integers) -> pa.Array[Any]:
    """Return the texts between *bounds* (int32) without copying them."""
    buffers = [None, pa.py_buffer(bounds.data), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(bounds) - 1, buffers)


def replace_cells(texts: pa.Array[Any], cells: Integers, values: Sequence[str | None] | pa.Array[Any]) -> pa.Array[Any]:
    """Return *texts* with *values* at *cells*."""
    if not len(cells):
        return texts
    both = pa.concat_arrays([texts, pa.array(values, pa.string())])
    at = np.arange(len(texts), dtype=np.int32)
    at[cells] = np.arange(len(texts), len(both))
    return both.take(arrow(at))


def _decode_common(texts: pa.Array[Any], cells: Integers) -> tuple[Integers, Any, Integers]:
    """Return those of *cells* with no references but &lt; &gt; &amp;, their texts with these read, and the other cells."""
    found = texts.take(arrow(cells))
    n_common = sum(np.asarray(pc.count_substring(found, reference)) for reference in _COMMON)
    is_common = np.asarray(pc.count_substring(found, "&")) == n_common
    decoded = found.filter(arrow(is_common))
    for reference, character in _COMMON.items():
        decoded = pc.replace_substring(decoded, reference, character)
    return cells[is_common], decoded, cells[~is_common]


def _untidy_cells(texts: pa.Array[Any]) -> tuple[Integers, Integers]:
    """Return the places of texts that hold "&", and of those with tabs or line breaks, two blanks, or blanks at an end."""
    buffers: Any = texts.buffers()
    _, bounds_buffer, data_buffer = buffers
    if data_buffer is None or not data_buffer.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    bounds = np.frombuffer(bounds_buffer, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8)[: bounds[-1]]
    referring = _find(data, lambda part: part == ord("&"))
    controls = _find(data, lambda part: part < ord(" "))
    doubled = _find(data, _is_double_blank, n_more=1)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    ends = np.concatenate([bounds[filled], bounds[filled + 1] - 1])
    blank = np.concatenate([controls, doubled, ends[data[ends] == ord(" ")]])
    cells = [np.unique(np.searchsorted(bounds, at, side="right") - 1) for at in (referring, blank)]
    return cells[0], cells[1]
