"""One small record for each shape that breaks careless readers, under the number of its case."""

from __future__ import annotations

from replica_records import link, record

MATH = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>R</mml:mi></mml:math>'
REFERENCES = (
    "<ReferenceList><Reference><Citation>Cited.</Citation><ArticleIdList>"
    '<ArticleId IdType="pubmed">1</ArticleId><ArticleId IdType="doi">10.1234/cited</ArticleId></ArticleIdList></Reference>'
    "</ReferenceList>"
)
PEOPLE = (
    '<AuthorList CompleteYN="Y"><Author ValidYN="N"><LastName>Smyth</LastName></Author>'
    '<Author ValidYN="Y"><LastName>Smith</LastName><ForeName>Ada</ForeName></Author>'
    '<Author ValidYN="Y"><CollectiveName>The Made-up Group</CollectiveName></Author></AuthorList>'
)
SECTIONS = (
    '<Abstract><AbstractText Label="METHODS" NlmCategory="METHODS">We asked.</AbstractText>'
    '<AbstractText Label="RESULTS" NlmCategory="RESULTS">Nobody answered.</AbstractText>'
    "<CopyrightInformation>(c) Nobody.</CopyrightInformation></Abstract>"
)


def _with_people(text):
    start, end = text.index("<AuthorList"), text.index("</AuthorList>") + len("</AuthorList>")
    return text[:start] + PEOPLE + text[end:]


def _without_people(text):
    start, end = text.index("<AuthorList"), text.index("</AuthorList>") + len("</AuthorList>")
    return text[:start] + text[end:]


#: PMID = number of the case; 161 is the twin of 61, 166 the second of 66.
SHAPES = {
    59: record(59, title="H<sub>2</sub>O in <i>vitro</i>: P&lt;0.05 &amp; R<sup>2</sup>.", abstract=f"A {MATH} of 1."),
    60: record(
        60,
        extra='<OtherAbstract Type="plain-language-summary" Language="eng"><AbstractText>In plain words.</AbstractText>'
        "</OtherAbstract>",
    ).replace("<AuthorList", SECTIONS + "<AuthorList", 1),
    61: record(61, title="Twins.", published="<Year>1978</Year><Season>Jul-Aug</Season>"),
    161: record(161, title="Twins.", published="<MedlineDate>1978 Jul-Aug</MedlineDate>"),
    62: record(62, references=REFERENCES),
    63: _with_people(record(63)),
    64: record(64, extra='<FutureList Kind="new"><Future>Of 2099.</Future></FutureList>').replace(
        'Owner="NLM"', 'Owner="NLM" FutureYN="Y"', 1
    ),
    65: record(65, status="MEDLINE", completed="2021-06-02").replace(
        'Owner="NLM"', 'Owner="NLM" IndexingMethod="NotIndexed"', 1
    ),
    66: _without_people(record(66, title="")),
    166: _without_people(record(166, title="[Not Available].", links=link("CommentOn"))),
}
