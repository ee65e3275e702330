"""What we say of one record: the one function that the nightly run, the library and the command line call."""

from __future__ import annotations

from her2lit.annotate.design import CueReader, judge_design
from her2lit.annotate.document import Document
from her2lit.annotate.facets import read_facets
from her2lit.annotate.finding import find_finding
from her2lit.annotate.indexing import tag_indexing
from her2lit.annotate.integrity import read_integrity
from her2lit.annotate.mentions import find_mentions
from her2lit.annotate.outcomes import read_outcomes
from her2lit.annotate.roles import tag_drugs
from her2lit.annotate.trial_facts import is_secondary, read_n_patients, read_phase
from her2lit.annotate.trials import read_trial_ids
from her2lit.records import Annotation, Article
from her2lit.topic.topic import Topic

__all__ = ["annotate_article"]


def annotate_article(article: Article, topic: Topic) -> Annotation:
    """
    Return what *article* is evidence on, judged from text first and indexing second.

    Pure: the same article and topic always give the same annotation. A record without title or
    abstract gives an annotation that says nothing.
    """
    document = Document(article)
    cues = CueReader(document, topic)
    design = judge_design(cues, topic)
    tags = tag_drugs(find_mentions(document, topic), document, topic, design.design)
    outcomes = read_outcomes(document, topic, design.design)
    return Annotation(
        pmid=article.pmid,
        pmid_version=article.pmid_version,
        rule_version=topic.version,
        drugs=tags + tag_indexing(article, tags, topic),
        facets=read_facets(document, topic, design.design, tags),
        design=design.design,
        design_decided_by=design.decided_by,
        design_rule=design.rule,
        design_evidence=design.evidence,
        is_secondary=is_secondary(cues, design.design),
        phase=read_phase(cues, design.design),
        n_patients=read_n_patients(document, design.design),
        trial_ids=read_trial_ids(document),
        outcomes=outcomes,
        finding=find_finding(document, topic, design.design, outcomes),
        integrity=read_integrity(article),
    )
