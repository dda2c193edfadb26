"""Open-Assistant's trees of messages, as conversations, or as answers that are ranked beside one another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.rows.layouts.marks import absent
from selfinstruct.rows.layouts.roles import role_of
from selfinstruct.rows.notes import Bad, Notes, Where, brief
from selfinstruct.rows.preferences.answers import number_in
from selfinstruct.task import Judged, Message, Task

__all__ = ["oasst", "oasst_all", "oasst_ranked"]

Rows = Iterable[tuple[Where, Any | Bad]]
Tasks = Iterator[tuple[Where, Task | Bad]]


@dataclass(slots=True)
class Node:
    """A message with the replies to it that are there to be used, the best-ranked first."""

    said: Message
    row: dict[str, Any]
    parent: Node | None = None
    replies: list[Node] = field(default_factory=list)

    @property
    def rank(self) -> float | None:
        return number_in(self.row.get("rank"))

    @property
    def is_answer(self) -> bool:
        return self.said["role"] == "assistant"

    def path(self) -> tuple[Node, ...]:
        """From the root to this message."""
        path = [self]
        while path[-1].parent:
            path.append(path[-1].parent)
        return tuple(reversed(path))


def oasst(rows: Rows, notes: Notes) -> Tasks:
    """Open-Assistant: trees or messages; of each tree the conversation of the best-ranked replies.

    Trees {"message_tree_id", "prompt": {"text", "role", "replies": […]}}, or messages {"message_id", "parent_id",
    "text", "role"} of which those of a tree are near each other (see `_trees`). One conversation a tree, as the sets
    that were cut from it for tuning have: at each turn the reply of the lowest rank (0 is the best), the first where
    none is ranked, down to the last answer. What is deleted, or was found to be spam (review_result false), is left
    out with the replies to it. A tree without an answer is a question without one.
    """
    yield from _told(rows, notes, _best)


def oasst_all(rows: Rows, notes: Notes) -> Tasks:
    """Open-Assistant: as oasst, but each path from a question to a last answer is a conversation.

    An answer with several replies stands in several conversations, and is learned in the first of them.
    """
    yield from _told(rows, notes, _every)


def oasst_ranked(rows: Rows, notes: Notes) -> Tasks:
    """Open-Assistant: as oasst, but ranked answers to the same question are compared: preferences.

    A task for each question with two ranked answers or more. Of rank 0, or the lowest there is, is the good one; the
    score is the rank below zero (0 is the best, then -1), so that more is better.
    """
    yield from _told(rows, notes, _ranked)


Tell = Callable[[Node, Notes], Iterator[Task]]


def _told(rows: Rows, notes: Notes, tell: Tell) -> Tasks:
    for where, root in _trees(rows, notes):
        if isinstance(root, Bad):
            yield where, root
            continue
        for task in tell(root, notes):
            yield where, task


def _best(root: Node, notes: Notes) -> Iterator[Task]:
    node, others = root, False
    while node.replies:
        others = others or len(node.replies) > 1
        node = node.replies[0]
    if others:
        notes.done["replies of lower rank, left out (--layout oasst_all has them)"] += 1
    yield _conversation(node if node.is_answer else node.parent, root)


def _every(root: Node, notes: Notes) -> Iterator[Task]:
    ends: dict[int, Node] = {}
    for node in _walk(root):
        if not node.replies:
            end = node if node.is_answer else node.parent
            if end is not None and not any(inner.replies for inner in end.replies):
                ends.setdefault(id(end), end)
    told: set[int] = set()
    for end in ends.values():
        yield _conversation(end, root, told)
    if len(ends) > 1 and any(len(node.replies) > 1 for node in _walk(root) if node.is_answer):
        notes.done["trees with answers that stand in several conversations, learned in the first"] += 1
    if not ends:
        yield _conversation(None, root)


def _ranked(root: Node, notes: Notes) -> Iterator[Task]:
    found = False
    for node in _walk(root):
        ranked = [reply for reply in node.replies if reply.is_answer and reply.rank is not None]
        ranks = {reply.rank for reply in ranked}
        if len(ranks) < 2:
            continue
        found = True
        best = ranked[0].rank
        judged = tuple(Judged((reply.said,), reply.rank == best, 0.0 - (reply.rank or 0.0)) for reply in ranked)
        turns = tuple(one.said for one in node.path())
        extra = _carried(root, node)
        yield Task(_id(node), root.said["content"], turns=turns, judged=judged, extra=extra)
    if not found:
        notes.done["trees without answers that are ranked beside each other, left out"] += 1


def _walk(root: Node) -> Iterator[Node]:
    """All messages, each before the replies to it; trees may be deeper than Python's stack."""
    waiting = [root]
    while waiting:
        yield (node := waiting.pop())
        waiting += reversed(node.replies)


def _conversation(end: Node | None, root: Node, told: set[int] | None = None) -> Task:
    """The task of a path that ends with an answer; without one, that of the question alone."""
    if end is None:
        return Task(_id(root), root.said["content"], extra=_carried(root, root))
    turns = []
    for node in end.path():
        turn = node.said
        if told is not None and node.is_answer:
            turn = turn | {"learned": False} if id(node) in told else turn
            told.add(id(node))
        turns.append(turn)
    return Task(_id(end), root.said["content"], turns=tuple(turns), extra=_carried(root, end))


def _id(node: Node) -> str:
    return str(node.row.get("message_id") or node.row.get("message_tree_id") or "")


def _carried(root: Node, node: Node) -> dict[str, Any]:
    keys = ("message_tree_id", "tree_state", "lang")
    rows = (root.row, node.row)
    return {key: row[key] for key in keys for row in rows if not absent(row.get(key))}


OURS = {"text", "role", "replies", "parent_id", "message_id", "message_tree_id", "tree_state", "lang", "rank", "prompt"}
OURS |= {"deleted", "review_result"}
ROUTINE = {"user_id", "created_date", "review_count", "synthetic", "detoxify", "emojis", "labels"}
"""What Open-Assistant says of each message besides, which is not used."""
STOPPED = ("aborted_low_grade", "halted_by_moderator")
OPEN = 1_000
"""Trees whose messages are held at once: 13 messages of 2,000 bytes each, 30 MB."""

Place = tuple[Where, dict[str, Any]]
"""A message, and where it stands."""


def _trees(rows: Rows, notes: Notes) -> Iterator[tuple[Where, Node | Bad]]:
    """The root of each tree. Trees come whole; messages are held until their tree is the one of OPEN that got none for
    the longest time. A message that comes later is Bad: files of messages that were shuffled over more trees than that
    have to be sorted by message_tree_id first.
    """
    opened: OrderedDict[str, list[Place]] = OrderedDict()
    tree_of: dict[str, str] = {}  # only of messages that do not say it
    for where, row in rows:
        match row:
            case Bad():
                yield where, row
            case {"prompt": {"text": _, "role": _} as prompt}:
                about = {key: value for key, value in row.items() if key != "prompt"}
                yield from _rooted([(where, about | prompt)], _inside, notes)
            case {"text": _, "role": _, "message_id": str() | int() as message}:
                parent = row.get("parent_id")
                tree = str(row.get("message_tree_id") or tree_of.get(str(parent)) or message)
                if not row.get("message_tree_id"):
                    tree_of[str(message)] = tree
                opened.setdefault(tree, []).append((where, row))
                opened.move_to_end(tree)
                if len(opened) > OPEN:
                    closed = opened.popitem(last=False)[1]
                    for _, one in closed:
                        tree_of.pop(str(one["message_id"]), None)
                    yield from _grown(closed, notes)
            case _:
                why = "no tree (prompt with its replies) and no message (message_id, parent_id, text, role)"
                yield where, Bad(where, f"{why} of Open-Assistant: {brief(row)}", brief(row))
    for messages in opened.values():
        yield from _grown(messages, notes)


def _inside(place: Place) -> list[Place]:
    """The replies to a message of a tree that comes whole."""
    where, row = place
    replies = row.get("replies")
    if not isinstance(replies, list | None) or not all(isinstance(reply, dict) for reply in replies or []):
        raise ValueError(f"replies is no list of messages but {brief(replies)}")
    return [(where, reply) for reply in replies or []]


def _grown(messages: list[Place], notes: Notes) -> Iterator[tuple[Where, Node | Bad]]:
    """The root of a tree out of its messages, in whatever order they came."""
    ids = {str(row["message_id"]) for _, row in messages}
    roots: list[Place] = []
    replies: dict[str, list[Place]] = {}
    for where, row in messages:
        parent = row.get("parent_id")
        if absent(parent):
            roots.append((where, row))
        elif isinstance(parent, str | int) and str(parent) in ids:
            replies.setdefault(str(parent), []).append((where, row))
        else:
            yield where, Bad(where, f"it answers {brief(parent)}, which is not near it: {SORT}", brief(row))
    yield from _rooted(roots, lambda place: replies.pop(str(place[1]["message_id"]), []), notes)
    for where, row in (place for places in replies.values() for place in places):
        yield where, Bad(where, f"it is no answer to the first message of its tree: {SORT}", brief(row))


SORT = "sort the file by message_tree_id, and leave no message of a tree out"


def _rooted(
    roots: list[Place], replies: Callable[[Place], list[Place]], notes: Notes
) -> Iterator[tuple[Where, Node | Bad]]:
    """Each root with all that answers it and can be used, and what is to be told of the tree."""
    for place in roots:
        done: set[str] = set()
        unused: set[str] = set()
        try:
            root = _node(place, replies, done, unused)
        except ValueError as error:
            yield place[0], Bad(place[0], str(error), brief(place[1]))
            continue
        notes.done.update(done)
        notes.unused.update(unused)
        if root:
            yield place[0], root


def _node(place: Place, replies: Callable[[Place], list[Place]], done: set[str], unused: set[str]) -> Node | None:
    """The message with all that answers it; None when it is to be left out, and they with it."""
    root: Node | None = None
    waiting: list[tuple[Place, Node | None, bool]] = [(place, None, _is_usable(place[1], None, done))]
    while waiting:
        place, parent, usable = waiting.pop()
        node = Node(_said(place[1], unused), place[1], parent) if usable else None
        root = root or node
        if node and parent:
            parent.replies.append(node)
        for reply in reversed(replies(place)):
            waiting.append((reply, node, node is not None and _is_usable(reply[1], node, done)))
    for node in _walk(root) if root else ():
        node.replies.sort(key=lambda reply: (reply.rank is None, reply.rank or 0))
    return root


def _is_usable(row: dict[str, Any], parent: Node | None, done: set[str]) -> bool:
    why = ""
    text, role = row.get("text"), row.get("role")
    if row.get("deleted") is True or not isinstance(text, str) or not text.strip():
        why = "trees with deleted messages, left out with the replies to them"
    elif row.get("review_result") is False:
        why = "trees with messages that reviewers refused, left out with the replies to them"
    elif parent is None and row.get("tree_state") in STOPPED:
        why = f"trees in the state {row['tree_state']}, left out"
    elif parent and isinstance(role, str) and role_of(role) == parent.said["role"]:
        why = "trees with messages that answer their own side, left out with the replies to them"
    done |= {why} if why else set()
    return not why


def _said(row: dict[str, Any], unused: set[str]) -> Message:
    role = role_of(row["role"]) if isinstance(row.get("role"), str) else None
    if role not in ("user", "assistant"):
        raise ValueError(f"the role of a message is prompter or assistant; this one's is {brief(row.get('role'))}")
    said = Message(role=role, content=row["text"])
    unused |= {key for key in ROUTINE if not absent(row.get(key)) and row[key] is not False}
    if extra := {key: row[key] for key in row if key not in OURS | ROUTINE and not absent(row[key])}:
        said["extra"] = extra
    return said
