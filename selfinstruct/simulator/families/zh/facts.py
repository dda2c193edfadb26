"""Families that are tables of facts, words, texts and sentences: all their words and their logic is data."""

from __future__ import annotations

from selfinstruct.simulator.families.zh.lookup import lookup

__all__ = ["BOOKS", "FAMILIES"]

BOOKS = {
    "geography": "capital capital_of province short_name sight dish record",
    "history": "dynasty_founder deed book novel",
    "idioms": "idiom_person idiom_meaning idiom_typo idiom_temper couplet xiehouyu proverb riddle",
    "calendar": "festival_day festival_name old_hour",
    "language": "measure_word antonym synonym polyphone english_word traditional",
    "sentences": "ba_to_bei bei_to_ba particle linking_words punctuation rhetorical_question shorten faulty",
    "labels": "sentiment intent news_topic spam register fact_or_opinion rhetoric urgency syllogism",
    "knowledge": "why term difference how_to classical translate yes_or_no",
    "writing": "message leave_note notice shop_copy short_piece",
}
FAMILIES = tuple(lookup(book, name) for book, names in BOOKS.items() for name in names.split())
