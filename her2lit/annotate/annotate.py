"""What we say of one record: the one function that the nightly run, the library and the command line call."""

from __future__ import annotations

from her2lit.annotate.design import NOTICES, CueReader, judge_design
from her2lit.annotate.document import Document
from her2lit.annotate.facets import read_facets
from her2lit.annotate.finding import find_finding
from her2lit.annotate.indexing import tag_indexing
from her2lit.annotate.integrity import read_integrity
from her2lit.annotate.mentions import find_mentions
from her2lit.annotate.outcomes import read_outcomes
from her2lit.annotate.rank import rank_evidence
from her2lit.annotate.roles import tag_drugs
from her2lit.annotate.trial_facts import read_n_patients, read_phase, read_secondary
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
    mentions = find_mentions(document, topic)
    cues = CueReader(document, topic)
    integrity = read_integrity(article)
    if not (mentions or document.is_about_tumours):
        return _annotate_outsider(article, document, cues, topic)
    design = judge_design(cues, topic)
    text_tags = tag_drugs(mentions, document, topic, design.design)
    tags = text_tags + tag_indexing(article, text_tags, topic)
    facets = read_facets(document, topic, design.design, tags)
    outcomes = read_outcomes(document, topic, design.design)
    secondary = read_secondary(cues, design.design)
    phase = read_phase(cues, design.design)
    n_patients = read_n_patients(document, design.design)
    trial_ids = read_trial_ids(document)
    finding = find_finding(document, topic, design.design, outcomes)
    rank, parts = rank_evidence(
        article,
        topic,
        design=design,
        is_secondary=secondary is not None,
        facets=facets,
        tags=tags,
        n_patients=int(n_patients.value) if n_patients else None,
        integrity=integrity,
    )
    return Annotation(
        pmid=article.pmid,
        pmid_version=article.pmid_version,
        rule_version=topic.version,
        drugs=tags,
        facets=facets,
        design=design.design,
        design_decided_by=design.decided_by,
        design_rule=design.rule,
        design_evidence=design.evidence,
        is_secondary=secondary is not None,
        phase=phase.value if phase else None,
        n_patients=int(n_patients.value) if n_patients else None,
        trial_ids=tuple(found.value for found in trial_ids),
        outcomes=outcomes,
        finding=finding.value if finding else None,
        sources=tuple(source for source in (phase, secondary, n_patients, *trial_ids, finding) if source),
        evidence_rank=rank,
        evidence_rank_parts=parts,
        integrity=integrity,
    )


def _annotate_outsider(article: Article, document: Document, cues: CueReader, topic: Topic) -> Annotation:
    """Annotate a record that names no tumour, no HER2 and no drug: notices, indexing and ids only."""
    design = judge_design(cues, topic, only=NOTICES)
    trial_ids = read_trial_ids(document)
    return Annotation(
        pmid=article.pmid,
        pmid_version=article.pmid_version,
        rule_version=topic.version,
        drugs=tag_indexing(article, (), topic),
        design=design.design,
        design_decided_by=design.decided_by,
        design_rule=design.rule,
        design_evidence=design.evidence,
        trial_ids=tuple(found.value for found in trial_ids),
        sources=trial_ids,
        integrity=read_integrity(article),
    )
