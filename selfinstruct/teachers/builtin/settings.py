"""Sentences that may stand before an instruction: who asks, and what for. They change nothing about the answer."""

from __future__ import annotations

__all__ = ["HOME", "OFFICE", "QUIZ", "SETTINGS"]

QUIZ = (
    "Our library holds a quiz night on the first Friday of every month.",
    "My nephew is stuck on his homework and I have forgotten how this goes.",
    "I'm writing a worksheet for an evening class of adults.",
    "This is for the puzzle page at the back of our club magazine.",
    "Two colleagues have a bet on this, and you are the referee.",
    "We're passing the time on a long train ride.",
    "A reader of our local newspaper sent this in.",
    "I want to train my brain a little every morning.",
    "Treasure hunters at our summer camp will have to solve this one.",
    "My grandmother asked me this at breakfast and I didn't know.",
    "I need a warm-up exercise for the first lesson after the holidays.",
    "It is the last riddle between us and the way out of the escape room.",
    "For a calendar with one small riddle a day, I need a worked solution.",
    "The scouts meet tonight and I have promised them something to think about.",
    "Our radio show has a call-in game, and I want to be sure of the solution.",
    "Help me test an answer key before the exam is printed.",
)

OFFICE = (
    "I'm tidying up what our old booking system exported.",
    "Our treasurer needs this before tonight's meeting.",
    "The intern left before finishing this, so I'm asking you.",
    "We run a small repair shop and keep our records by hand.",
    "This arrived in the shared mailbox of our sports club this morning.",
    "I look after the records of a village museum.",
    "Before the auditors come on Monday, I'd like to have this done.",
    "Our two offices write these things differently, and it keeps causing trouble.",
    "I'm preparing a handover for the colleague who replaces me.",
    "The newsletter goes to print at noon.",
    "We're moving a community theatre's paperwork to a new system.",
    "A volunteer typed this on her phone in a hurry.",
    "I keep the accounts of a housing cooperative.",
    "For the weekly report to the school board, I need the following.",
    "Our clinic's front desk gets dozens of these a day.",
    "The warehouse team asked me for a second opinion.",
)

HOME = (
    "We're eight people in a shared house and have to be organised.",
    "My sister's family arrives on Saturday.",
    "I have half an hour before the shops close.",
    "We are planning our first summer in the new flat.",
    "I promised my neighbours to take care of this.",
    "It has been a chaotic week and I can't think straight.",
    "My father wants to manage more on his own since he retired.",
    "I've never done this before, so please be precise.",
    "Our street party is coming up and I volunteered too quickly.",
    "I'm learning to run a household on a small income.",
    "We take turns cooking at the allotment club.",
    "The baby sleeps, so I finally have a moment for this.",
)

SETTINGS = (*QUIZ, *OFFICE, *HOME)
